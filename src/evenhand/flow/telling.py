"""Who is told what: the affected person, and each notifier. What is said is kept, byte for byte."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from evenhand.desk.story import Move
from evenhand.flow.decision_made import decision_of
from evenhand.flow.letter_head import message_id_of
from evenhand.flow.letters import (
    appellant_letter,
    as_body,
    confirmation_letter,
    notifier_letter,
    restored_letter,
)
from evenhand.flow.notifiers import Sent, judge_senders, sender_hash
from evenhand.flow.office import Office, load_case
from evenhand.flow.statement_made import Prepared
from evenhand.views.records import PlaceRow, RecordRow
from evenhand.vocabulary.appeal import KeptAppeal
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import CaseFile, CaseState, Proposal, Words
from evenhand.vocabulary.commit import (
    Commit,
    CommitKey,
    Effect,
    FactVersion,
    Place,
    Record,
    Stale,
    Stream,
    Tally,
    commit_key,
)
from evenhand.vocabulary.decision import RESTRICTIVE, Action, Decision
from evenhand.vocabulary.notice import KeptNotice, NoticeState, Snapshot
from evenhand.vocabulary.places import ANSWERING, CONFIRMING, by_instant, notices_stream

_ENCODE = encode
_KEPT = msgspec.json.Decoder(KeptNotice)
_APPEAL = msgspec.json.Decoder(KeptAppeal)
ANSWERED_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody is told.

    Attributes:
        effect: For the courier.
        body: The same bytes, as they are kept.
        subject: Whose key seals them.
    """

    effect: Effect
    body: bytes
    subject: str | None


def statement_move(told: Told) -> Move:
    """Return the record of a statement: its exact bytes."""
    return Move("statement", told.body, told.subject)


def tell_affected(
    office: Office,
    file: CaseFile,
    decision: Decision,
    proposal: Proposal,
    prepared: Prepared | None,
    *,
    at: datetime,
    key: CommitKey,
) -> Told | None:
    """Return what the affected person is told of a decision; None where nobody is known or nothing was taken."""
    if decision.action not in RESTRICTIVE and decision.action is not Action.RESTORE:
        return None
    if file.snapshot is None or proposal.spam:
        return None
    letter = prepared.letter if prepared else restored_letter(office, file, decision)
    body = _ENCODE(
        {
            "action": decision.action.value,
            "case": file.stream.hex(),
            "category": decision.policy.category.value,
            "facts": decision.facts,
            "ground": decision.policy.ground.value,
            "item": file.snapshot.url or file.snapshot.item_id,
            "language": file.opened.language or "EN",
            "letter": as_body(letter),
            "policy": decision.policy.reference,
            "redress": office.references.format("affected", file.number),
            "source": file.opened.source.value,
            "territory": list(proposal.territory),
            "to": file.snapshot.author or file.snapshot.channel,
            "until": proposal.until.isoformat() if proposal.until else None,
            "what": "reversal" if decision.action is Action.RESTORE else "decision",
        }
    )
    effect = Effect(
        kind="tell.affected", key=commit_key(at.date(), b"tell-affected", key), body=body, subject=decision.subject
    )
    return Told(effect=effect, body=body, subject=decision.subject)


def answer_notifiers(office: Office, *, at: datetime) -> int:
    """Answer the notifiers of all decided cases that wait for it; return how many were answered.

    A case's notices may be thousands: they are answered in groups, each an act of its own that says how far it got.
    """
    answered = 0
    while lines := office.queries.places(ANSWERING, limit=1):
        answered += _answer_group(office, lines[0].sort, lines[0].stream, lines[0].label, at)
    return answered


