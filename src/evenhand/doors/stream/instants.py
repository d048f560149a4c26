"""Instants as platforms write them (RFC 3339), parsed once at the door."""

import re
from datetime import UTC, datetime, timedelta

RFC3339 = (
    r"^(19[7-9][0-9]|20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]"
    r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]{1,9})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
"""What an instant looks like, years 1970 to 2099; the published JSON Schema carries the same pattern."""

_USUAL = re.compile(
    r"(?:19[7-9][0-9]|20[0-9]{2})-[01][0-9]-[0-3][0-9]T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{6})?Z\Z"
)
"""How most write it, which the standard library reads as it is; the day is left to it."""
_SHAPE = re.compile(RFC3339[:-1] + r"\Z")


def parse_instant(text: str) -> datetime:
    """Return the instant in UTC, to the microsecond; digits beyond are dropped.

    The leap second 23:59:60 UTC becomes the day's last microsecond, so that a post stays in its day.

    Raises:
        ValueError: Not an RFC 3339 instant with an offset, no such day, or a 60th second at another time than
            a leap second can have.

    Source:
        RFC 3339 §5.6 and §5.7.
    """
    if _USUAL.match(text):
        return datetime.fromisoformat(text)
    if not _SHAPE.match(text):
        raise ValueError("not an RFC 3339 instant with an offset")
    leap = text[17:19] == "60"
    instant = datetime.fromisoformat(text[:17] + "59" + text[19:].upper() if leap else text.upper()).astimezone(UTC)
    if leap and (instant.hour, instant.minute) != (23, 59):
        raise ValueError("a leap second ends a UTC day")
    return instant.replace(microsecond=999_999) if leap else instant


def from_unix(seconds: int) -> datetime:
    """Return the instant `seconds` after 1970 in UTC.

    Raises:
        ValueError: Outside the years 1970 to 2099.
    """
    if not 0 <= seconds < 4_102_444_800:
        raise ValueError("outside the years 1970 to 2099")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
