"""The API (Django)."""
