"""What the log needs from the docket."""

from typing import Protocol


class EntryQueue(Protocol):
    """Committed entries, numbered in commit order without gaps: an entry's number is its leaf's index."""

    def entry_count(self) -> int:
        """Return how many entries are committed."""
        ...

    def entries(self, start: int, stop: int) -> list[bytes]:
        """Return the entries numbered start ≤ n < stop (both within the count), in order."""
        ...

    def signed_head(self) -> tuple[int, bytes]:
        """Return size and root (32 bytes) of the newest tree that may have been signed; (0, SHA-256("")) at first."""
        ...

    def set_signed_head(self, size: int, root: bytes) -> None:
        """Make durable that a head of this size and root is about to be signed; sizes only grow."""
        ...
