"""Disputes before certified out-of-court bodies (Art. 21): the referral, and what came of it."""

from datetime import datetime, timedelta

from evenhand.desk.story import Move
from evenhand.flow.cases import require, sealed_for
from evenhand.flow.office import Deed, Office, do
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.appeal import Dispute, DisputeEnd, DisputeOutcome
from evenhand.vocabulary.case import CaseFile
from evenhand.vocabulary.commit import Place, Stream, Tally
from evenhand.vocabulary.errors import Conflict, InputError
from evenhand.vocabulary.places import DISPUTE, by_instant
from evenhand.vocabulary.rights import Right

BODY_HAS = timedelta(days=90)
"""Calendar days that a body has from its receipt (Art. 21(4)); 180 in highly complex cases."""


def record_referral(
    office: Office, actor: Actor, case: Stream, body: str, body_reference: str, *, received_at: datetime, at: datetime
) -> CaseFile:
    """Keep that a certified body has taken up a dispute about a decided case.

    Args:
        office: The desk.
        actor: Who records it.
        case: The decided case.
        body: The certified body.
        body_reference: Its own file number.
        received_at: When the body received the complaint; its 90 days run from then.
        at: Now.

    Raises:
        InputError: The body or its reference is not named.
        Conflict: Nothing has been decided yet.
    """
    if not body.strip() or not body_reference.strip():
        raise InputError("body", "name the certified body and its file number")
    dispute = Dispute(
        body=body.strip(), body_reference=body_reference.strip(), received_at=received_at, due_at=received_at + BODY_HAS
    )

    def rule(file: CaseFile) -> Deed:
        require(actor, Right.SEALED, file)
        if file.is_open:
            raise Conflict("nothing has been decided yet: there is no dispute about it")
        place = Place(view=DISPUTE, sort=by_instant(dispute.due_at, case), stream=case)
        return Deed(
            moves=(Move("dispute", dispute, sealed_for(file)),),
            places=(place,),
            tallies=(Tally("dispute/referred", 1),),
        )

    return do(office, case, at, rule)[0]


def record_outcome(
    office: Office,
    actor: Actor,
    case: Stream,
    body_reference: str,
    outcome: DisputeOutcome,
    *,
    implemented: bool,
    why: str = "",
    at: datetime,
) -> CaseFile:
    """Keep what a body said, and whether it was done. It does not bind: what is not done needs a reason.

    Raises:
        InputError: It was not implemented, and nobody says why.
        Conflict: No such dispute is open.
    """
    against = outcome in (DisputeOutcome.FOR_PERSON, DisputeOutcome.PARTLY)
    if against and not implemented and not why.strip():
        raise InputError("why", "say why the outcome is not implemented")
    lines = [line for line in office.queries.places(DISPUTE, limit=10_000) if line.stream == case]
    if not lines:
        raise Conflict("no dispute is open about this case")

    def rule(file: CaseFile) -> Deed:
        require(actor, Right.SEALED, file)
        end = DisputeEnd(body_reference=body_reference, outcome=outcome, implemented=implemented, why=why)
        done = (Tally("dispute/implemented", 1),) if against and implemented else ()
        return Deed(
            moves=(Move("dispute.outcome", end, sealed_for(file)),),
            drops=((DISPUTE, lines[0].sort),),
            tallies=(Tally(f"dispute/{outcome.value}", 1), *done),
        )

    return do(office, case, at, rule)[0]
