"""What is late calls someone."""

from datetime import datetime

import msgspec

from evenhand.desk.story import Move
from evenhand.flow.office import Deed, Office, do
from evenhand.vocabulary.case import Act, CaseFile
from evenhand.vocabulary.commit import Effect, Stream, commit_key
from evenhand.vocabulary.errors import Conflict
from evenhand.vocabulary.places import DUE, instant_key

CALLED_AT_ONCE = 500
_ENCODE = msgspec.json.Encoder().encode


def call_overdue(office: Office, *, at: datetime) -> int:
    """Mark open cases whose deadline has passed and call somebody for them; called by a clock. Return how many."""
    called = 0
    while late := office.queries.places(DUE, until=instant_key(at), limit=CALLED_AT_ONCE):
        marked = sum(_mark(office, line.stream, at) for line in late)
        called += marked
        if not marked:
            break
    return called


def _mark(office: Office, case: Stream, at: datetime) -> bool:
    def rule(file: CaseFile) -> Deed:
        if not file.is_open or file.overdue:
            raise Conflict("it is not late any more")
        body = _ENCODE({"case": case.hex(), "queue": file.queue, "why": "overdue"})
        page = Effect(kind="page.person", key=commit_key(at.date(), b"overdue", case), body=body, subject=None)
        return Deed(moves=(Move("case.overdue", Act(by="clock")),), effects=(page,))

    try:
        do(office, case, at, rule)
    except Conflict:
        return False
    return True
