"""A notice comes in: it is kept as it came, joins or opens a case, and its sender is told what became of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from zlib import crc32

import msgspec
from msgspec import Struct

from evenhand.desk.rules import FINE, GONE, PENDING
from evenhand.flow.notifiers import misuse_said, sender_hash
from evenhand.flow.office import TRIES, Office
from evenhand.flow.opening import Opening, Subject, open_case_for, subject_after, subjects_of
from evenhand.flow.outlook import Outlook, through
from evenhand.notices.attachments import type_of
from evenhand.notices.campaign import Fingerprint, bands, fingerprints, same
from evenhand.notices.rules import ELEMENTS, ITEMS_MAX, Element, is_urgent, missing
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import Origin
from evenhand.vocabulary.commit import (
    Commit,
    CommitKey,
    Done,
    Duplicate,
    FactVersion,
    Outcome,
    Place,
    Record,
    Stale,
    Stream,
    Tally,
    commit_key,
)
from evenhand.vocabulary.errors import Conflict, EvenhandError, InputError
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
    case_fact,
    content_fact,
    notices_stream,
)

_ENCODE = encode
_KEPT = msgspec.json.Decoder(KeptNotice)

Arrived = tuple[Notice, Fingerprint | None]
"""A notice and the fingerprint of its reasons; None for a short text."""
SHOWN_FROM = 10
"""From how many near-identical notices they are shown as one campaign."""

_UNSETTLED = Conflict("the desk could not settle what this notice is about; please send it again")
_ORDER = tuple(NoticeState)
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
    misuse: str = ""


def receive_notice(office: Office, notice: Notice) -> Received:
    """Keep a notice and do what follows from it (Art. 16); the same key again gets the same answer.

    What other threads hand in at the same time is looked up, ruled and written together with it.

    Raises:
        InputError: There is nothing that could be kept as a notice: no key, no bytes, too many items.
        Conflict: What it is about keeps changing, or it was received before and has been erased since.
        Fatal: It could not be made durable: nobody may be told that it was received.
    """
    if (unusable := unusable_in(notice)) is not None:
        raise unusable
    [mark] = fingerprints([notice.reasons])
    return office.arriving.hand_in((notice, mark), lambda group: _receive(office, group))


def receive_many(
    office: Office, notices: Sequence[Notice], marks: Sequence[Fingerprint | None] | None = None
) -> list[Received | EvenhandError]:
    """Do as `receive_notice` with each of many from one caller: one answer or refusal for each, in order.

    Args:
        office: The desk.
        notices: What came in.
        marks: The fingerprints of their reasons, where the door has taken them already.

    Raises:
        Fatal: They could not be made durable: nobody may be told that they were received.
    """
    refused = [unusable_in(notice) for notice in notices]
    marks = fingerprints([notice.reasons for notice in notices]) if marks is None else marks
    usable = [(notice, mark) for notice, mark, why in zip(notices, marks, refused, strict=True) if why is None]
    answers = iter(office.arriving.hand_in_all(usable, lambda group: _receive(office, group)))
    return [next(answers) if why is None else why for why in refused]


def receive_notices(office: Office, notices: Sequence[Notice]) -> list[Received | Conflict]:
    """Keep usable notices as `receive_notice` does one, in their order; one answer for each."""
    return _receive(office, list(zip(notices, fingerprints([notice.reasons for notice in notices]), strict=True)))


def _receive(office: Office, arrived: Sequence[Arrived]) -> list[Received | Conflict]:
    answers: list[Received | Conflict] = [_UNSETTLED] * len(arrived)
    waiting = list(enumerate([_marked(office, notice, mark) for notice, mark in arrived]))
    for attempt in range(TRIES):
        with office.ahead.turn:
            known = [] if attempt else _with_acts(office, waiting)
            waiting = [(n, one) for n, one in waiting if n not in dict(known)] if known else waiting
            commits, land = _set_off(office, [one for _, one in waiting])
        outcomes = land()
        for n, act in known:
            answers[n] = _again(office, act)
        for (n, _), answer in zip(waiting, _answers(office, commits, outcomes), strict=True):
            if answer is not None:
                answers[n] = answer
        waiting = [one for one, outcome in zip(waiting, outcomes, strict=True) if isinstance(outcome, Stale)]
        if not waiting:
            break
    return answers


def _set_off(
    office: Office, group: "Sequence[_Marked]"
) -> "tuple[list[tuple[_Marked, _Ruled, Commit]], Callable[[], list[Outcome]]]":
    """Rule on a group after what is on its way into the docket, and hand it in; return what waits for the outcomes."""
    if not group:
        return [], list
    outlook = Outlook(office.queries, office.ahead.outlook)
    commits = _ruled_together(office, outlook, group)
    days = frozenset([one.notice.received_at.date() for one in group])
    return commits, office.ahead.set_off(office.docket, [commit for *_, commit in commits], outlook, days)


def _answers(
    office: Office, commits: "Sequence[tuple[_Marked, _Ruled, Commit]]", outcomes: Sequence[Outcome]
) -> list[Received | Conflict | None]:
    """Return what each sender is told; None: the docket has moved on, and the notice is to be ruled on again."""
    numbers = [
        outcome.records[sum([len(opening.records) for opening in ruled.openings])] if isinstance(outcome, Done) else 0
        for (_, ruled, _), outcome in zip(commits, outcomes, strict=True)
    ]
    references = office.references.format_all("notice", numbers)
    answers: list[Received | Conflict | None] = []
    for (one, ruled, _), outcome, number, reference in zip(commits, outcomes, numbers, references, strict=True):
        if isinstance(outcome, Done):
            lacks = tuple((element.field, element.source) for element in one.lacks)
            state = _overall([state for _, _, state, _ in ruled.kept])
            answers.append(
                Received(
                    reference=reference,
                    number=number,
                    stream=ruled.kept[0][0],
                    at=one.notice.received_at,
                    state=state,
                    missing=lacks,
                    warning=ruled.misuse,
                )
            )
        else:
            answers.append(_again(office, outcome.act) if isinstance(outcome, Duplicate) else None)
    return answers


def _key(day: date, sender: str, key: str) -> CommitKey:
    return commit_key(day, b"notice", sender.encode(), key.encode())


def _with_acts(office: Office, group: "Sequence[tuple[int, _Marked]]") -> list[tuple[int, int]]:
    """Return which notices came with the same key the day before (UTC), and in which act: a key holds two days.

    Keys begin with their day, so that a unique index is written near its end. A notice's raw bytes stand under its key.
    """
    days = {one.notice.received_at.date() - timedelta(days=1) for _, one in group}
    if not days.isdisjoint(office.ahead.days):
        office.ahead.wait()
    keys = [
        Stream(_key(one.notice.received_at.date() - timedelta(days=1), one.sender, one.notice.key)) for _, one in group
    ]
    acts = office.queries.acts_of(keys)
    return [(n, act) for (n, _), key in zip(group, keys, strict=True) if (act := acts.get(key)) is not None]


def unusable_in(notice: Notice) -> InputError | None:
    """Return why there is nothing that could be kept as a notice; None: there is."""
    if not notice.key:
        return InputError("key", "must not be empty")
    if not notice.raw:
        return InputError("", "is empty")
    if len(notice.items) > ITEMS_MAX:
        return InputError("items", f"has more than {ITEMS_MAX} locations; please send several notices")
    return None


def _apart(one: "_Marked", misuse: str) -> _Ruled:
    """Return what becomes of a notice that is kept and joins no case."""
    notice = one.notice
    stream = Stream(_key(notice.received_at.date(), one.sender, notice.key))
    first = notice.items[0] if notice.items else Snapshot()
    state = NoticeState.INCOMPLETE if one.lacks else NoticeState.SUSPENDED
    return _Ruled(kept=[(stream, None, state, first.url or first.item_id)], misuse=misuse)


class _Marked(Struct, frozen=True, gc=False):
    """A notice with what can be told of it without the docket.

    Attributes:
        sender: By verified identity or address; "" for nobody named.
        record: Where the sender's record of misuse stands.
        mark: Fingerprint of the reasons; None for a short text.
        bands: Where texts like it stand.
        urgent: From a verified trusted flagger within their expertise.
        campaign: The one that begins with this text, if it begins one.
        new_facts: The facts of a campaign that begins with this text.
    """

    notice: Notice
    sender: str
    record: tuple[str, bytes]
    lacks: tuple[Element, ...]
    mark: Fingerprint | None
    bands: tuple[tuple[str, bytes], ...]
    urgent: bool
    campaign: Hash16 | None
    new_facts: tuple[str, ...]


def _marked(office: Office, notice: Notice, mark: Fingerprint | None) -> _Marked:
    sender = sender_of(notice)
    keys = bands(mark) if mark else ()
    return _Marked(
        notice,
        sender,
        (MISUSE, sender_hash(office, sender)),
        missing(notice),
        mark,
        tuple([(BAND, band) for band in keys]),
        is_urgent(notice),
        campaign := office.hashed("campaign", mark.hex()) if mark else None,
        (*map(_bucket, keys), _begun(campaign)) if campaign else (),
    )


class _Belongs(Struct, frozen=True, kw_only=True, gc=False):
    """What a text belongs to.

    Attributes:
        known: Somebody has sent a near-identical text before.
        relies_on: For a new campaign: that nobody else has begun the same one meanwhile; for one that this very group
            begins: that it is begun.
    """

    campaign: Hash16
    known: bool
    relies_on: tuple[FactVersion, ...] = ()


def _bucket(band: bytes) -> str:
    """Return the fact that stands for a band: one of 2^16 for each of the four, so that they do not grow for ever."""
    return f"band/{band[0]}/{crc32(band) & 0xFFFF:04x}"


def _begun(campaign: Hash16) -> str:
    """Return the fact that a campaign is begun."""
    return f"campaign/{campaign.hex()}"


def _ruled_together(office: Office, outlook: Outlook, group: Sequence[_Marked]) -> list[tuple[_Marked, _Ruled, Commit]]:
    """Rule on a group, each notice after those before it."""
    seeing = through(office, outlook)
    # The bands' facts first: of two who begin the same campaign at once, one sees the other or is ruled again.
    outlook.facts([name for one in group for name in one.new_facts])
    outlook.read_places(place for one in group for place in (one.record, *one.bands))
    items = [item for one in group if not one.lacks for item in one.notice.items]
    subjects = iter(subjects_of(seeing, outlook, items))
    commits = []
    for one in group:
        about: dict[Hash16, tuple[Subject, Snapshot]] = {}
        for item in () if one.lacks else one.notice.items:
            subject = subject_after(seeing, item, next(subjects))
            about[subject.content] = subject, item
        ruled = _ruled(seeing, outlook, one, about.values())
        commit = _commit(one, ruled)
        outlook.move_on(commit)
        commits.append((one, ruled, commit))
    return commits


def _campaign_of(outlook: Outlook, one: _Marked) -> _Belongs | None:
    """Return the campaign that a text belongs to; None: it is too short to be told from others."""
    if one.mark is None or one.campaign is None:
        return None
    for place in one.bands:
        if (there := outlook.there(*place)) is not None and same(there.label, one.mark):
            campaign = Hash16(bytes(there.stream[4:]))
            began = [_begun(campaign)] if isinstance(there, Place) else []
            return _Belongs(campaign=campaign, known=True, relies_on=_versions(outlook, began))
    return _Belongs(campaign=one.campaign, known=False, relies_on=_versions(outlook, one.new_facts))


def _versions(outlook: Outlook, names: Sequence[str]) -> tuple[FactVersion, ...]:
    return tuple([FactVersion(name=name, version=outlook.fact(name)) for name in names])


def _ruled(office: Office, outlook: Outlook, one: _Marked, about: Iterable[tuple[Subject, Snapshot]]) -> _Ruled:
    """Say for each item whether the notice joins a case, opens one, or meets what was settled before."""
    standing = outlook.there(*one.record) if one.sender else None
    misuse = misuse_said(standing, one.notice.received_at)[0]
    if one.lacks or misuse == "suspended":
        return _apart(one, misuse)
    ruled = _Ruled(misuse=misuse)
    for subject, item in about:
        _rule_item(office, outlook, one, item, subject, ruled)
    if (belongs := _campaign_of(outlook, one)) is not None:
        _add_campaign(outlook, one, belongs, ruled)
    return ruled


def _add_campaign(outlook: Outlook, one: _Marked, belongs: _Belongs, ruled: _Ruled) -> None:
    campaign = belongs.campaign
    name = campaign.hex()
    ruled.campaign = name
    ruled.relies_on.extend(belongs.relies_on)
    stream = campaign_stream(campaign)
    if not belongs.known and one.mark is not None:
        ruled.advances.extend([fact.name for fact in belongs.relies_on])
        ruled.places.extend([Place(view=view, sort=band, stream=stream, label=one.mark) for view, band in one.bands])
        outlook.begin_tally(f"campaign/{name}")
    elif outlook.tallies(f"campaign/{name}").get(f"campaign/{name}", 0) + 1 >= SHOWN_FROM:
        ruled.places.append(Place(view=CAMPAIGNS, sort=campaign, stream=stream))
    for case in {case for _, case, _, _ in ruled.kept if case is not None}:
        ruled.places.append(Place(view=BY_CAMPAIGN, sort=campaign + case, stream=case))
    ruled.tallies.append(Tally(f"campaign/{name}", 1))


def _rule_item(office: Office, outlook: Outlook, one: _Marked, item: Snapshot, subject: Subject, ruled: _Ruled) -> None:
    # The fact first: a case that is opened after this look makes the commit stale, not the ruling wrong.
    version = outlook.fact(fact := content_fact(subject.content.hex()))
    there = outlook.there(CONTENT, subject.content)
    ruled.relies_on.append(FactVersion(name=fact, version=version))
    state = _STATES.get(there.label) if there else None
    if there is not None and state is not None:
        case = there.stream
        if isinstance(there, Place):
            # The group itself opens it. Should somebody else open another one first, for the same content, then the
            # content's fact may be where it is expected, and this case is never opened.
            ruled.relies_on.append(FactVersion(name=case_fact(case), version=outlook.fact(case_fact(case))))
    else:
        state = NoticeState.OPENED
        opening = _opening(office, one, item, subject, version)
        case = opening.file.stream
        new, moves = opening.commit_parts()
        ruled.openings.append(opening)
        ruled.relies_on.append(new)
        ruled.advances.extend((moves, fact))
    ruled.kept.append((notices_stream(case), case, state, item.url or item.item_id))
    ruled.tallies.append(Tally(f"notices/{case.hex()}", 1))


def _opening(office: Office, one: _Marked, item: Snapshot, subject: Subject, version: int) -> Opening:
    notice = one.notice
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
        source=Source.TRUSTED_FLAGGER if one.urgent else Source.ARTICLE_16,
        urgent=one.urgent,
    )


def _commit(one: _Marked, ruled: _Ruled) -> Commit:
    notice = one.notice
    at, sealed_for = notice.received_at, one.sender or f"notice/{notice.key}"
    records = [record for opening in ruled.openings for record in opening.records]
    cases = tuple([case.hex() for _, case, _, _ in ruled.kept if case is not None])
    digest = sha256(notice.raw).hexdigest()
    attached = tuple((file.name, sha256(file.body).hexdigest(), type_of(file.body)) for file in notice.attachments)
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
            missing=tuple([element.field for element in one.lacks]),
            urgent=one.urgent,
            campaign=ruled.campaign,
            attachments=attached,
        )
        records.append(Record(kind="notice", stream=stream, at=at, subject=sealed_for, body=_ENCODE(kept)))
    key = _key(at.date(), one.sender, notice.key)
    own = Stream(key)
    records.append(Record(kind="notice.raw", stream=own, at=at, subject=sealed_for, body=notice.raw))
    records.extend(
        Record(kind="notice.file", stream=own, at=at, subject=sealed_for, body=file.body) for file in notice.attachments
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
        tallies=(*[t for opening in ruled.openings for t in opening.tallies], *ruled.tallies, *counted),
        relies_on=tuple(ruled.relies_on),
        advances=tuple(ruled.advances),
        urgent=one.urgent,
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
    return states[0] if len(states) == 1 else min(states, key=_ORDER.index)


def _again(office: Office, act: int) -> Received | Conflict:
    rows = [row for row in office.queries.records_of_act(act) if row.kind == "notice"]
    kept = [_KEPT.decode(row.body) for row in rows if row.body is not None]
    if not kept:
        return Conflict("this notice was received before and has been erased since")
    sources = {element.field: element.source for element in ELEMENTS}
    return Received(
        reference=office.references.format("notice", rows[0].number),
        number=rows[0].number,
        stream=rows[0].stream,
        at=rows[0].at,
        state=_overall([one.state for one in kept]),
        missing=tuple((name, sources[name]) for name in kept[0].missing),
        again=True,
    )
