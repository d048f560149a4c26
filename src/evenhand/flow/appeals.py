"""An appeal comes in: from the link of the affected person or of the notifier, without an account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import msgspec

from evenhand.appeals.rules import excluded, refuse_appeal, refuse_unusable
from evenhand.desk.story import Move
from evenhand.flow.cases import sealed_for
from evenhand.flow.office import TRIES, Deed, Office, act, is_test, load_case, stream_of
from evenhand.flow.opening import Opening, Subject, at_place, open_case_for
from evenhand.vocabulary.appeal import Appeal, Appealed, KeptAppeal
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import Act, CaseFile, Origin, Party
from evenhand.vocabulary.commit import Commit, Duplicate, FactVersion, Place, Record, Stale, Stream, Tally, commit_key
from evenhand.vocabulary.errors import Conflict, InputError
from evenhand.vocabulary.notice import KeptNotice
from evenhand.vocabulary.places import APPEAL_OF, TEST, Hash16, case_fact, notices_stream

_ENCODE = encode
_KEPT = msgspec.json.Decoder(KeptNotice)
_APPEAL = msgspec.json.Decoder(KeptAppeal)
_APPEALS_LOOKED_AT = 200
ADDED_MAX = 20
"""How often somebody may write in one open appeal."""


def notice_of(office: Office, reference: str) -> tuple[int, KeptNotice]:
    """Return the number of a notice and what is kept of it, behind its sender's reference.

    Raises:
        InputError: It is not one of ours, or it was erased.
    """
    number = office.references.parse("notice", reference)
    row = office.queries.record(number)
    if row is None or row.kind != "notice" or row.body is None:
        raise InputError("reference", "this is not one of our references")
    return number, _KEPT.decode(row.body)


def standing_of(office: Office, reference: str) -> tuple[Stream, Party, int | None, str]:
    """Return the case, the party, the notice's number and whose key seals, behind a party's link.

    Raises:
        InputError: It is not a link of ours, or its case is gone.
    """
    try:
        number = office.references.parse("affected", reference)
    except InputError:
        number, kept = notice_of(office, reference)
        if not kept.case:
            raise InputError("reference", "there is no case behind this reference") from None
        sealing = f"notifier/{kept.email.strip().lower()}" if kept.email else f"case/{kept.case}"
        return Stream(bytes.fromhex(kept.case)), "notifier", number, sealing
    case = stream_of(office, number, "case.opened")
    return case, "affected", None, sealed_for(load_case(office, case))


def appeal_sort(case: Stream, party: Party) -> bytes:
    """Return where a party's appeal in a case stands: each side has one at most."""
    return case + party[:1].encode()


def receive_appeal(office: Office, appeal: Appeal) -> Appealed:
    """Keep an appeal and open its case, or join the one that is open (Art. 20).

    Whoever has an open appeal against the same decision adds to it, in whatever words: both get its reference, and it
    counts once.

    Raises:
        InputError: The link is not ours, nothing can be appealed, or the six months are over.
    """
    refuse_unusable(appeal)
    case, party, notice, sealing = standing_of(office, appeal.reference)
    for _ in range(TRIES):
        own = _own_open(office, case, party, notice)
        if own is not None and (before := own.digests.get(sha256(appeal.raw).hexdigest())) is not None:
            return _same(office, own, before)
        commit = (
            _commit(office, appeal, case, party, notice, sealing)
            if own is None
            else _added(office, appeal, own, case, party, notice, sealing)
        )
        [outcome] = office.docket.commit([commit])
        if isinstance(outcome, Stale):
            continue
        if own is not None:
            return _same(office, own, appeal.received_at)
        if isinstance(outcome, Duplicate):
            rows = [row for row in office.queries.records_of_act(outcome.act) if row.kind == "appeal"]
            return Appealed(
                reference=office.references.format("appeal", rows[0].number), number=rows[0].number, again=True
            )
        number = outcome.records[[record.kind for record in commit.records].index("appeal")]
        return Appealed(reference=office.references.format("appeal", number), number=number)
    raise Conflict("the case keeps changing; please send the appeal again")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """Somebody's open appeal.

    Attributes:
        number: Its record number.
        case: Stream of the appeal's own case.
        digests: Of what they sent so far: hex digest of the bytes → when they came.
    """

    number: int
    case: Stream
    digests: Mapping[str, datetime]


def _own_open(office: Office, case: Stream, party: Party, notice: int | None) -> _Own | None:
    """Return the open appeal of the same person against the same decision: from this link, or from their other one."""
    there = at_place(office, APPEAL_OF, appeal_sort(case, party))
    if there is None or there[1] != b"open":
        return None
    rows = [
        (row, _APPEAL.decode(row.body))
        for row in office.queries.records(notices_stream(there[0]), limit=_APPEALS_LOOKED_AT)
        if row.kind in ("appeal", "appeal.added") and row.body is not None
    ]
    address = _address(office, notice)
    own = [one for one in rows if one[1].notice == notice or (address and _address(office, one[1].notice) == address)]
    number = next((row.number for row, _ in own if row.kind == "appeal"), None)
    if number is None:
        return None
    return _Own(number=number, case=there[0], digests={kept.raw_sha256: row.at for row, kept in own})


