"""A matter's records, folded into what it is now. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from evenhand.orders.states import next_state
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.matter import (
    AnswerOverdue,
    Approval,
    Assessed,
    Awaited,
    CallBack,
    Clarified,
    Draft,
    Interim,
    KeptRequest,
    Lapsed,
    MatterFile,
    Reminded,
    Returned,
    Sent,
)

_BODIES: Mapping[str, msgspec.json.Decoder[Any]] = MappingProxyType(
    {
        "request": msgspec.json.Decoder(KeptRequest),
        "request.assessed": msgspec.json.Decoder(Assessed),
        "request.clarified": msgspec.json.Decoder(Clarified),
        "reply.drafted": msgspec.json.Decoder(Draft),
        "reply.approved": msgspec.json.Decoder(Approval),
        "reply.returned": msgspec.json.Decoder(Returned),
        "reply.sent": msgspec.json.Decoder(Sent),
        "question.sent": msgspec.json.Decoder(Sent),
        "question.awaited": msgspec.json.Decoder(Awaited),
        "question.reminded": msgspec.json.Decoder(Reminded),
        "question.overdue": msgspec.json.Decoder(AnswerOverdue),
        "question.lapsed": msgspec.json.Decoder(Lapsed),
        "interim.sent": msgspec.json.Decoder(Interim),
        "call-back": msgspec.json.Decoder(CallBack),
    }
)


class Step(NamedTuple):
    """A record as it is kept; its body is None once erased."""

    kind: str
    at: datetime
    number: int
    body: bytes | None


def tell(stream: Stream, steps: Iterable[Step]) -> MatterFile:
    """Return a matter from its records, in their order.

    Raises:
        InputError: There is no such matter.
    """
    file: MatterFile | None = None
    for step in steps:
        body = _body(step)
        if file is None:
            if step.kind != "request":
                raise InputError("reference", "there is no such matter")
            file = MatterFile(stream=stream, number=step.number, received_at=step.at, kept=body)
        else:
            file = _follow(file, step, body)
    if file is None:
        raise InputError("reference", "there is no such matter")
    return file


def _body(step: Step) -> Any:
    decoder = _BODIES.get(step.kind)
    return None if decoder is None or step.body is None else decoder.decode(step.body)


def _follow(file: MatterFile, step: Step, body: Any) -> MatterFile:
    """Return the matter after one more record. What was erased still moves it."""
    state = next_state(file.state, step.kind)
    if state is None:
        raise InputError("reference", f"{step.kind} cannot follow on {file.state.value}")
    file = replace(file, state=state, look_at=look_after(file, step.kind, body, step.at))
    match body:
        case Assessed():
            return _assessed(file, body)
        case Draft():
            return replace(file, draft=body, approved_by=(), returned=None)
        case Approval():
            # An approval is of bytes: it counts for no others, whatever stands in the record's order.
            same = file.draft is not None and file.draft.bound == body.sha256
            return replace(file, approved_by=(*file.approved_by, body.by)) if same else file
        case Returned():
            return replace(file, approved_by=(), returned=body)
        case CallBack():
            return replace(file, calls=(*file.calls, body))
        case Interim():
            return replace(file, interims=(*file.interims, body), draft=None, approved_by=(), returned=None)
        case Sent() | Awaited() | Reminded() | AnswerOverdue() | Lapsed():
            return _sent(file, step, body)
        case Clarified():
            texts = (*file.clarifications, body.text)
            # What completes a request starts its clock (e.g. Regulation (EU) 2021/784, Art. 3(8)): it counts from here.
            # It is also another request than the one that somebody confirmed on the telephone before.
            return replace(
                file,
                clarifications=texts,
                received_at=step.at,
                assessed=None,
                draft=None,
                approved_by=(),
                returned=None,
                sent=None,
                interims=(),
                calls=(),
                asked_at=None,
                awaited=None,
                reminded=(),
                overdue_at=None,
                lapsed=None,
            )
    return file


def _assessed(file: MatterFile, body: Assessed) -> MatterFile:
    """Return the matter once it was judged; a lapse stands as long as the request still lacks something."""
    return replace(
        file,
        assessed=body,
        due_at=body.ruling.deadline,
        draft=None,
        approved_by=(),
        returned=None,
        lapsed=file.lapsed if body.ruling.outcome == "clarify" else None,
    )


def _sent(file: MatterFile, step: Step, body: Any) -> MatterFile:
    """Return the matter once something of ours has left, or while the answer to it is awaited."""
    match body:
        case Awaited():
            return replace(file, awaited=body)
        case Reminded():
            return replace(file, reminded=(*file.reminded, step.at))
        case AnswerOverdue():
            return replace(file, overdue_at=file.overdue_at or step.at)
        case Lapsed():
            return replace(file, lapsed=body, draft=None, approved_by=(), returned=None, sent=None)
    file = replace(file, sent=body, sent_at=step.at, due_at=None)
    if step.kind != "question.sent":
        return file
    return replace(file, asked_at=step.at, awaited=None, reminded=(), overdue_at=None)


def look_after(file: MatterFile, kind: str, body: Any, at: datetime) -> datetime | None:
    """Return when the clock looks at a matter again after one more record, None for never.

    It looks while an answer is awaited, and from a lapse until its sender knows.
    """
    match body:
        case Awaited() | Reminded() | AnswerOverdue() | Lapsed():
            return body.look_at
        case Assessed():
            return file.look_at if body.ruling.outcome == "clarify" else None
    if kind == "question.sent":
        return at
    return None if kind in ("request.clarified", "reply.sent") else file.look_at
