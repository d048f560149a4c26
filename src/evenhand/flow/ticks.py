"""What time brings to the desk: windows close, deadlines pass, alarms call again, answers go out. Called by a clock."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from evenhand.flow.action_reports import Report, Status, in_turn
from evenhand.flow.alarm import call_again
from evenhand.flow.concerned import tell_concerned
from evenhand.flow.counter import take_back_due
from evenhand.flow.deadlines import call_overdue
from evenhand.flow.deciding import close_proposals
from evenhand.flow.decision import Chance
from evenhand.flow.items import effect_reported, reported_deed, reported_key
from evenhand.flow.office import Office, act, commit_all, load_case
from evenhand.flow.opening import at_place
from evenhand.flow.telling import confirm_receipts
from evenhand.flow.telling_machine import tell_machine_decisions
from evenhand.flow.undoing import tell_anyway
from evenhand.vocabulary.commit import Commit, CommitKey, Done, Stale, Stream
from evenhand.vocabulary.errors import Conflict
from evenhand.vocabulary.places import CASE_OF_ACTION, LAST_DONE, TEST_DONE, case_fact, instant_key

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
    """Carry what the platform says that it did into the cases; return how many. Saying it again changes nothing.

    A person's action is found by its place. A machine's needs none: its case was opened in the act that asks for it.
    """
    settled = 0
    for group in in_turn(reports):
        cases = _cases_of(office, group)
        known = [(cases[one.id], one) for one in group if one.id in cases]
        first = dict(reversed(known))
        outcomes = dict(zip(first, commit_all(office, _settling(office, first, at)), strict=True))
        settled += sum(isinstance(outcome, Done) for outcome in outcomes.values())
        for case, one in known:
            if first[case] is not one or isinstance(outcomes[case], Stale):
                settled += _done(office, case, one.status, one.detail, at)
    return settled


def _settling(office: Office, reports: Mapping[Stream, Report], at: datetime) -> list[Commit]:
    """Return the acts by which reports reach their cases, a case each."""
    versions = office.queries.facts([case_fact(case) for case in reports])
    commits = []
    for case, one in reports.items():
        file = load_case(office, case)
        deed = reported_deed(office, file, one.status, one.detail, (), at)
        key = reported_key(case, f"{one.status} {one.detail}", at)
        commits.append(act(office, file, deed, at, versions[case_fact(case)], key)[1])
    return commits


def _cases_of(office: Office, reports: Sequence[Report]) -> dict[str, Stream]:
    """Return the decided cases that actions belong to, by the actions' ids."""
    keys = {report.id: CommitKey(bytes.fromhex(report.id)) for report in reports}
    placed = office.queries.at([(CASE_OF_ACTION, key) for key in keys.values()])
    found = {one: placed[CASE_OF_ACTION, key].stream for one, key in keys.items() if (CASE_OF_ACTION, key) in placed}
    rest = office.queries.effects_named([key for one, key in keys.items() if one not in found])
    for key, row in rest.items():
        if row.kind.startswith("platform."):
            kept = {(record.kind, record.stream) for record in office.queries.records_of_act(row.act)}
            decided = {stream for kind, stream in kept if kind == "decision" and ("case.opened", stream) in kept}
            if len(decided) == 1:
                found[key.hex()] = decided.pop()
    return found


def _done(
    office: Office, case: Stream, status: Status, detail: str, at: datetime, hidden: tuple[tuple[str, bytes], ...] = ()
) -> bool:
    try:
        effect_reported(office, case, key=f"{status} {detail}", status=status, text=detail, hidden=hidden, at=at)
    except Conflict:
        return False
    return True
