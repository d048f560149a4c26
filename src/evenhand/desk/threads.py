"""Who may read which message, and what must never stand in one. Pure."""

import re
from collections.abc import Iterable

from evenhand.vocabulary.case import Message, Party

_WORD = re.compile(r"\w+")
_SHORT = 4
"""Names of fewer letters are common words too; they are looked for only inside the full name."""


def party_reads(message: Message, party: Party, notice: int | None) -> bool:
    """Tell whether a party may read a message: their own thread and nothing else.

    Args:
        message: The message.
        party: Who asks.
        notice: Record number of their notice; None for the affected person.
    """
    return message.audience == party and message.notice == notice


def staff_reads(message: Message, *, sealed: bool) -> bool:
    """Tell whether staff may read a message; `sealed`: they have the right to sealed threads."""
    return message.audience != "sealed" or sealed


def revealed(text: str, secrets: Iterable[str]) -> str | None:
    """Return the first of another party's names or addresses that a text would reveal, or None.

    Compared without regard to case, and to anything but letters and digits between the parts of a name.
    """
    folded = text.casefold()
    words = " ".join(_WORD.findall(folded))
    for secret in secrets:
        plain = secret.strip().casefold()
        if not plain:
            continue
        name = " ".join(_WORD.findall(plain))
        parts = [part for part in name.split() if len(part) >= _SHORT] if "@" not in plain else []
        if plain in folded or f" {name} " in f" {words} " or any(f" {part} " in f" {words} " for part in parts):
            return secret
    return None
