"""Release: what may be said, when; what enters the public log."""
