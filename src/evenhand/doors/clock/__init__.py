"""The clock's door: what time brings (a tick, midnight, a deadline) comes in here, each job at its own pace."""
