"""Deadlines: elapsed hours and days, clamped months, and the later end of Regulation 1182/71."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.orders.clock import due_at, in_utc, latest_at, parse_limit

limits = st.one_of(
    st.integers(1, 400).map("PT{}H".format),
    st.integers(1, 400).map("P{}D".format),
    st.integers(1, 60).map("P{}M".format),
    st.integers(1, 52).map("P{}W".format),
    st.tuples(st.integers(1, 30), st.integers(1, 23)).map(lambda pair: f"P{pair[0]}DT{pair[1]}H"),
)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=zones)  # noqa: DTZ001 - zones are drawn


def at(text: str) -> datetime:
    """Return an instant."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("received", "limit", "due"),
    [
        ("2026-10-25T00:30:00+02:00", "PT1H", "2026-10-24T23:30:00Z"),
        ("2026-03-29T01:30:00+01:00", "PT1H", "2026-03-29T01:30:00Z"),
        ("2024-02-28T23:30:00Z", "PT1H", "2024-02-29T00:30:00Z"),
        ("2026-11-25T10:00:00Z", "P10D", "2026-12-05T10:00:00Z"),
        ("2026-08-31T10:00:00Z", "P6M", "2027-02-28T10:00:00Z"),
        ("2027-08-31T10:00:00Z", "P6M", "2028-02-29T10:00:00Z"),
        ("2024-02-29T10:00:00Z", "P12M", "2025-02-28T10:00:00Z"),
        ("2026-01-31T10:00:00Z", "P1M", "2026-02-28T10:00:00Z"),
        ("2026-12-31T10:00:00Z", "P2M", "2027-02-28T10:00:00Z"),
        ("2026-11-25T10:00:00Z", "P6W", "2027-01-06T10:00:00Z"),
        ("2026-11-25T10:00:00Z", "P60D", "2027-01-24T10:00:00Z"),
        ("2026-11-25T10:00:00Z", "PT96H", "2026-11-29T10:00:00Z"),
    ],
)
def test_due(received: str, limit: str, due: str) -> None:
    """Summer time, leap days and month ends."""
    assert due_at(at(received), limit) == at(due)


@pytest.mark.parametrize(
    ("received", "limit", "latest"),
    [
        ("2026-11-25T02:10:00Z", "PT1H", "2026-11-25T04:00:00Z"),
        ("2026-11-25T02:00:00Z", "PT1H", "2026-11-25T04:00:00Z"),
        ("2026-11-25T09:00:00Z", "P10D", "2026-12-08T00:00:00Z"),  # 5 December is a Saturday
        ("2026-11-24T09:00:00Z", "P10D", "2026-12-05T00:00:00Z"),  # 4 December is a Friday
        ("2026-06-30T09:00:00Z", "P1M", "2026-07-31T00:00:00Z"),
    ],
)
def test_latest(received: str, limit: str, latest: str) -> None:
    """Hours begin with the next hour, days with the next day; a weekend moves the end."""
    assert latest_at(at(received), limit) == at(latest)


@given(received=instants, limit=limits)
def test_latest_is_never_earlier(received: datetime, limit: str) -> None:
    """What is shown as the latest end never comes before the deadline that counts."""
    assert latest_at(received, limit) >= due_at(received, limit)


@given(received=instants, limit=limits)
def test_the_zone_makes_no_difference(received: datetime, limit: str) -> None:
    """The same instant in another zone has the same deadline, in UTC."""
    due = due_at(received, limit)
    assert due == due_at(received.astimezone(UTC), limit)
    assert due.tzinfo is UTC


@given(received=instants, months=st.integers(1, 60))
def test_months_keep_the_day_or_take_the_last(received: datetime, months: int) -> None:
    """A month later is the same day, or the month's last."""
    start = received.astimezone(UTC)
    due = due_at(received, f"P{months}M")
    assert (due.year * 12 + due.month) - (start.year * 12 + start.month) == months
    assert due.day == start.day or (due.day < start.day and (due + timedelta(days=1)).day == 1)


@pytest.mark.parametrize("limit", ["", "P", "PT", "1H", "P1Y", "PT1.5H", "P-1D", "PT١H", "P1DT"])
def test_other_durations_are_refused(limit: str) -> None:
    """What is not a duration in months, weeks, days or hours is no limit."""
    with pytest.raises(ValueError, match="is not a duration"):
        parse_limit(limit)


@given(
    received=st.datetimes(timezones=zones),
    limit=limits,
)
def test_every_instant_has_a_deadline(received: datetime, limit: str) -> None:
    """At the ends of the calendar too: nothing is raised, and nothing wraps around."""
    assert due_at(received, limit) >= in_utc(received)
    assert latest_at(received, limit) >= due_at(received, limit)