def _answer_group(office: Office, sort: bytes, case: Stream, label: bytes, at: datetime) -> int:
    after = int(label or b"0")
    rows = office.queries.records(notices_stream(case), after=after, limit=ANSWERED_AT_ONCE)
    file = load_case(office, case)
    effects, records = [], []
    for row in rows:
        told = _told(office, file, row)
        if told is None:
            continue
        kind, body, subject = told
        effect_key = commit_key(at.date(), b"tell", case, sort, row.number.to_bytes(8, "big"))
        effects.append(Effect(kind=kind, key=effect_key, body=body, subject=subject))
        records.append(Record(kind="notice.answered", stream=notices_stream(case), at=at, subject=subject, body=body))
    tallies, senders = _records_of_senders(office, file, rows, at)
    through = rows[-1].number if rows else after
    more = len(rows) == ANSWERED_AT_ONCE
    rest = (Place(view=ANSWERING, sort=sort, stream=case, label=str(through).encode()),) if more else ()
    fact = f"answering/{case.hex()}"
    commit = Commit(
        key=commit_key(at.date(), b"answering", case, sort, after.to_bytes(8, "big")),
        effects=tuple(effects),
        records=tuple(records),
        drops=() if more else ((ANSWERING, sort),),
        places=rest,
        tallies=tallies,
        relies_on=(FactVersion(name=fact, version=office.queries.fact(fact)),),
        advances=(fact,),
    )
    [outcome] = office.docket.commit([commit])
    if isinstance(outcome, Stale):
        return 0
    judge_senders(office, senders, at=at)
    return len(effects)


def _records_of_senders(
    office: Office, file: CaseFile, rows: Sequence[RecordRow], at: datetime
) -> tuple[tuple[Tally, ...], dict[str, Sent]]:
    """Return what this decision adds to the notifiers' records, and those whose record is to be judged."""
    counts: Counter[str] = Counter()
    senders: dict[str, Sent] = {}
    for row in rows:
        if row.kind != "notice" or row.body is None:
            continue
        kept = _KEPT.decode(row.body)
        sender = sender_of_kept(kept)
        if not sender or kept.state not in (NoticeState.OPENED, NoticeState.JOINED):
            continue
        prefix = f"notifier/{sender_hash(office, sender).hex()}/{at:%Y-%m}"
        for what, by in worth(file).items():
            counts[f"{prefix}/{what}"] += by
        senders[sender] = Sent(email=kept.email, language=kept.language, newest_at=row.at)
    judged = senders if file.decision and file.decision.proposal.unfounded else {}
    return tuple(Tally(name, by) for name, by in counts.items() if by), judged


def sender_of_kept(kept: KeptNotice) -> str:
    """Return who sent a kept notice; "" for nobody named."""
    if kept.flagger:
        return f"flagger/{kept.flagger}"
    return f"notifier/{kept.email.strip().lower()}" if kept.email.strip() else ""


def worth(file: CaseFile) -> dict[str, int]:
    """Return what a decision says of its notices; a reversal takes back what was said before."""
    said: Counter[str] = Counter()
    for decided, by in ((file.decision, 1), (file.earlier, -1)):
        if decided is not None:
            said["upheld" if decided.proposal.action in RESTRICTIVE else "rejected"] += by
            said["unfounded"] += by * decided.proposal.unfounded
    return dict(said)


def confirm_receipts(office: Office, *, at: datetime) -> int:
    """Confirm receipt by mail to those whose notices wait for it (Art. 16(4)); return how many.

    The reference is a number that only the docket gives, so this is an act of its own, right after.
    """
    confirmed = 0
    while lines := office.queries.places(CONFIRMING, limit=ANSWERED_AT_ONCE):
        commits = [_confirmation(office, line, at) for line in lines]
        confirmed += sum(not isinstance(outcome, Stale) for outcome in office.docket.commit(commits))
    return confirmed


