"""Gathering: who comes at the same time is worked on together, and everybody gets their own answer."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from evenhand.flow.gathering import ENOUGH, GROUP_MAX, Gathering
from evenhand.vocabulary.errors import Conflict, EvenhandError, Fatal


class Work:
    """Doubles numbers behind a gate; -1 conflicts, -2 breaks its whole group, -3 ends the process."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.gate = threading.Event()
        self.came = threading.Semaphore(0)

    def __call__(self, asked: Sequence[int]) -> list[int | EvenhandError]:
        """Answer a group once the gate is open."""
        self.groups.append(list(asked))
        self.came.release()
        assert self.gate.wait(10)
        if -2 in asked:
            raise ValueError("no number")
        if -3 in asked:
            raise Fatal("the disk is gone")
        return [Conflict("not now") if one == -1 else 2 * one for one in asked]


def hand_in_behind(work: Work, asked: Sequence[int]) -> "list[int | BaseException]":
    """Return what each caller got, all of them in line behind a group that is under way."""
    gathering: Gathering[int, int] = Gathering()

    def call(one: int) -> int | BaseException:
        try:
            return gathering.hand_in(one, work)
        except (EvenhandError, ValueError) as error:
            return error

    with ThreadPoolExecutor(1 + len(asked)) as pool:
        busy = pool.submit(call, 0)
        assert work.came.acquire(timeout=10)
        waiting = []
        for n, one in enumerate(asked, 1):
            waiting.append(pool.submit(call, one))
            while len(gathering._line) + sum(map(len, work.groups[1:])) < n:
                threading.Event().wait(0.001)
        work.gate.set()
        assert busy.result(10) == 0
        return [one.result(10) for one in waiting]


def test_alone_a_caller_waits_for_nobody() -> None:
    """One after the other, each is a group of one."""
    work, gathering = Work(), Gathering[int, int]()
    work.gate.set()
    assert [gathering.hand_in(n, work) for n in range(3)] == [0, 2, 4]
    assert work.groups == [[0], [1], [2]]


def test_who_is_in_line_goes_together() -> None:
    """All who came while groups were under way are the next one, in order, and each gets their own answer."""
    work = Work()
    assert hand_in_behind(work, range(10, 40)) == [2 * n for n in range(10, 40)]
    assert work.groups[1:] == [list(range(10, 40))]


def test_enough_in_line_set_off_beside_the_first() -> None:
    """Two groups may be under way once the second is worth it; whoever comes then waits for one of them."""
    work = Work()
    assert hand_in_behind(work, range(ENOUGH + 3)) == [2 * n for n in range(ENOUGH + 3)]
    assert work.groups == [[0], list(range(ENOUGH)), list(range(ENOUGH, ENOUGH + 3))]


def test_a_group_has_an_end() -> None:
    """What is more than a group's worth goes with the next one."""
    work = Work()
    assert len(hand_in_behind(work, range(ENOUGH + GROUP_MAX + 5))) == ENOUGH + GROUP_MAX + 5
    assert sorted(len(group) for group in work.groups) == [1, 5, ENOUGH, GROUP_MAX]


def test_an_error_is_its_own_callers() -> None:
    """A conflict is told to one; what breaks the group is found by doing each alone."""
    work = Work()
    one, conflict, two = hand_in_behind(work, [1, -1, 2])
    assert (one, two) == (2, 4)
    assert isinstance(conflict, Conflict)
    work = Work()
    one, broken, two = hand_in_behind(work, [1, -2, 2])
    assert (one, two) == (2, 4)
    assert isinstance(broken, ValueError)


def test_a_fault_of_ours_reaches_everyone_and_is_not_tried_again() -> None:
    """Once the docket has failed nobody of the group is told anything else."""
    work = Work()
    assert all(isinstance(one, Fatal) for one in hand_in_behind(work, [1, -3, 2]))
    assert len(work.groups) == 2


def test_many_threads_get_what_they_asked_for() -> None:
    """No answer is lost or swapped, whoever leads."""
    work, gathering = Work(), Gathering[int, int]()
    work.gate.set()
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(lambda n: gathering.hand_in(n, work), range(2000))) == [2 * n for n in range(2000)]
    assert gathering._leading == 0
    assert not gathering._line


def test_a_caller_that_is_interrupted_leaves_nobody_asleep() -> None:
    """An exception that is no error ends the leader's call; those who waited are told that nobody knows."""
    gathering, gate, led = Gathering[int, int](), threading.Event(), threading.Semaphore(0)

    def work(asked: Sequence[int]) -> list[int]:
        led.release()
        assert gate.wait(10)
        if len(asked) > 1:
            raise KeyboardInterrupt
        return list(asked)

    def call(one: int) -> object:
        try:
            return gathering.hand_in(one, work)
        except (KeyboardInterrupt, Fatal) as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        pool.submit(call, 0)
        assert led.acquire(timeout=10)
        others = [pool.submit(call, 10 + n) for n in range(3)]
        while len(gathering._line) < len(others):
            threading.Event().wait(0.001)
        gate.set()
        ends = [one.result(10) for one in others]
    assert [type(one) for one in ends].count(KeyboardInterrupt) == 1
    assert [type(one) for one in ends].count(Fatal) == len(others) - 1
    with pytest.raises(Fatal):
        raise next(one for one in ends if isinstance(one, Fatal))
    assert gathering.hand_in(7, list) == 7


def test_much_from_one_caller_is_answered_one_by_one() -> None:
    """Errors of one's own are answers; more than a group holds is done in groups, in order."""
    work, gathering = Work(), Gathering[int, int]()
    work.gate.set()
    first, conflict, *rest = gathering.hand_in_all([1, -1, *range(GROUP_MAX)], work)
    assert (first, rest) == (2, [2 * n for n in range(GROUP_MAX)])
    assert isinstance(conflict, Conflict)
    assert [len(group) for group in work.groups] == [GROUP_MAX, 2]
    with pytest.raises(Fatal):
        gathering.hand_in_all([1, -3], work)
