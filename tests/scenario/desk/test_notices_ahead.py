"""Notices ruled on while those before them are on their way into the docket: the same as one after the other."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

from evenhand.flow.notices import receive_notice, receive_notices
from evenhand.flow.office import Office
from evenhand.store.memory import MemoryStore
from evenhand.views import desk
from evenhand.vocabulary.commit import Commit, Outcome, Stale
from evenhand.vocabulary.notice import NoticeState, Received
from scenario.desk.scene import NOON, notice, post
from scenario.desk.test_notices_together import mixture, seen, states


class Slow:
    """A docket that takes acts in and writes them once its gate is open, in their order."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.gate, self.came = inner, threading.Event(), threading.Semaphore(0)
        self.first: Callable[[], object] = int
        self.outcomes: list[Outcome] = []
        self._lock, self._waiting = threading.Lock(), list[tuple[Sequence[Commit], list[Outcome]]]()

    def hand_in(self, commits: Sequence[Commit]) -> Callable[[], list[Outcome]]:
        """Take acts in."""
        told: list[Outcome] = []
        self._waiting.append((commits, told))
        self.came.release()

        def land() -> list[Outcome]:
            assert self.gate.wait(10)
            with self._lock:
                first, self.first = self.first, int
                first()
                while self._waiting:
                    handed_in, outcomes = self._waiting.pop(0)
                    outcomes += self.inner.commit(handed_in)
                    self.outcomes += outcomes
            return told

        return land

    def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        """Write what waits, then these."""
        return self.hand_in(commits)()


def one_ahead(office: Office, slow: Slow, *groups: Sequence[Any]) -> list[Any]:
    """Return what became of two groups, the second of which is ruled on before the first is written."""
    behind = replace(office, docket=slow)
    with ThreadPoolExecutor(2) as pool:
        calls = []
        for group in groups:
            calls.append(pool.submit(receive_notices, behind, group))
            assert slow.came.acquire(timeout=10)
        slow.gate.set()
        return [one for call in calls for one in call.result(10)]


def test_one_ahead_is_as_one_after_the_other(office: Office) -> None:
    """Wherever a second group begins: the same cases, campaigns, counts, answers; nothing is ruled on twice."""
    sent = mixture()
    apart = [receive_notice(office, one) for one in sent]
    for cut in range(1, len(sent)):
        other = replace(office, docket=(store := MemoryStore()), queries=store)
        slow = Slow(store)
        assert one_ahead(other, slow, sent[:cut], sent[cut:]) == apart
        assert seen(other) == seen(office)
        assert not any(isinstance(one, Stale) for one in slow.outcomes)


def test_what_was_refused_takes_the_next_along(office: Office) -> None:
    """Somebody opens the case first: the group on its way is stale, and so is who joined what it would have opened."""
    before = notice("other", email="o@example.org", received_at=NOON - timedelta(days=1))
    slow = Slow(office.docket)
    slow.first = lambda: receive_notice(office, before)
    groups = [[notice(f"{name}-{n}", email=f"{name}{n}@example.org") for n in range(3)] for name in "ab"]
    answers = one_ahead(office, slow, groups[0], [*groups[1], notice("n-b", post("b"))])
    assert states(answers) == [*[NoticeState.JOINED] * 6, NoticeState.OPENED]
    assert [type(one) for one in slow.outcomes].count(Stale) >= 6
    counted = (
        office.queries.tallies(f"notices/{line.case.hex()}").values() for line in desk.open_cases(office.queries)
    )
    assert sorted(list(one) for one in counted) == [[1], [7]]


def test_a_key_is_known_over_midnight(office: Office) -> None:
    """The same notice on both sides of midnight is one, though the first is still on its way."""
    late = notice("k", received_at=NOON.replace(hour=23, minute=59))
    early = notice("k", received_at=NOON.replace(hour=0) + timedelta(days=1))
    slow = Slow(office.docket)
    behind = replace(office, docket=slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(receive_notice, behind, late)
        assert slow.came.acquire(timeout=10)
        second = pool.submit(receive_notices, behind, [early])
        assert not slow.came.acquire(timeout=0.1)
        slow.gate.set()
        [again] = second.result(10)
    assert isinstance(again, Received)
    assert (again.reference, again.again) == (first.result(10).reference, True)
