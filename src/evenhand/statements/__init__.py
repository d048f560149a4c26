"""Statements of reasons and every other text that is sent to somebody (DSA Art. 17)."""
