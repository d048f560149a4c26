"""Types of the law tables' rows, and how the rows in force are found. Pure: `load.py` reads the files.

Rows are compared by identity: each is read once, and findings about it are kept ready.

Every row has an id, the dates between which it holds, a source and a check mark: V read, S secondary, R recalled.
A row marked R is enabled and shows "recalled"; by itself it never refuses, lengthens a deadline or discloses.
The platform's own rules (principles, safeguards, what is held) are in `policy.py`.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from evenhand.rulebook.desk_tables import DeskBook
from evenhand.rulebook.policy import Held, IndexValue, Principle, Rule, Safeguard, Waiver


class Mark(StrEnum):
    """How far a row was checked against its source; a mixed mark counts as its weakest."""

    READ = "V"
    SECONDARY = "S"
    RECALLED = "R"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """What every row of law has.

    Attributes:
        instrument: The kind of request it is about.
        country: Issuer's state it is about, or "" for all.
        holds_from: First day on which it holds (UTC).
        holds_to: Last day on which it holds, or None.
        edition: `holds_from` as findings cite it.
    """

    id: str
    instrument: str
    country: str
    holds_from: date
    holds_to: date | None
    source: str
    checked: Mark
    edition: str = field(init=False, compare=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "edition", self.holds_from.isoformat())

    def holds(self, day: date) -> bool:
        """Tell whether the row is in force on `day`."""
        return self.holds_from <= day and (self.holds_to is None or day <= self.holds_to)

    @property
    def recalled(self) -> bool:
        """Tell whether nobody has checked the row against its source yet."""
        return self.checked is Mark.RECALLED


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
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
        automatic: A reversible disable may happen before a person has looked.
        reply: The form of the reply: "tco", "dsa-9", "dsa-10", "e-evidence" or "letter".
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
    reply: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Deadline(Row):
    """How long there is, counted from receipt.

    Attributes:
        limit: ISO 8601 duration in hours, days, weeks or months (PT1H, P10D, P6M).
        asks: Kinds of ask it is about; empty: all.
        issuers: Kinds of issuer it is about; empty: all.
    """

    limit: str
    asks: tuple[str, ...]
    issuers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exclusion(Row):
    """A state that a regime does not bind: a person decides.

    Attributes:
        sentence: Why.
    """

    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Duty(Row):
    """What else a regime brings: shown with the ruling for those who act on it; it decides nothing.

    Attributes:
        asks: Kinds of ask it is about; empty: all.
        data: Only where one of these data categories is asked for; empty: always.
        cross_border: Only where the issuer's state is not the state of establishment.
        limit: How long, as in Deadline, or "".
        runs_from: What the limit runs from, in words; "receipt" is reckoned.
        sentence: What is owed.
    """

    asks: tuple[str, ...]
    data: tuple[str, ...]
    cross_border: bool
    limit: str
    runs_from: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CounterNotice(Row):
    """How long whoever demanded a measure has to show a court action once a counter-notice came.

    Attributes:
        limit: From the receipt of the counter-notice, as in Deadline. Then what was done is taken back.
        sentence: What the law says.
    """

    limit: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clarification(Row):
    """How long the answer to a request for clarification is waited for, and what follows when none comes.

    Attributes:
        limit: From the sending of the question, as in Deadline. What is then done is a person's act.
        remind: When the sender is reminded, each from the sending of the question.
        sentence: What the law, or the platform's policy, says.
    """

    limit: str
    remind: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Form:
    """A form of reply.

    Attributes:
        language: ISO 639-1; the same id in another language is the same form.
        title: Its heading.
        fields: Each "section | name | label", in order; see orders/reply_values.py for the names.
    """

    id: str
    language: str
    title: str
    fields: tuple[str, ...]
    holds_from: date
    holds_to: date | None
    source: str
    checked: Mark
    edition: str = field(init=False, compare=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "edition", self.holds_from.isoformat())

    def holds(self, day: date) -> bool:
        """Tell whether the form is in force on `day`."""
        return self.holds_from <= day and (self.holds_to is None or day <= self.holds_to)

    @property
    def recalled(self) -> bool:
        """Tell whether nobody has checked the form against its source yet."""
        return self.checked is Mark.RECALLED


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edition:
    """The rows in force for one kind of request, one issuer's state and one day.

    Attributes:
        fields: Fields of the request that the required rows speak of.
        refused: Kinds of ask that a principle refuses outright.
    """

    regime: Regime | None
    required: tuple[Required, ...]
    fields: tuple[str, ...]
    deadlines: tuple[Deadline, ...]
    may_issue: tuple[MayIssue, ...]
    exclusions: tuple[Exclusion, ...]
    duties: tuple[Duty, ...]
    principles: tuple[Principle, ...]
    refused: frozenset[str]
    safeguards: tuple[Safeguard, ...]
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What is worked out once for all look-ups.

    Attributes:
        countries: States that some row of law names; all others find the same rows.
        changes: Days on which some row begins, or no longer holds, in order; between two, nothing changes.
        names: Ids of all rows.
        editions: Those asked for so far, by instrument, state and number of changes before the day.
    """

    countries: frozenset[str]
    changes: tuple[date, ...]
    names: frozenset[str]
    editions: dict[tuple[str, str, int], "Edition"]

    @classmethod
    def of(cls, rows: Sequence[Row], own: Sequence[Rule]) -> "Ready":
        """Return it for these rows."""
        every: tuple[Row | Rule, ...] = (*rows, *own)
        days = {row.holds_from for row in every}
        days |= {row.holds_to + timedelta(days=1) for row in every if row.holds_to is not None}
        return cls(
            countries=frozenset(row.country for row in rows if row.country),
            changes=tuple(sorted(days)),
            names=frozenset(row.id for row in every),
            editions={},
        )


