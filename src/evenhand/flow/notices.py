"""A notice comes in: it is kept as it came, joins or opens a case, and its sender is told what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from zlib import crc32

import msgspec

from evenhand.desk.rules import FINE, GONE, PENDING
from evenhand.flow.notifiers import misuse_said, sender_hash
from evenhand.flow.office import TRIES, Office
from evenhand.flow.opening import Opening, Subject, open_case_for, subject_of
from evenhand.notices.attachments import type_of
from evenhand.notices.campaign import Fingerprint, bands, fingerprint, same
from evenhand.notices.rules import ELEMENTS, ITEMS_MAX, Element, is_urgent, missing
from evenhand.views.records import PlaceRow
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import Origin
from evenhand.vocabulary.commit import (
    Commit,
    CommitKey,
    Duplicate,
    FactVersion,
    Place,
    Record,
    Stale,
    Stream,
    Tally,
    commit_key,
)
from evenhand.vocabulary.errors import Conflict, InputError
from evenhand.vocabulary.eu import Category, Source
from evenhand.vocabulary.notice import KeptNotice, Notice, NoticeState, Received, Snapshot
from evenhand.vocabulary.places import (
    BAND,
    BY_CAMPAIGN,
    CAMPAIGNS,
    CONFIRMING,
    CONTENT,
    MISUSE,
    Hash16,
    by_instant,
    campaign_stream,
    content_fact,
    notices_stream,
)

_ENCODE = encode
_KEPT = msgspec.json.Decoder(KeptNotice)

SHOWN_FROM = 10
"""From how many near-identical notices they are shown as one campaign."""

_STATES = {PENDING: NoticeState.JOINED, FINE: NoticeState.SILENCED, GONE: NoticeState.ACTED}


@dataclass(slots=True)
class _Ruled:
    """What a notice comes to, item by item."""

    kept: list[tuple[Stream, Stream | None, NoticeState, str]] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    relies_on: list[FactVersion] = field(default_factory=list)
    advances: list[str] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    campaign: str = ""


def receive_notice(office: Office, notice: Notice) -> Received:
    """Keep a notice and do what follows from it (Art. 16); the same key again gets the same answer.

    Raises:
        InputError: There is nothing that could be kept as a notice: no key, no bytes, too many items.
        Fatal: It could not be made durable: nobody may be told that it was received.
    """
    _refuse_unusable(notice)
    sender, lacks = sender_of(notice), missing(notice)
    if (act := _yesterday(office, notice, sender)) is not None:
        return _again(office, act)
    for _ in range(TRIES):
        looked = _look(office, notice, sender)
        if lacks or looked.misuse == "suspended":
            ruled = _apart(notice, NoticeState.INCOMPLETE if lacks else NoticeState.SUSPENDED)
        else:
            ruled = _ruled(office, notice, looked)
        commit = _commit(notice, ruled, lacks)
        [outcome] = office.docket.commit([commit])
        if isinstance(outcome, Stale):
            continue
        if isinstance(outcome, Duplicate):
            return _again(office, outcome.act)
        opened_before = sum(len(opening.records) for opening in ruled.openings)
        number = outcome.records[opened_before]
        return Received(
            reference=office.references.format("notice", number),
            number=number,
            state=_overall([state for _, _, state, _ in ruled.kept]),
            missing=tuple((element.field, element.source) for element in lacks),
            warning=looked.misuse,
        )
    raise Conflict("the desk could not settle what this notice is about; please send it again")


def _key(day: date, sender: str, key: str) -> CommitKey:
    return commit_key(day, b"notice", sender.encode(), key.encode())


def _yesterday(office: Office, notice: Notice, sender: str) -> int | None:
    """Return the act in which the same key came on the day before (UTC): an idempotency key holds for two days.

    Keys begin with their day, so that a unique index is written near its end. A notice's raw bytes stand under its key.
    """
    stream = Stream(_key(notice.received_at.date() - timedelta(days=1), sender, notice.key))
    found = office.queries.records(stream, limit=1)
    return found[0].act if found else None


def _refuse_unusable(notice: Notice) -> None:
    if not notice.key:
        raise InputError("key", "must not be empty")
    if not notice.raw:
        raise InputError("", "is empty")
    if len(notice.items) > ITEMS_MAX:
        raise InputError("items", f"has more than {ITEMS_MAX} locations; please send several notices")


def _apart(notice: Notice, state: NoticeState) -> _Ruled:
    """Return what becomes of a notice that is kept and joins no case."""
    stream = Stream(commit_key(notice.received_at.date(), b"notice", sender_of(notice).encode(), notice.key.encode()))
    first = notice.items[0] if notice.items else Snapshot()
    return _Ruled(kept=[(stream, None, state, first.url or first.item_id)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What is known before a notice is ruled, from one look.

    Attributes:
        misuse: "", "warned" or "suspended".
        mark: Fingerprint of the reasons; None for a short text.
        campaign: What the text belongs to.
        known: Somebody has sent a near-identical text before.
        alone: For a new campaign: facts that say that nobody else has begun the same one meanwhile.
    """

    misuse: str
    mark: Fingerprint | None
    campaign: Hash16 | None
    known: bool
    alone: tuple[FactVersion, ...] = ()


