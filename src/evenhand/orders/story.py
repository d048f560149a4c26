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
    Approval,
    Assessed,
    CallBack,
    Clarified,
    Draft,
    Interim,
    KeptRequest,
    MatterFile,
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
    file = replace(file, state=state)
    match body:
        case Assessed():
            return replace(file, assessed=body, due_at=body.ruling.deadline, draft=None, approved_by=(), returned=None)
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
        case Sent():
            return replace(file, sent=body, sent_at=step.at, due_at=None)
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
            )
    return file
