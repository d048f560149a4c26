"""How the desk binds itself, as public pages show it: principles, safeguards, what is held. Pure.

The same rows judge requests: what a page shows is what was applied.
"""

from dataclasses import dataclass
from datetime import date

from evenhand.rulebook.policy import Held, Principle, Safeguard, Waiver
from evenhand.rulebook.tables import LawBook


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRule:
    """A principle, a safeguard or a waiver as anyone can read it.

    Attributes:
        kind: "principle", "safeguard" or "waiver".
        applies_to: What it looks at, in words.
    """

    id: str
    kind: str
    sentence: str
    applies_to: str
    holds_from: date
    holds_to: date | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEntry:
    """An entry of the catalogue of what is kept and not kept."""

    id: str
    kept: bool
    sentence: str
    data: tuple[str, ...]
    kinds: tuple[str, ...]
    retention: str
    holds_from: date
    holds_to: date | None
    source: str


def published_rules(book: LawBook, day: date | None = None) -> tuple[PublishedRule, ...]:
    """Return the principles, then the safeguards, then written exceptions; of one day, or all editions."""
    rows: tuple[Principle | Safeguard | Waiver, ...] = (*book.principles, *book.safeguards, *book.waivers)
    return tuple(
        PublishedRule(
            id=row.id,
            kind=type(row).__name__.lower(),
            sentence=row.sentence,
            applies_to=_applies_to(row),
            holds_from=row.holds_from,
            holds_to=row.holds_to,
            source=row.source,
        )
        for row in rows
        if day is None or row.holds(day)
    )


def _applies_to(row: Principle | Safeguard | Waiver) -> str:
    match row:
        case Principle():
            return _principle(row)
        case Safeguard():
            return _safeguard(row)
        case Waiver():
            return "replies by which no data leave: one person of the legal team approves them"


def _principle(row: Principle) -> str:
    match row.kind:
        case "asks":
            return f"every ask for: {', '.join(row.asks)}"
        case "flags":
            courts = ", ".join(row.courts)
            weighed = f"; a person weighs: {', '.join(row.weighed)}" if row.weighed else ""
            return f"what is recorded as {', '.join(row.flags)}, unless decided by {courts}{weighed}"
        case "held":
            return "what is asked for and not held"
        case "local":
            return "removals under national law"
        case _:
            return "how the desk works"


def _safeguard(row: Safeguard) -> str:
    effect = "a person decides before anything takes effect" if row.effect == "escalate" else "shown to the review"
    match row.looks_at:
        case "index":
            return f"{row.index} below {row.below:g}: {effect}"
        case "deadline":
            return f"deadlines of less than {row.hours} hours: {effect}"
        case "scope":
            return f"orders that ask for more than their own state: {effect}"
        case "secrecy":
            return f"orders that ask for secrecy: {effect}"
        case _:
            return f"orders that no court issued or validated: {effect}"


def held_entries(book: LawBook, day: date | None = None) -> tuple[HeldEntry, ...]:
    """Return the catalogue, what is kept first; of one day, or all editions."""
    rows: list[Held] = sorted(
        (row for row in book.held if day is None or row.holds(day)), key=lambda row: (not row.kept, row.id)
    )
    return tuple(
        HeldEntry(
            id=row.id,
            kept=row.kept,
            sentence=row.sentence,
            data=row.data,
            kinds=row.kinds,
            retention=row.retention,
            holds_from=row.holds_from,
            holds_to=row.holds_to,
            source=row.source,
        )
        for row in rows
    )
