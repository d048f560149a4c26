"""Whose fault it is, as a tree.

    EvenhandError
    ├── InputError      theirs: names the field and the reason; nothing was lost, nothing was done
    ├── Denied          they may not
    ├── Conflict        what they build on has changed
    └── Fault           ours
        ├── Retryable   not done; the same call may succeed later
        ├── Unknown     outcome unknown: resolve by the idempotency key
        └── Fatal       leave the process; start-up recovery takes over
            └── InUse   another process has the docket

Foreign exceptions are translated once, at the parser's or driver's edge.
"""


class EvenhandError(Exception):
    """Anything that Evenhand itself raises."""


class InputError(EvenhandError):
    """What came in cannot be used.

    Attributes:
        field: Path of the field inside what was sent ("media[0].pdq"), or "" for the whole of it.
        reason: One sentence for the sender.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


class Denied(EvenhandError):
    """The actor lacks the right."""


class Conflict(EvenhandError):
    """What the act relies on has changed since it was read."""


class Fault(EvenhandError):
    """Our own failure."""


class Retryable(Fault):
    """Nothing was done; try again."""


class Unknown(Fault):
    """The outcome is unknown; the idempotency key tells it."""


class Fatal(Fault):
    """The process must end; start-up recovery uses the same code as the write path."""


class InUse(Fatal):
    """Another process has the docket: there is one committer."""
