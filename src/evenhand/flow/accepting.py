"""Notices from programs, one or many: kept, looked at for the wrong door, receipted; nobody is answered before that."""

from collections.abc import Sequence

from msgspec import Struct

from evenhand.flow.intake import owed_for
from evenhand.flow.letter_box import proposed_letter
from evenhand.flow.notices import receive_many, subject_for
from evenhand.flow.office import Office
from evenhand.flow.receipting import give_receipts
from evenhand.flow.receipts import ReceiptPen
from evenhand.flow.wrong_door import shipped_door_model
from evenhand.ledger.receipt import Purpose
from evenhand.notices.campaign import Fingerprint, fingerprints
from evenhand.orders.wrong_door import Proposal
from evenhand.vocabulary.commit import Commit
from evenhand.vocabulary.errors import Conflict, EvenhandError
from evenhand.vocabulary.notice import Notice, Received


class ReadNotice(Struct, frozen=True, kw_only=True, gc=False):
    """A notice as a door read it.

    Attributes:
        found: What the model of the wrong door says of its reasons.
        mark: Fingerprint of its reasons; None for a short text.
    """

    notice: Notice
    found: Proposal
    mark: Fingerprint | None


def looked_at(notices: Sequence[Notice]) -> list[ReadNotice]:
    """Return notices with what can be told of their reasons."""
    reasons = [notice.reasons for notice in notices]
    told = zip(notices, shipped_door_model().propose_all(reasons), fingerprints(reasons), strict=True)
    return [ReadNotice(notice=notice, found=found, mark=mark) for notice, found, mark in told]


class AcceptedNotice(Struct, frozen=True, kw_only=True, gc=False):
    """What the sender of a notice is told at once.

    Attributes:
        wrong_door: It reads like an authority's request; a person looks at it.
        receipt: The signed note; "" where this desk gives none.
    """

    received: Received
    wrong_door: bool
    receipt: str


def accept_notices(
    office: Office, pen: ReceiptPen | None, read: Sequence[ReadNotice]
) -> list[AcceptedNotice | EvenhandError]:
    """Keep notices, let a person look at those that read like an authority's request, give their receipts.

    Each stands for itself: what one of them meets is its own answer.

    Args:
        office: The desk.
        pen: Signs receipts; None: this desk gives none.
        read: As a door read them.

    Returns:
        One answer or refusal for each, in order.

    Raises:
        Fatal: They could not be made durable: nobody may be told that they were received.
    """
    notices, found = [one.notice for one in read], [one.found for one in read]
    answers = receive_many(office, notices, [one.mark for one in read])
    kept = [(notice, one) for notice, one in zip(notices, answers, strict=True) if isinstance(one, Received)]
    wrong = [one.proposed for one, answer in zip(found, answers, strict=True) if isinstance(answer, Received)]
    letters = [
        _letter(notice, one)
        for notice, answer, one in zip(notices, answers, found, strict=True)
        if one.proposed and isinstance(answer, Received) and not answer.again
    ]
    if letters:
        office.docket.commit(letters)
    notes = _receipts(office, pen, kept)
    told = iter(
        [
            note if isinstance(note, Conflict) else AcceptedNotice(received=one, wrong_door=door, receipt=note)
            for (_, one), door, note in zip(kept, wrong, notes, strict=True)
        ]
    )
    return [next(told) if isinstance(one, Received) else one for one in answers]


def _letter(notice: Notice, found: Proposal) -> Commit:
    return proposed_letter(
        found,
        notice.reasons,
        notice.raw,
        door="notice form",
        subject=subject_for(notice),
        at=notice.received_at,
        sender=notice.email,
        language=notice.language,
    )


def _receipts(office: Office, pen: ReceiptPen | None, kept: Sequence[tuple[Notice, Received]]) -> list[str | Conflict]:
    if pen is None or not kept:
        return [""] * len(kept)
    notes = give_receipts(office, pen, [owed_for(*one) for one in kept], purpose=Purpose.RECEIVED)
    return [note if isinstance(note, Conflict) else note.decode("utf-8") for note in notes]