_AnyRow = TypeVar("_AnyRow", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class LawBook:
    """All rows, as read.

    Attributes:
        members: The Union's Member States.
        states: States with authorities of their own.
        languages: Each state's first official language.
        union_acts: Names by which acts of the Union are cited without their number.
        desk: The desk's own tables.
        waivers: Written exceptions to the platform's own rules.
        counter_notices: Times that a counter-notice starts.
        form_words: For each language, our words for the texts of forms; see wording.py.
        clarifications: How long the answer to a question is waited for.
    """

    regimes: tuple[Regime, ...]
    required: tuple[Required, ...]
    deadlines: tuple[Deadline, ...]
    may_issue: tuple[MayIssue, ...]
    exclusions: tuple[Exclusion, ...]
    duties: tuple[Duty, ...]
    principles: tuple[Principle, ...]
    safeguards: tuple[Safeguard, ...]
    indices: tuple[IndexValue, ...]
    held: tuple[Held, ...]
    forms: tuple[Form, ...]
    members: tuple[str, ...]
    states: tuple[str, ...]
    languages: dict[str, str]
    union_acts: tuple[str, ...]
    desk: DeskBook = field(default_factory=DeskBook)
    waivers: tuple[Waiver, ...] = ()
    counter_notices: tuple[CounterNotice, ...] = ()
    form_words: dict[str, dict[str, str]] = field(default_factory=dict)
    clarifications: tuple[Clarification, ...] = ()
    _ready: Ready = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ready", Ready.of(self.rows(), self.own_rules()))

    @classmethod
    def empty(cls) -> "LawBook":
        """Return a book without rows: everything goes to a person."""
        none: dict[str, Any] = {each.name: () for each in fields(cls) if each.init}
        return cls(**none | {"languages": {}, "form_words": {}, "desk": DeskBook()})

    def rows(self) -> tuple[Row, ...]:
        """Return every row of law."""
        return (
            *self.regimes,
            *self.required,
            *self.deadlines,
            *self.may_issue,
            *self.exclusions,
            *self.duties,
            *self.counter_notices,
            *self.clarifications,
        )

    def own_rules(self) -> tuple[Rule, ...]:
        """Return every rule of the platform's own."""
        return (*self.principles, *self.safeguards, *self.waivers, *self.held)

    def edition(self, instrument: str, country: str, day: date) -> Edition:
        """Return the rows in force; those of the issuer's own state stand beside those for all."""
        ready = self._ready
        named = country if country in ready.countries else ""
        key = (instrument, named, bisect_right(ready.changes, day))
        found = ready.editions.get(key)
        if found is None:
            found = ready.editions[key] = self._make_edition(instrument, named, day)
        return found

    def _make_edition(self, instrument: str, country: str, day: date) -> Edition:
        def mine(rows: Sequence[_AnyRow]) -> tuple[_AnyRow, ...]:
            return tuple(
                row for row in rows if row.instrument == instrument and row.country in ("", country) and row.holds(day)
            )

        # A state's own regime stands in the place of the general one.
        regimes = sorted(mine(self.regimes), key=lambda row: row.country, reverse=True)
        required = mine(self.required)
        return Edition(
            regime=regimes[0] if regimes else None,
            required=required,
            fields=tuple(sorted({name for row in required for name in (row.field, row.unless) if name})),
            deadlines=mine(self.deadlines),
            may_issue=mine(self.may_issue),
            exclusions=mine(self.exclusions),
            duties=mine(self.duties),
            principles=tuple(row for row in self.principles if row.holds(day)),
            refused=frozenset(ask for row in self.principles if row.holds(day) for ask in row.asks),
            safeguards=tuple(row for row in self.safeguards if row.holds(day)),
            held=tuple(row for row in self.held if row.holds(day)),
        )

    def waiver(self, waives: str, day: date) -> Waiver | None:
        """Return the written exception to a rule that holds on `day`, or None."""
        return next((row for row in self.waivers if row.waives == waives and row.holds(day)), None)

    def index_value(self, index: str, country: str, day: date) -> IndexValue | None:
        """Return the newest value of an index for a state that was published by `day`, or None."""
        rows = [row for row in self.indices if (row.index, row.country) == (index, country) and row.holds_from <= day]
        return max(rows, key=lambda row: row.holds_from, default=None)

    def names(self) -> frozenset[str]:
        """Return the ids of all rows: the names by which findings may cite them."""
        return self._ready.names
