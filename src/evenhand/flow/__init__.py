"""Flow: one function a journey; loads facts, calls rules, commits."""
