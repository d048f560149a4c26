"""Types of the law tables' rows, and how a row in force is found. Pure: `load.py` reads the files.

Every row has an id, the dates between which it holds, a source and a check mark: V read, S secondary, R recalled.
A row marked R is enabled and shows "recalled"; by itself it never refuses, lengthens a deadline or discloses.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Mark(StrEnum):
    """How far a row was checked against its source; a mixed mark counts as its weakest."""

    READ = "V"
    SECONDARY = "S"
    RECALLED = "R"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What every row of law has.

    Attributes:
        instrument: The kind of request it is about.
        holds_from: First day on which it holds (UTC).
        holds_to: Last day on which it holds, or None.
    """

    id: str
    instrument: str
    holds_from: date
    holds_to: date | None
    source: str
    checked: Mark

    def holds(self, day: date) -> bool:
        """Tell whether the row is in force on `day`."""
        return self.holds_from <= day and (self.holds_to is None or day <= self.holds_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime(Row):
    """A regime: what an instrument is and what follows from it as a whole.

    Attributes:
        law: "union" (acts in the whole Union), "national" (acts in the issuer's state), "none" (no legal force).
        asks: Kinds of ask that the regime knows; another one goes to a person.
        issuers: Kinds of issuer that may use it; empty: not restricted by the regime itself.
        issuer_area: "EU" where only Member States' authorities may use it, else "any".
        decides: "rules" where the tables settle it, "person" where a person always decides.
        verified: The weakest verification of the sender that is enough.
        notify: When the person concerned is told.
        notify_why: The sentence for it.
        clock: What starts, stops and restarts the clock, in words.
    """

    law: str
    asks: tuple[str, ...]
    issuers: tuple[str, ...]
    issuer_area: str
    decides: str
    verified: str
    notify: str
    notify_why: str
    clock: dict[str, str]
    automatic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Required(Row):
    """A field that must be there.

    Attributes:
        field: Name of the request's field.
        unless: A field whose presence makes it unnecessary, or "".
        data: Only where one of these data categories is asked for; empty: always.
    """

    field: str
    unless: str
    data: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline(Row):
    """How long there is, counted from receipt.

    Attributes:
        limit: ISO 8601 duration in hours or days (PT1H, P10D).
        country: Issuer's state it applies to, "" for all.
        asks: Kinds of ask it is about; empty: all.
        issuers: Kinds of issuer it is about; empty: all.
    """

    limit: str
    country: str
    asks: tuple[str, ...]
    issuers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MayIssue(Row):
    """Who may ask for which data.

    Attributes:
        data: Data categories.
        issuers: Who may issue, or validate for another authority.
        threshold_years: The offence's maximum sentence must reach this many years; 0: all offences.
    """

    data: tuple[str, ...]
    issuers: tuple[str, ...]
    threshold_years: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Principle:
    """What no request overrides: the platform's own published rule.

    Attributes:
        asks: Kinds of ask it refuses outright; empty where the flags decide.
        flags: Recorded facts of a target that it protects.
        courts: Issuer kinds whose decision a person reviews instead.
    """

    id: str
    asks: tuple[str, ...]
    flags: tuple[str, ...]
    courts: tuple[str, ...]
    holds_from: date
    source: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LawBook:
    """All rows, as read."""

    regimes: tuple[Regime, ...]
    required: tuple[Required, ...]
    deadlines: tuple[Deadline, ...]
    may_issue: tuple[MayIssue, ...]
    principles: tuple[Principle, ...]
    members: tuple[str, ...]
    states: tuple[str, ...]
