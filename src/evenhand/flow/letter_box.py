"""Letters that wait for a person: what nobody could read, what no rule or model placed. A person moves them."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import msgspec

from evenhand.flow.appeals import standing_of
from evenhand.flow.intake import accept_request
from evenhand.flow.mailroom import LETTERS, tell_colleague
from evenhand.flow.office import Office
from evenhand.flow.receipts import ReceiptPen
from evenhand.orders.wrong_door import Proposal
from evenhand.orders.wrong_door_model import DoorModel
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.commit import Commit, Place, Record, Stream, commit_key
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.matter import Incoming
from evenhand.vocabulary.notice import KeptNotice
from evenhand.vocabulary.places import by_instant

TEXT_CHARS_MAX = 20_000
_KEPT = msgspec.json.Decoder(KeptNotice)


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """`letter`: what is known of a letter that waits; its bytes lie beside it."""

    to: str
    went: str
    why: str
    sender: str = ""
    language: str = "EN"
    text: str = ""
    colleague: str = ""


_SAID = msgspec.json.Decoder(_Said)


def propose_from_link(
    office: Office, model: DoorModel, reference: str, text: str, raw: bytes, *, door: str, at: datetime
) -> bool:
    """Do the same with what came from a party's link: an answer in a conversation, an appeal.

    Raises:
        InputError: The link is not ours.
    """
    _case, _party, notice, subject = standing_of(office, reference)
    row = office.queries.record(notice) if notice is not None else None
    kept = _KEPT.decode(row.body) if row is not None and row.body is not None else None
    return propose_request(
        office,
        model,
        text,
        raw,
        door=door,
        subject=subject,
        at=at,
        sender=kept.email if kept else "",
        language=kept.language if kept else "EN",
    )


def propose_request(
    office: Office,
    model: DoorModel,
    text: str,
    raw: bytes,
    *,
    door: str,
    subject: str,
    at: datetime,
    sender: str = "",
    language: str = "EN",
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
        sender: Address that they gave; once a person has moved it, it is acknowledged there, with the right address.
        language: Of that acknowledgement, ISO 639-1, upper case.
    """
    found = model.propose(text)
    if not found.proposed:
        return False
    letter = proposed_letter(found, text, raw, door=door, subject=subject, at=at, sender=sender, language=language)
    office.docket.commit([letter])
    return True


def proposed_letter(
    found: Proposal,
    text: str,
    raw: bytes,
    *,
    door: str,
    subject: str,
    at: datetime,
    sender: str = "",
    language: str = "EN",
) -> Commit:
    """Return the act by which a text that was proposed waits for a person (`propose_request` has the arguments)."""
    key = commit_key(at.date(), b"letter", door.encode(), sha256(raw).digest())
    stream = Stream(key)
    why = f"It reads like an authority's request (score {found.score:.2f}): {', '.join(found.because)}"
    said = _Said(to=door, went="proposed", why=why[:1000], sender=sender, language=language, text=text[:TEXT_CHARS_MAX])
    body = encode(said)
    return Commit(
        key=key,
        records=(
            Record(kind="letter", stream=stream, at=at, subject=subject, body=body),
            Record(kind="letter.raw", stream=stream, at=at, subject=subject, body=raw),
        ),
        places=(Place(view=LETTERS, sort=by_instant(at, stream), stream=stream, label=b"proposed"),),
    )


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
        said = _SAID.decode(told.body)
        letter = WaitingLetter(
            reference=office.references.format("request", told.number),
            at=told.at,
            to=said.to,
            went=said.went,
            why=said.why,
            text=said.text or raw.body.decode("utf-8", "replace")[:TEXT_CHARS_MAX],
        )
        found.append(letter)
    return found


def move_letter(
    office: Office,
    pen: ReceiptPen,
    actor: Actor,
    reference: str,
    *,
    at: datetime,
    request: bool,
    right_address: str = "",
) -> str:
    """Carry a letter over to the requests with its own time of receipt, or put it away.

    Whoever gave an address is acknowledged there, with the reference, the receipt and the right address.

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
        said = _SAID.decode(told.body)
        incoming = Incoming(
            key=f"letter/{row.stream.hex()}",
            received_at=row.at,
            raw=raw.body or b"\n",
            entrance="mail",
            sender=said.sender,
            text=said.text or raw.body.decode("utf-8", "replace")[:TEXT_CHARS_MAX],
            language=said.language,
            door=said.to or "unknown",
            why=("A person read it as an authority's request.",),
        )
        accepted = accept_request(office, pen, incoming, right_address=right_address)
        moved = accepted.reference
        if said.colleague:
            tell_colleague(office, said.colleague, moved, accepted.stream, at)
    body = msgspec.json.encode({"by": actor.id, "to": moved})
    record = Record(kind="letter.moved", stream=row.stream, at=at, subject=None, body=body)
    key = commit_key(row.at.date(), b"letter-moved", row.stream)
    office.docket.commit([Commit(key=key, records=(record,), drops=((LETTERS, sort),))])
    return moved
