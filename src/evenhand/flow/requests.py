"""A request in law's name: received, assessed, answered by two people's approval of the exact bytes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from msgspec.structs import replace as with_fields

from evenhand.access.rules import rights
from evenhand.flow.office import TRIES, Office, story_of
from evenhand.orders.context import reach_of
from evenhand.orders.measures import approvals_wanted, measures_ruled, with_measures
from evenhand.orders.rules import rule_on
from evenhand.orders.states import next_state
from evenhand.orders.story import Step, look_after, tell
from evenhand.rulebook.tables import LawBook
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.commit import (
    Commit,
    Duplicate,
    Effect,
    FactVersion,
    Place,
    Record,
    Stale,
    Stream,
    Tally,
    commit_key,
)
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.eu import Category, Ground, Keyword
from evenhand.vocabulary.matter import (
    Approval,
    Assessed,
    Clarified,
    Draft,
    Incoming,
    KeptRequest,
    MatterFile,
    MatterState,
    Measure,
    Taken,
)
from evenhand.vocabulary.places import Hash16, by_instant
from evenhand.vocabulary.request import Request, RequestFacts
from evenhand.vocabulary.rights import Right

BY_KEY = "matter/key"
"""Keyed hash of sender and idempotency key → matter: the same letter after midnight is still the same."""
OPEN = "matter/open"
"""Open matters: those with a deadline first, by it; then the others by receipt."""
APPROVAL = "matter/approval"
"""Matters whose draft waits for approvals, in the same order."""
AWAITING = "matter/awaiting"
"""Matters whose sender was asked something, by when the clock looks at them again (`flow.awaiting`)."""
TEXT_CHARS_MAX = 100_000
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)


def receive_request(office: Office, incoming: Incoming) -> Taken:
    """Keep a request as it came, and have it acknowledged; the same key again gets the same answer.

    Raises:
        InputError: There is nothing that could be kept: no key, no bytes.
        Fatal: It could not be made durable: nobody may be told that it was received.
    """
    if not incoming.key:
        raise InputError("key", "must not be empty")
    if not incoming.raw:
        raise InputError("", "is empty")
    known = office.hashed("request-key", incoming.sender, incoming.key)
    if (taken := _taken_before(office, known)) is not None:
        return taken
    at, day = incoming.received_at, incoming.received_at.date()
    key = commit_key(day, b"request", incoming.sender.encode("utf-8", "replace"), incoming.key.encode())
    stream = Stream(key)
    kept = KeptRequest(
        entrance=incoming.entrance,
        sender=incoming.sender,
        authority=incoming.authority,
        verified=incoming.verified,
        request=incoming.request and _with_receipt(incoming.request, at),
        text=incoming.text[:TEXT_CHARS_MAX],
        language=incoming.language,
        door=incoming.door,
        raw_sha256=sha256(incoming.raw).hexdigest(),
        why=incoming.why,
        check=incoming.check,
    )
    subject = sealed_for(stream)
    commit = Commit(
        key=key,
        records=(
            Record(kind="request", stream=stream, at=at, subject=subject, body=encode(kept)),
            Record(kind="request.raw", stream=stream, at=at, subject=subject, body=incoming.raw),
        ),
        places=(
            Place(view=OPEN, sort=_undated(at, stream), stream=stream),
            Place(view=BY_KEY, sort=known, stream=stream),
        ),
        tallies=(Tally("matter/open", 1),),
        advances=(matter_fact(stream),),
    )
    [outcome] = office.docket.commit([commit])
    if isinstance(outcome, Stale):
        raise Conflict("this request is being received at this moment; please send it again")
    again = isinstance(outcome, Duplicate)
    number = office.queries.records_of_act(outcome.act)[0].number if again else outcome.records[0]  # type: ignore[union-attr] # Done
    reference = office.references.format("request", number)
    return Taken(reference=reference, number=number, stream=stream, again=again)


def _taken_before(office: Office, known: Hash16) -> Taken | None:
    """Return what was taken with this key before, on whatever day."""
    # A view is read from above a sort; one byte less is just below it.
    rows = office.queries.places(BY_KEY, after=known[:-1], until=known + b"\0")
    stream = next((row.stream for row in rows if row.sort == known), None)
    if stream is None:
        return None
    number = office.queries.records(stream, limit=1)[0].number
    reference = office.references.format("request", number)
    return Taken(reference=reference, number=number, stream=stream, again=True)


def _with_receipt(request: Request, at: datetime) -> Request:
    """Return the request with our instant of receipt: a sender's own counts for nothing."""
    return with_fields(request, received_at=at)


