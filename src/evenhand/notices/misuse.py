"""Manifestly unfounded notices: when their sender is warned and when processing is suspended. A written table. Pure.

The rows are the rulebook's (`law/desk.toml`), those in force today.
Only notices that a person called manifestly unfounded count. Nothing here looks at what a notice asks for.
Source: Regulation (EU) 2022/2065, Art. 23(2) and (3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from evenhand.rulebook.desk_tables import MisuseStep

WINDOW_MONTHS = 3
"""The time frame of Art. 23(3)(a): this calendar month and the two before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a sender's notices came to, in the window."""

    upheld: int = 0
    rejected: int = 0
    unfounded: int = 0

    @property
    def decided(self) -> int:
        """Return how many were decided; unfounded ones are among the rejected."""
        return self.upheld + self.rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was done about a sender before."""

    warned_at: datetime | None = None
    suspensions: int = 0
    suspended_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What follows now."""

    step: str
    kind: Literal["warning", "suspension"]
    until: datetime | None


def months(day: date) -> tuple[str, ...]:
    """Return the months of the window that ends on `day`, as YYYY-MM."""
    first = day.year * 12 + day.month - 1
    return tuple(f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(first - WINDOW_MONTHS + 1, first + 1))


def record_in(window: tuple[str, ...], tallies: Mapping[str, int], prefix: str) -> Record:
    """Return a sender's record from kept counts named `<prefix>/<YYYY-MM>/<what>`."""
    counts = {what: sum(tallies.get(f"{prefix}/{month}/{what}", 0) for month in window) for what in _WHAT}
    return Record(upheld=counts["upheld"], rejected=counts["rejected"], unfounded=counts["unfounded"])


_WHAT = ("upheld", "rejected", "unfounded")


def measure(
    steps: Sequence[MisuseStep], record: Record, known: Known, at: datetime, sent_at: datetime
) -> Measure | None:
    """Return what a sender's record leads to now; None: nothing, or nothing new.

    Args:
        steps: From the gravest.
        record: What their notices came to.
        known: What was done before.
        at: Now.
        sent_at: When the newest of the notices that are judged now was sent: what was sent before a warning, and is
            only decided after it, suspends nobody (Art. 23(2): "after having issued a prior warning").
    """
    if known.suspended_until is not None and at < known.suspended_until:
        return None
    for step in steps:
        if record.unfounded < step.unfounded or record.unfounded < step.share * record.decided:
            continue
        warned = known.warned_at is not None and known.warned_at < sent_at
        if known.suspensions < step.suspended or (step.warned and not warned):
            continue
        if not step.days:
            return None if known.warned_at else Measure(step=step.id, kind="warning", until=None)
        return Measure(step=step.id, kind="suspension", until=at.astimezone(UTC) + timedelta(days=step.days))
    return None
