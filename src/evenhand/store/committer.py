"""Who wants something committed hands it in and waits; it goes in together with what else is waiting."""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Self

from evenhand.desk.ports import Docket
from evenhand.vocabulary.commit import Commit, Outcome
from evenhand.vocabulary.errors import Fatal

GROUP_MAX = 4096
GROUP_WHILE_URGENT = 256
"""How many a group holds at most, bulk included, while something urgent waits."""
WAITING_MAX = 65_536
"""How many bulk commits may wait; who hands in more is held up until there is room."""
_THREADS = 2
"""One prepares the next group while the other one's is being written."""

_Waiting = tuple[Commit, "Future[Outcome]"]


class Committer:
    """Groups commits from any number of threads; urgent ones first. Nobody is answered before the group is durable."""

    def __init__(self, docket: Docket) -> None:
        self._docket = docket
        self._changed = threading.Condition()
        self._urgent: deque[_Waiting] = deque()
        self._bulk: deque[_Waiting] = deque()
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
        return self._hand_in([commit])[0]

    def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        """Hand in each and wait for all (`desk.ports.Docket`); they go in whole, not in one transaction.

        They are handed in together, so that as far as there is room they go in together.
        """
        handed_in: list[Future[Outcome]] = []
        for start in range(0, len(commits), GROUP_MAX):
            handed_in += self._hand_in(commits[start : start + GROUP_MAX])
        return [future.result() for future in handed_in]

    def _hand_in(self, commits: Sequence[Commit]) -> "list[Future[Outcome]]":
        futures: list[Future[Outcome]] = [Future() for _ in commits]
        with self._changed:
            if not all(commit.urgent for commit in commits):
                self._changed.wait_for(lambda: self._ended() or len(self._bulk) < WAITING_MAX)
            if self._ended():
                raise self._failure or Fatal("the committer is closed")
            for commit, future in zip(commits, futures, strict=True):
                (self._urgent if commit.urgent else self._bulk).append((commit, future))
            self._changed.notify_all()
        return futures

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

    def _next_group(self) -> list[_Waiting]:
        """Wait for work and take it, urgent first; an empty list: there will be none."""
        group: list[_Waiting] = []
        with self._changed:
            while not group:
                self._changed.wait_for(lambda: self._ended() or self._urgent or self._bulk)
                if not self._urgent and not self._bulk:
                    break
                bulk_until = GROUP_WHILE_URGENT if self._urgent else GROUP_MAX
                _take(self._urgent, GROUP_MAX, group)
                _take(self._bulk, bulk_until, group)
            self._changed.notify_all()
        return group

    def _commit(self, group: Sequence[_Waiting]) -> None:
        """Commit a group and answer those who wait for it."""
        failure: Fatal | None = Fatal("the committer met an error that it does not know; the docket may lack this act")
        try:
            outcomes = self._docket.commit([commit for commit, _ in group])
            failure = None
        except Fatal as error:
            failure = error
        except (ValueError, TypeError, OverflowError) as error:
            failure = None
            self._commit_apart(group, error)
        else:
            for (_, future), outcome in zip(group, outcomes, strict=True):
                future.set_result(outcome)
        finally:
            if failure is not None:
                self._stop(group, failure)

    def _commit_apart(self, group: Sequence[_Waiting], error: Exception) -> None:
        """Commit one by one, since the group holds what cannot be stored: only who handed that in is told so."""
        if len(group) == 1:
            group[0][1].set_exception(error)
            return
        for one in group:
            if self._failure is None:
                self._commit([one])
            else:
                one[1].set_exception(self._failure)

    def _stop(self, group: Sequence[_Waiting], failure: Fatal) -> None:
        """Tell everyone who waits that nothing more will be written, and write nothing more."""
        with self._changed:
            self._failure = self._failure or failure
            waiting = [*group, *self._urgent, *self._bulk]
            self._urgent.clear()
            self._bulk.clear()
            self._changed.notify_all()
        for _, future in waiting:
            if future.running() or future.set_running_or_notify_cancel():
                future.set_exception(failure)


def _take(queue: deque[_Waiting], most: int, group: list[_Waiting]) -> None:
    """Move what waits into the group, but for what was called off."""
    while queue and len(group) < most:
        one = queue.popleft()
        if one[1].set_running_or_notify_cancel():
            group.append(one)
