"""What time brings to the desk: windows close, deadlines pass, alarms call again, answers go out. Called by a clock."""

from collections.abc import Sequence
from datetime import datetime

from evenhand.flow.actions import Report
from evenhand.flow.alarm import call_again
from evenhand.flow.concerned import tell_concerned
from evenhand.flow.counter import take_back_due
from evenhand.flow.deadlines import call_overdue
from evenhand.flow.deciding import close_proposals
from evenhand.flow.decision import Chance
from evenhand.flow.items import effect_reported
from evenhand.flow.office import Office, load_case
from evenhand.flow.opening import at_place
from evenhand.flow.telling import confirm_receipts
from evenhand.flow.telling_machine import tell_machine_decisions
from evenhand.flow.undoing import tell_anyway
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.errors import Conflict
from evenhand.vocabulary.places import CASE_OF_ACTION, LAST_DONE, TEST_DONE, instant_key

_PAGE = 500


def tick(office: Office, *, at: datetime, chance: Chance) -> None:
    """Do what is due at the desk: every second. Alarms first: nothing that fails below may keep them silent."""
    call_again(office, at=at)
    call_overdue(office, at=at)
    tell_anyway(office, at=at)
    close_proposals(office, at=at, chance=chance)
    confirm_receipts(office, at=at)
    tell_machine_decisions(office, at=at)
    tell_concerned(office, at=at)
    take_back_due(office, at=at, chance=chance)
    _seem_done(office, at)


def _seem_done(office: Office, at: datetime) -> None:
    """Show test cases as done once the platform has carried out what was decided no earlier: never before the rest."""
    newest = at_place(office, LAST_DONE, LAST_DONE.encode())
    if newest is None:
        return
    for line in office.queries.places(TEST_DONE, until=instant_key(at), limit=_PAGE):
        decided_at = load_case(office, line.stream).decided_at
        if decided_at is not None and instant_key(decided_at) <= newest[1]:
            _done(office, line.stream, "done", "", at, hidden=((TEST_DONE, line.sort),))


def settle_reports(office: Office, reports: Sequence[Report], *, at: datetime) -> int:
    """Carry what the platform says that it did into the cases; return how many. Saying it again changes nothing."""
    keys = {report.id: bytes.fromhex(report.id) for report in reports}
    found = office.queries.at([(CASE_OF_ACTION, key) for key in keys.values()])
    settled = 0
    for report in reports:
        if (there := found.get((CASE_OF_ACTION, keys[report.id]))) is not None:
            settled += _done(office, there.stream, report.status, report.detail, at)
    return settled


def _done(
    office: Office, case: Stream, status: str, detail: str, at: datetime, hidden: tuple[tuple[str, bytes], ...] = ()
) -> bool:
    try:
        effect_reported(
            office, case, key=f"{status} {detail}", done=status != "failed", text=detail, hidden=hidden, at=at
        )
    except Conflict:
        return False
    return True
