"""What an emergency needs, and when an account is unlike itself."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from evenhand.orders.emergency import SENTENCES, Activity, emergency_lacks, unusual
from evenhand.orders.registry import Authority
from evenhand.orders.registry import CallBack as Number
from evenhand.vocabulary.matter import CallBack

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
BKA = Authority(
    id="bka",
    name="Bundeskriminalamt",
    state="DE",
    kind="police",
    competence=("terror",),
    source="bka.example",
    date=date(2026, 1, 2),
    call_back=(Number(number="+49 611 550", source="bka.example", date=date(2026, 1, 2)),),
)
CALL = CallBack(
    by="staff-1", authority="bka", number="+49 611 550", channel="phone", spoke_to="Example", confirmed=True
)
HEARD = replace(CALL, by="staff-2")


def test_two_people_over_an_old_number_are_enough() -> None:
    """However the number is written."""
    assert emergency_lacks(BKA, (CALL, replace(HEARD, number="+49-611-550")), "mail", AT) == ()


def test_each_thing_that_lacks_is_named() -> None:
    """One change to a good case, one lack."""
    good = (CALL, HEARD)
    assert emergency_lacks(None, good, "mail", AT) == ("not-registered",)
    assert emergency_lacks(BKA, (), "mail", AT) == ("no-call-back",)
    assert emergency_lacks(BKA, (CALL,), "mail", AT) == ("one-person",)
    assert emergency_lacks(BKA, (CALL, CALL), "mail", AT) == ("one-person",)
    other = tuple(replace(call, number="+49 611 551") for call in good)
    assert emergency_lacks(BKA, other, "mail", AT) == ("number-unknown",)
    mailed = tuple(replace(call, channel="mail") for call in good)
    assert emergency_lacks(BKA, mailed, "mail", AT) == ("same-channel",)
    assert emergency_lacks(BKA, (CALL, replace(HEARD, confirmed=False)), "mail", AT) == ("not-confirmed",)


def test_a_number_that_came_with_the_request_counts_for_nothing() -> None:
    """Registry data must be older than the day of the request."""
    import msgspec

    today = msgspec.structs.replace(BKA.call_back[0], date=AT.date())
    fresh = msgspec.structs.replace(BKA, call_back=(today,))
    assert emergency_lacks(fresh, (CALL, HEARD), "mail", AT) == ("number-unknown",)


def test_new_enrolments_have_no_emergency_power_for_72_hours() -> None:
    """Counted from the end of the day that the registry has; an hour earlier is too early."""
    import msgspec

    new = msgspec.structs.replace(BKA, date=date(2026, 11, 20))
    ends = datetime(2026, 11, 24, tzinfo=UTC)
    assert emergency_lacks(new, (CALL, HEARD), "mail", ends - timedelta(hours=1)) == ("enrolled-recently",)
    assert emergency_lacks(new, (CALL, HEARD), "mail", ends) == ()


def test_a_clock_that_jumped_back_gives_no_power() -> None:
    """A request dated before the authority's enrolment has none."""
    assert "enrolled-recently" in emergency_lacks(BKA, (CALL, HEARD), "mail", AT - timedelta(days=400))


@given(
    st.lists(
        st.builds(
            CallBack,
            by=st.sampled_from(["staff-1", "staff-2"]),
            authority=st.just("bka"),
            number=st.sampled_from(["+49 611 550", "+49 611 551", ""]),
            channel=st.sampled_from(["phone", "mail", "post"]),
            spoke_to=st.just("x"),
            confirmed=st.booleans(),
        ),
        max_size=5,
    )
)
def test_one_person_alone_never_suffices(calls: list[CallBack]) -> None:
    """Whatever is on record: without two people who heard a confirmation over a known number something lacks."""
    lacks = emergency_lacks(BKA, tuple(calls), "mail", AT)
    heard = {call.by for call in calls if call.confirmed and call.channel != "mail" and call.number == "+49 611 550"}
    assert lacks or len(heard) == 2
    assert all(lack in SENTENCES for lack in lacks)


def activity(ago_h: float, instrument: str = "tco-removal", country: str = "DE") -> Activity:
    """An earlier request."""
    return Activity(at=AT - timedelta(hours=ago_h), instrument=instrument, country=country)


def test_what_is_unlike_the_account() -> None:
    """Volume, place and subject, each by itself; the ordinary is none of them."""
    now = activity(0)
    assert unusual(BKA, [activity(n) for n in range(1, 5)], now) == ()
    assert unusual(BKA, [activity(n) for n in range(1, 6)], now)[0].startswith("volume: 6")
    busy = [activity(48 + n / 10) for n in range(4)]
    assert unusual(BKA, [*busy, *(activity(n) for n in range(1, 9))], now) == ()
    assert unusual(BKA, [], activity(0, country="RU"))[0].startswith("place: names RU")
    old = [activity(24.0 * n) for n in range(2, 12)]
    assert unusual(BKA, old, activity(0, "emergency-disclosure"))[0].startswith("subject")
    assert unusual(BKA, old[:9], activity(0, "emergency-disclosure")) == ()


@given(st.lists(st.integers(0, 2000), max_size=40), st.integers(-5000, 5000))
def test_a_clock_that_jumps_does_no_harm(hours: list[int], jump: int) -> None:
    """Total for any instants, in any order, in the future too."""
    moved = Activity(at=AT + timedelta(hours=jump), instrument="epoc", country="")
    assert isinstance(unusual(BKA, [activity(h) for h in hours], moved), tuple)
