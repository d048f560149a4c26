"""`/api/v1/notices`: notices about somebody's content (DSA Art. 16), from platforms' own forms and from partners."""

import base64
import binascii
import hashlib
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Router, Schema, Status
from pydantic import Field

from evenhand.doors.http.frame import REFUSALS, Body, NeedsScope
from evenhand.doors.http.items import ItemIn, snapshot
from evenhand.doors.http.tokens import Scope
from evenhand.flow.intake import notice_receipt
from evenhand.flow.letter_box import propose_request
from evenhand.flow.notices import receive_notice, subject_for
from evenhand.flow.wrong_door import shipped_door_model
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category, Keyword
from evenhand.vocabulary.notice import Attachment, Notice, NoticeState

router = Router(auth=NeedsScope(Scope.NOTICES), tags=["notices"])

FILES_MAX = 10
_KEY = Header(default="", alias="Idempotency-Key", pattern=r"^[\x21-\x7e]{0,200}$")


class AttachmentIn(Body):
    """A file, as it is: its type is told from its bytes."""

    name: Annotated[str, Field(max_length=255)]
    content: Annotated[str, Field(description="Base 64.", max_length=24 << 20, json_schema_extra={"format": "byte"})]


class NoticeIn(Body):
    """A notice. What the law asks for and is missing is told in the answer; the notice is kept all the same."""

    items: Annotated[list[ItemIn], Field(max_length=50, default_factory=list, description="An exact location each.")]
    reasons: Annotated[str, Field(max_length=20_000, description="Why it is illegal or against the terms.")] = ""
    name: Annotated[str, Field(max_length=300)] = ""
    email: Annotated[str, Field(max_length=320)] = ""
    good_faith: Annotated[bool, Field(description="The notifier believes in good faith that this is right.")] = False
    category: Category | None = None
    keyword: Keyword | None = None
    language: Annotated[str, Field(pattern="^[A-Z]{2}$", description="Of the answer, ISO 639-1.")] = "EN"
    attachments: Annotated[list[AttachmentIn], Field(max_length=FILES_MAX, default_factory=list)]


class MissingOut(Schema):
    """What a notice lacks, and where the law asks for it."""

    field: str
    source: str


class NoticeOut(Schema):
    """What became of a notice when it came in."""

    reference: Annotated[str, Field(description="Follow, answer and appeal with it.")]
    state: NoticeState
    missing: list[MissingOut]
    warning: Annotated[str, Field(description="A warning under Art. 23 that this notifier now has, or empty.")]
    right_address: Annotated[
        str,
        Field(description="Where authorities write to, if it reads like their request; a person looks at it then."),
    ] = ""
    receipt: Annotated[str, Field(description="A signed note; empty where this desk gives none.")]


@router.post("", response={201: NoticeOut, 200: NoticeOut, **REFUSALS}, summary="Send a notice")
def post_notice(request: HttpRequest, body: NoticeIn, idempotency_key: Annotated[str, _KEY]) -> Status[Any]:
    """Keep a notice as it came, open a case or join one; the same key again gets the same answer with 200."""
    raw = bytes(request.body)
    notice = Notice(
        key=f"{request.token.name}/{idempotency_key or hashlib.sha256(raw).hexdigest()}",
        received_at=request.desk.now(),
        raw=raw,
        items=tuple(snapshot(item) for item in body.items),
        reasons=body.reasons,
        name=body.name,
        email=body.email,
        good_faith=body.good_faith,
        category=body.category,
        keyword=body.keyword,
        language=body.language,
        channel="api",
        attachments=tuple(_attachment(n, one) for n, one in enumerate(body.attachments)),
    )
    desk = request.desk
    received = receive_notice(desk.office, notice)
    model = shipped_door_model()
    if not received.again:
        propose_request(
            desk.office,
            model,
            body.reasons,
            raw,
            door="notice form",
            subject=subject_for(notice),
            at=notice.received_at,
            sender=body.email,
            language=body.language,
        )
    answer = {
        "right_address": desk.settings.authorities_address if model.propose(body.reasons).proposed else "",
        "reference": received.reference,
        "state": received.state,
        "missing": [{"field": name, "source": source} for name, source in received.missing],
        "warning": received.warning,
        "receipt": notice_receipt(desk.office, desk.pen, notice, received) if desk.pen else "",
    }
    return Status(200 if received.again else 201, answer)


def _attachment(number: int, sent: AttachmentIn) -> Attachment:
    try:
        return Attachment(name=sent.name, body=base64.b64decode(sent.content, validate=True))
    except (binascii.Error, ValueError) as error:
        raise InputError(f"attachments[{number}].content", "is not base 64") from error
