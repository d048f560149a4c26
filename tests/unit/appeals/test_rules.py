"""Six calendar months from the day somebody was informed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.appeals.rules import add_months, last_day, on_time
from evenhand.statements.rules import complaint_until


@pytest.mark.parametrize(
    ("informed", "last"),
    [
        ("2026-11-24", "2027-05-24"),
        ("2026-08-31", "2027-03-01"),  # no 31st of February: never shorter than the law says
        ("2027-08-31", "2028-03-01"),
        ("2027-08-29", "2028-02-29"),
        ("2026-12-31", "2027-07-01"),
    ],
)
def test_six_months(informed: str, last: str) -> None:
    """The same day of the sixth month, or the first of the next where it has no such day."""
    assert add_months(date.fromisoformat(informed), 6).isoformat() == last


@given(st.datetimes(datetime(2024, 2, 17), datetime(2037, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - Hypothesis adds the zone
def test_the_last_day_counts_whole(informed: datetime) -> None:
    """On time until the last day's end, and the letter names the same day."""
    end = datetime.combine(last_day(informed) + timedelta(days=1), datetime.min.time(), UTC)
    assert on_time(informed, end - timedelta(microseconds=1))
    assert not on_time(informed, end)
    assert last_day(informed) == complaint_until(informed.date())