def sealed_for(stream: Stream) -> str:
    """Return whose key seals a matter: its own, so that it can be erased, or sealed, whole."""
    return f"matter/{stream.hex()}"


def matter_fact(stream: Stream) -> str:
    """Return the fact that every act on a matter relies on and moves on."""
    return f"matter/{stream.hex()}"


def matter_of(office: Office, reference: str) -> Stream:
    """Return the matter behind a request's reference.

    Raises:
        InputError: It is not one of ours.
    """
    row = office.queries.record(office.references.parse("request", reference))
    if row is None or row.kind != "request":
        raise InputError("reference", "this is not one of our references")
    return row.stream


def load_matter(office: Office, stream: Stream) -> MatterFile:
    """Return a matter as its records tell it."""
    rows = story_of(office, stream)
    return tell(stream, (Step(row.kind, row.at, row.number, row.body) for row in rows))


def read_matter(office: Office, actor: Actor, stream: Stream, purpose: str, *, at: datetime) -> MatterFile:
    """Return a matter to read; that somebody read it, and what for, is recorded first."""
    _require(actor, Role.LEGAL)
    if not purpose.strip():
        raise InputError("purpose", "say in a word what you open the matter for")
    load_matter(office, stream)
    office.docket.commit([access_to(actor, stream, purpose, at)])
    return load_matter(office, stream)


def access_to(actor: Actor, stream: Stream, purpose: str, at: datetime) -> Commit:
    """Return the act that records who opens a matter, and what for."""
    body = encode({"by": actor.id, "purpose": purpose.strip()[:200]})
    record = Record(kind="access", stream=stream, at=at, subject=None, body=body)
    key = commit_key(at.date(), b"matter-read", stream, actor.id.encode(), at.isoformat().encode())
    return Commit(key=key, records=(record,))


Ruled = tuple[str, object, tuple[Effect, ...]]
"""Kind of record, its body, and what the outside is told."""


def assess_matter(
    office: Office, book: LawBook, actor: Actor, stream: Stream, request: Request, facts: RequestFacts, *, at: datetime
) -> MatterFile:
    """Record what was asked, what we know of it, and what the rules say; again whenever more is known.

    Args:
        office: The desk.
        book: The law's tables.
        actor: A member of the legal team.
        stream: The matter.
        request: As a person reads it; its receipt is ours whatever it says.
        facts: What we know, never the sender's word; the sender counts as verified no further than the door found,
            unless a person has called back.
        at: Now.
    """
    _require(actor, Role.LEGAL)

    def rule(file: MatterFile) -> Ruled:
        asked = _with_receipt(request, file.received_at)
        return (
            "request.assessed",
            Assessed(
                by=actor.id,
                request=asked,
                facts=facts,
                ruling=rule_on(asked, facts, book),
                reach=reach_of(asked, facts, book),
                waived=_waived(book, at),
            ),
            (),
        )

    return act(office, stream, at, rule)


def _waived(book: LawBook, at: datetime) -> str:
    row = book.waiver("second-person", at.astimezone(UTC).date())
    return f"{row.id}@{row.edition}" if row else ""


def measures_as_ruled(assessed: Assessed) -> tuple[Measure, ...]:
    """Return the measures that a ruling itself comes to."""
    return measures_ruled(assessed)


def wanted_of(file: MatterFile) -> Sequence[str]:
    """Return whose approvals a matter's draft needs."""
    return approvals_wanted(file)


