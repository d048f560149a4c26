"""The desk's working time from settings: a zone, and a country's holidays as the `holidays` library has them."""

from datetime import date
from zoneinfo import ZoneInfo

import holidays

from evenhand.desk.calendar import WorkingTime
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
        found = holidays.country_holidays(country, years=years) if country else {}
    except NotImplementedError as error:
        raise InputError("country", f"no holidays are known for {country}") from error
    return WorkingTime(zone=there, holidays=frozenset(found) | also)
