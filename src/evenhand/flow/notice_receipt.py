"""The receipt for a notice from the form, and the bytes that it is for: whoever has the reference may fetch both."""

from datetime import datetime, timedelta

import msgspec

from evenhand.flow.office import Office
from evenhand.flow.receipting import give_receipt
from evenhand.flow.receipts import RECEIPT, ReceiptPen
from evenhand.flow.telling import sender_of_kept
from evenhand.ledger.receipt import Purpose
from evenhand.views.records import RecordRow
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.notice import KeptNotice

_KEPT = msgspec.json.Decoder(KeptNotice)
GIVEN_WITHIN = timedelta(minutes=5)
"""A receipt promises the log by a time counted from receipt: one that was never given is not made up later."""


def notice_receipt(office: Office, pen: ReceiptPen, reference: str, *, at: datetime) -> bytes:
    """Return the signed note for a notice; asked for again, the same one.

    Raises:
        InputError: It is not a form's notice, or the time in which its receipt is given is over.
    """
    notice, raw = _received(office, reference)
    if at - notice.at > GIVEN_WITHIN and not _given(office, raw):
        raise InputError("reference", "no receipt was given for this")
    kept = _KEPT.decode(notice.body or b"")
    return give_receipt(
        office,
        pen,
        raw.body or b"",
        purpose=Purpose.RECEIVED,
        reference=office.references.format("notice", notice.number),
        at=notice.at,
        stream=raw.stream,
        subject=sender_of_kept(kept) or f"notice/{notice.number}",
    )


def notice_message(office: Office, reference: str) -> bytes:
    """Return a form's notice byte for byte, as it came.

    Raises:
        InputError: It is not a form's notice.
    """
    return _received(office, reference)[1].body or b""


def _received(office: Office, reference: str) -> tuple[RecordRow, RecordRow]:
    """Return the records of a notice and of its raw bytes."""
    row = office.queries.record(office.references.parse("notice", reference))
    if row is None or row.kind != "notice" or row.body is None or _KEPT.decode(row.body).channel != "form":
        raise InputError("reference", "this is not one of our references")
    raws = [one for one in office.queries.records_of_act(row.act) if one.kind == "notice.raw"]
    if not raws or raws[0].body is None:
        raise InputError("reference", "it was erased")
    return row, raws[0]


def _given(office: Office, raw: RecordRow) -> bool:
    return any(row.kind == RECEIPT for row in office.queries.records(raw.stream))
