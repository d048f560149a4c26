"""Notices from programs, one or many: kept, looked at for the wrong door, receipted; nobody is answered before that."""

from collections.abc import Sequence
from dataclasses import dataclass

from evenhand.flow.intake import owed_for
from evenhand.flow.letter_box import proposed_letter
from evenhand.flow.notices import receive_many, subject_for
from evenhand.flow.office import Office
from evenhand.flow.receipting import give_receipts
from evenhand.flow.receipts import ReceiptPen
from evenhand.ledger.receipt import Purpose
from evenhand.orders.wrong_door_model import DoorModel
from evenhand.vocabulary.commit import Commit
from evenhand.vocabulary.errors import Conflict, EvenhandError
from evenhand.vocabulary.notice import Notice, Received


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedNotice:
    """What the sender of a notice is told at once.

    Attributes:
        wrong_door: It reads like an authority's request; a person looks at it.
        receipt: The signed note; "" where this desk gives none.
    """

    received: Received
    wrong_door: bool
    receipt: str


def accept_notices(
    office: Office, pen: ReceiptPen | None, model: DoorModel, notices: Sequence[Notice]
) -> list[AcceptedNotice | EvenhandError]:
    """Keep notices, let a person look at those that read like an authority's request, give their receipts.

    Each stands for itself: what one of them meets is its own answer.

    Args:
        office: The desk.
        pen: Signs receipts; None: this desk gives none.
        model: Says what reads like an authority's request.
        notices: As they came.

    Returns:
        One answer or refusal for each, in order.

    Raises:
        Fatal: They could not be made durable: nobody may be told that they were received.
    """
    answers = receive_many(office, notices)
    kept = [(notice, one) for notice, one in zip(notices, answers, strict=True) if isinstance(one, Received)]
    wrong = _wrong_doors(office, model, kept)
    notes = _receipts(office, pen, kept)
    told = iter(
        [
            note if isinstance(note, Conflict) else AcceptedNotice(received=one, wrong_door=door, receipt=note)
            for (_, one), door, note in zip(kept, wrong, notes, strict=True)
        ]
    )
    return [next(told) if isinstance(one, Received) else one for one in answers]


def _wrong_doors(office: Office, model: DoorModel, kept: Sequence[tuple[Notice, Received]]) -> list[bool]:
    """Tell which read like an authority's request; a person is to look at those that are new."""
    letters: list[Commit] = []
    wrong = []
    for notice, received in kept:
        found = model.propose(notice.reasons)
        wrong.append(found.proposed)
        if found.proposed and not received.again:
            letters.append(
                proposed_letter(
                    found,
                    notice.reasons,
                    notice.raw,
                    door="notice form",
                    subject=subject_for(notice),
                    at=notice.received_at,
                    sender=notice.email,
                    language=notice.language,
                )
            )
    if letters:
        office.docket.commit(letters)
    return wrong


def _receipts(
    office: Office, pen: ReceiptPen | None, kept: Sequence[tuple[Notice, Received]]
) -> list[str | Conflict]:
    if pen is None or not kept:
        return [""] * len(kept)
    notes = give_receipts(office, pen, [owed_for(*one) for one in kept], purpose=Purpose.RECEIVED)
    return [note if isinstance(note, Conflict) else note.decode("utf-8") for note in notes]
