"""The desk's working time from its tables: a zone, and a country's holidays as the `holidays` library has them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from evenhand.desk.calendar import ALWAYS, WorkingTime
from evenhand.rulebook.desk_tables import DayOff, OfficeHours
from evenhand.vocabulary.errors import InputError


def working_time(zone: str, country: str, years: range, also: frozenset[date] = frozenset()) -> WorkingTime:
    """Return office hours in a zone without a country's holidays.

    Holidays that follow the moon are estimates there; `also` adds and settles them.

    Raises:
        InputError: The zone or the country is not known.
    """
    try:
        there = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise InputError("zone", f"{zone} is not a time zone; as in Europe/Brussels") from error
    try:
        import holidays

        found = holidays.country_holidays(country, years=years) if country else {}
    except (NotImplementedError, KeyError) as error:
        raise InputError("country", f"no holidays are known for {country}") from error
    return WorkingTime(zone=there, holidays=frozenset(found) | also)


def working_on(hours: OfficeHours | None, days_off: tuple[DayOff, ...], at: datetime) -> WorkingTime:
    """Return the desk's working time by the rows in force; no row: a desk that never closes."""
    return ALWAYS if hours is None else _working(hours, days_off, at.astimezone(UTC).year)


@lru_cache(maxsize=64)
def _working(hours: OfficeHours, days_off: tuple[DayOff, ...], year: int) -> WorkingTime:
    off = frozenset(row.day for row in days_off if row.off)
    found = working_time(hours.zone, hours.holidays_of, range(year, year + 3), off)
    return replace(
        found,
        opens=time.fromisoformat(hours.opens),
        closes=time.fromisoformat(hours.closes),
        weekdays=frozenset(hours.weekdays),
        holidays=found.holidays - frozenset(row.day for row in days_off if not row.off),
    )
