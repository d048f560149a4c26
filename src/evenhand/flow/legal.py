"""The legal team's work at a matter: the queue, what is filled in beforehand, how far a sender counts as verified."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from evenhand.flow.assess import provider_of
from evenhand.flow.authorities import find_authority, frozen
from evenhand.flow.enrolment import enrolled_at
from evenhand.flow.identify import Identifier
from evenhand.flow.office import Office, story_of
from evenhand.flow.requests import OPEN, Ruled, act, assess_matter, load_matter, require_approver
from evenhand.orders.emergency import SENTENCES, emergency_lacks
from evenhand.orders.registry import Authority
from evenhand.orders.replies import draft_replies
from evenhand.rulebook.tables import LawBook
from evenhand.settings import Settings
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.matter import CallBack, MatterFile, MatterState
from evenhand.vocabulary.reply import Reply
from evenhand.vocabulary.request import Ask, Issuer, Request, RequestFacts, Signature, Verification

ENGLISH = "en"
_RANK: dict[Verification, int] = {"none": 0, "address": 1, "registry": 2, "called-back": 3}
RAW = "request.raw"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterLine:
    """A line of the queue: nothing of what was written, only what it is and when it is due.

    Attributes:
        left: Until it is due; negative: since; None: no deadline yet, or it stands still.
        door: Address that it was first sent to, where that was the wrong one.
        answer_until: When the answer to our question should be there, where one is awaited.
        answer_late: It is not, and somebody was called.
    """

    reference: str
    state: MatterState
    received_at: datetime
    due_at: datetime | None
    left: timedelta | None
    instrument: str
    country: str
    entrance: str
    verified: str
    door: str
    answer_until: datetime | None = None
    answer_late: bool = False

    @property
    def overdue(self) -> bool:
        """Tell whether the deadline has passed."""
        return self.left is not None and self.left < timedelta(0)


def open_matters(
    office: Office, *, at: datetime, after: bytes = b"", limit: int = 50
) -> tuple[list[MatterLine], bytes]:
    """Return the queue, the most pressing first, and the cursor of the next page, empty at the end."""
    rows = office.queries.places(OPEN, after=after, limit=limit + 1)
    lines = [_line(office, load_matter(office, row.stream), at) for row in rows[:limit]]
    return lines, rows[limit - 1].sort if len(rows) > limit else b""


def _line(office: Office, file: MatterFile, at: datetime) -> MatterLine:
    kept = file.kept
    request = file.assessed.request if file.assessed else kept.request if kept else None
    return MatterLine(
        reference=office.references.format("request", file.number),
        state=file.state,
        received_at=file.received_at,
        due_at=file.due_at,
        left=file.due_at - at if file.due_at else None,
        instrument=request.instrument if request else "",
        country=request.issuer.country if request else "",
        entrance=kept.entrance if kept else "",
        verified=kept.verified if kept else "",
        door=kept.door if kept else "",
        answer_until=file.awaited.due_at if file.awaited and file.state is MatterState.CLARIFYING else None,
        answer_late=file.overdue_at is not None and file.state is not MatterState.ANSWERED,
    )


def first_request(file: MatterFile) -> Request:
    """Return what the form begins with: as last assessed, else as it came, else empty."""
    if file.assessed:
        return file.assessed.request
    if file.kept and file.kept.request:
        return file.kept.request
    return Request(
        instrument="national-order",
        issuer=Issuer(name="", country="XX", kind="other", address=file.kept.sender if file.kept else None),
        received_at=file.received_at,
        asks=(Ask(id="1", kind="inform"),),
        language=file.kept.language.lower() if file.kept else None,
        signature=_signature_by_mail(file),
    )


def _signature_by_mail(file: MatterFile) -> Signature:
    """Return what the mail's own signature was found to be; one that proves nothing counts as none."""
    check = file.kept.check if file.kept else None
    return check.signature if check is not None and check.signature != "unproven" else "none"


def authority_at(identifier: Identifier, file: MatterFile) -> Authority | None:
    """Return the registry's entry that was called back, else the one that the door verified."""
    name = file.calls[-1].authority if file.calls else file.kept.authority if file.kept else ""
    return find_authority(identifier.registry, name)


def call_back_lacks(office: Office, identifier: Identifier, file: MatterFile) -> tuple[str, ...]:
    """Return in sentences what lacks before the sender counts as called back; empty: nothing."""
    entrance = file.kept.entrance if file.kept else "mail"
    authority = authority_at(identifier, file)
    since = enrolled_at(office, authority.id, file.kept.sender) if authority and file.kept else None
    cold = authority is not None and bool(frozen(office, authority.id))
    lacks = emergency_lacks(authority, file.calls, entrance, file.received_at, since, frozen=cold)
    return tuple(SENTENCES[lack] for lack in lacks)


def most_verified(office: Office, identifier: Identifier, file: MatterFile) -> Verification:
    """Return how far the sender may count as verified: by the door, or by a call-back that lacks nothing.

    While an account is frozen its word proves no more than an address, for what came before the freezing too: what
    froze it came with its word.
    """
    if not call_back_lacks(office, identifier, file):
        return "called-back"
    if file.kept is None:
        return "none"
    cold = file.kept.verified == "registry" and bool(frozen(office, file.kept.authority))
    return "address" if cold else file.kept.verified


def no_stronger(said: Verification, known: Verification) -> bool:
    """Tell whether no more is said of a sender than is known."""
    return _RANK[said] <= _RANK[known]


