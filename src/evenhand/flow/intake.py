"""The doors' one way in for requests: kept, receipted on the bytes that were kept, acknowledged."""

from dataclasses import dataclass
from datetime import datetime

from evenhand.flow.appeals import standing_of
from evenhand.flow.authorities import remember
from evenhand.flow.letter_head import message_id_of
from evenhand.flow.letters import as_body, authority_letter
from evenhand.flow.notices import subject_for
from evenhand.flow.office import Office, story_of
from evenhand.flow.receipting import give_receipt, give_receipts
from evenhand.flow.receipts import Owed, ReceiptPen
from evenhand.flow.requests import clarify, load_matter, receive_request, sealed_for, takes_answer
from evenhand.ledger.receipt import Purpose
from evenhand.orders.acknowledge import acknowledgement
from evenhand.orders.registry import Authority
from evenhand.views.records import RecordRow
from evenhand.vocabulary.appeal import Appeal, Appealed
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.commit import Commit, Effect, Stream, commit_key
from evenhand.vocabulary.errors import Conflict, InputError
from evenhand.vocabulary.matter import Incoming
from evenhand.vocabulary.notice import Notice, Received

TOKEN = "token:"  # noqa: S105 - a prefix of senders, no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What a sender is told at once.

    Attributes:
        received_at: When it was first received; a repetition does not move it.
        receipt: The signed note.
    """

    reference: str
    stream: Stream
    received_at: datetime
    receipt: str
    again: bool = False


def accept_request(
    office: Office,
    pen: ReceiptPen,
    incoming: Incoming,
    *,
    authority: Authority | None = None,
    right_address: str = "",
) -> Accepted:
    """Keep a request, give its receipt and have it acknowledged; what was cut off is finished when it is sent again.

    Args:
        office: The desk.
        pen: Signs the receipt.
        incoming: What the door took in.
        authority: The registry's entry that the sender is verified as: what is unlike its account freezes it.
        right_address: Where such letters belong; told to who wrote elsewhere.
    """
    taken = receive_request(office, incoming)
    first = office.queries.record(taken.number)
    raw = next((row.body for row in office.queries.records(taken.stream) if row.kind == "request.raw"), None)
    if first is None or raw is None:
        raise Conflict("this request was received before and has been erased since")
    # The bytes that were kept, not those of the repetition: a key used twice for different bytes proves nothing new.
    note = give_receipt(
        office,
        pen,
        raw,
        purpose=Purpose.RECEIVED,
        reference=taken.reference,
        at=first.at,
        stream=taken.stream,
        subject=sealed_for(taken.stream),
    )
    receipt = note.decode("utf-8")
    if authority is not None:
        remember(office, authority, incoming, taken.stream)
    if incoming.entrance == "mail" and incoming.sender:
        _acknowledge(office, incoming, taken.reference, receipt, taken.stream, first.at, right_address)
    return Accepted(
        reference=taken.reference, stream=taken.stream, received_at=first.at, receipt=receipt, again=taken.again
    )


def _acknowledge(
    office: Office, incoming: Incoming, reference: str, receipt: str, stream: Stream, at: datetime, right_address: str
) -> None:
    wrong = right_address if incoming.door else ""
    text = acknowledgement(incoming.language, office.platform, reference, at, wrong, receipt)
    body = {
        "entrance": incoming.entrance,
        "in_reply_to": message_id_of(incoming.raw),
        "letter": as_body(authority_letter(office, "received", reference, text, incoming.language)),
        "receipt": receipt,
        "reference": reference,
        "text": text,
        "to": incoming.sender,
        "what": "acknowledgement",
    }
    key = commit_key(at.date(), b"acknowledgement", stream)
    effect = Effect(kind="tell.authority", key=key, body=encode(body), subject=sealed_for(stream))
    office.docket.commit([Commit(key=key, effects=(effect,))])


def accept_message(office: Office, pen: ReceiptPen, stream: Stream, text: str, raw: bytes, *, at: datetime) -> Accepted:
    """Keep an answer to our question, and give its receipt; the same bytes again change nothing.

    Raises:
        InputError: It says nothing.
        Conflict: We have asked nothing that is open.
    """
    if not text.strip():
        raise InputError("text", "must not be empty")
    file = load_matter(office, stream)
    kept = [row for row in story_of(office, stream) if row.kind == "request.raw"]
    again = [number for number, row in enumerate(kept) if number and row.body == raw]
    if again:
        number, received_at = again[0], kept[again[0]].at
    else:
        if not takes_answer(file):
            raise Conflict("no question of ours is open; please send a new request")
        clarify(office, stream, text, raw, at=at)
        number, received_at = len(kept), at
    reference = office.references.format("request", file.number)
    note = give_receipt(
        office,
        pen,
        raw,
        purpose=Purpose.RECEIVED,
        reference=f"{reference}-{number}",
        at=received_at,
        stream=stream,
        subject=sealed_for(stream),
    )
    return Accepted(
        reference=reference,
        stream=stream,
        received_at=received_at,
        receipt=note.decode("utf-8"),
        again=bool(again),
    )


def notice_receipt(office: Office, pen: ReceiptPen, notice: Notice, received: Received) -> str:
    """Return the receipt for a notice; asked for again, the same one."""
    [note] = give_receipts(office, pen, [owed_for(notice, received)], purpose=Purpose.RECEIVED)
    if isinstance(note, Conflict):
        raise note
    return note.decode("utf-8")


def owed_for(notice: Notice, received: Received) -> Owed:
    """Return what a notice's receipt is for."""
    return Owed(
        raw=notice.raw,
        reference=received.reference,
        at=received.at,
        stream=received.stream,
        subject=subject_for(notice),
    )


def appeal_receipt(office: Office, pen: ReceiptPen, appeal: Appeal, appealed: Appealed) -> str:
    """Return the receipt for an appeal; asked for again, the same one."""
    row = office.queries.record(appealed.number)
    if row is None:
        raise Conflict("this appeal has been erased")
    *_, sealing = standing_of(office, appeal.reference)
    return _received(office, pen, appeal.raw, appealed.reference, row, sealing, appealed.received_at)


def _received(
    office: Office,
    pen: ReceiptPen,
    raw: bytes,
    reference: str,
    row: RecordRow,
    subject: str,
    at: datetime | None = None,
) -> str:
    note = give_receipt(
        office,
        pen,
        raw,
        purpose=Purpose.RECEIVED,
        reference=reference,
        at=at or row.at,
        stream=row.stream,
        subject=subject,
    )
    return note.decode("utf-8")
