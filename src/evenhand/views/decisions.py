"""Decisions as pages ask for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """A decision as the console shows it. Private parts are empty strings once the subject was erased."""

    number: int
    act: int
    decided_at: datetime
    item: str
    item_id: str
    action: str
    ground: str
    category: str
    keyword: str
    policy_reference: str
    source: str
    automation: str
    language: str
    rule: str
    edition: str
    because: str
    facts: str
    entry: int | None  # leaf index in the public log
    replayed: bool
    erased: bool
    salt: bytes = b""  # opens the entry's commitment


class DecisionQueries(Protocol):
    """Reads over the docket; they write nothing and sort by indexed orders only."""

    def decisions_on(self, day: date, *, before: int | None, limit: int) -> list[DecisionRow]:
        """Return the day's decisions (UTC), newest number first, those numbered below `before` if given."""
        ...

    def decision(self, number: int) -> DecisionRow | None:
        """Return one decision."""
        ...

    def decisions_of_act(self, act: int) -> list[DecisionRow]:
        """Return the decisions made in an act, in order: people's, or a machine's where people made none in it."""
        ...

    def counts_on(self, day: date) -> Mapping[tuple[str, str], int]:
        """Return the day's decisions counted by (category, action); maintained, never scanned."""
        ...

    def days(self) -> list[date]:
        """Return the days that have decisions, newest first."""
        ...
