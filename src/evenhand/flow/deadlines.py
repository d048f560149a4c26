"""What is late calls someone."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from evenhand.desk.story import Move
from evenhand.flow.office import Deed, Office, do
from evenhand.views.desk import line_of
from evenhand.views.records import PlaceRow
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import Act, CaseFile
from evenhand.vocabulary.commit import Commit, Effect, Stream, commit_key
from evenhand.vocabulary.errors import Conflict
from evenhand.vocabulary.places import DUE, instant_key

CALLED_AT_ONCE = 500
_ENCODE = encode


def call_overdue(office: Office, *, at: datetime) -> int:
    """Call somebody for open cases whose deadline has passed, and mark them; called by a clock. Return how many.

    One call tells of all that is late at this tick; it goes first: nothing is marked for which nobody is called.
    """
    called = 0
    while late := office.queries.places(DUE, until=instant_key(at), limit=CALLED_AT_ONCE):
        office.docket.commit([_call(late, at)])
        marked = sum(_mark(office, line.stream, at) for line in late)
        called += marked
        if not marked:
            break
    return called


def _call(late: Sequence[PlaceRow], at: datetime) -> Commit:
    # Whoever reads the call may stand outside the wall: what is behind it has no name there.
    queues = Counter(line.queue for line in map(line_of, late) if not line.walled)
    body = _ENCODE({"cases": len(late), "queues": dict(sorted(queues.items())), "why": "overdue"})
    key = commit_key(at.date(), b"overdue", late[0].sort, late[-1].sort)
    page = Effect(kind="page.person", key=commit_key(at.date(), b"page", key), body=body, subject=None)
    return Commit(key=key, effects=(page,))


def _mark(office: Office, case: Stream, at: datetime) -> bool:
    def rule(file: CaseFile) -> Deed:
        if not file.is_open or file.overdue:
            raise Conflict("it is not late any more")
        return Deed(moves=(Move("case.overdue", Act(by="clock")),))

    try:
        do(office, case, at, rule)
    except Conflict:
        return False
    return True
