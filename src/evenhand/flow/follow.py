"""What whoever sent a request may see of it: never whether there are others, never what is being weighed."""

from dataclasses import dataclass
from datetime import datetime

from evenhand.flow.office import Office
from evenhand.flow.receipts import RECEIPT, Proof, ReceiptDocket, proofs_of
from evenhand.flow.requests import load_matter
from evenhand.ledger.reader import LogReader
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.matter import MatterState

_SHOWN = {
    MatterState.RECEIVED: "received",
    MatterState.ASSESSED: "in work",
    MatterState.DRAFTED: "in work",
    MatterState.CLARIFYING: "waiting for you",
    MatterState.ANSWERED: "answered",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A request as its sender sees it.

    Attributes:
        answer_until: When the answer to our question should be here; None: none is awaited, or no time is set.
        text: The answer, the question or the last word in between as it was sent, byte for byte; "" before.
        sha256: Of the text's UTF-8 bytes, hex; "" before.
    """

    reference: str
    state: str
    received_at: datetime
    due_at: datetime | None
    answer_until: datetime | None
    text: str
    sha256: str


def follow(office: Office, stream: Stream) -> Followed:
    """Return how a matter stands for its sender. A draft is not shown: only what has been sent."""
    file = load_matter(office, stream)
    final = file.sent is not None and file.state in (MatterState.CLARIFYING, MatterState.ANSWERED)
    sent = file.draft if final else file.interims[-1] if file.interims else None
    return Followed(
        reference=office.references.format("request", file.number),
        state=_SHOWN[file.state],
        received_at=file.received_at,
        due_at=file.due_at,
        answer_until=file.awaited.due_at if file.awaited and file.state is MatterState.CLARIFYING else None,
        text=sent.text if sent else "",
        sha256=sent.sha256 if sent else "",
    )


def receipts_of(docket: ReceiptDocket, stream: Stream, log: LogReader) -> tuple[Proof, ...]:
    """Return a stream's receipts, with their proofs where the log has them; before its first checkpoint it has none."""
    try:
        return tuple(proofs_of(stream, docket, log))
    except InputError:
        rows = docket.records(stream)
        return tuple(Proof(note=row.body, proof=None) for row in rows if row.kind == RECEIPT and row.body is not None)
