"""A matter: a request of an authority (or of whoever asks in law's name) from its receipt to its answer, as it is kept.

A matter is a stream of records; each class says which record's body it is.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Literal

from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.eu import Category, Ground, Keyword
from evenhand.vocabulary.letter import SenderCheck
from evenhand.vocabulary.request import Request, RequestFacts, RequestOutcome, Ruling, Verification

Entrance = Literal["portal", "api", "mail"]


class MatterState(StrEnum):
    """Where a matter is; `orders/states.py` has the table of moves."""

    RECEIVED = "received"
    ASSESSED = "assessed"
    DRAFTED = "drafted"  # a reply waits for its approvals
    CLARIFYING = "clarifying"  # the sender was asked for what is missing; the clock stands as the regime says
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What a door took in.

    Attributes:
        key: Idempotency key: the same from the same sender is the same request.
        received_at: By our clock at our edge; where it came through the wrong door, when it arrived there.
        raw: Byte for byte.
        sender: Address or token that it came from; "" if unknown.
        authority: Id in the registry, where the door verified it; "" else.
        verified: What the door established of the sender.
        request: The form's fields, where it came in a form.
        text: What it says otherwise.
        language: Of the acknowledgement, ISO 639-1, upper case.
        door: Address or person that it was first sent to, where that was the wrong door; "" else.
        why: Why it is taken for a request, where a model or a rule proposed that; a person confirms it.
        check: What the mail said of its sender.
    """

    key: str
    received_at: datetime
    raw: bytes
    entrance: Entrance
    sender: str = ""
    authority: str = ""
    verified: Verification = "none"
    request: Request | None = None
    text: str = ""
    language: str = "EN"
    door: str = ""
    why: tuple[str, ...] = ()
    check: SenderCheck | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRequest:
    """`request`: as it is kept; sealed for the matter. `request.raw` beside it holds the bytes."""

    entrance: Entrance
    sender: str
    authority: str
    verified: Verification
    request: Request | None
    text: str
    language: str
    door: str
    raw_sha256: str
    why: tuple[str, ...] = ()
    check: SenderCheck | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """`request.assessed`: what was asked, what we know, and what the rules say of it; old rulings can be replayed.

    Attributes:
        reach: Where a measure for this request may apply at most, whoever settles it; empty: nowhere by law.
        waived: The written exception by which one person's approval is enough, as "id@edition"; "": none.
    """

    by: str
    request: Request
    facts: RequestFacts
    ruling: Ruling
    reach: tuple[str, ...] = ()
    waived: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is done to one target when the reply leaves.

    Attributes:
        territory: States in which a geo-restriction holds; empty for a disabling, which holds everywhere.
    """

    target: str
    action: Literal["disable", "geo-restrict"]
    territory: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`reply.drafted`: what is to be sent, what is done with it, and as what that is counted.

    Attributes:
        sha256: Hex digest of the text's UTF-8 bytes.
        measures: What is done when it is sent.
        ground: Against the law, or against the platform's own rules.
        clause: Of the platform's rules, where they are the ground; "" else.
        interim: It only tells how things stand: the matter stays open, and so does its clock.
        told_in: Language in which those concerned by the measures are told, ISO 639 in lower case; "": the item's, as
            far as the desk knows it.
    """

    by: str
    text: str
    sha256: str
    category: Category
    keyword: Keyword | None = None
    measures: tuple[Measure, ...] = ()
    ground: Ground = Ground.ILLEGAL_CONTENT
    clause: str = ""
    interim: bool = False
    told_in: str = ""

    @property
    def bound(self) -> str:
        """Return the hex digest that approvals are bound to: of the text, and of all that is done with it.

        Where nothing but the text leaves, it is the text's own.
        """
        if not self.measures and not self.interim:
            return self.sha256
        parts = {row.name: getattr(self, row.name) for row in fields(self) if row.name not in ("by", "text")}
        if not self.told_in:  # as before there was such a choice: what was approved then stays approved
            del parts["told_in"]
        return sha256(encode(parts)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """`reply.approved`: a person approves exactly these bytes, and the measures that go with them (`Draft.bound`)."""

    by: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """`reply.returned`: a person refuses exactly these bytes, and says why; the draft goes back to be written anew."""

    by: str
    sha256: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """`reply.sent`: the answer left, and what was decided with it.

    Attributes:
        unclarified: Nothing is executed because the answer to our question never came.
    """

    by: str
    sha256: str
    outcome: RequestOutcome
    unclarified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Interim:
    """`interim.sent`: word of how things stand left; nothing is answered by it."""

    by: str
    sha256: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """`question.awaited`: how long the answer to our question is waited for, by the row in force when it was asked.

    Attributes:
        due_at: When the answer should be there; None: no row says, and a person is called after a day.
        remind_at: When its sender is reminded.
        row: As "id@edition"; "" for none.
        recalled: Nobody has checked the row against its source.
        look_at: When the clock looks again.
    """

    due_at: datetime | None
    remind_at: tuple[datetime, ...]
    row: str
    source: str
    recalled: bool
    look_at: datetime
    by: str = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """`question.reminded`: its sender was reminded; `number` counts from 1."""

    number: int
    look_at: datetime
    by: str = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOverdue:
    """`question.overdue`: the answer is late, and a person was called; each day anew until the matter has ended."""

    look_at: datetime
    by: str = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """`question.lapsed`: a person found that the answer never came; the sender is told that nothing is executed.

    Attributes:
        why: In their words; never sent.
        row: By which time was up; "" for none.
        look_at: When somebody is called if that has not been told by then.
    """

    by: str
    why: str
    row: str
    look_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarified:
    """`request.clarified`: what the sender answered to our question."""

    text: str
    raw_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """`call-back`: a call to the authority itself, through the registry's data and not the request's.

    Attributes:
        by: Who of ours called, or listened.
        authority: Id of the registry's entry whose number was called.
        number: As it was called.
        channel: Over which it was made.
        spoke_to: Name and post of who answered.
        confirmed: They said that the request is theirs.
    """

    by: str
    authority: str
    number: str
    channel: Literal["phone", "post", "mail", "portal", "api"]
    spoke_to: str
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterFile:
    """A matter as its records tell it.

    Attributes:
        number: Record number of `request`; its reference is made of it.
        received_at: Of the request, or of what completed it.
        due_at: When the answer is due, by the last ruling; None: no deadline, or it stands still.
        approved_by: Who approved the draft that stands, in order.
        interims: What its sender was told in between, since the request was last completed.
        returned: Who refused the last draft, and why; None once another stands.
        calls: Call-backs since the request was last completed: an earlier one confirmed something else.
        asked_at: When our question left that waits for its answer.
        awaited: How long that is waited for; None: the clock has not looked yet.
        reminded: When its sender was reminded.
        overdue_at: When a person was first called because the answer is late.
        lapsed: Who found that it never came; None: nobody has.
        look_at: When the clock looks at it again; None: never.
    """

    stream: Stream
    number: int
    received_at: datetime
    kept: KeptRequest | None
    state: MatterState = MatterState.RECEIVED
    assessed: Assessed | None = None
    draft: Draft | None = None
    approved_by: tuple[str, ...] = ()
    returned: Returned | None = None
    sent: Sent | None = None
    sent_at: datetime | None = None
    interims: tuple[Interim, ...] = ()
    clarifications: tuple[str, ...] = ()
    calls: tuple[CallBack, ...] = ()
    due_at: datetime | None = None
    asked_at: datetime | None = None
    awaited: Awaited | None = None
    reminded: tuple[datetime, ...] = ()
    overdue_at: datetime | None = None
    lapsed: Lapsed | None = None
    look_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What the sender is told at once."""

    reference: str
    number: int
    stream: Stream
    again: bool = False
