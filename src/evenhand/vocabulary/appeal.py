"""An appeal against a decision (Art. 20 "complaint") and a dispute before an out-of-court body (Art. 21)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evenhand.vocabulary.case import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """What somebody sends from the link in their decision.

    Attributes:
        key: Idempotency key.
        reference: The link's reference: of the affected person, of the notice, or of a machine's decision.
        raw: What was received, byte for byte.
    """

    key: str
    received_at: datetime
    reference: str
    text: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAppeal:
    """`appeal`: as it is kept, sealed for who sent it.

    Attributes:
        case: Stream of the appeal's own case, in hex.
        notice: Record number of the notice, where the notifier appeals.
    """

    case: str
    party: Party
    text: str
    raw_sha256: str
    notice: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appealed:
    """What the appellant is told at once.

    Attributes:
        received_at: When these bytes came, where they came later than the appeal that they belong to.
    """

    reference: str
    number: int
    again: bool = False
    received_at: datetime | None = None


class DisputeOutcome(StrEnum):
    """What an out-of-court body said (Art. 21); it does not bind."""

    FOR_PLATFORM = "for-platform"
    FOR_PERSON = "for-person"
    PARTLY = "partly"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """`dispute`: a referral to a certified body.

    Attributes:
        body: Name of the body.
        body_reference: Its own file number.
        due_at: 90 calendar days from the body's receipt (Art. 21(4)).
    """

    body: str
    body_reference: str
    received_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeEnd:
    """`dispute.outcome`: what the body said, and whether we did it."""

    body_reference: str
    outcome: DisputeOutcome
    implemented: bool
    why: str = ""
