"""The conversation with those concerned: they answer from their link, without an account."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from evenhand.access.rules import rights
from evenhand.appeals.rules import last_day, refuse_appeal
from evenhand.desk.story import Move, read_body
from evenhand.desk.threads import party_reads, revealed, staff_reads
from evenhand.flow.appeals import notice_of, standing_of
from evenhand.flow.cases import require, sealed_for
from evenhand.flow.letters import as_body, asking_letter
from evenhand.flow.office import Deed, Office, do, load_case, story_of
from evenhand.flow.undoing import is_undoing
from evenhand.views.records import RecordRow
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import Audience, CaseFile, CaseState, Message
from evenhand.vocabulary.commit import Effect, Stream, commit_key
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.notice import KeptNotice, NoticeState
from evenhand.vocabulary.places import notices_stream
from evenhand.vocabulary.rights import Right

TEXT_CHARS_MAX = 20_000
PARTY_MESSAGES_MAX = 100
"""How many messages a party may write in one case: a conversation, not a flood."""
NOTIFIERS_LOOKED_AT = 1000
_KEPT = msgspec.json.Decoder(KeptNotice)
_ENCODE = encode
_APART = frozenset({NoticeState.INCOMPLETE.value, NoticeState.SUSPENDED.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadLine:
    """A message as its reader sees it.

    Attributes:
        ours: Written by the desk; a party never sees by whom.
        by: Staff id, for staff; "" otherwise.
        notice: For staff: whose thread it is in.
    """

    number: int
    at: datetime
    text: str
    ours: bool
    audience: Audience
    by: str = ""
    notice: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a party sees from their link.

    Attributes:
        party: "notifier" or "affected".
        state: "received", "in review", "decided" or "reversed": never who or how. Of a notice that joined no case:
            "incomplete" or "suspended".
        missing: Fields that an incomplete notice lacks.
        may_appeal_until: Last day on which they may appeal; "" if they may not.
        carried_out: Day (UTC) on which the platform said that it had done what was decided; "" before. What it did
            not do is between it and the desk.
    """

    party: str
    state: str
    thread: tuple[ThreadLine, ...]
    item: str
    decided_action: str = ""
    may_appeal_until: str = ""
    carried_out: str = ""
    missing: tuple[str, ...] = ()

    @property
    def may_write(self) -> bool:
        """Tell whether there is a case to write in."""
        return self.state not in _APART


def write_message(
    office: Office,
    actor: Actor,
    case: Stream,
    audience: Audience,
    text: str,
    *,
    notice: int | None = None,
    at: datetime,
) -> CaseFile:
    """Write to a party, to colleagues ("internal"), or into the sealed thread.

    Raises:
        InputError: The text is empty or too long, names nobody to write to, or would reveal another party.
        Denied: The actor may not.
    """
    words = _words(text)
    if (audience == "notifier") != (notice is not None):
        raise InputError("notice", "name the notice whose notifier you write to, and no other message's")
    reader = _notifier(office, case, notice) if notice is not None else None
    if audience in ("notifier", "affected"):
        _refuse_revealing(office, case, words, audience, reader)

    def rule(file: CaseFile) -> Deed:
        right = {"internal": Right.NOTE, "sealed": Right.SEALED}.get(audience, Right.ASK)
        require(actor, right, file)
        message = Message(audience=audience, text=words, by=actor.id, notice=notice)
        sealing = f"notifier/{reader.email.strip().lower()}" if reader and reader.email else sealed_for(file)
        effects = _told(office, file, message, reader, sealing, at)
        return Deed(moves=(Move("message", message, sealing),), effects=effects)

    return do(office, case, at, rule)[0]


def answer(office: Office, reference: str, text: str, *, key: str, at: datetime) -> Followed:
    """Keep what a party writes from their link.

    Raises:
        InputError: The link is not ours, or the text is empty, too long or one too many.
    """
    words = _words(text)
    case, party, notice, sealing = standing_of(office, reference)

    def rule(file: CaseFile) -> Deed:  # noqa: ARG001 - a party may always write
        said = [one for one in _thread(office, case) if not one[1].by and party_reads(one[1], party, notice)]
        if len(said) >= PARTY_MESSAGES_MAX:
            raise InputError("text", f"you have written {PARTY_MESSAGES_MAX} messages; please wait for an answer")
        return Deed(moves=(Move("message", Message(audience=party, text=words, notice=notice), sealing),))

    do(office, case, at, rule, key=commit_key(at.date(), b"answer", case, reference.encode(), key.encode()))
    return follow_link(office, reference)


def follow_link(office: Office, reference: str) -> Followed:
    """Return what a party may see of their matter: their own thread and where it stands."""
    if (apart := _apart(office, reference)) is not None:
        return apart
    case, party, notice, _ = standing_of(office, reference)
    file = load_case(office, case)
    story = story_of(office, case)
    lines = tuple(
        ThreadLine(number=number, at=at, text=message.text, ours=bool(message.by), audience=message.audience)
        for number, message, at in _messages(story)
        if party_reads(message, party, notice)
    )
    return Followed(
        party=party,
        state=_public_state(office, file),
        thread=lines,
        item=_item(office, file, notice),
        carried_out=_carried_out(file, story),
        **_redress(office, file, party),  # type: ignore[arg-type] # two texts
    )


