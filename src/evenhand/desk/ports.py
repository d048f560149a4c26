"""What the desk needs from outside."""

from collections.abc import Callable, Sequence
from typing import Protocol

from evenhand.vocabulary.commit import Commit, Outcome


class Docket(Protocol):
    """The desk's database, for writing. The only way in."""

    def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        """Make each commit durable, whole or not at all, the group in one transaction.

        Returns:
            One outcome for each commit, in order. When this returns, `Done` survives kill and power loss.
            Two commits with one key in a group: the first is done, the second is a duplicate.

        Raises:
            Fatal: A write or its flush failed; nobody may be acknowledged, the process must end.
        """
        ...


class Queue(Docket, Protocol):
    """A docket that takes acts in and writes them later, in the order in which they were handed in."""

    def hand_in(self, commits: Sequence[Commit]) -> Callable[[], list[Outcome]]:
        """Do as `commit` does, but return at once what waits until they are durable, and raises what `commit` would.

        Raises:
            Fatal: An earlier write failed: nothing was handed in.
        """
        ...