def _address(office: Office, notice: int | None) -> str:
    """Return the address of a notice's sender; "" where there is none."""
    row = office.queries.record(notice) if notice is not None else None
    return _KEPT.decode(row.body).email.strip().lower() if row and row.kind == "notice" and row.body else ""


def _same(office: Office, own: _Own, at: datetime) -> Appealed:
    reference = office.references.format("appeal", own.number)
    return Appealed(reference=reference, number=own.number, again=True, received_at=at)


def _added(
    office: Office, appeal: Appeal, own: _Own, case: Stream, party: Party, notice: int | None, sealing: str
) -> Commit:
    """Return what keeps further words of somebody whose appeal is open: read with it, no appeal of their own."""
    if len(own.digests) >= ADDED_MAX:
        raise InputError("text", f"you have written {ADDED_MAX} times in this appeal; please wait for the decision")
    at, stream = appeal.received_at, notices_stream(own.case)
    digest = sha256(appeal.raw).hexdigest()
    kept = KeptAppeal(case=own.case.hex(), party=party, text=appeal.text, raw_sha256=digest, notice=notice)
    fact = case_fact(own.case)
    return Commit(
        key=commit_key(at.date(), b"appeal-added", case, party.encode(), str(notice).encode(), appeal.key.encode()),
        records=(
            Record(kind="appeal.added", stream=stream, at=at, subject=sealing, body=_ENCODE(kept)),
            Record(kind="appeal.raw", stream=stream, at=at, subject=sealing, body=appeal.raw),
        ),
        relies_on=(FactVersion(name=fact, version=office.queries.fact(fact)),),
        advances=(fact,),
    )


def _commit(office: Office, appeal: Appeal, case: Stream, party: Party, notice: int | None, sealing: str) -> Commit:
    at = appeal.received_at
    version = office.queries.fact(case_fact(case))
    there = at_place(office, APPEAL_OF, appeal_sort(case, party))
    file = load_case(office, case)
    refuse_appeal(file, party, at)
    key = commit_key(at.date(), b"appeal", case, party.encode(), str(notice).encode(), appeal.key.encode())
    if there is not None and there[1] == b"decided":
        raise InputError("reference", "an appeal against this was decided; a certified body may be asked (Art. 21)")
    opening = None if there else _opening(office, file, party, at, version)
    hidden = is_test(office, file)
    appeals = there[0] if there else opening.file.stream  # type: ignore[union-attr] # one of the two is there
    kept = KeptAppeal(
        case=appeals.hex(), party=party, text=appeal.text, raw_sha256=sha256(appeal.raw).hexdigest(), notice=notice
    )
    _, on_case = act(office, file, Deed(moves=(Move("appeal.received", Act(by=party)),)), at, version, key)
    stream = notices_stream(appeals)
    facts = opening.commit_parts() if opening else None
    return Commit(
        key=key,
        records=(
            Record(kind="appeal", stream=stream, at=at, subject=sealing, body=_ENCODE(kept)),
            Record(kind="appeal.raw", stream=stream, at=at, subject=sealing, body=appeal.raw),
            *on_case.records,
            *(opening.records if opening else ()),
        ),
        drops=on_case.drops,
        places=(
            *on_case.places,
            *(opening.places if opening else ()),
            *((_appeal_place(case, party, appeals),) if opening else ()),
            # An appeal against a test case is a test case as well.
            *((Place(view=TEST, sort=appeals, stream=appeals),) if hidden else ()),
        ),
        tallies=(
            *on_case.tallies,
            *(opening.tallies if opening else ()),
            *(() if hidden else (Tally(f"appeal/received/{party}", 1),)),
        ),
        relies_on=(
            *on_case.relies_on,
            *(
                (facts[0],)
                if facts
                else (FactVersion(name=case_fact(appeals), version=office.queries.fact(case_fact(appeals))),)
            ),
        ),
        advances=(*on_case.advances, *((facts[1],) if facts else ())),
    )


def _appeal_place(case: Stream, party: Party, appeals: Stream) -> Place:
    return Place(view=APPEAL_OF, sort=appeal_sort(case, party), stream=appeals, label=b"open")


def _opening(office: Office, file: CaseFile, party: Party, at: datetime, version: int) -> Opening:
    opened = file.opened
    subject = Subject(
        item=Hash16(bytes.fromhex(opened.item_key)),
        content=Hash16(bytes.fromhex(opened.content_key)),
        content_sha256=opened.content_sha256,
        author=Hash16(bytes.fromhex(opened.author_key)) if opened.author_key else None,
        sealed_for=sealed_for(file),
    )
    return open_case_for(
        office,
        Stream(commit_key(at.date(), b"appeal-case", file.stream, version.to_bytes(8, "big"))),
        subject,
        file.snapshot,
        at=at,
        origin=Origin.APPEAL,
        category=opened.category,
        keyword=opened.keyword,
        source=opened.source,
        because=file.because,
        rule=opened.rule,
        edition=opened.edition,
        about=file.stream.hex(),
        about_decision=None if is_test(office, file) else decision_number(office, file),
        excluded=excluded(file),
        appellant=party,
    )


def decision_number(office: Office, file: CaseFile) -> int:
    """Return the number of a case's last decision."""
    found = office.queries.decisions_of_act(file.decision_act) if file.decision_act else []
    if not found:
        raise Conflict("nothing has been decided in this case")
    return found[0].number
