"""Working time, routing, strikes, intervals, threads: what the desk's tables promise."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.desk.calendar import ALWAYS, WorkingTime, add_working
from evenhand.desk.quality import wilson
from evenhand.desk.routing import due_at, route
from evenhand.desk.strikes import AuthorFile, Imposed, Strike, sanction_for, strike_for
from evenhand.desk.threads import party_reads, revealed
from evenhand.flow.calendars import working_time
from evenhand.flow.shipped_law import shipped_desk_book
from evenhand.vocabulary.case import Message, Origin
from evenhand.vocabulary.decision import RESTRICTIVE, Action
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category, Keyword

TABLES = shipped_desk_book().on(date(2026, 11, 24))
BRUSSELS = WorkingTime(zone=ZoneInfo("Europe/Brussels"), holidays=frozenset({date(2026, 12, 25)}))
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
SPANS = st.integers(0, 300 * 3600).map(lambda s: timedelta(seconds=s))


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-24T10:00+01:00", 2, "2026-11-24T12:00+01:00"),
        ("2026-11-24T16:00+01:00", 2, "2026-11-25T10:00+01:00"),
        ("2026-11-27T16:30+01:00", 8, "2026-11-30T16:30+01:00"),  # over a weekend
        ("2026-12-24T16:00+01:00", 2, "2026-12-28T10:00+01:00"),  # over a holiday and a weekend
        ("2026-03-27T16:00+01:00", 2, "2026-03-30T10:00+02:00"),  # over the change to summer time
        ("2026-10-23T16:00+02:00", 2, "2026-10-26T10:00+01:00"),  # and back
    ],
)
def test_working_time(start: str, hours: int, end: str) -> None:
    """Nights, weekends, holidays and changes of the clock are left out."""
    got = add_working(datetime.fromisoformat(start), timedelta(hours=hours), BRUSSELS)
    assert got == datetime.fromisoformat(end)


@given(INSTANTS, SPANS, SPANS)
def test_working_time_adds_up(start: datetime, one: timedelta, other: timedelta) -> None:
    """First one span and then the other is both together; more work never ends earlier."""
    both = add_working(start, one + other, BRUSSELS)
    assert add_working(add_working(start, one, BRUSSELS), other, BRUSSELS) == both
    assert both >= add_working(start, one, BRUSSELS) >= start


@given(INSTANTS, SPANS)
def test_a_desk_that_never_closes_counts_every_hour(start: datetime, span: timedelta) -> None:
    """There, working time is elapsed time."""
    assert add_working(start, span, ALWAYS) == start + span


def test_a_night_shift_ends_the_next_day() -> None:
    """Working time may go beyond midnight."""
    night = WorkingTime(opens=time(22), closes=time(6))
    assert add_working(datetime(2026, 11, 24, 22, tzinfo=UTC), timedelta(hours=9), night) == datetime(
        2026, 11, 25, 23, tzinfo=UTC
    )


def test_holidays_come_from_the_country() -> None:
    """The library's holidays count; unknown zones and countries are refused by name."""
    assert date(2026, 7, 21) in working_time("Europe/Brussels", "BE", range(2026, 2027)).holidays
    with pytest.raises(InputError, match="not a time zone"):
        working_time("Europe/Nowhere", "BE", range(2026, 2027))
    with pytest.raises(InputError, match="no holidays"):
        working_time("UTC", "XX", range(2026, 2027))


@given(
    st.sampled_from(list(Category)),
    st.none() | st.sampled_from(list(Keyword)),
    st.sampled_from(list(Origin)),
    st.none() | st.integers(0, 10**9),
    st.booleans(),
    st.booleans(),
    INSTANTS,
)
def test_everything_has_a_queue_and_a_deadline(
    category: Category,
    keyword: Keyword | None,
    origin: Origin,
    reach: int | None,
    urgent: bool,
    listed: bool,
    at: datetime,
) -> None:
    """Routing is total; urgency and reach never make a case wait longer or count for less."""
    plain = route(TABLES.queues, category, keyword, origin=origin, reach=None, urgent=False, listed=False)
    got = route(TABLES.queues, category, keyword, origin=origin, reach=reach, urgent=urgent, listed=listed)
    assert got.queue in shipped_desk_book().names()
    assert got.harm >= plain.harm
    assert got.four_eyes >= listed
    assert got.walled == plain.walled
    assert at < due_at(at, got, BRUSSELS) <= due_at(at, plain, BRUSSELS)


