"""Couriers: effects to the outside, at least once, idempotent."""
