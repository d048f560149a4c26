"""A case's dossier: everything that stands around a case when a person looks at it. It writes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

import msgspec

from evenhand.access.rules import Allowed, Refused, may, may_work, rights
from evenhand.desk.routing import walled
from evenhand.flow.authors import load_author
from evenhand.flow.cases import require, shown
from evenhand.flow.decision import walled_hash
from evenhand.flow.notifiers import misuse_of, record_of_sender
from evenhand.flow.office import Office, load_case, step_of, story_of
from evenhand.flow.similar import Similar, similar_to
from evenhand.flow.telling import sender_of_kept
from evenhand.views import desk
from evenhand.views.decisions import DecisionRow
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.case import Act, CaseFile, Origin, QueueLine
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.eu import Category, Keyword
from evenhand.vocabulary.notice import KeptNotice
from evenhand.vocabulary.places import WALLED, instant_key, notices_stream
from evenhand.vocabulary.rights import Right

NOTICES_SHOWN = 20
LINES_SHOWN = 20
FILES_LOOKED_AT = 200
_KEPT = msgspec.json.Decoder(KeptNotice)
_APPEALS = ("appeal", "appeal.added")
PERSON = "person"
"""What stands for the rule in a person's decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSeen:
    """A notice as staff reads it: never the notifier's address.

    Attributes:
        number: Record number; names its notifier's thread.
        upheld, rejected, unfounded: What the sender's notices came to in the last three months.
        misuse: "", "warned" or "suspended".
        files: (record number, name, type told from the bytes, size in bytes) of each attachment.
    """

    number: int
    at: datetime
    reasons: str
    name: str
    location: str
    category: Category | None
    language: str
    flagger: str
    urgent: bool
    campaign: str
    upheld: int = 0
    rejected: int = 0
    unfounded: int = 0
    misuse: str = ""
    files: tuple[tuple[int, str, str, int], ...] = ()
    reachable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealSeen:
    """What somebody wrote in their appeal."""

    number: int
    at: datetime
    party: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSeen:
    """A line of a case's story: who did what and when; `by` is a staff id, "clock", "platform" or a party."""

    at: datetime
    kind: str
    by: str
    to: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A case in a list, with its reference."""

    line: QueueLine
    reference: str
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorSeen:
    """An author's history.

    Attributes:
        weight: What their strikes count for now.
        strikes: (when, weight, until), the newest first.
        sanctions: (when, id, until), the newest first.
    """

    weight: int
    strikes: tuple[tuple[datetime, int, datetime], ...]
    sanctions: tuple[tuple[datetime, str, datetime | None], ...]
    cases: tuple[Listed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What stands around a case.

    Attributes:
        notices: The first of them; `notice_count` says how many there are.
        campaign: 32 hex digits and the number of its notices, where it is shown as one.
        alarm_open: The alarm was raised and no authority has acknowledged it.
    """

    notices: tuple[NoticeSeen, ...]
    notice_count: int
    appeals: tuple[AppealSeen, ...]
    steps: tuple[StepSeen, ...]
    similar: tuple[Similar, ...]
    author: AuthorSeen | None
    campaign: str
    campaign_count: int
    about: Listed | None
    alarm_open: bool


def queues_of(office: Office, actor: Actor) -> tuple[str, ...]:
    """Return the queues that an actor may see, the most pressing first."""
    return tuple(queue for queue in office.book.names() if may_work(actor, queue))


def rights_of(actor: Actor) -> frozenset[Right]:
    """Return everything that an actor's roles give, on either side of the wall."""
    return rights(actor) | rights(actor, walled=True)


def rights_at(actor: Actor, file: CaseFile) -> frozenset[Right]:
    """Return what an actor may do at one case."""
    return frozenset(right for right in Right if isinstance(may(actor, right, file), Allowed))


def kept_from(actor: Actor, file: CaseFile) -> str:
    """Return why an actor may not take up a case that others of their role may; empty: nothing keeps them from it."""
    answer = may(actor, Right.CLAIM, file)
    return answer.reason if isinstance(answer, Refused) and actor.id in file.opened.excluded else ""


def is_hidden(actor: Actor, file: CaseFile) -> bool:
    """Tell whether an actor may not even know that a case is there."""
    return not isinstance(may(actor, Right.LIST, file), Allowed)


def decision_shown(actor: Actor, keyword: str) -> bool:
    """Tell whether an actor may see a single decision: those about child abuse stay behind the wall."""
    known = Keyword(keyword) if keyword in set(Keyword) else None
    return Right.READ in rights(actor, walled=walled(known))


