"""Where a call's processor time went, stage by stage: told in the answer's `Server-Timing` header."""

import time
from collections import defaultdict


class Stopwatch:
    """Adds up this thread's processor time by stage; other threads' work for the call is not in it."""

    def __init__(self) -> None:
        self._since_ns = time.thread_time_ns()
        self._spent_ns: dict[str, int] = defaultdict(int)

    def __call__(self, stage: str) -> None:
        """Note that a stage is done: what was spent since the last note is its."""
        now = time.thread_time_ns()
        self._spent_ns[stage] += now - self._since_ns
        self._since_ns = now

    def header(self) -> str:
        """Return the header's value: milliseconds by stage.

        Source:
            Server Timing (W3C), the header field.
        """
        return ", ".join(f"{stage};dur={spent / 1e6:.3f}" for stage, spent in self._spent_ns.items())


def read_timing(header: str) -> dict[str, int]:
    """Return the microseconds by stage that a `Server-Timing` header tells."""
    stages = (part.strip().partition(";dur=") for part in header.split(",") if part.strip())
    return {stage: round(1000 * float(spent)) for stage, _, spent in stages}
