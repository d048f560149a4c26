"""`/api/v1/requests`: what authorities ask in law's name, from a token that the desk gave to one of them."""

import hashlib
from datetime import datetime
from typing import Annotated, Any

import msgspec
from django.http import Http404, HttpRequest
from ninja import Header, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import ConfigDict, Field

from evenhand.doors.http.body import NOT_BLANK, Body
from evenhand.doors.http.frame import REFUSALS, NeedsScope
from evenhand.doors.http.tokens import Scope
from evenhand.flow.authorities import authority_of
from evenhand.flow.follow import Followed, follow
from evenhand.flow.intake import TOKEN, Accepted, accept_message, accept_request
from evenhand.flow.requests import load_matter, matter_of
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.matter import Incoming
from evenhand.vocabulary.request import AskKind, DataCategory, Instrument, IssuerKind, Request

router = Router(auth=NeedsScope(Scope.REQUESTS), tags=["requests"])

_KEY = Header(default="", alias="Idempotency-Key", pattern=r"^[\x21-\x7e]{0,200}$")
_Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
_Short = Annotated[str, Field(max_length=300)]
_Long = Annotated[str | None, Field(max_length=20_000)]


class IssuerIn(Body):
    """Who asks."""

    name: _Short
    country: Annotated[_Country, Field(description="ISO 3166-1 alpha-2, or EU for an institution.")]
    kind: IssuerKind
    address: Annotated[str | None, Field(max_length=320)] = None


class AskIn(Body):
    """One thing that is asked for."""

    id: Annotated[str, Field(min_length=1, max_length=100, description="Twice the same: all are numbered anew.")]
    kind: AskKind
    data: Annotated[list[DataCategory], Field(max_length=4, default_factory=list)]
    targets: Annotated[list[_Short], Field(max_length=1000, default_factory=list)]


class FormIn(Body):
    """A request in its form's fields. When it was received, whether its signature holds: that is ours to say."""

    instrument: Instrument
    issuer: IssuerIn
    asks: Annotated[list[AskIn], Field(max_length=200)]
    legal_basis: _Long = None
    offence: _Long = None
    validated_by: IssuerKind | None = None
    territory: Annotated[list[_Country], Field(max_length=60, default_factory=list)]
    emergency: _Long = None
    reasons: _Long = None
    redress: _Long = None
    language: Annotated[str | None, Field(max_length=20)] = None
    confidential_until: datetime | None = None