def _apart(office: Office, reference: str) -> Followed | None:
    """Return how a notice stands that joined no case: what it lacks, or that its sender's notices wait (Art. 23)."""
    try:
        _, kept = notice_of(office, reference)
    except InputError:
        return None
    if kept.case:
        return None
    return Followed(
        party="notifier", state=kept.state.value, thread=(), item=kept.location, missing=tuple(kept.missing)
    )


def messages(office: Office, actor: Actor, case: Stream) -> list[ThreadLine]:
    """Return all threads of a case that the actor may read. The case must have been opened (`open_case`) first."""
    file = load_case(office, case)
    require(actor, Right.READ, file)
    sealed = Right.SEALED in rights(actor)
    return [
        ThreadLine(
            number=number,
            at=at,
            text=message.text,
            ours=bool(message.by),
            audience=message.audience,
            by=message.by,
            notice=message.notice,
        )
        for number, message, at in _thread(office, case)
        if staff_reads(message, sealed=sealed)
    ]


def secrets_of(office: Office, case: Stream, *, but: KeptNotice | None = None) -> list[str]:
    """Return names and addresses of a case's notifiers, but for one's own."""
    rows = office.queries.records(notices_stream(case), limit=NOTIFIERS_LOOKED_AT)
    kept = [_KEPT.decode(row.body) for row in rows if row.kind == "notice" and row.body is not None]
    own = {but.name, but.email} if but else set()
    return [text for one in kept for text in (one.email, one.name) if text and text not in own]


def _refuse_revealing(office: Office, case: Stream, text: str, audience: Audience, reader: KeptNotice | None) -> None:
    secrets = secrets_of(office, case, but=reader)
    if audience == "notifier":
        file = load_case(office, case)
        secrets += [file.snapshot.author] if file.snapshot else []
    if revealed(text, secrets) is not None:
        raise InputError("text", "names another party: neither may learn who the other is")


def _words(text: str) -> str:
    words = text.strip()
    if not words or len(words) > TEXT_CHARS_MAX:
        raise InputError("text", f"a message has 1 to {TEXT_CHARS_MAX} characters")
    return words


def _notifier(office: Office, case: Stream, notice: int) -> KeptNotice:
    row = office.queries.record(notice)
    if row is None or row.kind != "notice" or row.stream != notices_stream(case) or row.body is None:
        raise InputError("notice", "is not a notice of this case")
    return _KEPT.decode(row.body)


def _carried_out(file: CaseFile, story: Iterable[RecordRow]) -> str:
    if file.state is not CaseState.DONE:
        return ""
    return next((row.at.date().isoformat() for row in story if row.kind == "effect.done"), "")


def _thread(office: Office, case: Stream) -> Iterable[tuple[int, Message, datetime]]:
    return _messages(story_of(office, case))


def _messages(story: Iterable[RecordRow]) -> Iterable[tuple[int, Message, datetime]]:
    for row in story:
        if row.kind == "message" and row.body is not None:
            yield row.number, read_body(row.kind, row.body), row.at


def _told(
    office: Office, file: CaseFile, message: Message, reader: KeptNotice | None, sealing: str, at: datetime
) -> tuple[Effect, ...]:
    if message.audience in ("internal", "sealed"):
        return ()
    if reader is not None and not reader.email:
        return ()
    kind = "notice" if reader is not None else "affected"
    number = message.notice if reader is not None and message.notice is not None else file.number
    snapshot = file.snapshot
    to = reader.email if reader else (snapshot.author or snapshot.channel if snapshot else "")
    if not to:
        return ()
    language = reader.language if reader else file.opened.language or "EN"
    link = office.references.format(kind, number)  # type: ignore[arg-type] # one of two kinds
    # What stands in a subject is read by whoever carries the letter: the case's own reference opens nothing.
    shown = link if reader else office.references.format("case", file.number)
    body = {
        "language": language,
        "letter": as_body(asking_letter(office, shown, link, message.text, language)),
        "redress": link,
        "text": message.text,
        "to": to,
        "what": "question",
    }
    key = commit_key(at.date(), b"question", file.stream, str(message.notice).encode(), at.isoformat().encode())
    return (Effect(kind=f"tell.{message.audience}", key=key, body=_ENCODE(body), subject=sealing),)


def _public_state(office: Office, file: CaseFile) -> str:
    if file.state is CaseState.REVERSED:
        # Shown as done once it is done.
        return "in review" if is_undoing(office, file.stream) else "reversed"
    if not file.is_open:
        return "decided"
    return "received" if file.state is CaseState.WAITING else "in review"


def _item(office: Office, file: CaseFile, notice: int | None) -> str:
    if notice is not None and (row := office.queries.record(notice)) and row.body is not None:
        return _KEPT.decode(row.body).location
    return (file.snapshot.url or file.snapshot.item_id) if file.snapshot else ""


def _redress(office: Office, file: CaseFile, party: str) -> dict[str, str]:
    if file.decision is None:
        return {}
    if file.earlier is not None and file.state is CaseState.REVERSED and is_undoing(office, file.stream):
        # What was decided first still stands on the platform.
        return {"decided_action": file.earlier.proposal.action.value}
    said = {"decided_action": file.decision.proposal.action.value}
    try:
        refuse_appeal(file, party, file.decision.informed_at)  # type: ignore[arg-type] # a Party
    except InputError:
        return said
    return said | {"may_appeal_until": last_day(file.decision.informed_at).isoformat()}
