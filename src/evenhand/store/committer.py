"""Who wants something committed hands it in and waits; it goes in together with what else is waiting."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import islice
from typing import Any, Self

from evenhand.desk.ports import Docket
from evenhand.vocabulary.commit import Commit, Outcome
from evenhand.vocabulary.errors import Fatal

GROUP_MAX = 4096
GROUP_WHILE_URGENT = 256
"""How many a group holds at most, bulk included, while something urgent waits."""
PIECE_MAX = 128
"""How many of what one caller hands in go in together for certain; a group ends between two pieces."""
AHEAD_FROM = 64
"""How much bulk must wait for a group to be prepared while another one is being written."""
WAITING_MAX = 65_536
"""How many bulk commits may wait; who hands in more is held up until there is room."""
_THREADS = 2
"""One prepares the next group while the other one's is being written."""


class _Waiting:
    """What one caller handed in at once and goes into one group, and who is told."""

    __slots__ = ("alone", "commits", "future")

    def __init__(self, commits: Sequence[Commit], *, alone: bool = False) -> None:
        """Take commits; `alone`: the future is answered with the one outcome instead of a list."""
        self.commits, self.alone = commits, alone
        self.future: Future[Any] = Future()

    def answer(self, outcomes: list[Outcome]) -> None:
        """Tell what came of them."""
        self.future.set_result(outcomes[0] if self.alone else outcomes)