class RequestIn(Body):
    """A request: the form, free text, or both."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "anyOf": [
                {"required": ["request"], "properties": {"request": {"type": "object"}}},
                {"required": ["text"], "properties": {"text": {"minLength": 1}}},
            ]
        },
    )

    request: FormIn | None = None
    text: Annotated[str, Field(max_length=100_000)] = ""
    language: Annotated[str, Field(pattern="^[A-Z]{2}$", description="Of what we write, ISO 639-1.")] = "EN"


class AcceptedOut(Schema):
    """What became of it when it came in."""

    reference: Annotated[str, Field(description="Follow it with this.")]
    received_at: str
    receipt: Annotated[str, Field(description="A signed note: check it with `evenhand receipt verify`.")]


class ReceiptOut(Schema):
    """A receipt, and its proof once the log has it."""

    receipt: str
    proof: Annotated[str, Field(description="The .tlog-proof; empty until the log has it.")]


class RequestOut(Schema):
    """How a request stands, for who sent it."""

    reference: str
    state: Annotated[str, Field(description="received, in work, waiting for you, or answered.")]
    received_at: str
    due_at: Annotated[str, Field(description="When our answer is due; empty where there is no deadline.")]
    answer_until: Annotated[str, Field(description="Until when we wait for yours; empty where we asked nothing.")]
    text: Annotated[str, Field(description="Our answer or question, exactly as it was sent; empty before.")]
    sha256: Annotated[str, Field(description="Of that text's UTF-8 bytes.")]
    receipts: list[ReceiptOut]


class TextIn(Body):
    """An answer to our question."""

    text: Annotated[str, Field(pattern=NOT_BLANK, max_length=100_000)]


@router.post("", response={201: AcceptedOut, 200: AcceptedOut, **REFUSALS}, summary="Send a request")
def post_request(request: HttpRequest, body: RequestIn, idempotency_key: Annotated[str, _KEY]) -> Status[Any]:
    """Keep a request as it came and answer with its receipt; the same key again gets the same answer with 200."""
    if body.request is None and not body.text:
        raise InputError("", "has neither a form nor a text")
    raw, now, name = bytes(request.body), request.desk.now(), request.token.name
    known = authority_of(request.desk.office, request.desk.identifier(), name)
    incoming = Incoming(
        key=idempotency_key or hashlib.sha256(raw).hexdigest(),
        received_at=now,
        raw=raw,
        entrance="api",
        sender=TOKEN + name,
        authority=known.id if known else "",
        verified="registry" if known else "none",
        request=_form(body.request, now) if body.request else None,
        text=body.text,
        language=body.language,
    )
    accepted = accept_request(request.desk.office, _pen(request), incoming, authority=known)
    return Status(200 if accepted.again else 201, _accepted(accepted))


@router.get("/{reference}", response={200: RequestOut, **REFUSALS}, summary="How a request stands")
def get_request(request: HttpRequest, reference: str) -> dict[str, Any]:
    """Return what its sender may see; to any other token there is no such request."""
    return _shown(request, _matter(request, reference))


@router.post("/{reference}/messages", response={200: AcceptedOut, **REFUSALS}, summary="Answer a question")
def post_message(request: HttpRequest, reference: str, body: TextIn) -> dict[str, Any]:
    """Keep an answer to our question and return its receipt; the clock of what is now complete starts."""
    stream = _matter(request, reference)
    raw = bytes(request.body)
    return _accepted(accept_message(request.desk.office, _pen(request), stream, body.text, raw, at=request.desk.now()))


def _matter(request: HttpRequest, reference: str) -> Stream:
    """Return the matter, if this token sent it; 404 in the words for what is not there otherwise."""
    try:
        stream = matter_of(request.desk.office, reference)
    except InputError as error:
        raise Http404 from error
    kept = load_matter(request.desk.office, stream).kept
    if kept is None or kept.sender != TOKEN + request.token.name:
        raise Http404
    return stream


def _shown(request: HttpRequest, stream: Stream) -> dict[str, Any]:
    found: Followed = follow(request.desk.office, stream)
    return {
        "reference": found.reference,
        "state": found.state,
        "received_at": found.received_at.isoformat(),
        "due_at": found.due_at.isoformat() if found.due_at else "",
        "answer_until": found.answer_until.isoformat() if found.answer_until else "",
        "text": found.text,
        "sha256": found.sha256,
        "receipts": [
            {"receipt": one.note.decode("utf-8"), "proof": one.proof.decode("utf-8") if one.proof else ""}
            for one in request.desk.receipts(stream)
        ],
    }


def _accepted(accepted: Accepted) -> dict[str, str]:
    return {
        "reference": accepted.reference,
        "received_at": accepted.received_at.isoformat(),
        "receipt": accepted.receipt,
    }


def _form(form: FormIn, received_at: datetime) -> Request:
    """Return the form as a request; nobody has looked at a signature yet."""
    if form.confidential_until is not None and form.confidential_until.tzinfo is None:
        raise InputError("request.confidential_until", "has no time zone; RFC 3339 needs one")
    asks = [ask.model_dump() for ask in form.asks]
    if len({ask["id"] for ask in asks}) != len(asks):
        asks = [ask | {"id": str(number)} for number, ask in enumerate(asks, 1)]
    return msgspec.convert(form.model_dump() | {"asks": asks, "received_at": received_at}, Request)


def _pen(request: HttpRequest) -> Any:
    if request.desk.pen is None:
        raise HttpError(503, "This desk gives no receipts.")
    return request.desk.pen
