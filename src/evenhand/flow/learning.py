"""Moderators' decisions out of the docket, with the texts that it holds sealed, for a classifier to learn from.

That somebody reads them, and what for, is a record of the docket before the first text is opened. Where a desk is up
and owns the docket, it writes the record on request (a file below `reads/`), and the reader waits for it.
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from evenhand.desk.story import tell
from evenhand.flow.office import PAGE, step_of
from evenhand.flow.train import Labelled
from evenhand.views.records import RecordQueries
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import CaseFile, Origin
from evenhand.vocabulary.commit import Commit, Outcome, Record, Stream, commit_key
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category
from evenhand.vocabulary.places import DECIDED, instant_key, keyed_hash
from evenhand.vocabulary.post import ItemKind

WAIT_S = 20.0
_FINE = (Action.NONE, Action.RESTORE)
_ID = re.compile(r"[0-9a-f]{40}\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Who reads decided texts, what for, and from when on they were decided.

    Attributes:
        at: Now, aware UTC.
    """

    by: str
    purpose: str
    since: datetime
    at: datetime

    def commit(self) -> Commit:
        """Return the commit that records it.

        Raises:
            InputError: Nobody is named, or no purpose.
        """
        for name, value in (("--by", self.by), ("--purpose", self.purpose)):
            if not value.strip() or len(value) > 200:
                raise InputError(name, "say in 1 to 200 characters who reads decided texts, and what for")
        said = {"by": self.by, "purpose": self.purpose, "since": self.since.isoformat()}
        stream = self.stream
        record = Record(kind="training.read", stream=stream, at=self.at, subject=None, body=encode(said))
        return Commit(key=commit_key(self.at.date(), b"training.read", stream), records=(record,))

    @property
    def stream(self) -> Stream:
        """Return the stream of its record."""
        parts = (self.by, self.purpose, self.since.isoformat(), self.at.isoformat())
        return Stream(commit_key(self.at.date(), b"training", *(part.encode() for part in parts)))


def ask_to_record(reading: Reading, directory: Path, queries: RecordQueries, wait_s: float = WAIT_S) -> None:
    """Ask the desk that is up to record a reading, and wait until it has.

    Raises:
        InputError: It did not, in time: nothing may be read.
    """
    reading.commit()
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / f"{reading.stream.hex()}.json"
    fresh = path.with_suffix(".new")
    said = {"by": reading.by, "purpose": reading.purpose}
    said |= {"since": reading.since.isoformat(), "at": reading.at.isoformat()}
    fresh.write_text(json.dumps(said), "utf-8")
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
        try:
            said = json.loads(path.read_bytes())
            reading = Reading(
                by=said["by"],
                purpose=said["purpose"],
                since=datetime.fromisoformat(said["since"]),
                at=datetime.fromisoformat(said["at"]),
            )
            outcomes += commit([reading.commit()])
        except (ValueError, KeyError, TypeError, AttributeError, InputError):
            pass  # no request of ours; whoever waits for it is told that nothing was recorded
        path.unlink(missing_ok=True)
    return outcomes


def decided_messages(queries: RecordQueries, since: datetime, index_key: bytes) -> Iterator[Labelled]:
    """Yield what moderators decided since then as labelled messages, in the order of the decisions.

    Spam is what was acted on as such, or as scam and fraud; ham is what was found fine. What was acted on for another
    reason is neither, and left out; so are erased texts, appeals, and what stands behind the child-safety wall.

    Args:
        queries: The docket's read side.
        since: Aware UTC.
        index_key: Under which authors are told apart without being named.
    """
    after = instant_key(since)
    while lines := queries.places(DECIDED, after=after, limit=PAGE):
        for line in lines:
            labelled = _labelled(_case(queries, line.stream), index_key)
            if labelled is not None:
                yield labelled
        after = lines[-1].sort


def _case(queries: RecordQueries, stream: Stream) -> CaseFile:
    rows = page = queries.records(stream, limit=PAGE)
    while len(page) == PAGE:
        page = queries.records(stream, after=page[-1].number, limit=PAGE)
        rows = rows + page
    return tell(stream, map(step_of, rows))


def _labelled(file: CaseFile, index_key: bytes) -> Labelled | None:
    item = file.snapshot
    if file.decision is None or item is None or not item.text.strip() or item.kind is not ItemKind.POST:
        return None
    if file.walled or file.opened.origin is Origin.APPEAL:
        return None
    proposal = file.decision.proposal
    spam = proposal.spam or proposal.policy.category is Category.SCAMS_AND_FRAUD
    fine = proposal.action in _FINE
    if not fine and not spam:
        return None
    author = item.author or item.channel
    return Labelled(
        source="docket",
        spam=not fine,
        text=item.text,
        by=file.decision.by,
        subject=keyed_hash(index_key, "author", author).hex() if author else "",
    )
