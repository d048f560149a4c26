"""`/api/v1/matters/{reference}`: what those concerned may do from their reference: follow, answer, appeal."""

import hashlib
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from evenhand.doors.http.body import NOT_BLANK, Body
from evenhand.doors.http.frame import REFUSALS, NeedsScope
from evenhand.doors.http.tokens import Scope
from evenhand.flow.appeals import receive_appeal
from evenhand.flow.conversation import Followed, answer, follow_link
from evenhand.flow.intake import appeal_receipt
from evenhand.flow.letter_box import propose_from_link
from evenhand.flow.wrong_door import shipped_door_model
from evenhand.vocabulary.appeal import Appeal
from evenhand.vocabulary.errors import Conflict, InputError

_RIGHT = "Where authorities write to, if what was sent reads like their request; a person looks at it then."
router = Router(auth=NeedsScope(Scope.NOTICES), tags=["matters"])


class MessageOut(Schema):
    """One message of the conversation: never whose of the desk, never another party's."""

    at: str
    ours: bool
    text: str


class MatterOut(Schema):
    """How a matter stands for who holds its reference."""

    party: Annotated[str, Field(description="notifier or affected.")]
    state: Annotated[
        str, Field(description="received, in review, decided, reversed; without a case incomplete or suspended.")
    ]
    missing: Annotated[list[str], Field(description="Fields that an incomplete notice lacks.")]
    item: str
    decision: Annotated[str, Field(description="What was decided, in a word; empty while nothing is.")]
    may_appeal_until: Annotated[str, Field(description="Last day, or empty where there is nothing to appeal against.")]
    messages: list[MessageOut]
    right_address: Annotated[str, Field(description=_RIGHT)] = ""


class TextIn(Body):
    """What somebody writes."""

    text: Annotated[str, Field(pattern=NOT_BLANK, max_length=20_000)]


class AppealOut(Schema):
    """The appeal's own reference, and its receipt."""

    reference: str
    receipt: Annotated[str, Field(description="A signed note; empty where this desk gives none.")]
    right_address: Annotated[str, Field(description=_RIGHT)] = ""


def _shown(found: Followed) -> dict[str, Any]:
    messages = [{"at": line.at.isoformat(), "ours": line.ours, "text": line.text} for line in found.thread]
    return {
        "party": found.party,
        "state": found.state,
        "item": found.item,
        "missing": list(found.missing),
        "decision": found.decided_action,
        "may_appeal_until": found.may_appeal_until,
        "messages": messages,
    }


@router.get("/{reference}", response={200: MatterOut, **REFUSALS}, summary="How a matter stands")
def get_matter(request: HttpRequest, reference: str) -> dict[str, Any]:
    """Return what the holder of a reference may see."""
    return _shown(_matter(request, reference))


@router.post("/{reference}/messages", response={200: MatterOut, **REFUSALS}, summary="Answer a question")
def post_message(request: HttpRequest, reference: str, body: TextIn) -> dict[str, Any]:
    """Write to the desk from a reference; the same words again change nothing on the same day."""
    if not _matter(request, reference).may_write:
        raise Conflict("there is no case behind this reference")
    found = answer(request.desk.office, reference, body.text, key=_key(request, reference), at=request.desk.now())
    return _shown(found) | {"right_address": _right_address(request, reference, body.text, "conversation")}


@router.post("/{reference}/appeals", response={201: AppealOut, 200: AppealOut, **REFUSALS}, summary="Appeal")
def post_appeal(request: HttpRequest, reference: str, body: TextIn) -> Status[Any]:
    """Ask for a decision to be looked at again (Art. 20), within six months, by somebody else than who made it."""
    _matter(request, reference)
    appeal = Appeal(
        key=_key(request, reference),
        received_at=request.desk.now(),
        reference=reference,
        text=body.text,
        raw=bytes(request.body),
    )
    try:
        appealed = receive_appeal(request.desk.office, appeal)
    except InputError as error:
        # Nothing in what was sent is wrong: there is nothing, or no longer anything, to appeal against.
        raise Conflict(error.reason) from error
    desk = request.desk
    receipt = appeal_receipt(desk.office, desk.pen, appeal, appealed) if desk.pen else ""
    right = _right_address(request, reference, body.text, "appeal")
    said = {"reference": appealed.reference, "receipt": receipt, "right_address": right}
    return Status(200 if appealed.again else 201, said)


def _right_address(request: HttpRequest, reference: str, text: str, door: str) -> str:
    """Return the authorities' address if this reads like an authority's request; a person looks at it then."""
    desk, raw = request.desk, bytes(request.body)
    proposed = propose_from_link(desk.office, shipped_door_model(), reference, text, raw, door=door, at=desk.now())
    return str(desk.settings.authorities_address) if proposed else ""


def _matter(request: HttpRequest, reference: str) -> Followed:
    """Return the matter behind a reference; 404 for what nobody was given, in the words for what is not there."""
    try:
        return follow_link(request.desk.office, reference)
    except InputError as error:
        raise Http404 from error


def _key(request: HttpRequest, reference: str) -> str:
    """Return the act's key: of this party, so that the other one's same words are never taken for theirs."""
    return f"{reference}/{request.headers.get('Idempotency-Key', '') or hashlib.sha256(request.body).hexdigest()}"
