"""A receipt for what was made durable: signed once its reference is known; asked for again, the same one is given."""

from datetime import datetime

from evenhand.flow.office import Office
from evenhand.flow.receipts import RECEIPT, ReceiptPen
from evenhand.ledger.receipt import Purpose
from evenhand.vocabulary.commit import Commit, Duplicate, Stream, commit_key
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
    """
    issued = pen.make_receipt(raw, purpose=purpose, reference=reference, at=at, stream=stream, subject=subject)
    key = commit_key(at.date(), b"receipt", purpose.encode(), reference.encode())
    [outcome] = office.docket.commit([Commit(key=key, records=(issued.record,), places=issued.places)])
    if not isinstance(outcome, Duplicate):
        return issued.note
    kept = [row.body for row in office.queries.records_of_act(outcome.act) if row.kind == RECEIPT]
    if not kept or kept[0] is None:
        raise Conflict("this receipt was given before and has been erased since")
    return kept[0]
