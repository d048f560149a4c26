"""A receipt for what was made durable: signed once its reference is known; asked for again, the same one is given."""

from collections.abc import Sequence
from datetime import datetime

from evenhand.flow.office import Office
from evenhand.flow.receipts import RECEIPT, Owed, ReceiptPen
from evenhand.ledger.receipt import Purpose
from evenhand.vocabulary.commit import Commit, Duplicate, Outcome, Stream, commit_key
from evenhand.vocabulary.errors import Conflict


def give_receipt(
    office: Office,
    pen: ReceiptPen,
    raw: bytes,
    *,
    purpose: Purpose,
    reference: str,
    at: datetime,
    stream: Stream,
    subject: str | None,
) -> bytes:
    """Return the signed note that these bytes were received, or answered with, at an instant.

    It becomes durable before it is given away, and waits for the log's next batch. After a crash in between, the
    sender asks again with the same key and gets it then.

    Raises:
        Conflict: It was given before and has been erased since.
    """
    owed = Owed(raw=raw, reference=reference, at=at, stream=stream, subject=subject)
    [note] = give_receipts(office, pen, [owed], purpose=purpose)
    if isinstance(note, Conflict):
        raise note
    return note


def give_receipts(
    office: Office, pen: ReceiptPen, owed: Sequence[Owed], *, purpose: Purpose = Purpose.RECEIVED
) -> list[bytes | Conflict]:
    """Do as `give_receipt` for each of many: an act each, written together."""
    issued = pen.make_receipts(owed, purpose=purpose)
    outcomes = office.docket.commit(
        [
            Commit(
                key=commit_key(one.at.date(), b"receipt", purpose.encode(), one.reference.encode()),
                records=(made.record,),
                places=made.places,
            )
            for one, made in zip(owed, issued, strict=True)
        ]
    )
    return [
        made.note if (first := _given_before(office, outcome)) is None else first
        for made, outcome in zip(issued, outcomes, strict=True)
    ]


def _given_before(office: Office, outcome: Outcome) -> bytes | Conflict | None:
    """Return the receipt that there was already; None: this one is the first."""
    if not isinstance(outcome, Duplicate):
        return None
    kept = [row.body for row in office.queries.records_of_act(outcome.act) if row.kind == RECEIPT]
    if not kept or kept[0] is None:
        return Conflict("this receipt was given before and has been erased since")
    return kept[0]
