"""Who reads what the docket holds sealed, and what for: a record of the docket before the first row is read.

Where a desk is up and owns the docket, it writes the record on request (a file below `reads/`), and the reader waits
for it. There is no other way, for training and for audits alike: whoever administers the machine cannot take it back.
"""

import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from evenhand.views.records import RecordQueries
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.commit import Commit, Outcome, Record, Stream, commit_key
from evenhand.vocabulary.errors import InputError, InUse

WAIT_S = 20.0
CHARS_MAX = 200
What = Literal["decided-texts", "requests", "decisions"]
_KINDS = {"decided-texts": "training.read", "requests": "audit.read", "decisions": "audit.read"}
_ID = re.compile(r"[0-9a-f]{40}\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Who reads what, and what for.

    Attributes:
        since: From when on what is read was decided, aware UTC; None: all of it.
        at: Now, aware UTC.
    """

    by: str
    purpose: str
    what: What
    at: datetime
    since: datetime | None = None

    def commit(self) -> Commit:
        """Return the commit that records it.

        Raises:
            InputError: Nobody is named, or no purpose.
        """
        for name, value in (("--by", self.by), ("--purpose", self.purpose)):
            if not value.strip() or len(value) > CHARS_MAX:
                raise InputError(name, f"say in 1 to {CHARS_MAX} characters who reads the docket, and what for")
        stream = self.stream
        said = self.said()
        said.pop("at")
        record = Record(kind=_KINDS[self.what], stream=stream, at=self.at, subject=None, body=encode(said))
        return Commit(key=commit_key(self.at.date(), b"reading", stream), records=(record,))

    def said(self) -> dict[str, str]:
        """Return it as it is written to a request."""
        since = self.since.isoformat() if self.since else ""
        return {"by": self.by, "purpose": self.purpose, "what": self.what, "since": since, "at": self.at.isoformat()}

    @property
    def stream(self) -> Stream:
        """Return the stream of its record."""
        return Stream(commit_key(self.at.date(), b"reading", *(part.encode() for part in self.said().values())))


def record_reading(reading: Reading, commit: Any, directory: Path, queries: RecordQueries) -> None:
    """Record a reading, here or by the desk that is up; durable when it returns.

    Args:
        reading: Who reads what, and what for.
        commit: The docket's `commit`.
        directory: Of requests to the desk that is up.
        queries: The docket's read side.

    Raises:
        InputError: It is none, or was not recorded in time: nothing may be read.
    """
    recorded = reading.commit()
    try:
        commit([recorded])
    except InUse:
        ask_to_record(reading, directory, queries)


def ask_to_record(reading: Reading, directory: Path, queries: RecordQueries, wait_s: float = WAIT_S) -> None:
    """Ask the desk that is up to record a reading, and wait until it has.

    Raises:
        InputError: It did not, in time: nothing may be read.
    """
    reading.commit()
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / f"{reading.stream.hex()}.json"
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(reading.said()), "utf-8")
    fresh.replace(path)
    until = time.monotonic() + wait_s
    while not queries.records(reading.stream, limit=1):
        if time.monotonic() >= until:
            path.unlink(missing_ok=True)
            raise InputError("", "the process that has the docket does not record who reads; nothing was read")
        time.sleep(0.1)


def record_asked(directory: Path, commit: Any) -> list[Outcome]:
    """Record the readings that were asked for; called by a clock.

    Args:
        directory: Of requests.
        commit: The docket's `commit`.
    """
    found = [path for path in directory.glob("*.json") if _ID.fullmatch(path.name)] if directory.is_dir() else []
    outcomes: list[Outcome] = []
    for path in found:
        # What is no request of ours records nothing; whoever waits for it is told so.
        with suppress(ValueError, KeyError, TypeError, AttributeError, InputError):
            outcomes += commit([_parse(path.read_bytes()).commit()])
        path.unlink(missing_ok=True)
    return outcomes


def _parse(text: bytes) -> Reading:
    said = json.loads(text)
    return Reading(
        by=said["by"],
        purpose=said["purpose"],
        what=said["what"],
        since=datetime.fromisoformat(said["since"]) if said["since"] else None,
        at=datetime.fromisoformat(said["at"]),
    )
