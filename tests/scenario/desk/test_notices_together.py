"""Notices that come at the same time: ruled on together, with the same outcome as one after the other."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace as with_fields

from evenhand.flow.notices import receive_notice, receive_notices
from evenhand.flow.office import Office
from evenhand.store.memory import MemoryStore
from evenhand.views import desk
from evenhand.vocabulary.commit import Commit, Outcome, Stale
from evenhand.vocabulary.notice import Notice, NoticeState, Received
from evenhand.vocabulary.places import BAND, CAMPAIGNS
from scenario.desk.scene import NOON, notice, post

CAMPAIGN = "This channel must go at once because it spreads lies about all of us and everybody knows it, {}."


def states(answers: Sequence[object]) -> list[NoticeState]:
    """Return what became of each."""
    assert all(isinstance(one, Received) for one in answers)
    return [one.state for one in answers if isinstance(one, Received)]


def mixture() -> list[Notice]:
    """Return notices in which each depends on one before it."""
    by_url = replace(post("a"), item_id="", author="", channel="", content_sha256="", text="")
    unread = replace(post("b"), content_sha256="", text="")
    return [
        notice("1", post("a")),
        notice("2", post("a"), email="b@example.org"),
        notice("3", by_url, email="c@example.org"),
        notice("4", post("b"), post("a"), email="d@example.org"),
        notice("5", unread, email="e@example.org"),
        notice("6", post("c"), reasons="bad"),
        *(notice(f"c-{n}", post("d"), reasons=CAMPAIGN.format(n), email=f"p{n}@example.org") for n in range(12)),
        notice("7", post("a"), name="", email="f@example.org"),
    ]


def seen(office: Office) -> tuple[Any, ...]:
    """Return what pages show of a desk."""
    lines = [(line.case, line.queue, line.harm) for line in desk.open_cases(office.queries)]
    campaigns = [row.stream for row in office.queries.places(CAMPAIGNS)]
    bands = [(row.sort, row.stream, row.label) for row in office.queries.places(BAND)]
    return lines, campaigns, bands, dict(office.queries.tallies(""))


def test_together_is_as_one_after_the_other(office: Office) -> None:
    """The same cases, campaigns, counts and answers, and references in the same order."""
    other = replace(office, docket=(store := MemoryStore()), queries=store)
    together = receive_notices(office, mixture())
    apart = [receive_notice(other, one) for one in mixture()]
    assert together == apart
    assert seen(office) == seen(other)
    assert states(together)[:6] == [
        NoticeState.OPENED,
        NoticeState.JOINED,
        NoticeState.JOINED,
        NoticeState.OPENED,
        NoticeState.JOINED,
        NoticeState.INCOMPLETE,
    ]


def test_the_same_key_twice_in_a_group(office: Office) -> None:
    """The second gets the first one's answer, marked as such."""
    one, again = receive_notices(office, [notice(), notice()])
    assert isinstance(one, Received)
    assert again == with_fields(one, again=True)
    assert len(desk.open_cases(office.queries)) == 1


class Late:
    """A docket in front of which somebody else is first, once."""

    def __init__(self, inner: Any, first: Any) -> None:
        self.inner, self.first = inner, first
        self.outcomes: list[Outcome] = []

    def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        """Let the other one go first, then commit."""
        if self.first is not None:
            first, self.first = self.first, None
            first()
        outcomes = self.inner.commit(commits)
        self.outcomes.extend(outcomes)
        return outcomes


@pytest.mark.parametrize(("days", "stale"), [(0, 1), (1, 3)])
def test_a_group_that_comes_late_is_ruled_again(office: Office, days: int, stale: int) -> None:
    """Somebody opens the case between look and commit: all of the group join that case, never one that is not there.

    A case is named by its day, content and version: the same day's is the one that the group counted on.
    """
    before = notice("other", email="o@example.org", received_at=NOON - timedelta(days=days))
    late = Late(office.docket, lambda: receive_notice(office, before))
    group = [notice(f"n-{n}", email=f"p{n}@example.org") for n in range(3)]
    answers = receive_notices(replace(office, docket=late), [*group, notice("n-b", post("b"))])
    assert states(answers) == [*[NoticeState.JOINED] * 3, NoticeState.OPENED]
    assert [type(one) for one in late.outcomes].count(Stale) == stale
    lines = desk.open_cases(office.queries)
    assert len(lines) == 2
    counted = (office.queries.tallies(f"notices/{line.case.hex()}").values() for line in lines)
    assert sorted(list(one) for one in counted) == [[1], [4]]


def test_from_many_threads(office: Office) -> None:
    """Hundreds at once about few posts: one case a post, each notice counted, no reference twice."""
    sent = [notice(f"n-{n}", post(f"p-{n % 7}"), email=f"p{n}@example.org") for n in range(210)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda one: receive_notice(office, one), sent))
    assert states(answers).count(NoticeState.OPENED) == 7
    assert states(answers).count(NoticeState.JOINED) == 203
    assert len({one.reference for one in answers}) == len(sent)
    lines = desk.open_cases(office.queries)
    assert len(lines) == 7
    counted = [office.queries.tallies(f"notices/{line.case.hex()}") for line in lines]
    assert [list(one.values()) for one in counted] == [[30]] * 7
