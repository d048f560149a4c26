"""Notices: what people report, whether it is complete, which lane it takes (DSA Art. 16)."""
