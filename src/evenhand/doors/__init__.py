"""Doors: bytes come in here and become words; pages and answers go out."""
