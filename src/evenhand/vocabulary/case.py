"""A case: what is recorded of it, and what those records come to. Each record's `kind` is named in its docstring."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct, field

from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.decision import Action, Policy
from evenhand.vocabulary.eu import Automation, Category, Keyword, Source
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.post import ItemKind


class Origin(StrEnum):
    """What opened a case."""

    NOTICE = "notice"
    SCREENING = "screening"
    APPEAL = "appeal"


class CaseState(StrEnum):
    """Where a case is; `desk/states.py` has the table of moves."""

    WAITING = "waiting"  # in a queue
    CLAIMED = "claimed"  # with a person
    OPINION = "opinion"  # with a person who asked for a second opinion
    SECONDING = "seconding"  # proposed; waits for a second pair of eyes
    PROPOSED = "proposed"  # the undo window is open
    DECIDED = "decided"  # committed; the platform has not said yet that it was done
    DONE = "done"  # and the platform said so
    REVERSED = "reversed"  # a later decision took its place


OPEN_STATES = frozenset(
    {CaseState.WAITING, CaseState.CLAIMED, CaseState.OPINION, CaseState.SECONDING, CaseState.PROPOSED}
)

Party = Literal["notifier", "affected"]

MACHINE = "machine"
"""Who decided, where no person did: stands for a staff id."""


class AppealOutcome(StrEnum):
    """What an appeal came to (Art. 20)."""

    UPHELD = "upheld"  # the decision stays
    PARTLY = "partly"  # a milder decision takes its place
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a moderator means to decide.

    Attributes:
        policy: The law or term; for `NONE` the one that it was measured against.
        facts: The moderator's words for the statement of reasons.
        explanation: Why it falls under the ground, in words for the person concerned; "": the facts say it.
        because: For colleagues; never sent.
        territory: ISO 3166-1 alpha-2 codes; empty: everywhere.
        until: End of a restriction for a time, or None.
        outcome: For an appeal: what it comes to. `action` is then what takes the old decision's place.
        unfounded: The notices of this case were manifestly unfounded (Art. 23).
        manifest: The content was manifestly illegal (Art. 23).
        spam: Deceptive high-volume commercial content: no statement of reasons (Art. 17(2)).
    """

    action: Action
    policy: Policy
    facts: str = ""
    explanation: str = ""
    because: str = ""
    territory: tuple[str, ...] = ()
    until: datetime | None = None
    outcome: AppealOutcome | None = None
    unfounded: bool = False
    manifest: bool = False
    spam: bool = False


class Opened(Struct, frozen=True, kw_only=True):
    """`case.opened`: nothing in it is about a person by name; keyed hashes stand for ids.

    Attributes:
        item_key, author_key, content_key: 32 hex digits each; "" if unknown.
        content_sha256: 64 hex digits; "" if unknown.
        queue: Where it waits.
        harm: 0 (slight) to 3 (gravest).
        four_eyes: A second person must agree.
        walled: Behind the child-safety wall.
        about: For an appeal: the first case's stream in hex, "" if a machine decided without one.
        about_decision: For an appeal: number of the decision.
        excluded: Staff ids who may not decide it.
        appellant: For an appeal: who appeals.
        campaign: 32 hex digits; "" if it is in none.
    """

    origin: Origin
    kind: ItemKind
    item_key: str
    author_key: str = ""
    content_key: str = ""
    content_sha256: str = ""
    category: Category
    keyword: Keyword | None = None
    language: str | None = None
    region: str | None = None
    reach: int | None = None
    queue: str
    harm: int = 1
    urgent: bool = False
    four_eyes: bool = False
    walled: bool = False
    due_at: datetime
    source: Source = Source.ARTICLE_16
    rule: str = ""
    edition: str = ""
    about: str = ""
    about_decision: int | None = None
    excluded: tuple[str, ...] = ()
    appellant: Party | None = None
    campaign: str = ""


