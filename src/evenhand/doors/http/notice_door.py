"""`POST /api/v1/notices`: one notice as JSON, or up to 1,000 of them, a line each (DSA Art. 16).

Answered before Django is asked: a notice costs little beside what a page's machinery costs.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec
from pydantic import ValidationError

from evenhand.doors.http.bodies import PACKED_BYTES_MAX, Refused, read_body
from evenhand.doors.http.notice_body import (
    ERRORS_TOLD_MAX,
    Caller,
    LineRefused,
    NotJson,
    checked_key,
    read_notice,
    told_of,
)
from evenhand.doors.http.notice_reader import NoticeReader
from evenhand.doors.http.problems import Problem
from evenhand.doors.http.tokens import Scope, Token, Tokens
from evenhand.flow.accepting import AcceptedNotice, ReadNotice, accept_notices
from evenhand.flow.office import Office
from evenhand.flow.receipts import ReceiptPen
from evenhand.settings import Settings
from evenhand.vocabulary.errors import Conflict, EvenhandError, Fault, InputError

NOTICES_MAX = 1000
LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
_ENCODE = msgspec.json.Encoder().encode
Told = tuple[int, str, bytes, dict[str, str]]
"""Status, content type, body, further headers."""


class TakesNotices(Protocol):
    """What the door is given."""

    @property
    def settings(self) -> Settings:
        """Return the settings in force."""
        ...

    @property
    def tokens(self) -> Tokens:
        """Return who may call."""
        ...

    @property
    def now(self) -> Callable[[], datetime]:
        """Return what tells the instant."""
        ...

    @property
    def office(self) -> Office | None:
        """Return the desk; None: nothing is taken in here."""
        ...

    @property
    def pen(self) -> ReceiptPen | None:
        """Return what signs receipts; None: none are given."""
        ...

    @property
    def reader(self) -> NoticeReader:
        """Return what reads lines of notices."""
        ...


def answer_notices(environ: Mapping[str, Any], desk: TakesNotices) -> Told:
    """Return what is answered to a call.

    Raises:
        Refused: The whole call cannot be used; nothing was done.
    """
    token, office = _allowed(environ, desk)
    key = str(environ.get("HTTP_IDEMPOTENCY_KEY", ""))
    try:
        caller = Caller(name=token.name, key=checked_key(key), at=desk.now())
    except InputError as error:
        raise _unusable(((error.field, error.reason),)) from error
    kind = str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
    body = read_body(environ, PACKED_BYTES_MAX)
    return _many(desk, office, body, caller) if kind in LINES else _one(desk, office, body, caller)


def _allowed(environ: Mapping[str, Any], desk: TakesNotices) -> tuple[Token, Office]:
    """Let only a program with a token for it in, before anything of its body is looked at."""
    if environ["REQUEST_METHOD"] != "POST":
        raise Refused(Problem(status=405, detail="POST notices here.", headers={"Allow": "POST"}))
    token = desk.tokens.find(str(environ.get("HTTP_AUTHORIZATION", "")))
    if token is None:
        detail = "Send Authorization: Bearer with a token made by `evenhand token create`."
        raise Refused(Problem(status=401, detail=detail, headers={"WWW-Authenticate": "Bearer"}))
    if Scope.NOTICES not in token.scopes:
        raise Refused(Problem(status=403, detail="This token has no scope `notices`."))
    if desk.office is None:
        raise Refused(Problem(status=503, detail="This desk takes no notices."))
    return token, desk.office


def _one(desk: TakesNotices, office: Office, body: bytes, caller: Caller) -> Told:
    try:
        read = read_notice(body, caller)
    except NotJson as error:
        raise Refused(Problem(status=400, detail=f"The body is not JSON: {error}")) from error
    except ValidationError as error:
        raise _unusable(told_of(error)) from error
    except InputError as error:
        raise _unusable(((error.field, error.reason),)) from error
    [answer] = accept_notices(office, desk.pen, [read])
    if isinstance(answer, EvenhandError):
        raise _problem(answer) from answer
    return 200 if answer.received.again else 201, "application/json", _ENCODE(_told(desk, answer)), {}


def _many(desk: TakesNotices, office: Office, body: bytes, caller: Caller) -> Told:
    lines = body.split(b"\n", NOTICES_MAX + 1)
    if not lines[-1]:
        lines.pop()
    if len(lines) > NOTICES_MAX:
        raise Refused(Problem(status=413, detail=f"A call has at most {NOTICES_MAX:,} notices; this one has more."))
    read = desk.reader.read(lines, caller)
    answers = iter(accept_notices(office, desk.pen, [one for one in read if isinstance(one, ReadNotice)]))
    told = [
        _line(desk, number, next(answers) if isinstance(one, ReadNotice) else one) for number, one in enumerate(read, 1)
    ]
    return 200, LINES[0], b"".join([_ENCODE(one) + b"\n" for one in told]), {}


def _line(desk: TakesNotices, number: int, answer: AcceptedNotice | EvenhandError | LineRefused) -> dict[str, Any]:
    match answer:
        case AcceptedNotice():
            return {"line": number, "status": 200 if answer.received.again else 201} | _told(desk, answer)
        case LineRefused():
            problem = _unusable(answer.errors).problem
        case _:
            problem = _problem(answer).problem
    return {"line": number, "status": problem.status, "detail": problem.detail, "errors": list(problem.errors)}


def _told(desk: TakesNotices, answer: AcceptedNotice) -> dict[str, Any]:
    received = answer.received
    return {
        "reference": received.reference,
        "state": received.state,
        "missing": [{"field": name, "source": source} for name, source in received.missing],
        "warning": received.warning,
        "right_address": desk.settings.authorities_address if answer.wrong_door else "",
        "receipt": answer.receipt,
    }


def _problem(error: EvenhandError) -> Refused:
    """Return the refusal that an error of one notice is.

    Raises:
        Fault: It is ours.
    """
    match error:
        case InputError():
            return _unusable(((error.field, error.reason),))
        case Conflict():
            return Refused(Problem(status=409, detail=str(error)))
        case Fault():
            raise error
    return Refused(Problem(status=422, detail=str(error)))


def _unusable(errors: tuple[tuple[str, str], ...]) -> Refused:
    told = [{"field": field, "reason": reason} for field, reason in errors[:ERRORS_TOLD_MAX]]
    return Refused(Problem(status=422, detail="Some fields cannot be used.", errors=told))
