"""A decision: proposed, for a short while undone at will, then committed with all that follows from it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from evenhand.desk.story import Move
from evenhand.desk.strikes import STRIKES
from evenhand.flow.authors import sanction_ahead, step_ahead
from evenhand.flow.cases import require, require_holder, sealed_for, touched_place
from evenhand.flow.decision import Chance, decide
from evenhand.flow.decision_made import decision_of
from evenhand.flow.letters import prepared_for, restored_letter
from evenhand.flow.office import Deed, Office, do, is_test, load_case
from evenhand.flow.quality import without_outside
from evenhand.flow.reversal import close_appeal
from evenhand.flow.telling import answer_notifiers
from evenhand.statements.letter import Letter
from evenhand.views.desk import notices_of
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.case import Act, CaseFile, CaseState, Origin, Proposal, Proposed, Words
from evenhand.vocabulary.commit import Done, Stream
from evenhand.vocabulary.decision import RESTRICTIVE, Action
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.places import CLOSING, instant_key
from evenhand.vocabulary.rights import Right

CLOSED_AT_ONCE = 200
FACTS_CHARS_MAX = 5000


def propose_decision(office: Office, actor: Actor, case: Stream, proposal: Proposal, *, at: datetime) -> CaseFile:
    """Propose a decision: durable at once, undone at will until `closes_at`, then made by `close_proposals`.

    Where the case asks for four eyes and the decision restricts, it waits for a second person first.

    Raises:
        InputError: The proposal is not whole.
        Conflict: The case is not in the actor's hands.
        Denied: The actor may not decide it.
    """
    check_proposal(proposal)

    def rule(file: CaseFile) -> Deed:
        require(actor, Right.PROPOSE, file)
        require_holder(actor, file)
        check_outcome(file, proposal)
        preview_of(office, file, proposal, at=at)
        kind = "proposal.first" if needs_second(file, proposal) else "proposal"
        return Deed(
            moves=(
                Move(
                    "words",
                    Words(facts=proposal.facts, because=proposal.because, explanation=proposal.explanation),
                    sealed_for(file),
                ),
                Move(kind, Proposed(by=actor.id, proposal=bare(proposal), closes_at=at + office.undo)),
            )
        )

    return do(office, case, at, rule)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would be sent: shown before it is.

    Attributes:
        statement: For the EU database; None where none is needed.
        letter: For the affected person; None where nobody is told.
        answers: How many notifiers would be answered.
        needs_second: A second pair of eyes must agree first.
        sanction: Id of the sanction that would follow, "warning" among them; "" for none.
    """

    statement: dict[str, Any] | None
    letter: Letter | None
    answers: int
    needs_second: bool
    sanction: str


def preview(office: Office, actor: Actor, case: Stream, proposal: Proposal, *, at: datetime) -> Preview:
    """Return what a decision would send to whom, in the very bytes; nothing is written.

    Raises:
        InputError: The proposal is not whole, or something to be told is missing.
    """
    check_proposal(proposal)
    file = load_case(office, case)
    require(actor, Right.PROPOSE, file)
    check_outcome(file, proposal)
    return preview_of(office, file, proposal, at=at)


def preview_of(office: Office, file: CaseFile, proposal: Proposal, *, at: datetime) -> Preview:
    """Return what a proposal would send."""
    refuse_without_strikes(office, file, proposal, at)
    appeal = file.opened.origin is Origin.APPEAL and bool(file.opened.about)
    about = load_case(office, Stream(bytes.fromhex(file.opened.about))) if appeal else file
    words = words_of(proposal)
    item = about.snapshot or Snapshot(kind=about.opened.kind)
    decision = decision_of(about, proposal, words, item, at, b"")
    prepared = prepared_for(office, about, decision, proposal) if decision.action in RESTRICTIVE else None
    if prepared is not None and prepared.errors:
        field, reasons = next(iter(prepared.errors.items()))
        raise InputError(f"statement.{field}", reasons[0])
    letter = prepared.letter if prepared else restored_letter(office, about, decision)
    return Preview(
        statement=prepared.statement if prepared else None,
        letter=letter,
        answers=notices_of(office.queries, about.stream),
        needs_second=needs_second(file, proposal),
        sanction=sanction_ahead(office, about, proposal, at=at),
    )


def refuse_without_strikes(office: Office, file: CaseFile, proposal: Proposal, at: datetime) -> None:
    """Refuse a sanction whose strikes were lifted or have expired since its case was opened."""
    if file.opened.rule != STRIKES or file.opened.origin is Origin.APPEAL or proposal.action not in RESTRICTIVE:
        return
    if step_ahead(office, file, at) is None:
        raise InputError(
            "action", "no step of the table is due: the strikes that led here no longer count, or a sanction runs"
        )


def words_of(proposal: Proposal) -> Words:
    """Return what a proposal says in free words; it is kept apart, sealed for the author."""
    return Words(facts=proposal.facts, because=proposal.because, explanation=proposal.explanation)