class Seen(Struct, frozen=True, kw_only=True, gc=False):
    """`snapshot`, `item.edited`, `item.deleted`, `item.restored`: the item as it was then; sealed for its author."""

    item: Snapshot
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person did at the case: the bodies of most `case.*` records.

    Attributes:
        by: Staff id; "clock" for the desk's clock, "platform" for the platform.
        to: Whom it was handed to (`case.handed-over`), or the queue (`case.moved`).
        text: Their words: a reason, a note, an opinion, a question.
    """

    by: str
    to: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """`proposal` and `proposal.first` (which waits for a second pair of eyes)."""

    by: str
    proposal: Proposal
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """`words`: what the proposer wrote, sealed for the author; the proposal and the decision beside it hold none."""

    facts: str
    because: str = ""
    explanation: str = ""


class Decided(Struct, frozen=True, kw_only=True):
    """`decision`: the window closed.

    Attributes:
        by: Who decided, `MACHINE` where screening did; `second`: who agreed, or "".
        reverses: Number of the decision that this one takes the place of, or None.
        informed_at: Whom it concerns is told now: the six months for appeals run from this day. Of a machine's decision
            they run from its letter, which is an act of its own.
    """

    by: str
    second: str
    proposal: Proposal
    informed_at: datetime
    automation: Automation = Automation.NOT_AUTOMATED
    reverses: int | None = None


Audience = Literal["notifier", "affected", "internal", "sealed"]
"""Who may read a message: one party, the staff, or those with the right to sealed threads alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`message`: one in the conversation.

    Attributes:
        audience: The party that it is between, or who of the staff may read it.
        notice: Record number of the notice whose notifier is meant; None for the affected and for staff.
        by: Staff id, or "" when the party wrote it.
    """

    audience: Audience
    text: str
    by: str = ""
    notice: int | None = None


class CaseFile(Struct, frozen=True, kw_only=True, gc=False):
    """A case as its records tell it.

    Attributes:
        number: Record number of `case.opened`; 0 before it was committed.
        holder: Who has claimed it, or "".
        touched: Staff ids who had it in hand, in order; nobody gets the same item twice.
        snapshot: The item as it was reported; None once erased or if nothing of it is known.
        current: The item as it is now; the snapshot where it was not edited.
        walled: Behind the child-safety wall; what was once behind it stays there.
        changed: It was edited since it was reported.
        returned: An edit has taken a proposal back to its proposer; once only, or edits could put it off for ever.
        present: It is still there, as far as the platform said.
        earlier: The decision that the last one took the place of.
        decision_act: Number of the act that holds the last decision.
        words: What the last proposer wrote; None once erased.
        decision: The last decision's record, or None.
    """

    stream: Stream
    number: int = 0
    opened: Opened
    opened_at: datetime
    state: CaseState = CaseState.WAITING
    queue: str
    due_at: datetime
    holder: str = ""
    touched: tuple[str, ...] = ()
    snapshot: Snapshot | None = None
    current: Snapshot | None = None
    because: str = ""
    walled: bool = False
    changed: bool = False
    present: bool = True
    returned: bool = False
    proposed: Proposed | None = None
    words: Words | None = None
    seconded_by: str = ""
    decision: Decided | None = None
    decided_at: datetime | None = None
    decision_act: int = 0
    earlier: Decided | None = None
    alarmed_at: datetime | None = None
    overdue: bool = False

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to decide."""
        return self.state in OPEN_STATES

    @property
    def decider(self) -> str:
        """Return who decided, or ""."""
        return self.decision.by if self.decision else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """A case in a list, from its label alone: nothing private.

    Attributes:
        cursor: Hand it back as `after` for the next page.
    """

    case: Stream
    cursor: bytes
    queue: str
    state: CaseState
    origin: Origin
    category: Category
    language: str
    harm: int
    due_at: datetime
    overdue: bool = False
    walled: bool = False


class Label(Struct, frozen=True, kw_only=True, gc=False):
    """What stands on a case's places, encoded as JSON."""

    q: str
    s: CaseState
    o: Origin
    c: str
    l: str  # noqa: E741 - one letter each: a million of them are kept
    h: int
    d: int  # due, seconds since 1970
    x: bool = False
    w: bool = False


Counts = Mapping[str, int]
"""Tallies by name."""


class Standing(Struct, frozen=True, gc=False):
    """Where a case stands in the kept orders, and what it counts for.

    Attributes:
        places: (view, sort) → label.
        tallies: Name → how much this case adds.
    """

    places: Mapping[tuple[str, bytes], bytes] = field(default_factory=dict)
    tallies: Counts = field(default_factory=dict)