def draft_reply(
    office: Office,
    actor: Actor,
    stream: Stream,
    text: str,
    *,
    category: Category = Category.OTHER_VIOLATION_TC,
    keyword: Keyword | None = None,
    measures: Sequence[Measure] | None = None,
    ground: Ground = Ground.ILLEGAL_CONTENT,
    clause: str = "",
    interim: bool = False,
    told_in: str = "",
    at: datetime,
) -> MatterFile:
    """Put down what is to be approved: the reply, and what is done with it; a new draft has no approvals.

    Args:
        office: The desk.
        actor: A member of the legal team.
        stream: The matter.
        text: Of the reply.
        category: As what the measures are counted.
        keyword: Likewise.
        measures: What is done when the reply is sent; None: what the ruling comes to.
        ground: Against the law, or against the platform's own rules.
        clause: Of those rules.
        interim: It only tells how things stand; the matter stays open.
        told_in: Language in which those concerned are told, two or three letters; "": the item's.
        at: Now.

    Raises:
        InputError: The text is empty or too long, or nobody may take these measures.
        Conflict: The matter has not been assessed.
    """
    _require(actor, Role.LEGAL)
    if not text.strip() or len(text) > TEXT_CHARS_MAX:
        raise InputError("text", f"a reply has 1 to {TEXT_CHARS_MAX} characters")
    if told_in and not _LANGUAGE.fullmatch(told_in):
        raise InputError("told_in", "is no language's code, as in de")
    digest = sha256(text.encode("utf-8", "replace")).hexdigest()
    draft = Draft(
        by=actor.id,
        text=text,
        sha256=digest,
        category=category,
        keyword=keyword,
        ground=ground,
        clause=clause.strip(),
        interim=interim,
        told_in=told_in,
    )

    def rule(file: MatterFile) -> Ruled:
        return "reply.drafted", with_measures(file.assessed, draft, measures) if file.assessed else draft, ()

    return act(office, stream, at, rule)


def approve_reply(office: Office, actor: Actor, stream: Stream, digest: str, *, at: datetime) -> MatterFile:
    """Approve exactly the bytes, and the measures with them, that have this digest (hex; `Draft.bound`).

    Raises:
        Conflict: Another draft stands by now, or the actor has approved it already.
        Denied: The actor is neither of the legal team nor a senior.
    """
    require_approver(actor)

    def rule(file: MatterFile) -> Ruled:
        if file.draft is None or file.draft.bound != digest:
            raise Conflict("the draft has changed since you read it: read it again")
        if actor.id in file.approved_by:
            raise Conflict("you have approved it: the second approval is somebody else's")
        return "reply.approved", Approval(by=actor.id, sha256=digest), ()

    return act(office, stream, at, rule)


def require_approver(actor: Actor) -> None:
    """Refuse who may not approve.

    Raises:
        Denied: The table of rights gives it to none of their roles.
    """
    if Right.APPROVE not in rights(actor):
        raise Denied("approvals are given by the legal team, or by a senior as the second person")


def lacking(file: MatterFile, legal: frozenset[str]) -> str | None:
    """Return what a draft lacks before it may be sent, in a sentence; None: nothing.

    Args:
        file: The matter.
        legal: Those of its approvers who are of the legal team.
    """
    if file.state is not MatterState.DRAFTED or file.draft is None or file.assessed is None:
        return "there is no reply to send"
    wanted = approvals_wanted(file)
    if not legal & set(file.approved_by):
        return "somebody of the legal team must approve it"
    if "second-person" in wanted and len(set(file.approved_by)) < 2:
        return "a second person must approve the same bytes"
    return None


def clarify(office: Office, stream: Stream, text: str, raw: bytes, *, at: datetime) -> MatterFile:
    """Keep what the sender answered to our question: the clock of what is now complete starts here.

    Raises:
        Conflict: We have asked nothing that is open.
    """
    body = Clarified(text=text[:TEXT_CHARS_MAX], raw_sha256=sha256(raw).hexdigest())
    raws = (Record(kind="request.raw", stream=stream, at=at, subject=sealed_for(stream), body=raw),)

    def rule(file: MatterFile) -> Ruled:
        if not takes_answer(file):
            raise Conflict(f"the matter is {file.state.value}: this cannot be done now")
        return "request.clarified", body, ()

    return act(office, stream, at, rule, records=raws)