def _look(office: Office, notice: Notice, sender: str) -> _Looked:
    mark = fingerprint(notice.reasons)
    marks = [(BAND, band) for band in bands(mark)] if mark else []
    hashed = sender_hash(office, sender)
    found = office.queries.at([*marks, (MISUSE, hashed)])
    misuse = misuse_said(found.get((MISUSE, hashed)), notice.received_at)[0] if sender else ""
    if mark is None:
        return _Looked(misuse=misuse, mark=None, campaign=None, known=False)
    alone: tuple[FactVersion, ...] = ()
    if (campaign := _campaign(found, marks, mark)) is None:
        # A thousand may begin it at once: the facts come first, then a second look, and only one begins it.
        names = [_bucket(band) for _view, band in marks]
        alone = tuple(FactVersion(name=name, version=number) for name, number in office.queries.facts(names).items())
        campaign = _campaign(office.queries.at(marks), marks, mark)
    known = campaign is not None
    mine = campaign or office.hashed("campaign", mark.hex())
    return _Looked(misuse=misuse, mark=mark, campaign=mine, known=known, alone=() if known else alone)


def _campaign(
    found: Mapping[tuple[str, bytes], PlaceRow], marks: Sequence[tuple[str, bytes]], mark: Fingerprint
) -> Hash16 | None:
    for place in marks:
        if (there := found.get(place)) is not None and same(there.label, mark):
            return Hash16(bytes(there.stream[4:]))
    return None


def _bucket(band: bytes) -> str:
    """Return the fact that stands for a band: one of 2^16 for each of the four, so that they do not grow for ever."""
    return f"band/{band[0]}/{crc32(band) & 0xFFFF:04x}"


def _ruled(office: Office, notice: Notice, looked: _Looked) -> _Ruled:
    """Say for each item whether the notice joins a case, opens one, or meets what was settled before."""
    ruled = _Ruled()
    subjects = {(subject := subject_of(office, item)).content: (subject, item) for item in notice.items}
    # Facts first: a case that is opened after this look makes the commit stale, not the ruling wrong.
    versions = office.queries.facts([content_fact(content.hex()) for content in subjects])
    there = office.queries.at([(CONTENT, content) for content in subjects])
    for content, (subject, item) in subjects.items():
        fact = content_fact(content.hex())
        _rule_item(office, notice, item, subject, there.get((CONTENT, content)), fact, versions[fact], ruled)
    if looked.campaign is not None and looked.mark is not None:
        ruled.campaign = looked.campaign.hex()
        ruled.relies_on.extend(looked.alone)
        ruled.advances.extend(fact.name for fact in looked.alone)
        ruled.places.extend(_campaign_places(office, looked.campaign, looked.mark, known=looked.known))
        for case in {case for _, case, _, _ in ruled.kept if case is not None}:
            ruled.places.append(Place(view=BY_CAMPAIGN, sort=looked.campaign + case, stream=case))
        ruled.tallies.append(Tally(f"campaign/{looked.campaign.hex()}", 1))
    return ruled


def _rule_item(
    office: Office,
    notice: Notice,
    item: Snapshot,
    subject: Subject,
    there: PlaceRow | None,
    fact: str,
    version: int,
    ruled: _Ruled,
) -> None:
    state = _STATES.get(there.label) if there else None
    ruled.relies_on.append(FactVersion(name=fact, version=version))
    if there is not None and state is not None:
        case = there.stream
    else:
        state = NoticeState.OPENED
        opening = _opening(office, notice, item, subject, version)
        case = opening.file.stream
        new, moves = opening.commit_parts()
        ruled.openings.append(opening)
        ruled.relies_on.append(new)
        ruled.advances.extend((moves, fact))
    ruled.kept.append((notices_stream(case), case, state, item.url or item.item_id))
    ruled.tallies.append(Tally(f"notices/{case.hex()}", 1))


