"""Letters that wait for a person: what nobody could read, what no rule or model placed. A person moves them."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import msgspec

from evenhand.flow.intake import accept_request
from evenhand.flow.mailroom import LETTERS
from evenhand.flow.office import Office
from evenhand.flow.receipts import ReceiptPen
from evenhand.orders.wrong_door_model import DoorModel
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.commit import Commit, Place, Record, Stream, commit_key
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.matter import Incoming
from evenhand.vocabulary.places import by_instant

TEXT_CHARS_MAX = 20_000


def propose_request(
    office: Office, model: DoorModel, text: str, raw: bytes, *, door: str, subject: str, at: datetime
) -> bool:
    """Let a person look at what came in by another door and reads like an authority's request; tell whether it does.

    It stays where it came, and is answered there: nothing is moved by this.

    Args:
        office: The desk.
        model: Proposes.
        text: What was written.
        raw: As it came.
        door: Where it came, in words.
        subject: Whose key seals it where it came: erased there, it is erased here.
        at: When it came.
    """
    found = model.propose(text)
    if not found.proposed:
        return False
    key = commit_key(at.date(), b"letter", door.encode(), sha256(raw).digest())
    stream = Stream(key)
    body = msgspec.json.encode({"to": door, "went": "proposed", "why": "; ".join(found.because)[:1000]})
    commit = Commit(
        key=key,
        records=(
            Record(kind="letter", stream=stream, at=at, subject=subject, body=body),
            Record(kind="letter.raw", stream=stream, at=at, subject=subject, body=raw),
        ),
        places=(Place(view=LETTERS, sort=by_instant(at, stream), stream=stream, label=b"proposed"),),
    )
    office.docket.commit([commit])
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLetter:
    """A letter that waits.

    Attributes:
        to: Address that it was delivered to.
        went: "kept", "unreadable" or "proposed".
        text: Its bytes as text, as far as they are one, cut.
    """

    reference: str
    at: datetime
    to: str
    went: str
    why: str
    text: str


def waiting_letters(office: Office, limit: int = 50) -> list[WaitingLetter]:
    """Return what waits, the oldest first; erased letters are left out."""
    found = []
    for place in office.queries.places(LETTERS, limit=limit):
        told, raw = office.queries.records(place.stream, limit=2)
        if told.body is None or raw.body is None:
            continue
        said = msgspec.json.decode(told.body)
        letter = WaitingLetter(
            reference=office.references.format("request", told.number),
            at=told.at,
            to=said["to"],
            went=said["went"],
            why=said["why"],
            text=raw.body.decode("utf-8", "replace")[:TEXT_CHARS_MAX],
        )
        found.append(letter)
    return found


def move_letter(office: Office, pen: ReceiptPen, actor: Actor, reference: str, *, at: datetime, request: bool) -> str:
    """Carry a letter over to the requests with its own time of receipt, or put it away.

    Returns:
        The request's reference, "" where it was put away.

    Raises:
        Denied: Not of the legal team.
        InputError: It is no letter of ours.
        Conflict: It was moved, or erased.
    """
    if Role.LEGAL not in actor.roles:
        raise Denied("this is the legal team's")
    row = office.queries.record(office.references.parse("request", reference))
    if row is None or row.kind != "letter":
        raise InputError("reference", "this is not one of our references")
    told, raw = office.queries.records(row.stream, limit=2)
    sort = by_instant(row.at, row.stream)
    waits = any(place.sort == sort for place in office.queries.places(LETTERS, after=sort[:-1], until=sort + b"\0"))
    if not waits or told.body is None or raw.body is None:
        raise Conflict("this letter was moved")
    moved = ""
    if request:
        incoming = Incoming(
            key=f"letter/{row.stream.hex()}",
            received_at=row.at,
            raw=raw.body or b"\n",
            entrance="mail",
            text=raw.body.decode("utf-8", "replace")[:TEXT_CHARS_MAX],
            door=msgspec.json.decode(told.body)["to"] or "unknown",
            why=("A person read it as an authority's request.",),
        )
        moved = accept_request(office, pen, incoming).reference
    body = msgspec.json.encode({"by": actor.id, "to": moved})
    record = Record(kind="letter.moved", stream=row.stream, at=at, subject=None, body=body)
    key = commit_key(row.at.date(), b"letter-moved", row.stream)
    office.docket.commit([Commit(key=key, records=(record,), drops=((LETTERS, sort),))])
    return moved
