"""What only the whole process may do: read the clock, and end at once."""

import os
from datetime import UTC, datetime


def now() -> datetime:
    """Return the present instant, aware UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the clock comes in here


def leave() -> None:
    """End at once, whatever is under way: start-up recovery takes over."""
    os._exit(1)