def _campaign_places(office: Office, campaign: Hash16, mark: Fingerprint, *, known: bool) -> list[Place]:
    stream = campaign_stream(campaign)
    if not known:
        return [Place(view=BAND, sort=band, stream=stream, label=mark) for band in bands(mark)]
    sent = office.queries.tallies(f"campaign/{campaign.hex()}").get(f"campaign/{campaign.hex()}", 0)
    shown = sent + 1 >= SHOWN_FROM
    return [Place(view=CAMPAIGNS, sort=campaign, stream=stream)] if shown else []


def _opening(office: Office, notice: Notice, item: Snapshot, subject: Subject, version: int) -> Opening:
    day = notice.received_at.date()
    return open_case_for(
        office,
        Stream(commit_key(day, b"case", subject.content, version.to_bytes(8, "big"))),
        subject,
        item,
        at=notice.received_at,
        origin=Origin.NOTICE,
        category=notice.category or Category.NOT_SPECIFIED_NOTICE,
        keyword=notice.keyword,
        source=Source.TRUSTED_FLAGGER if is_urgent(notice) else Source.ARTICLE_16,
        urgent=is_urgent(notice),
    )


def _commit(notice: Notice, ruled: _Ruled, lacks: Sequence[Element]) -> Commit:
    at, sealed_for = notice.received_at, subject_for(notice)
    records = [record for opening in ruled.openings for record in opening.records]
    cases = tuple(case.hex() for _, case, _, _ in ruled.kept if case is not None)
    digest = sha256(notice.raw).hexdigest()
    attached = tuple((one.name, sha256(one.body).hexdigest(), type_of(one.body)) for one in notice.attachments)
    for stream, case, state, location in ruled.kept:
        kept = KeptNotice(
            case=case.hex() if case is not None else "",
            location=location,
            state=state,
            reasons=notice.reasons,
            name=notice.name,
            email=notice.email,
            good_faith=notice.good_faith,
            category=notice.category,
            keyword=notice.keyword,
            language=notice.language,
            channel=notice.channel,
            flagger=notice.flagger,
            raw_sha256=digest,
            cases=cases,
            missing=tuple(element.field for element in lacks),
            urgent=is_urgent(notice),
            campaign=ruled.campaign,
            attachments=attached,
        )
        records.append(Record(kind="notice", stream=stream, at=at, subject=sealed_for, body=_ENCODE(kept)))
    key = _key(at.date(), sender_of(notice), notice.key)
    own = Stream(key)
    records.append(Record(kind="notice.raw", stream=own, at=at, subject=sealed_for, body=notice.raw))
    records.extend(
        Record(kind="notice.file", stream=own, at=at, subject=sealed_for, body=one.body) for one in notice.attachments
    )
    places = [place for opening in ruled.openings for place in opening.places]
    places.extend(ruled.places)
    if notice.email and notice.channel != "api":
        places.append(Place(view=CONFIRMING, sort=by_instant(at, own), stream=own))
    day = at.date().isoformat()
    counted = [Tally(f"notice/{day}/{state.value}", 1) for _, _, state, _ in ruled.kept]
    return Commit(
        key=key,
        records=tuple(records),
        places=tuple(places),
        tallies=(*(t for opening in ruled.openings for t in opening.tallies), *ruled.tallies, *counted),
        relies_on=tuple(ruled.relies_on),
        advances=tuple(ruled.advances),
        urgent=is_urgent(notice),
    )


def subject_for(notice: Notice) -> str:
    """Return whose key seals a notice: the notifier's, or one of its own where nobody is named."""
    return sender_of(notice) or f"notice/{notice.key}"


def sender_of(notice: Notice) -> str:
    """Return who sent a notice, by verified identity or by the address that they gave; "" for nobody named."""
    if notice.flagger:
        return f"flagger/{notice.flagger}"
    return f"notifier/{notice.email.strip().lower()}" if notice.email.strip() else ""


def _overall(states: Sequence[NoticeState]) -> NoticeState:
    """Return the state that tells most: something is open before all is settled."""
    order = list(NoticeState)
    return min(states, key=order.index)


def _again(office: Office, act: int) -> Received:
    rows = [row for row in office.queries.records_of_act(act) if row.kind == "notice"]
    kept = [_KEPT.decode(row.body) for row in rows if row.body is not None]
    if not kept:
        raise Conflict("this notice was received before and has been erased since")
    sources = {element.field: element.source for element in ELEMENTS}
    return Received(
        reference=office.references.format("notice", rows[0].number),
        number=rows[0].number,
        state=_overall([one.state for one in kept]),
        missing=tuple((name, sources[name]) for name in kept[0].missing),
        again=True,
    )
