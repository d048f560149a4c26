"""A thread that calls each job when it is due; one that fails is tried again, a fatal fault ends the desk."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from evenhand.vocabulary.errors import EvenhandError, Fatal

Job = Callable[[datetime], object]
_LOG = logging.getLogger("evenhand.clock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticking:
    """A job and its pace.

    Attributes:
        name: For the operator's log.
        every_s: Seconds between two calls.
        job: Called with the instant (aware UTC).
    """

    name: str
    every_s: float
    job: Job


class Clock:
    """Calls jobs one after the other in a thread of its own, from `start` to `stop`."""

    def __init__(
        self, jobs: Sequence[Ticking], on_fatal: Callable[[], None], *, patience_s: float | None = None
    ) -> None:
        self._jobs = tuple(jobs)
        self._patience_s = patience_s
        self._on_fatal = on_fatal
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop after the job under way; one that outlasts the clock's patience is left to end with the process."""
        self._stopping.set()
        self._thread.join(self._patience_s)

    def _run(self) -> None:
        due = dict.fromkeys(range(len(self._jobs)), _now())
        while not self._stopping.is_set():
            for n, job in enumerate(self._jobs):
                if due[n] <= (now := _now()) and not self._stopping.is_set():
                    if not self._call(job, now):
                        return
                    # Not `due + pace`: after a long sleep (a suspended machine) one call is enough.
                    due[n] = now + timedelta(seconds=job.every_s)
            wait_s = (min(due.values()) - _now()).total_seconds() if due else 1.0
            self._stopping.wait(max(0.01, min(wait_s, 1.0)))

    def _call(self, ticking: Ticking, now: datetime) -> bool:
        try:
            ticking.job(now)
        except Fatal:
            _LOG.exception("%s: the desk stops", ticking.name)
            self._on_fatal()
            return False
        except (EvenhandError, OSError):
            _LOG.exception("%s failed; it is called again when it is next due", ticking.name)
        return True


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the clock comes in here