def takes_answer(file: MatterFile) -> bool:
    """Tell whether an answer to a question of ours is taken in: also one that is late, until ours has left."""
    return file.state is MatterState.CLARIFYING or (file.lapsed is not None and file.state is not MatterState.ANSWERED)


def act(
    office: Office,
    stream: Stream,
    at: datetime,
    rule: Callable[[MatterFile], Ruled],
    *,
    records: tuple[Record, ...] = (),
    more: Callable[[MatterFile], Commit] | None = None,
) -> MatterFile:
    """Let `rule` say what is done at a matter, and make that durable; rule again when somebody else was first.

    Raises:
        Conflict: The table does not allow it now, or the matter keeps changing.
    """
    fact = matter_fact(stream)
    for _ in range(TRIES):
        version = office.queries.fact(fact)
        before = load_matter(office, stream)
        kind, body, effects = rule(before)
        state = next_state(before.state, kind)
        if state is None:
            raise Conflict(f"the matter is {before.state.value}: this cannot be done now")
        record = Record(kind=kind, stream=stream, at=at, subject=sealed_for(stream), body=encode(body))
        after = _after(before, state, kind, body, at)
        added = more(before) if more else Commit(key=commit_key(at.date(), b"nothing"))
        drops, places, tallies = _moved(before, after)
        commit = with_fields(
            added,
            # What is done is part of the name: two people at one version are two acts, and the second one is stale.
            key=commit_key(at.date(), b"matter-act", stream, version.to_bytes(8, "big"), kind.encode(), record.body),
            records=(record, *records, *added.records),
            effects=(*effects, *added.effects),
            drops=(*drops, *added.drops),
            places=(*places, *added.places),
            tallies=(*tallies, *added.tallies),
            relies_on=(FactVersion(name=fact, version=version), *added.relies_on),
            advances=(fact, *added.advances),
        )
        [outcome] = office.docket.commit([commit])
        if not isinstance(outcome, Stale):
            return load_matter(office, stream)
    raise Conflict("the matter keeps changing; please try again")


def _after(before: MatterFile, state: MatterState, kind: str, body: object, at: datetime) -> MatterFile:
    """Return as much of the matter after an act as decides where it stands."""
    after = replace(before, state=state, look_at=look_after(before, kind, body, at))
    if isinstance(body, Assessed):
        return replace(after, due_at=body.ruling.deadline)
    if kind == "request.clarified":
        return replace(after, received_at=at, due_at=None)
    return after


def _moved(
    before: MatterFile, after: MatterFile
) -> tuple[tuple[tuple[str, bytes], ...], tuple[Place, ...], tuple[Tally, ...]]:
    old, new = _lines(before), _lines(after)
    drops = tuple(line for line in old if line not in new)
    places = tuple(Place(view=view, sort=sort, stream=after.stream) for view, sort in new if (view, sort) not in old)
    opened = bool(new) - bool(old)
    return drops, places, (Tally("matter/open", opened),) if opened else ()


def _lines(file: MatterFile) -> tuple[tuple[str, bytes], ...]:
    """Return the lists in which a matter stands, each with its place there."""
    sort = _sort(file)
    if sort is None:
        return ()
    waits = ((AWAITING, by_instant(file.look_at.astimezone(UTC), file.stream)),) if file.look_at else ()
    return ((OPEN, sort), (APPROVAL, sort), *waits) if file.state is MatterState.DRAFTED else ((OPEN, sort), *waits)


def _sort(file: MatterFile) -> bytes | None:
    if file.state is MatterState.ANSWERED:
        return None
    return by_instant(file.due_at, file.stream) if file.due_at else _undated(file.received_at, file.stream)


def _undated(at: datetime, stream: Stream) -> bytes:
    """Return a place behind all dated ones, by receipt."""
    return b"\xff" + by_instant(at, stream)


def _require(actor: Actor, role: Role) -> None:
    if role not in actor.roles:
        raise Denied("this is the legal team's")
