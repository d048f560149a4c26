"""A search as an address has it."""

from urllib.parse import urlencode

from evenhand.flow.search import Search

FIELDS = ("text", "queue", "language", "category", "rule", "action", "first", "last")


def query_of(asked: Search) -> str:
    """Return a search as a query string."""
    values = {name: getattr(asked, name) for name in FIELDS}
    return urlencode({name: str(value) for name, value in values.items() if value}, errors="replace")
