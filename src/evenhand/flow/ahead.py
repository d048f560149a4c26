"""One group ahead: while a group is being made durable, the next one is ruled on as if it were.

Should the docket refuse the first, the facts that the second relies on are not at the version that it saw, and it is
ruled on again.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import date
from typing import Generic, TypeVar, cast

from evenhand.desk.ports import Docket, Queue
from evenhand.vocabulary.commit import Commit, Outcome

Look = TypeVar("Look")


class Ahead(Generic[Look]):
    """The group that was ruled on last and is not durable yet.

    Attributes:
        turn: Held while a group is ruled on and handed in: they go in in the order in which they were ruled on.
        outlook: What that group will have left; None: everything that was handed in is durable.
        days: The days (UTC) on which its notices came.
    """

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.outlook: Look | None = None
        self.days: frozenset[date] = frozenset()
        self._landed = threading.Event()

    def wait(self) -> None:
        """Wait until the group ahead is durable, or will never be."""
        if self.outlook is not None:
            self._landed.wait()

    def set_off(
        self, docket: Docket, commits: Sequence[Commit], outlook: Look, days: frozenset[date]
    ) -> Callable[[], list[Outcome]]:
        """Hand in a group's acts, with `turn` held; return what waits for their outcomes, without it."""
        if not hasattr(docket, "hand_in"):
            outcomes = docket.commit(commits)
            return lambda: outcomes
        wait = cast("Queue", docket).hand_in(commits)
        self.outlook, self.days, landed = outlook, days, threading.Event()
        self._landed = landed

        def land() -> list[Outcome]:
            try:
                return wait()
            finally:
                landed.set()
                if self.outlook is outlook:
                    self.outlook = None

        return land
