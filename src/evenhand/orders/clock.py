"""When time is up. Hours and days are elapsed UTC time; months are calendar months, clamped. Pure.

Regulation 1182/71 is only shown, as the latest end.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

LAST = datetime.max.replace(tzinfo=UTC)
_DURATION = re.compile(r"P(?:(\d{1,3})M)?(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(\d{1,4})H)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Duration:
    """A time limit in calendar months, days (of 24 hours) and hours."""

    months: int
    days: int
    hours: int


@lru_cache(maxsize=256)
def parse_limit(limit: str) -> Duration:
    """Return the limit that an ISO 8601 duration in months, weeks, days or hours gives.

    Raises:
        ValueError: It is not such a duration, or empty.
    """
    found = _DURATION.fullmatch(limit)
    if found is None or not any(found.groups()):
        raise ValueError(f"{limit!r} is not a duration in months, weeks, days or hours, as in PT1H, P10D or P6M")
    months, weeks, days, hours = (int(part or 0) for part in found.groups())
    return Duration(months, days + 7 * weeks, hours)


@lru_cache(maxsize=4096)
def due_at(received_at: datetime, limit: str) -> datetime:
    """Return the last instant that is still on time.

    Args:
        received_at: Receipt at our edge, aware.
        limit: ISO 8601 duration; a day is 24 hours; a month ends on the same day of the month, or on its last.

    Returns:
        Aware UTC, inclusive.
    """
    length = parse_limit(limit)
    try:
        return _months_on(in_utc(received_at), length.months) + timedelta(days=length.days, hours=length.hours)
    except (OverflowError, ValueError):  # past the calendar's last day
        return LAST


def in_utc(instant: datetime) -> datetime:
    """Return the instant in UTC; at either end of the calendar, where it has none, the same clock reading."""
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        return instant.replace(tzinfo=UTC)


@lru_cache(maxsize=4096)
def latest_at(received_at: datetime, limit: str) -> datetime:
    """Return the later end that Regulation (EEC, Euratom) No 1182/71, Art. 3, would give (recalled; shown only).

    Hours begin with the hour after receipt; days and months with the day after, and end with the expiry of the last
    day, or of the next one that is not a Saturday or Sunday. Public holidays are not considered. All in UTC.
    """
    try:
        return _latest(in_utc(received_at), parse_limit(limit))
    except (OverflowError, ValueError):
        return LAST


def _latest(instant: datetime, length: Duration) -> datetime:
    if not (length.months or length.days):
        return instant.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1 + length.hours)
    day = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    end = _months_on(day, length.months) + timedelta(days=length.days, hours=length.hours)
    while end.weekday() >= 5:
        end += timedelta(days=1)
    return end + timedelta(days=1)


def _months_on(instant: datetime, months: int) -> datetime:
    if not months:
        return instant
    year, month = divmod(instant.year * 12 + instant.month - 1 + months, 12)
    day = min(instant.day, calendar.monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)