def decides(actor: Actor) -> bool:
    """Tell whether an actor decides cases, hidden test cases among them."""
    return Right.PROPOSE in rights_of(actor)


def decisions_shown(office: Office | None, actor: Actor, rows: Sequence[DecisionRow]) -> list[DecisionRow]:
    """Return the decisions that an actor may see: neither those about child abuse nor those made behind the wall.

    Who decides cases sees machines' decisions here and people's as cases (`people_decided`): a test case makes no
    decision, and the row that is missing would tell.
    """
    seen = [row for row in rows if decision_shown(actor, row.keyword) and not (row.rule == PERSON and decides(actor))]
    if office is None or Right.READ in rights(actor, walled=True):
        return seen
    marks = {row.number: (WALLED, walled_hash(office, row.decided_at, row.item_id)) for row in seen}
    behind = office.queries.at(list(marks.values()))
    return [row for row in seen if marks[row.number] not in behind]


def people_decided(
    office: Office, actor: Actor, day: date, action: str, *, after: bytes, limit: int
) -> tuple[list[Listed], bytes]:
    """Return cases that people decided on a day (UTC), the oldest first, and where the next page begins, or b""."""
    begins = datetime.combine(day, time(), UTC)
    until = instant_key(begins + timedelta(days=1))
    by, value = ("action", action) if action else ("", "")
    lines = desk.decided(office.queries, by, value, after=after or instant_key(begins), until=until, limit=limit + 1)
    return listed(office, actor, lines[:limit]), lines[limit - 1].cursor if len(lines) > limit else b""


def opened_since(office: Office, actor: Actor, case: Stream, since: datetime) -> bool:
    """Tell whether an actor has opened a case since an instant."""
    steps = (step_of(row) for row in story_of(office, case) if row.kind == "access")
    return any(step.at >= since and step.body is not None and step.body.by == actor.id for step in steps)


def listed(office: Office, actor: Actor, lines: Iterable[QueueLine]) -> list[Listed]:
    """Return lines that the actor may see, each with the case's reference."""
    return [Listed(line=line, reference=reference_of(office, line.case)) for line in shown(actor, lines)]


def reference_of(office: Office, case: Stream) -> str:
    """Return staff's reference of a case."""
    [first] = office.queries.records(case, limit=1)
    return office.references.format("case", first.number)


def load_dossier(office: Office, actor: Actor, file: CaseFile, *, at: datetime) -> Dossier:
    """Return what stands around a case. The case must have been opened (`flow.cases.open_case`) first.

    Raises:
        Denied: The actor may not read it.
    """
    require(actor, Right.READ, file)
    stream = about_stream(file)
    rows = [step_of(row) for row in story_of(office, file.stream)]
    notices, count = notices_of(office, stream, at=at)
    campaign = next((one.campaign for one in notices if one.campaign), file.opened.campaign)
    kinds = [row.kind for row in rows]
    return Dossier(
        notices=notices,
        notice_count=count,
        appeals=_appeals_of(office, file) if file.opened.origin is Origin.APPEAL else (),
        steps=tuple(_seen(row.kind, row.at, row.body) for row in rows),
        similar=similar_to(office, actor, file),
        author=_author(office, actor, file, at=at),
        campaign=campaign,
        campaign_count=office.queries.tallies(f"campaign/{campaign}").get(f"campaign/{campaign}", 0) if campaign else 0,
        about=_about(office, file),
        alarm_open="alarm.raised" in kinds and "alarm.answered" not in kinds,
    )


def about_stream(file: CaseFile) -> Stream:
    """Return the case that a case is about: an appeal is about the first one."""
    return Stream(bytes.fromhex(file.opened.about)) if file.opened.about else file.stream


def _about(office: Office, file: CaseFile) -> Listed | None:
    if not file.opened.about:
        return None
    stream = about_stream(file)
    first = load_case(office, stream)
    for line in desk.of_item(office.queries, bytes.fromhex(first.opened.item_key)):
        if line.case == stream and first.decision:
            action = first.decision.proposal.action.value
            return Listed(line=line, reference=reference_of(office, stream), action=action)
    return None


def _seen(kind: str, at: datetime, body: object) -> StepSeen:
    if isinstance(body, Act):
        return StepSeen(at=at, kind=kind, by=body.by, to=body.to, text=body.text)
    return StepSeen(at=at, kind=kind, by=getattr(body, "by", "") or "")


