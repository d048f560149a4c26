"""Judge requests as if each other state had sent them, and tell the differences."""

from collections.abc import Iterator
from typing import Any

from evenhand.flow.assess import parse_line
from evenhand.orders.consistency import differences
from evenhand.rulebook.tables import LawBook


def differences_of_line(line: bytes, book: LawBook) -> Iterator[dict[str, Any]]:
    """Yield the differences for one `{"request": …, "facts": …}` line; `explained` false is a failure.

    Raises:
        InputError: The line is not such an object.
    """
    parsed = parse_line(line)
    for found in differences(parsed.request, parsed.facts, book):
        yield {
            "part": found.part,
            "states": list(found.states),
            "here": found.here,
            "there": found.there,
            "rules": list(found.rules),
            "substituted": list(found.substituted),
            "explained": bool(found.rules),
        }
