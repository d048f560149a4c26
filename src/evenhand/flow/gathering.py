"""Many callers at once, one look and one commit: who comes while a group is under way goes with the next one.

There is no thread of its own: a caller that finds nobody at work leads a group and answers it, then lets the next one
in line lead; once enough wait, one of them leads a second group beside the first. A caller that is alone pays for one
lock; one with much to hand in does so in groups.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from evenhand.vocabulary.errors import EvenhandError, Fatal, Fault

GROUP_MAX = 256
LEADERS = 2
"""While one group is being written, the next one is worked on: the work itself says when its turn is over."""
ENOUGH = 64
"""How many must wait before a second group sets off beside the first: smaller ones are better gathered on."""

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class _Waiting(Generic[Asked, Answer]):
    """What a caller handed in, and the latch at which the caller sleeps."""

    __slots__ = ("answers", "asked", "failure", "latch", "leads")

    def __init__(self, asked: Sequence[Asked]) -> None:
        self.asked = asked
        self.answers: Sequence[Answer | EvenhandError] = ()
        self.failure: BaseException | None = None
        self.leads: list[_Waiting[Asked, Answer]] = []
        self.latch = threading.Lock()
        self.latch.acquire()


class Gathering(Generic[Asked, Answer]):
    """Gathers what threads hand in, in the order in which they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: deque[_Waiting[Asked, Answer]] = deque()
        self._leading = self._waits = 0

    def hand_in(self, asked: Asked, work: Callable[[Sequence[Asked]], Sequence[Answer | EvenhandError]]) -> Answer:
        """Return the answer to `asked`, worked out together with what others hand in.

        Args:
            asked: One caller's.
            work: The same for all callers: one answer for each that was asked, in order; errors are raised here.
                When it raises, each caller's part of its group is worked on alone, so it must bear to be repeated.
        """
        [answer] = self._handed_in([asked], work)
        if isinstance(answer, EvenhandError):
            raise answer
        return answer

    def hand_in_all(
        self, asked: Sequence[Asked], work: Callable[[Sequence[Asked]], Sequence[Answer | EvenhandError]]
    ) -> list[Answer | EvenhandError]:
        """Return the answers to what one caller hands in at once; errors that are one's own are answers here."""
        answers: list[Answer | EvenhandError] = []
        for start in range(0, len(asked), GROUP_MAX):
            answers += self._handed_in(asked[start : start + GROUP_MAX], work)
        return answers

    def _handed_in(
        self, asked: Sequence[Asked], work: Callable[[Sequence[Asked]], Sequence[Answer | EvenhandError]]
    ) -> Sequence[Answer | EvenhandError]:
        one: _Waiting[Asked, Answer] = _Waiting(asked)
        with self._lock:
            self._line.append(one)
            self._waits += len(asked)
            group = self._set_off()
        if not group:
            one.latch.acquire()
            group = one.leads
        if group:
            self._lead(group, one, work)
        if one.failure is not None:
            raise one.failure
        return one.answers

    def _set_off(self) -> "list[_Waiting[Asked, Answer]]":
        """Take those who are in line, if another group may set off now; the lock is held."""
        enough = 1 if self._leading == 0 else ENOUGH
        if self._leading == LEADERS or self._waits < enough:
            return []
        self._leading += 1
        group = [self._line.popleft()]
        asked = len(group[0].asked)
        while self._line and asked + len(self._line[0].asked) <= GROUP_MAX:
            group.append(self._line.popleft())
            asked += len(group[-1].asked)
        self._waits -= asked
        return group

    def _lead(
        self,
        group: "list[_Waiting[Asked, Answer]]",
        leader: "_Waiting[Asked, Answer]",
        work: Callable[[Sequence[Asked]], Sequence[Answer | EvenhandError]],
    ) -> None:
        try:
            _answer(group, work)
        finally:
            self._hand_over()
            for other in group:
                if other is not leader:
                    other.latch.release()

    def _hand_over(self) -> None:
        """Stop leading, and let the first in line lead those who are in it."""
        with self._lock:
            self._leading -= 1
            group = self._set_off()
        if group:
            group[0].leads = group
            group[0].latch.release()


def _answer(
    group: "list[_Waiting[Asked, Answer]]", work: Callable[[Sequence[Asked]], Sequence[Answer | EvenhandError]]
) -> None:
    for one in group:
        one.failure = Fatal("the group met an error that nobody knows; whether this was done is not known")
    try:
        answers = work([asked for one in group for asked in one.asked])
    except Exception as error:  # noqa: BLE001 - it is raised again in the thread of whoever caused it
        _answer_apart(group, work, error)
        return
    start = 0
    for one in group:
        stop = start + len(one.asked)
        one.answers, one.failure = answers[start:stop], None
        start = stop


def _answer_apart(
    group: "list[_Waiting[Asked, Answer]]",
    work: Callable[[Sequence[Asked]], Sequence[Answer | EvenhandError]],
    error: Exception,
) -> None:
    """Do each alone: one of them raised, and only that one's caller is to know; a docket that failed stays failed."""
    if len(group) == 1 or isinstance(error, Fault):
        for one in group:
            one.failure = error
        return
    for one in group:
        _answer([one], work)