def notices_of(office: Office, case: Stream, *, at: datetime) -> tuple[tuple[NoticeSeen, ...], int]:
    """Return a case's first notices, and how many there are."""
    rows = office.queries.records(notices_stream(case), limit=NOTICES_SHOWN)
    seen = []
    for row in rows:
        if row.kind != "notice" or row.body is None:
            continue
        kept = _KEPT.decode(row.body)
        sender = sender_of_kept(kept)
        record = record_of_sender(office, sender, at) if sender else None
        seen.append(
            NoticeSeen(
                number=row.number,
                at=row.at,
                reasons=kept.reasons,
                name=kept.name,
                location=kept.location,
                category=kept.category,
                language=kept.language,
                flagger=kept.flagger,
                urgent=kept.urgent,
                campaign=kept.campaign,
                upheld=record.upheld if record else 0,
                rejected=record.rejected if record else 0,
                unfounded=record.unfounded if record else 0,
                misuse=misuse_of(office, sender, at)[0] if sender else "",
                files=_files(office, row.act, kept),
                reachable=bool(kept.email),
            )
        )
    return tuple(seen), desk.notices_of(office.queries, case)


def _files(office: Office, act: int, kept: KeptNotice) -> tuple[tuple[int, str, str, int], ...]:
    if not kept.attachments:
        return ()
    rows = [row for row in office.queries.records_of_act(act) if row.kind == "notice.file" and row.body is not None]
    digests = {sha256(row.body or b"").hexdigest(): row for row in rows}
    return tuple(
        (row.number, name, kind, len(row.body or b""))
        for name, digest, kind in kept.attachments
        if (row := digests.get(digest)) is not None
    )


def file_of(office: Office, actor: Actor, file: CaseFile, number: int) -> tuple[str, bytes] | None:
    """Return the name and the bytes of an attachment that came with one of a case's notices, or None."""
    require(actor, Right.READ, file)
    for row in office.queries.records(notices_stream(about_stream(file)), limit=FILES_LOOKED_AT):
        if row.kind != "notice" or row.body is None:
            continue
        for found, name, _, _ in _files(office, row.act, _KEPT.decode(row.body)):
            if found == number and (record := office.queries.record(number)) and record.body is not None:
                return name, record.body
    return None


def _appeals_of(office: Office, file: CaseFile) -> tuple[AppealSeen, ...]:
    found = []
    for row in office.queries.records(notices_stream(file.stream), limit=NOTICES_SHOWN):
        if row.kind in _APPEALS and row.body is not None:
            kept = msgspec.json.decode(row.body)
            found.append(AppealSeen(number=row.number, at=row.at, party=str(kept["party"]), text=str(kept["text"])))
    return tuple(found)


def _author(office: Office, actor: Actor, file: CaseFile, *, at: datetime) -> AuthorSeen | None:
    if not file.opened.author_key:
        return None
    record = load_author(office, file.opened.author_key)
    lines = desk.of_author(office.queries, bytes.fromhex(file.opened.author_key), limit=LINES_SHOWN)
    cases = []
    for line in shown(actor, lines):
        if line.case == file.stream:
            continue
        one = load_case(office, line.case)
        action = one.decision.proposal.action.value if one.decision else ""
        cases.append(Listed(line=line, reference=office.references.format("case", one.number), action=action))
    return AuthorSeen(
        weight=record.weight(at),
        strikes=tuple((one.at, one.weight, one.expires_at) for one in reversed(record.strikes)),
        sanctions=tuple((one.at, one.id, one.until) for one in reversed(record.sanctions)),
        cases=tuple(cases),
    )


def campaigns_shown(office: Office, actor: Actor, *, limit: int) -> list[tuple[str, int, tuple[Listed, ...]]]:
    """Return campaigns of which the actor may see a case: id in hex, number of notices, the first open cases."""
    found = []
    for campaign, count in desk.campaigns(office.queries, limit=limit):
        cases = campaign_cases(office, actor, campaign, limit=3)
        if cases:
            found.append((campaign.hex(), count, tuple(cases)))
    return found


def campaign_cases(office: Office, actor: Actor, campaign: bytes, *, limit: int = 200) -> list[Listed]:
    """Return a campaign's cases that the actor may see."""
    found = []
    for stream in desk.of_campaign(office.queries, campaign, limit=limit):
        file = load_case(office, stream)
        if is_hidden(actor, file):
            continue
        found.append(Listed(line=line_of(file), reference=office.references.format("case", file.number)))
    return found


def line_of(file: CaseFile) -> QueueLine:
    """Return a case as a line of a list."""
    return QueueLine(
        case=file.stream,
        cursor=b"",
        queue=file.queue,
        state=file.state,
        origin=file.opened.origin,
        category=file.opened.category,
        language=file.opened.language or "",
        harm=file.opened.harm,
        due_at=file.due_at,
        overdue=file.overdue,
        walled=file.walled,
    )
