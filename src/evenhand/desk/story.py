"""Records → case file: a case is what its records come to. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace as with_fields

from evenhand.desk.routing import CHILD_SAFETY
from evenhand.desk.states import next_state
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import MACHINE, Act, CaseFile, Decided, Message, Opened, Proposed, Seen, Words
from evenhand.vocabulary.commit import Record, Stream
from evenhand.vocabulary.errors import Conflict

ENCODE = encode
UNDO_AFTER_SECOND = timedelta(seconds=30)

BODIES: Mapping[str, type[Any]] = MappingProxyType(
    {
        "case.opened": Opened,
        "snapshot": Seen,
        "item.edited": Seen,
        "item.deleted": Seen,
        "item.restored": Seen,
        "proposal": Proposed,
        "proposal.first": Proposed,
        "decision": Decided,
        "reversal": Decided,
        "message": Message,
        "words": Words,
    }
)
"""Kind of record → what its body is; all other kinds of a case that say who did it are an `Act`."""

_DECODERS = {kind: msgspec.json.Decoder(body) for kind, body in BODIES.items()}
_ACT = msgspec.json.Decoder(Act)
_ACT_PREFIXES = ("access", "appeal.", "case.", "opinion.", "proposal.", "note", "effect.", "alarm.")


class Step(Struct, frozen=True, kw_only=True, gc=False):
    """One record of a case, read: `body` is None once its subject was erased, or raw bytes of kinds with no shape."""

    kind: str
    at: datetime
    body: Any
    number: int = 0
    act: int = 0


class Move(NamedTuple):
    """A record to add, before it is encoded; `subject` is whose key seals it."""

    kind: str
    body: Any
    subject: str | None = None


def read_body(kind: str, body: bytes | None) -> Any:
    """Return what a record of a case says."""
    if body is None:
        return None
    if (decoder := _DECODERS.get(kind)) is not None:
        return decoder.decode(body)
    return _ACT.decode(body) if kind.startswith(_ACT_PREFIXES) else body


def record_of(stream: Stream, at: datetime, move: Move) -> Record:
    """Return a move as the record that is kept."""
    body = move.body if isinstance(move.body, bytes) else ENCODE(move.body)
    return Record(kind=move.kind, stream=stream, at=at, subject=move.subject, body=body)


def tell(stream: Stream, steps: Iterable[Step]) -> CaseFile:
    """Return what a case's records come to.

    Raises:
        Conflict: The records do not make a case; nobody wrote them through the table.
    """
    file: CaseFile | None = None
    for step in steps:
        file = begin(stream, step) if file is None else follow(file, step)
    if file is None:
        raise Conflict("there is no such case")
    return file


def begin(stream: Stream, step: Step, seen: Seen | None = None) -> CaseFile:
    """Return a case from its first record, and from the snapshot right behind it where there is one."""
    if step.kind != "case.opened" or not isinstance(step.body, Opened):
        raise Conflict("there is no such case")
    opened = step.body
    return CaseFile(
        stream=stream,
        number=step.number,
        opened=opened,
        opened_at=step.at,
        queue=opened.queue,
        due_at=opened.due_at,
        walled=opened.walled,
        snapshot=seen.item if seen else None,
        current=seen.item if seen else None,
        because=seen.because if seen else "",
    )


def follow(file: CaseFile, step: Step) -> CaseFile:
    """Return the case after one more record.

    Raises:
        Conflict: Such a record cannot come now.
    """
    state = next_state(file.state, step.kind)
    if state is None:
        raise Conflict(f"the case is {file.state.value}: {step.kind} cannot come now")
    changes: dict[str, Any] = {} if state is file.state else {"state": state}
    if (change := _CHANGES.get(step.kind)) is not None:
        changes |= change(file, step)
    return with_fields(file, **changes) if changes else file


def _touch(file: CaseFile, person: str) -> tuple[str, ...]:
    return file.touched if person in file.touched else (*file.touched, person)


def _claimed(file: CaseFile, step: Step) -> dict[str, Any]:
    return {"holder": step.body.by, "touched": _touch(file, step.body.by)}


def _released(file: CaseFile, step: Step) -> dict[str, Any]:  # noqa: ARG001 - all changes have one shape
    return {"holder": "", "proposed": None, "seconded_by": ""}


def _handed_over(file: CaseFile, step: Step) -> dict[str, Any]:
    return {"holder": step.body.to, "touched": _touch(file, step.body.to)}


def _moved(file: CaseFile, step: Step) -> dict[str, Any]:
    walled = file.walled or step.body.to == CHILD_SAFETY
    return _released(file, step) | {"queue": step.body.to, "walled": walled}


def _opinion(file: CaseFile, step: Step) -> dict[str, Any]:
    return {"touched": _touch(file, step.body.by)}


def _proposed(file: CaseFile, step: Step) -> dict[str, Any]:  # noqa: ARG001 - all changes have one shape
    return {"proposed": step.body}


def _seconded(file: CaseFile, step: Step) -> dict[str, Any]:
    assert file.proposed is not None  # noqa: S101 - the table: seconding follows a proposal
    # The first proposer's window begins anew: both may still think again.
    proposed = replace(file.proposed, closes_at=max(step.at + UNDO_AFTER_SECOND, file.proposed.closes_at))
    return {"seconded_by": step.body.by, "touched": _touch(file, step.body.by), "proposed": proposed}


def _objected(file: CaseFile, step: Step) -> dict[str, Any]:
    return _released(file, step) | {"touched": _touch(file, step.body.by)}


def _undone(file: CaseFile, step: Step) -> dict[str, Any]:
    returned = file.returned or (step.body is not None and step.body.by == "platform")
    return {"proposed": None, "seconded_by": "", "returned": returned}


def _decided(file: CaseFile, step: Step) -> dict[str, Any]:  # noqa: ARG001 - all changes have one shape
    return {
        "decision": step.body,
        "decided_at": step.at,
        "decision_act": step.act,
        "proposed": None,
        "holder": "",
    }


def _told(file: CaseFile, step: Step) -> dict[str, Any]:
    if file.decision is None or file.decision.by != MACHINE:
        return {}
    # A machine's decision is told in an act after it: the time for an appeal runs from there.
    return {"decision": msgspec.structs.replace(file.decision, informed_at=step.at)}


def _snapshot(file: CaseFile, step: Step) -> dict[str, Any]:  # noqa: ARG001 - all changes have one shape
    if step.body is None:
        return {}
    return {"snapshot": step.body.item, "current": step.body.item, "because": step.body.because}


def _edited(file: CaseFile, step: Step) -> dict[str, Any]:  # noqa: ARG001 - all changes have one shape
    current = {} if step.body is None else {"current": step.body.item}
    return {"changed": True, **current}


_CHANGES: Mapping[str, Callable[[CaseFile, Step], dict[str, Any]]] = MappingProxyType(
    {
        "case.claimed": _claimed,
        "case.released": _released,
        "case.handed-over": _handed_over,
        "case.moved": _moved,
        "case.overdue": lambda _file, _step: {"overdue": True},
        "opinion.given": _opinion,
        "proposal": _proposed,
        "proposal.first": _proposed,
        "proposal.seconded": _seconded,
        "proposal.objected": _objected,
        "proposal.undone": _undone,
        "words": lambda _file, step: {"words": step.body},
        "decision": _decided,
        "reversal": lambda file, step: {"decision": step.body, "decision_act": step.act, "earlier": file.decision},
        "snapshot": _snapshot,
        "item.edited": _edited,
        "item.deleted": lambda _file, _step: {"present": False},
        "item.restored": lambda _file, _step: {"present": True},
        "statement": _told,
        "alarm.raised": lambda _file, step: {"alarmed_at": step.at},
    }
)
"""Kind of record → what it changes beside the state."""