def test_every_row_of_the_routes_is_reached() -> None:
    """No row stands behind one that takes everything from it."""
    found = {
        route(TABLES.queues, category, keyword, origin=Origin.NOTICE, reach=None, urgent=False, listed=False).queue
        for category in Category
        for keyword in (None, *Keyword)
    }
    assert found == {row.queue for row in TABLES.queues if not row.appeals}


@given(st.sampled_from(list(Action)), st.integers(0, 3), st.booleans(), INSTANTS)
def test_only_restrictions_strike(action: Action, harm: int, manifest: bool, at: datetime) -> None:
    """What takes nothing strikes nobody; graver and manifest weighs no less and lasts no shorter."""
    strike = strike_for(TABLES.weights, "c", action, harm, manifest=manifest, at=at)
    if action not in RESTRICTIVE:
        assert strike is None
    if strike is None:
        return
    plain = strike_for(TABLES.weights, "c", action, 0, manifest=False, at=at)
    assert plain is not None
    assert strike.weight >= plain.weight
    assert strike.expires_at >= plain.expires_at > at


def test_no_sanction_without_a_warning_before() -> None:
    """However heavy the strikes: the warning comes first (Art. 23)."""
    at = datetime(2026, 11, 24, tzinfo=UTC)
    heavy = tuple(Strike(case=str(n), weight=6, at=at, expires_at=at + timedelta(days=9)) for n in range(5))
    first = sanction_for(TABLES.sanctions, AuthorFile(strikes=heavy), at)
    assert first is not None
    assert first.id == "warning"
    warned = Imposed(id="warning", case="0", action=None, at=at, until=None)
    ban = sanction_for(TABLES.sanctions, AuthorFile(strikes=heavy, sanctions=(warned,)), at)
    assert ban is TABLES.sanctions[0]
    imposed = Imposed(id="ban", case="1", action=Action.TERMINATE_ACCOUNT, at=at, until=None)
    assert sanction_for(TABLES.sanctions, AuthorFile(strikes=heavy, sanctions=(warned, imposed)), at) is None
    assert sanction_for(TABLES.sanctions, AuthorFile(strikes=heavy), at + timedelta(days=9)) is None


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_an_interval_holds_its_share(right: int, more: int) -> None:
    """Between 0 and 1, around the share, and narrower with more of the same."""
    low, high = wilson(right, right + more)
    assert 0.0 <= low <= high <= 1.0
    if asked := right + more:
        assert low <= right / asked <= high
        wider = wilson(10 * right, 10 * asked)
        assert wider[1] - wider[0] <= high - low


def test_an_interval_as_published() -> None:
    """Wilson's interval for 8 of 10."""
    assert wilson(8, 10) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)


@given(
    st.sampled_from(["notifier", "affected", "internal", "sealed"]),
    st.none() | st.integers(1, 3),
    st.sampled_from(["notifier", "affected"]),
    st.none() | st.integers(1, 3),
)
def test_a_party_reads_its_own_thread(audience: str, notice: int | None, party: str, own: int | None) -> None:
    """Another party's, another notifier's and the staff's messages are never among them."""
    message = Message(audience=audience, text="x", notice=notice)  # type: ignore[arg-type]
    read = party_reads(message, party, own)  # type: ignore[arg-type]
    assert read == ((audience, notice) == (party, own))


NAMES = st.text("abcdefghijklmnopqrstuvwxyzäöü", min_size=4, max_size=12)


@given(NAMES, NAMES, st.text(max_size=40), st.text(max_size=40))
def test_a_name_in_a_text_is_found(first: str, last: str, before: str, after: str) -> None:
    """Wherever a full name stands as words of their own, in whatever case, it is found."""
    for name in (f"{first} {last}", last.upper(), f"{first.title()}, {last}"):
        assert revealed(f"{before} {name} {after}", [f"{first} {last}"]) is not None
    assert revealed(f"{before} {first}@{last}.example {after}", [f"{first}@{last}.example"]) is not None


def test_other_words_are_let_through() -> None:
    """Short names are found only whole; parts of words are not names."""
    assert revealed("Al and Bo went home", ["Al Bo"]) is None
    assert revealed("It was al, bo!", ["Al Bo"]) is not None
    assert revealed("norah is somebody else", ["Nora N."]) is None
