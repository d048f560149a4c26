"""A notice as programs send it: alone in a body, or one of many, a line each. It knows no server."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, TypeVar

from msgspec import Struct
from pydantic import Field, ValidationError

from evenhand.doors.http.body import Body
from evenhand.doors.http.item_body import ItemIn, snapshot
from evenhand.flow.accepting import ReadNotice, looked_at
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category, Keyword
from evenhand.vocabulary.notice import Attachment, Notice, NoticeState

FILES_MAX = 10
ERRORS_TOLD_MAX = 100
KEY_PATTERN = r"^[\x21-\x7e]{0,200}$"
_KEY = re.compile(KEY_PATTERN)


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


class NoticeLineIn(NoticeIn):
    """One of many notices: a line of application/x-ndjson."""

    idempotency_key: Annotated[
        str,
        Field(pattern=KEY_PATTERN, description="Of this notice, as the header is of one sent alone; the same names."),
    ] = ""


class MissingOut(Body):
    """What a notice lacks, and where the law asks for it."""

    field: str
    source: str


class NoticeOut(Body):
    """What became of a notice when it came in."""

    reference: Annotated[str, Field(description="Follow, answer and appeal with it.")]
    state: NoticeState
    missing: list[MissingOut]
    warning: Annotated[str, Field(description="A warning under Art. 23 that this notifier now has, or empty.")]
    right_address: Annotated[
        str,
        Field(description="Where authorities write to, if it reads like their request; a person looks at it then."),
    ]
    receipt: Annotated[str, Field(description="A signed note; empty where this desk gives none.")]


class NoticeLineOut(NoticeOut):
    """What became of one of many."""

    line: Annotated[int, Field(ge=1)]
    status: Annotated[int, Field(description="201: kept; 200: it was there already, this is the first answer again.")]


class NoticeLineRefused(Body):
    """Why one of many was not kept; the others are not concerned."""

    line: Annotated[int, Field(ge=1)]
    status: Annotated[int, Field(description="422: a field cannot be used; 409: it was erased, or keeps changing.")]
    detail: str
    errors: list[dict[str, str]]


class NotJson(Exception):
    """It is no JSON."""


class Caller(Struct, frozen=True, kw_only=True, gc=False):
    """Who sends notices, and when.

    Attributes:
        name: The token's.
        key: The call's Idempotency-Key, or "".
        at: When it came in, by our clock, aware UTC.
    """

    name: str
    key: str
    at: datetime


class LineRefused(Struct, frozen=True, kw_only=True, gc=False):
    """A line that is no notice.

    Attributes:
        errors: Field and reason of each that cannot be used; field "" is the line itself.
    """

    errors: tuple[tuple[str, str], ...]


def checked_key(key: str) -> str:
    """Return an Idempotency-Key.

    Raises:
        InputError: It has other letters than ASCII's visible ones, or more than 200.
    """
    if _KEY.fullmatch(key) is None:
        raise InputError("Idempotency-Key", f"does not match {KEY_PATTERN}")
    return key


def read_notice(raw: bytes, caller: Caller) -> ReadNotice:
    """Return the notice that a whole body is; without a key of its own it is named by its bytes.

    Raises:
        NotJson: It is no JSON.
        ValidationError: Fields cannot be used.
        InputError: An attachment is not base 64.
    """
    body = _parsed(NoticeIn, raw)
    [read] = looked_at([_notice(body, raw, f"{caller.name}/{caller.key or sha256(raw).hexdigest()}", caller.at)])
    return read


def read_lines(lines: Sequence[bytes], caller: Caller) -> list[ReadNotice | LineRefused]:
    """Return the notice or the refusal of each line.

    A line is named by its own key; without one, by the call's key and its number; without either, by its bytes. No
    header can name a line of another call: it has no spaces.
    """
    told = [_read_line(number, raw, caller) for number, raw in enumerate(lines, 1)]
    read = iter(looked_at([one for one in told if isinstance(one, Notice)]))
    return [next(read) if isinstance(one, Notice) else one for one in told]


def _read_line(number: int, raw: bytes, caller: Caller) -> Notice | LineRefused:
    try:
        body = _parsed(NoticeLineIn, raw)
        key = body.idempotency_key or (f"{caller.key} {number}" if caller.key else sha256(raw).hexdigest())
        return _notice(body, raw, f"{caller.name}/{key}", caller.at)
    except NotJson as error:
        return LineRefused(errors=(("", f"is not JSON: {error}"),))
    except ValidationError as error:
        return LineRefused(errors=told_of(error))
    except InputError as error:
        return LineRefused(errors=((error.field, error.reason),))


_In = TypeVar("_In", bound=NoticeIn)


def _parsed(kind: type[_In], raw: bytes) -> _In:
    """Return a body. The parser that is quick refuses unpaired surrogates, which JSON allows: then the other is asked.

    Raises:
        NotJson: It is no JSON.
        ValidationError: Fields cannot be used.
    """
    try:
        return kind.model_validate_json(raw)
    except ValidationError as error:
        if error.errors(include_url=False, include_context=False, include_input=False)[0]["type"] != "json_invalid":
            raise
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from error
    return kind.model_validate(value)


def told_of(error: ValidationError) -> tuple[tuple[str, str], ...]:
    """Return field and reason of what pydantic refused."""
    found = error.errors(include_url=False, include_context=False, include_input=False)[:ERRORS_TOLD_MAX]
    return tuple((".".join(map(str, one["loc"])), one["msg"]) for one in found)


def _notice(body: NoticeIn, raw: bytes, key: str, at: datetime) -> Notice:
    return Notice(
        key=key,
        received_at=at,
        raw=raw,
        items=tuple(map(snapshot, body.items)),
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


def _attachment(number: int, sent: AttachmentIn) -> Attachment:
    try:
        return Attachment(name=sent.name, body=base64.b64decode(sent.content, validate=True))
    except (binascii.Error, ValueError) as error:
        raise InputError(f"attachments[{number}].content", "is not base 64") from error