def bare(proposal: Proposal) -> Proposal:
    """Return a proposal without its words."""
    return replace(proposal, facts="", because="", explanation="")


def check_proposal(proposal: Proposal) -> None:
    """Refuse a proposal that lacks what a decision must have."""
    if proposal.action in RESTRICTIVE and not proposal.facts.strip():
        raise InputError("facts", "a restriction needs its facts in your words (Art. 17(3)(b))")
    if len(proposal.facts) > FACTS_CHARS_MAX:
        raise InputError("facts", f"has more than {FACTS_CHARS_MAX} characters")
    if proposal.action is Action.GEO_RESTRICT and not proposal.territory:
        raise InputError("territory", "name the states in which it is restricted")
    if not proposal.policy.reference.strip():
        raise InputError("policy.reference", "name the article or the clause that applies")


def check_outcome(file: CaseFile, proposal: Proposal) -> None:
    """Refuse an outcome without an appeal, and an appeal without one."""
    appeal = file.opened.origin is Origin.APPEAL
    if appeal and proposal.outcome is None:
        raise InputError("outcome", "an appeal is upheld, partly granted or reversed")
    if not appeal and (proposal.outcome is not None or proposal.action is Action.RESTORE):
        raise InputError("outcome" if proposal.outcome else "action", "only an appeal undoes an earlier decision")


def needs_second(file: CaseFile, proposal: Proposal) -> bool:
    """Tell whether a second pair of eyes must agree: the gravest cases and listed targets, when it restricts."""
    return file.opened.four_eyes and proposal.action in RESTRICTIVE


def undo_proposal(office: Office, actor: Actor, case: Stream, *, at: datetime) -> CaseFile:
    """Take a proposal back while its window is open; only who proposed it can."""

    def rule(file: CaseFile) -> Deed:
        if file.proposed is None or file.proposed.by != actor.id:
            raise Conflict("there is no proposal of yours to take back")
        return Deed(moves=(Move("proposal.undone", Act(by=actor.id)),))

    return do(office, case, at, rule)[0]


def second(office: Office, actor: Actor, case: Stream, *, agrees: bool, text: str = "", at: datetime) -> CaseFile:
    """Be the second pair of eyes: agree, and the undo window opens; object, and somebody else begins anew."""

    def rule(file: CaseFile) -> Deed:
        require(actor, Right.SECOND, file)
        if file.proposed is None or file.state is not CaseState.SECONDING:
            raise Conflict(f"the case is {file.state.value}: nothing waits for a second person")
        if actor.id == file.proposed.by or actor.id in file.touched:
            raise Denied("you had this case in hand: the second pair of eyes is somebody else's")
        kind = "proposal.seconded" if agrees else "proposal.objected"
        move = Move(kind, Act(by=actor.id, text=text), sealed_for(file))
        return Deed(moves=(move,), places=(touched_place(office, actor.id, file),))

    return do(office, case, at, rule)[0]


def close_proposals(office: Office, *, at: datetime, chance: Chance) -> int:
    """Make the decisions whose undo window has closed; then answer those who wait. Called by a clock.

    Returns:
        How many decisions were made. Called again after a crash, it goes on where it stopped.
    """
    made = 0
    while due := office.queries.places(CLOSING, until=instant_key(at) + b"\xff" * 21, limit=CLOSED_AT_ONCE):
        closed = 0
        for line in due:
            try:
                closed += close_proposal(office, line.stream, at=at, chance=chance)
            except Conflict:
                continue  # undone or changed this moment; the next tick looks again
            except InputError as error:
                # What was whole when it was proposed is so no more (its end has passed): who proposed it sees why.
                _send_back(office, line.stream, str(error), at)
        made += closed
        if not closed:
            break
    answer_notifiers(office, at=at)
    return made


def _send_back(office: Office, case: Stream, why: str, at: datetime) -> None:
    undone = Deed(moves=(Move("proposal.undone", Act(by="clock", text=why)),))
    do(office, case, at, lambda _: undone)


def close_proposal(office: Office, case: Stream, *, at: datetime, chance: Chance) -> bool:
    """Make one decision whose window has closed; tell whether it was made now."""

    def rule(file: CaseFile) -> Deed:
        if file.state is not CaseState.PROPOSED or file.proposed is None or file.proposed.closes_at > at:
            raise Conflict("nothing is to be closed")
        refuse_without_strikes(office, file, file.proposed.proposal, at)
        deed = decide(office, file, at=at, chance=chance)
        return without_outside(office, file, deed, at) if is_test(office, file) else deed

    file = load_case(office, case)
    if file.opened.origin is Origin.APPEAL and file.proposed is not None:
        return close_appeal(office, case, at=at, chance=chance)
    _, outcome = do(office, case, at, rule)
    return isinstance(outcome, Done)