def allowed_verifications(office: Office, identifier: Identifier, file: MatterFile) -> tuple[Verification, ...]:
    """Return what a person may say of the sender: no more than is known."""
    most = _RANK[most_verified(office, identifier, file)]
    return tuple(name for name, rank in _RANK.items() if rank <= most)


def assess_for(
    office: Office,
    book: LawBook,
    identifier: Identifier,
    actor: Actor,
    stream: Stream,
    request: Request,
    facts: RequestFacts,
    *,
    at: datetime,
) -> MatterFile:
    """Assess a matter; the sender counts as verified no further than the door found, or two people heard.

    Raises:
        InputError: More is said of the sender than is known.
    """
    file = load_matter(office, stream)
    if facts.verified not in allowed_verifications(office, identifier, file):
        lacks = " ".join(call_back_lacks(office, identifier, file))
        raise InputError("verified", f"is more than is known of the sender. {lacks}")
    return assess_matter(office, book, actor, stream, request, facts, at=at)


def record_call(office: Office, actor: Actor, stream: Stream, call: CallBack, *, at: datetime) -> MatterFile:
    """Record that the authority itself was called, and what it said.

    Raises:
        Denied: Neither of the legal team nor a senior, as the second person who hears it.
        InputError: No number, or nobody who answered.
    """
    require_approver(actor)
    if not call.number.strip():
        raise InputError("number", "write the number as it was called")
    if not call.spoke_to.strip():
        raise InputError("spoke_to", "write who answered: name and post")

    def rule(_file: MatterFile) -> Ruled:
        return (
            "call-back",
            CallBack(
                by=actor.id,
                authority=call.authority,
                number=call.number.strip()[:40],
                channel=call.channel,
                spoke_to=call.spoke_to.strip()[:300],
                confirmed=call.confirmed,
            ),
            (),
        )

    return act(office, stream, at, rule)


def replies_for(
    office: Office, book: LawBook, settings: Settings, file: MatterFile, language: str = ""
) -> tuple[Reply, ...]:
    """Return drafts of the reply in the regime's own form; none before a matter is assessed.

    Args:
        office: The desk.
        book: The tables.
        settings: Who answers.
        file: The matter.
        language: To write in; "": the request's.
    """
    if file.assessed is None:
        return ()
    reference = office.references.format("request", file.number)
    ruled = file.assessed
    since = file.asked_at if file.lapsed is not None else None
    return draft_replies(ruled.request, ruled.ruling, book, provider_of(settings), reference, since, language)


def every_reply(office: Office, book: LawBook, settings: Settings, file: MatterFile) -> tuple[Reply, ...]:
    """Return the drafts in every language that a person is offered: the request's, and English for who reads no other.

    Whoever asks whether a text is one of our forms asks about these: its language makes it no other form.
    """
    offered = (*replies_for(office, book, settings, file), *replies_for(office, book, settings, file, ENGLISH))
    return tuple(dict.fromkeys(offered))


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadLine:
    """One step of a matter, as the legal team reads it.

    Attributes:
        text: What was written, where something was.
        raw: Number of the raw record that came with it, None for none.
    """

    at: datetime
    kind: str
    by: str
    text: str
    raw: int | None


def thread(office: Office, stream: Stream, name_of: Callable[[str], str]) -> Sequence[ThreadLine]:
    """Return a matter's steps in order; what only the machine needs is left out."""
    lines: list[ThreadLine] = []
    raw = iter([row.number for row in story_of(office, stream) if row.kind == RAW])
    for row in story_of(office, stream):
        if row.kind not in _READERS or row.body is None:
            continue
        body = msgspec.json.decode(row.body)
        text = _READERS[row.kind](body)
        number = next(raw, None) if row.kind in ("request", "request.clarified") else None
        lines.append(ThreadLine(at=row.at, kind=row.kind, by=name_of(body.get("by", "")), text=text, raw=number))
    return lines


_READERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "request": lambda body: str(body["text"]),
    "request.assessed": lambda body: str(body["ruling"]["outcome"]),
    "request.clarified": lambda body: str(body["text"]),
    "reply.drafted": lambda body: str(body["text"]),
    "reply.approved": lambda body: str(body["sha256"]),
    "reply.returned": lambda body: str(body["why"]),
    "reply.sent": lambda body: str(body["sha256"]),
    "interim.sent": lambda body: str(body["text"]),
    "question.sent": lambda body: str(body["sha256"]),
    "question.awaited": lambda body: f"{body['due_at'] or ''} {body['row']}".strip(),
    "question.reminded": lambda body: str(body["number"]),
    "question.overdue": lambda _body: "",
    "question.lapsed": lambda body: str(body["why"]),
    "concerned": lambda body: str(body["target"]),
    "counter.received": lambda body: str(body["text"]),
    "counter.court": lambda body: str(body["court"]),
    "counter.agreed": lambda body: str(body["concerned"]),
    "counter.restored": lambda body: str(body["by"]),
    "call-back": lambda body: f"{body['number']} ({body['channel']}): {body['spoke_to']}",
    "access": lambda body: str(body["purpose"]),
}


def raw_of(office: Office, stream: Stream, number: int) -> bytes | None:
    """Return raw bytes that came with a matter; None: there are none of that number in it."""
    row = office.queries.record(number)
    return row.body if row is not None and row.kind == RAW and row.stream == stream else None
