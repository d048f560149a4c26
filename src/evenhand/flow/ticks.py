"""What time brings to the desk: windows close, deadlines pass, alarms call again, answers go out. Called by a clock."""

from datetime import datetime

import msgspec

from evenhand.flow.alarm import call_again
from evenhand.flow.deadlines import call_overdue
from evenhand.flow.deciding import close_proposals
from evenhand.flow.decision import Chance, decision_key, effect_key, reversal_key
from evenhand.flow.items import effect_reported
from evenhand.flow.office import Office, load_case
from evenhand.flow.quality import is_test
from evenhand.flow.telling import confirm_receipts
from evenhand.vocabulary.case import CaseFile, Origin
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.errors import Conflict
from evenhand.vocabulary.places import CHASED

_PAGE = 500


def tick(office: Office, *, at: datetime, chance: Chance) -> None:
    """Do what is due at the desk: every second."""
    close_proposals(office, at=at, chance=chance)
    confirm_receipts(office, at=at)
    call_overdue(office, at=at)
    call_again(office, at=at)
    settle(office, at=at)


def settle(office: Office, *, at: datetime) -> int:
    """Show as done what the platform has said that it did; return how many cases that was."""
    settled, after = 0, b""
    while lines := office.queries.places(CHASED, after=after, limit=_PAGE):
        settled += sum(_settle(office, line.stream, at) for line in lines)
        after = lines[-1].sort
    return settled


def _settle(office: Office, case: Stream, at: datetime) -> bool:
    file = load_case(office, case)
    if is_test(office, file):
        # Like any other: done a moment after it was decided.
        return _done(office, case, "done", at)
    reports = office.queries.records(_action_of(file))
    said = [msgspec.json.decode(row.body) for row in reports if row.kind == "action.reported" and row.body is not None]
    if not said or said[-1]["status"] not in ("done", "gone"):
        return False
    return _done(office, case, said[-1]["status"], at)


def _done(office: Office, case: Stream, status: str, at: datetime) -> bool:
    try:
        effect_reported(office, case, key=status, done=True, text=status, at=at)
    except Conflict:
        return False
    return True


def _action_of(file: CaseFile) -> Stream:
    """Return the stream of what the platform says of a decision's action: it is named by the effect's key."""
    assert file.decided_at is not None  # noqa: S101 - only decided cases are chased
    name = reversal_key if file.opened.origin is Origin.APPEAL else decision_key
    return Stream(effect_key(name(file.stream, file.decided_at), file.decided_at))