class Committer:
    """Groups commits from any number of threads; urgent ones first. Nobody is answered before the group is durable."""

    def __init__(self, docket: Docket) -> None:
        self._docket = docket
        self._changed = threading.Condition()
        self._urgent: deque[_Waiting] = deque()
        self._bulk: deque[_Waiting] = deque()
        self._bulk_waits = self._at_work = 0
        self._closed = False
        self._failure: Fatal | None = None
        self._threads = [threading.Thread(target=self._work, name=f"committer-{n}") for n in range(_THREADS)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        """Return the committer."""
        return self

    def __exit__(self, *_: object) -> None:
        """Finish what waits and stop."""
        self.close()

    def submit(self, commit: Commit) -> "Future[Outcome]":
        """Hand in a commit; its future is answered once the commit is durable, stale or a duplicate.

        Waits while too much bulk is waiting already.

        Raises:
            Fatal: An earlier write failed, or the committer is closed: nothing was handed in.
        """
        one = _Waiting([commit], alone=True)
        self._hand_in([one])
        return one.future

    def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        """Hand in each and wait for all (`desk.ports.Docket`); they go in whole, not in one transaction."""
        return self.hand_in(commits)()

    def hand_in(self, commits: Sequence[Commit]) -> Callable[[], list[Outcome]]:
        """Do as `commit` does, but return at once what waits for the outcomes (`desk.ports.Queue`).

        Of what is handed in after this, nothing of the same urgency goes in before it.
        """
        places = [[n for n, one in enumerate(commits) if one.urgent is urgent] for urgent in (True, False)]
        pieces = [some[at : at + PIECE_MAX] for some in places for at in range(0, len(some), PIECE_MAX)]
        waiting = [_Waiting([commits[n] for n in piece]) for piece in pieces]
        self._hand_in(waiting)

        def outcomes() -> list[Outcome]:
            told: dict[int, Outcome] = {}
            for one, piece in zip(waiting, pieces, strict=True):
                told.update(zip(piece, one.future.result(), strict=True))
            return [told[n] for n in range(len(commits))]

        return outcomes

    def _hand_in(self, waiting: "Sequence[_Waiting]") -> None:
        with self._changed:
            if not all(one.commits[0].urgent for one in waiting):
                self._changed.wait_for(lambda: self._ended() or self._bulk_waits < WAITING_MAX)
            if self._ended():
                raise self._failure or Fatal("the committer is closed")
            for one in waiting:
                urgent = one.commits[0].urgent
                self._bulk_waits += 0 if urgent else len(one.commits)
                (self._urgent if urgent else self._bulk).append(one)
            self._changed.notify_all()

    def close(self) -> None:
        """Finish what waits, then stop. Once a write has failed there is nothing left to finish."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _ended(self) -> bool:
        return self._closed or self._failure is not None

    def _work(self) -> None:
        while group := self._next_group():
            self._commit(group)
            with self._changed:
                self._at_work -= 1
                self._changed.notify_all()

    def _next_group(self) -> list[_Waiting]:
        """Wait for work and take it, urgent first; an empty list: there will be none."""
        group: list[_Waiting] = []
        with self._changed:
            while not group:
                self._changed.wait_for(self._is_worth_it)
                if not self._urgent and not self._bulk:
                    break
                bulk_until = GROUP_WHILE_URGENT if self._urgent else GROUP_MAX
                _take(self._urgent, GROUP_MAX, group)
                self._bulk_waits -= _take(self._bulk, bulk_until, group)
            self._at_work += bool(group)
            self._changed.notify_all()
        return group

    def _is_worth_it(self) -> bool:
        """Tell whether a group is to go now: what is little waits for the one that is being written, and grows."""
        if self._ended() or self._urgent:
            return True
        return self._bulk_waits >= AHEAD_FROM or (self._bulk_waits > 0 and not self._at_work)

    def _commit(self, group: Sequence[_Waiting]) -> None:
        """Commit a group and answer those who wait for it."""
        failure: Fatal | None = Fatal("the committer met an error that it does not know; the docket may lack this act")
        try:
            outcomes = iter(self._docket.commit([commit for one in group for commit in one.commits]))
            failure = None
        except Fatal as error:
            failure = error
        except (ValueError, TypeError, OverflowError) as error:
            failure = None
            self._commit_apart(group, error)
        else:
            for one in group:
                one.answer(list(islice(outcomes, len(one.commits))))
        finally:
            if failure is not None:
                self._stop(group, failure)

    def _commit_apart(self, group: Sequence[_Waiting], error: Exception) -> None:
        """Commit one by one, since the group holds what cannot be stored: only who handed that in is told so."""
        for one in group:
            if self._failure is not None:
                one.future.set_exception(self._failure)
            elif len(group) > 1:
                self._commit([one])
            elif len(one.commits) > 1:
                self._commit_each(one, error)
            else:
                one.future.set_exception(error)

    def _commit_each(self, waiting: _Waiting, error: Exception) -> None:
        """Commit what one caller handed in act by act; the caller is told of what cannot be stored."""
        apart = [_Waiting([commit]) for commit in waiting.commits]
        for one in apart:
            one.future.set_running_or_notify_cancel()
        self._commit_apart(apart, error)
        failed = [found for one in apart if (found := one.future.exception()) is not None]
        if failed:
            waiting.future.set_exception(failed[0])
        else:
            waiting.answer([outcome for one in apart for outcome in one.future.result()])

    def _stop(self, group: Sequence[_Waiting], failure: Fatal) -> None:
        """Tell everyone who waits that nothing more will be written, and write nothing more."""
        with self._changed:
            self._failure = self._failure or failure
            waiting = [*group, *self._urgent, *self._bulk]
            self._urgent.clear()
            self._bulk.clear()
            self._changed.notify_all()
        for one in waiting:
            if one.future.running() or one.future.set_running_or_notify_cancel():
                one.future.set_exception(failure)


def _take(queue: deque[_Waiting], most: int, group: list[_Waiting]) -> int:
    """Move what waits into the group, but for what was called off; return how many commits left the queue."""
    left, size = 0, sum([len(one.commits) for one in group])
    while queue and (not group or size + len(queue[0].commits) <= most):
        one = queue.popleft()
        left += len(one.commits)
        if one.future.set_running_or_notify_cancel():
            group.append(one)
            size += len(one.commits)
    return left
