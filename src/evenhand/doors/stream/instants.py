"""Instants as platforms write them (RFC 3339), parsed once at the door."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl
import pyarrow as pa

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


@dataclass(frozen=True, slots=True)
class Instants:
    """A column of instants.

    Attributes:
        values: Microseconds, UTC; null where there was no text, and for broken ones.
        broken: Rows whose text is no instant.
    """

    values: pa.Array
    broken: list[int]


def read_instants(texts: Sequence[str | None]) -> Instants:
    """Return the instants of a column of texts, each as `parse_instant` reads it; the usual spelling as a column."""
    column = pl.Series(texts, dtype=pl.String)
    usual = pl.when(column.str.contains(_USUAL.pattern.replace(r"\Z", r"\z"))).then(column)
    read = pl.select(usual.str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", strict=False)).to_series()
    broken = []
    if len(odd := (read.is_null() & column.is_not_null()).arg_true()):
        values = read.to_list()
        for row in odd.to_list():
            try:
                values[row] = parse_instant(column[row]).replace(tzinfo=None)
            except ValueError:
                broken.append(row)
        read = pl.Series(values, dtype=pl.Datetime("us"))
    return Instants(read.dt.replace_time_zone("UTC").to_arrow(), broken)


def from_unix(seconds: int) -> datetime:
    """Return the instant `seconds` after 1970 in UTC.

    Raises:
        ValueError: Outside the years 1970 to 2099.
    """
    if not 0 <= seconds < 4_102_444_800:
        raise ValueError("outside the years 1970 to 2099")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
