"""Types of the desk's own tables: queues and targets, strikes and sanctions, misuse of notices, hours, lists. Pure.

They are dated rows like the law's, so that what was decided is read by the rules of its day, and public, so that anyone
knows beforehand what weighs how much and for how long. `load.py` reads them from `law/desk.toml` and from the
platform's own directory.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from evenhand.vocabulary.decision import Action


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeskRow:
    """What every row of the desk's tables has.

    Attributes:
        holds_from: First day on which it holds (UTC).
        holds_to: Last day on which it holds, or None.
        source: Where the platform took it from.
    """

    id: str
    holds_from: date
    holds_to: date | None
    source: str

    def holds(self, day: date) -> bool:
        """Tell whether the row is in force on `day`."""
        return self.holds_from <= day and (self.holds_to is None or day <= self.holds_to)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Queue(DeskRow):
    """What a queue is about; its id is the queue's name. The first row that fits takes the case.

    Attributes:
        order: Which row is looked at first, and which queue is the most pressing.
        categories, keywords: Those that it is about; neither: everything. A keyword alone is enough.
        appeals: Appeals, whatever they are about.
        harm: 0 (slight) to 3 (gravest).
        target_h: Our own target in hours from receipt.
        office_hours: Hours of working time; elapsed ones otherwise.
        four_eyes: A second person must agree to a restriction.
    """

    order: int
    categories: frozenset[str]
    keywords: frozenset[str]
    appeals: bool
    harm: int
    target_h: int
    office_hours: bool
    four_eyes: bool

    @property
    def queue(self) -> str:
        """The queue's name."""
        return self.id

    @property
    def categories_listed(self) -> list[str]:
        """The categories in one order."""
        return sorted(self.categories)

    @property
    def keywords_listed(self) -> list[str]:
        """The keywords in one order."""
        return sorted(self.keywords)

    @property
    def target(self) -> timedelta:
        """Our own target."""
        return timedelta(hours=self.target_h)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StrikeWeight(DeskRow):
    """What a restriction counts for; from the gravest, the first row that fits applies.

    Attributes:
        harm: Least harm of the case, 0 to 3.
        manifest: Only where the content was manifestly illegal.
        days: How long it counts.
    """

    order: int
    harm: int
    manifest: bool
    weight: int
    days: int

    @property
    def lasts(self) -> timedelta:
        """How long it counts."""
        return timedelta(days=self.days)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SanctionStep(DeskRow):
    """What the strikes that count add up to; from the gravest, the first row that holds applies.

    Attributes:
        weight: Least sum.
        sanction: What is done to the account; "": a warning.
        days: How long; 0: without end.
        after_warning: Only after a warning.
        by_machine: Machines' decisions lead to it by themselves; else a person decides on it.
    """

    order: int
    weight: int
    sanction: str
    days: int
    after_warning: bool
    by_machine: bool

    @property
    def action(self) -> Action | None:
        """What is done to the account; None: a warning."""
        return Action(self.sanction) if self.sanction else None

    @property
    def lasts(self) -> timedelta | None:
        """How long; None: without end."""
        return timedelta(days=self.days) if self.days else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MisuseStep(DeskRow):
    """When a notifier is warned or suspended (Art. 23(2)); from the gravest, the first row that holds applies.

    Attributes:
        unfounded: Least number of manifestly unfounded notices in the window (Art. 23(3)(a)).
        share: Least part of all decided notices in the window (Art. 23(3)(b)).
        warned: Only after a warning.
        suspended: Only after this many suspensions before.
        days: How long processing is suspended; 0: a warning.
    """

    order: int
    unfounded: int
    share: float
    warned: bool
    suspended: int
    days: int

    @property
    def share_percent(self) -> int:
        """The share in whole per cent."""
        return round(100 * self.share)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OfficeHours(DeskRow):
    """When somebody is at the desk. There is one row a day.

    Attributes:
        zone: Time zone whose clock on the wall counts, e.g. "Europe/Brussels".
        opens, closes: Local times, HH:MM; both 00:00: from midnight to midnight.
        weekdays: 0 (Monday) to 6.
        holidays_of: State whose public holidays are free, two letters; "" for none.
    """

    zone: str
    opens: str
    closes: str
    weekdays: tuple[int, ...]
    holidays_of: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayOff(DeskRow):
    """A day of the desk's calendar that its state's list has not, or has wrongly.

    Attributes:
        off: Nobody works; false: somebody does, whatever the state's list says.
    """

    day: date
    off: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HighProfile(DeskRow):
    """A channel or account of which decisions need four eyes; its id is the platform's."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlarmAddressee(DeskRow):
    """An authority that is notified of a threat to life or safety (Regulation (EU) 2022/2065, Art. 18).

    Attributes:
        country: ISO 3166-1 alpha-2, "EU" for Europol, "HOME" for the state of establishment or representative.
        address: Where the notification goes.
    """

    name: str
    country: str
    address: str


_Row = TypeVar("_Row", bound=DeskRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskTables:
    """The rows in force on one day, each table in its order."""

    queues: tuple[Queue, ...] = ()
    weights: tuple[StrikeWeight, ...] = ()
    sanctions: tuple[SanctionStep, ...] = ()
    misuse: tuple[MisuseStep, ...] = ()
    hours: OfficeHours | None = None
    days_off: tuple[DayOff, ...] = ()
    listed: frozenset[str] = frozenset()
    addressees: tuple[AlarmAddressee, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskBook:
    """All rows of the desk's tables, as read."""

    queues: tuple[Queue, ...] = ()
    weights: tuple[StrikeWeight, ...] = ()
    sanctions: tuple[SanctionStep, ...] = ()
    misuse: tuple[MisuseStep, ...] = ()
    hours: tuple[OfficeHours, ...] = ()
    days_off: tuple[DayOff, ...] = ()
    listed: tuple[HighProfile, ...] = ()
    addressees: tuple[AlarmAddressee, ...] = ()
    _changes: tuple[date, ...] = field(init=False, repr=False, compare=False, default=())
    _made: dict[int, DeskTables] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        days = {row.holds_from for row in self.rows()}
        days |= {row.holds_to + timedelta(days=1) for row in self.rows() if row.holds_to is not None}
        object.__setattr__(self, "_changes", tuple(sorted(days)))

    def rows(self) -> tuple[DeskRow, ...]:
        """Return every row."""
        return (
            *self.queues,
            *self.weights,
            *self.sanctions,
            *self.misuse,
            *self.hours,
            *self.days_off,
            *self.listed,
            *self.addressees,
        )

    def on(self, day: date) -> DeskTables:
        """Return the rows in force on `day`; made once between two days on which something changes."""
        place = bisect_right(self._changes, day)
        if place not in self._made:
            self._made[place] = self._tables(day)
        return self._made[place]

    def names(self) -> tuple[str, ...]:
        """Return the names of all queues that ever were, the most pressing first: a case may wait in an old one."""
        return tuple(dict.fromkeys(row.id for row in _ordered(self.queues)))

    def _tables(self, day: date) -> DeskTables:
        def now(rows: Sequence[_Row]) -> tuple[_Row, ...]:
            return tuple(row for row in rows if row.holds(day))

        hours = now(self.hours)
        return DeskTables(
            queues=_ordered(now(self.queues)),
            weights=_ordered(now(self.weights)),
            sanctions=_ordered(now(self.sanctions)),
            misuse=_ordered(now(self.misuse)),
            hours=hours[0] if hours else None,
            days_off=now(self.days_off),
            listed=frozenset(row.id for row in now(self.listed)),
            addressees=now(self.addressees),
        )


def _ordered(rows: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(sorted(rows, key=lambda row: row.order))


KINDS: dict[str, tuple[str, type[Any]]] = {
    "queue": ("queues", Queue),
    "strike": ("weights", StrikeWeight),
    "sanction": ("sanctions", SanctionStep),
    "misuse": ("misuse", MisuseStep),
    "office_hours": ("hours", OfficeHours),
    "day_off": ("days_off", DayOff),
    "high_profile": ("listed", HighProfile),
    "addressee": ("addressees", AlarmAddressee),
}
"""Name of the table in a file → its attribute of the book, and the rows' type."""
