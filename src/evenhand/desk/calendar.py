"""Working time: office hours in a zone, with its summer time, weekends and given holidays. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAYS_MAX = 3660
"""Ten years without a working day: nobody's calendar, somebody's mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingTime:
    """When somebody is at the desk.

    Attributes:
        zone: The zone whose clock on the wall counts.
        opens, closes: Local times of a working day.
        weekdays: 0 (Monday) to 6.
        holidays: Local days without work.
    """

    zone: tzinfo = UTC
    opens: time = time(9)
    closes: time = time(17)
    weekdays: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = frozenset()


ALWAYS = WorkingTime(opens=time(0), closes=time(0), weekdays=frozenset(range(7)))
"""A desk that never closes: midnight to midnight, every day."""


def add_working(start: datetime, span: timedelta, working: WorkingTime) -> datetime:
    """Return the instant at which `span` of working time has passed since `start`.

    Elapsed time is counted in UTC, so a day on which the clocks change has as much time as its hours last.

    Args:
        start: Aware.
        span: Working time, not negative.
        working: When there is any.

    Returns:
        Aware UTC; `start` itself for no span, if it is within working time, else the next opening.

    Raises:
        ValueError: The calendar has no working time in ten years.
    """
    left = span
    for opens, closes in _periods(start.astimezone(working.zone).date(), working):
        begin = max(start.astimezone(UTC), opens)
        if begin >= closes:
            continue
        if left <= closes - begin:
            return begin + left
        left -= closes - begin
    raise ValueError("the calendar has no working time")


def _periods(first: date, working: WorkingTime) -> Iterator[tuple[datetime, datetime]]:
    for n in range(DAYS_MAX):
        day = first + timedelta(days=n)
        if day.weekday() in working.weekdays and day not in working.holidays:
            yield _instant(day, working.opens, working), _instant(_last(day, working), working.closes, working)


def _last(day: date, working: WorkingTime) -> date:
    """Return the day on which a working day ends: the next one where it goes to midnight or beyond."""
    return day if working.closes > working.opens else day + timedelta(days=1)


def _instant(day: date, at: time, working: WorkingTime) -> datetime:
    return datetime.combine(day, at, tzinfo=working.zone).astimezone(UTC)
