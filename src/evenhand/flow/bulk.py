"""Many cases decided at once: a cluster or a search, after a sample of it was looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from evenhand.access.rules import rights
from evenhand.desk.story import Move
from evenhand.flow.cases import require, sealed_for, touched_place
from evenhand.flow.deciding import bare, check_outcome, check_proposal, needs_second, undo_proposal, words_of
from evenhand.flow.decision import Chance
from evenhand.flow.office import Deed, Office, do, step_of, story_of
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import Act, CaseFile, CaseState, Proposal, Proposed
from evenhand.vocabulary.commit import Commit, Record, Stream, commit_key
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.rights import Right

CASES_MAX = 5000
SAMPLE = 10
"""How many are looked at first; all of them where there are fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """`bulk`: cases that are to be decided together.

    Attributes:
        sample: Those that must be opened first.
    """

    id: str
    by: str
    begun_at: datetime
    cases: tuple[str, ...]
    sample: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOutcome:
    """What came of it: how many were proposed, and why the others were not, by case in hex."""

    proposed: int
    left: dict[str, str]


_BULK = msgspec.json.Decoder(Bulk)


def begin_bulk(office: Office, actor: Actor, cases: Sequence[Stream], *, at: datetime, chance: Chance) -> Bulk:
    """Name the cases, and draw by lot those that must be looked at first.

    Raises:
        Denied: The actor may not decide many at once.
        InputError: There are none, or too many.
    """
    if Right.BULK not in rights(actor):
        raise Denied("your role does not include deciding many at once")
    if not 0 < len(cases) <= CASES_MAX:
        raise InputError("cases", f"1 to {CASES_MAX} cases can be decided together")
    drawn = chance(16)
    lots = sorted(set(cases), key=lambda case: commit_key(date(1970, 1, 1), drawn, case))
    bulk = Bulk(
        id=commit_key(at.date(), b"bulk", drawn).hex(),
        by=actor.id,
        begun_at=at,
        cases=tuple(case.hex() for case in sorted(set(cases))),
        sample=tuple(case.hex() for case in lots[:SAMPLE]),
    )
    stream = Stream(bytes.fromhex(bulk.id))
    record = Record(kind="bulk", stream=stream, at=at, subject=None, body=encode(bulk))
    office.docket.commit([Commit(key=commit_key(at.date(), b"bulk", stream), records=(record,))])
    return bulk


def propose_bulk(office: Office, actor: Actor, bulk_id: str, proposal: Proposal, *, at: datetime) -> BulkOutcome:
    """Propose one decision for all cases of a bulk; each has its own undo window and its own reasons.

    Left out, with the reason: those that need a second pair of eyes, that somebody has in hand, or that the actor may
    not have.

    Raises:
        Conflict: The sample was not looked at.
    """
    check_proposal(proposal)
    bulk = load_bulk(office, actor, bulk_id)
    unseen = [case for case in bulk.sample if not _opened_since(office, actor, bulk, case)]
    if unseen:
        raise Conflict(f"look at the sample first: {len(unseen)} of {len(bulk.sample)} cases are not opened yet")
    proposed, left = 0, {}
    for case in bulk.cases:
        try:
            _propose_one(office, actor, Stream(bytes.fromhex(case)), proposal, at)
        except (Conflict, Denied, InputError) as error:
            left[case] = str(error)
        else:
            proposed += 1
    return BulkOutcome(proposed=proposed, left=left)


def undo_bulk(office: Office, actor: Actor, bulk_id: str, *, at: datetime) -> int:
    """Take back all proposals of a bulk whose windows are open; return how many."""
    undone = 0
    for case in load_bulk(office, actor, bulk_id).cases:
        try:
            undo_proposal(office, actor, Stream(bytes.fromhex(case)), at=at)
        except Conflict:
            continue
        undone += 1
    return undone


def load_bulk(office: Office, actor: Actor, bulk_id: str) -> Bulk:
    """Return a bulk that the actor has begun."""
    try:
        rows = office.queries.records(Stream(bytes.fromhex(bulk_id)), limit=1)
    except ValueError as error:
        raise InputError("bulk", "there is no such bulk") from error
    if not rows or rows[0].kind != "bulk" or rows[0].body is None:
        raise InputError("bulk", "there is no such bulk")
    bulk = _BULK.decode(rows[0].body)
    if bulk.by != actor.id:
        raise Denied("somebody else has begun this bulk and looked at its sample")
    return bulk


def _opened_since(office: Office, actor: Actor, bulk: Bulk, case: str) -> bool:
    steps = map(step_of, story_of(office, Stream(bytes.fromhex(case))))
    return any(
        step.kind == "access" and step.at >= bulk.begun_at and step.body is not None and step.body.by == actor.id
        for step in steps
    )


def _propose_one(office: Office, actor: Actor, case: Stream, proposal: Proposal, at: datetime) -> None:
    def rule(file: CaseFile) -> Deed:
        require(actor, Right.PROPOSE, file)
        check_outcome(file, proposal)
        if needs_second(file, proposal):
            raise Conflict("needs a second pair of eyes: decide it by itself")
        if file.state is not CaseState.WAITING and not (file.state is CaseState.CLAIMED and file.holder == actor.id):
            raise Conflict(f"the case is {file.state.value}")
        if file.state is CaseState.WAITING and actor.id in file.touched:
            raise Denied("you had this item before: somebody else decides")
        claim = (Move("case.claimed", Act(by=actor.id)),) if file.state is CaseState.WAITING else ()
        proposed = Proposed(by=actor.id, proposal=bare(proposal), closes_at=at + office.undo)
        return Deed(
            moves=(*claim, Move("words", words_of(proposal), sealed_for(file)), Move("proposal", proposed)),
            places=(touched_place(office, actor.id, file),),
        )

    do(office, case, at, rule)