def _confirmation(office: Office, line: PlaceRow, at: datetime) -> Commit:
    key = commit_key(at.date(), b"confirmed", line.sort)
    drops = ((CONFIRMING, line.sort),)
    raw = office.queries.records(line.stream, limit=1)
    rows = office.queries.records_of_act(raw[0].act) if raw else []
    row = next((one for one in rows if one.kind == "notice"), None)
    if row is None or row.body is None:
        return Commit(key=key, drops=drops)
    kept = _KEPT.decode(row.body)
    body = _ENCODE(
        {
            "in_reply_to": _message_id(office, kept, row.act),
            "item": kept.location,
            "language": kept.language,
            "letter": as_body(confirmation_letter(office, kept, row.number, row.at)),
            "missing": list(kept.missing),
            "redress": office.references.format("notice", row.number),
            "state": kept.state.value,
            "to": kept.email,
            "what": "receipt",
        }
    )
    subject = f"notifier/{kept.email.strip().lower()}"
    effect = Effect(kind="tell.notifier", key=commit_key(at.date(), b"receipt", line.sort), body=body, subject=subject)
    return Commit(key=key, drops=drops, effects=(effect,))


def _told(office: Office, file: CaseFile, row: RecordRow) -> tuple[str, bytes, str] | None:
    """Return kind, body and subject of what whoever wrote this record is told; None: nobody is to be told."""
    if row.body is None:
        return None
    if row.kind == "appeal":
        return _told_appellant(office, file, row.number, _APPEAL.decode(row.body))
    if row.kind != "notice":
        return None
    kept = _KEPT.decode(row.body)
    if not kept.email or kept.state not in (NoticeState.OPENED, NoticeState.JOINED):
        return None
    return "tell.notifier", _answer(office, file, kept, row), f"notifier/{kept.email.strip().lower()}"


def _told_appellant(office: Office, file: CaseFile, number: int, kept: KeptAppeal) -> tuple[str, bytes, str] | None:
    """Return what an appellant is told: the outcome, and that a certified body may be asked (Art. 20(5))."""
    outcome = file.decision.proposal.outcome if file.decision else None
    body = {
        "language": file.opened.language or "EN",
        "outcome": outcome.value if outcome else "",
        "redress": office.references.format("appeal", number),
        "what": "appeal",
    }
    row = office.queries.record(kept.notice) if kept.notice is not None else None
    if row is not None and row.body is not None:
        notice = _KEPT.decode(row.body)
        if notice.email:
            letter = as_body(appellant_letter(office, file, number, notice.language))
            said = {**body, "language": notice.language, "letter": letter, "to": notice.email}
            return "tell.notifier", _ENCODE(said), f"notifier/{notice.email.strip().lower()}"
    if kept.party == "affected" and file.snapshot is not None:
        author = file.snapshot.author or file.snapshot.channel
        letter = as_body(appellant_letter(office, file, number, file.opened.language))
        return "tell.affected", _ENCODE({**body, "letter": letter, "to": author}), author
    return None


def _answer(office: Office, file: CaseFile, kept: KeptNotice, row: RecordRow) -> bytes:
    assert file.decision is not None  # noqa: S101 - only decided cases are answered
    assert file.decided_at is not None  # noqa: S101 - as above
    acted = file.decision.proposal.action in RESTRICTIVE
    item = file.snapshot or Snapshot(kind=file.opened.kind)
    decision = decision_of(file, file.decision.proposal, Words(facts=""), item, file.decided_at, b"")
    return _ENCODE(
        {
            "acted": acted,
            "automated": False,
            "in_reply_to": _message_id(office, kept, row.act),
            "item": kept.location,
            "language": kept.language,
            "letter": as_body(notifier_letter(office, file, kept, row.number, decision)),
            "redress": office.references.format("notice", row.number),
            "to": kept.email,
            "what": "reversal" if file.state is CaseState.REVERSED else "answer",
        }
    )


def _message_id(office: Office, kept: KeptNotice, act: int) -> str:
    """Return the id of the letter that a notice came in, "" where it came by another door."""
    if kept.channel != "mail":
        return ""
    raw = next((row.body for row in office.queries.records_of_act(act) if row.kind == "notice.raw"), None)
    return message_id_of(raw) if raw else ""


def answering_place(case: Stream, at: datetime) -> Place:
    """Return the place that makes a case's notifiers be answered."""
    return Place(view=ANSWERING, sort=by_instant(at, case), stream=case)
