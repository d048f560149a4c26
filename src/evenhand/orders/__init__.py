"""Authority requests: who asks, what the law says, what is answered."""
