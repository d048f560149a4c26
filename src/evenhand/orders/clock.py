"""When time is up. Hours and days are elapsed UTC time; Regulation 1182/71 is only shown, as the latest end. Pure."""

import re
from datetime import UTC, datetime, timedelta

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(\d+)H)?")


def _parts(limit: str) -> tuple[int, int]:
    found = _DURATION.fullmatch(limit)
    if found is None or limit in ("P", "PT"):
        raise ValueError(f"{limit} is not a duration in days or hours")
    return int(found[1] or 0), int(found[2] or 0)


def due_at(received_at: datetime, limit: str) -> datetime:
    """Return the last instant that is still on time.

    Args:
        received_at: Receipt at our edge, aware.
        limit: ISO 8601 duration in days or hours; a day is 24 hours.

    Returns:
        Aware UTC, inclusive.
    """
    days, hours = _parts(limit)
    return received_at.astimezone(UTC) + timedelta(hours=24 * days + hours)


def latest_at(received_at: datetime, limit: str) -> datetime:
    """Return the later end that Regulation (EEC, Euratom) No 1182/71, Art. 3, would give (recalled; shown only).

    Hours begin with the hour after receipt; days with the day after, and end with the expiry of the last one,
    or of the next one that is not a Saturday or Sunday. Public holidays are not considered. All in UTC.
    """
    days, hours = _parts(limit)
    instant = received_at.astimezone(UTC)
    if not days:
        return instant.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1 + hours)
    end = instant.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days, hours=hours)
    while end.weekday() >= 5:
        end += timedelta(days=1)
    return end + timedelta(days=1)
