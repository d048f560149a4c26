"""The answer to a request leaves: with it, in the same commit, the measures that it says were taken.

Whether an authority asked for a measure does not show in public: the entry is like any other of a person's decisions.
While a matter is confidential, its entries are held back until its seal ends.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal

from msgspec import json
from msgspec.structs import replace as with_fields

from evenhand.flow.call_back import Guard, without_registry
from evenhand.flow.concerned import to_be_told
from evenhand.flow.decision import Chance
from evenhand.flow.letter_head import message_id_of
from evenhand.flow.letters import authority_letter
from evenhand.flow.office import Office
from evenhand.flow.receipting import give_receipt
from evenhand.flow.receipts import ReceiptPen
from evenhand.flow.requests import Ruled, act, lacking, sealed_for
from evenhand.flow.to_authority import to_authority
from evenhand.ledger.receipt import Purpose
from evenhand.orders.measures import KINDS
from evenhand.release.rules import SALT_BYTES, decision_entry
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.commit import Commit, Effect, Place, Record, Stream, commit_key
from evenhand.vocabulary.decision import BY_PERSON, Action, Decision, Policy
from evenhand.vocabulary.errors import Conflict, Denied
from evenhand.vocabulary.eu import Automation, Ground, Source
from evenhand.vocabulary.matter import Assessed, Draft, Interim, MatterFile, Measure, Sent
from evenhand.vocabulary.places import by_instant
from evenhand.vocabulary.request import RequestOutcome

HELD = "entry/held"
"""Entries that wait for the end of a seal, by it."""
RELEASED_AT_ONCE = 200
_FIRST_RECORDS = 5


def send_reply(
    office: Office,
    pen: ReceiptPen,
    actor: Actor,
    stream: Stream,
    *,
    is_legal: Callable[[str], bool],
    at: datetime,
    chance: Chance,
    guard: Guard = without_registry,
) -> bytes:
    """Send the approved reply, and take the measures that were approved with it; return the receipt "answered".

    An interim letter answers nothing: it has no such receipt (b""), and the matter stays open with its clock.

    Args:
        office: The desk.
        pen: Signs the receipt.
        actor: Who sends it, of the legal team.
        stream: The matter.
        is_legal: Tells whether a staff id is of the legal team.
        at: Now.
        chance: Random bytes.
        guard: Says what an emergency's answer lacks, at this moment; without one none leaves.

    Raises:
        Denied: The actor is not of the legal team.
        Conflict: An approval or a call-back lacks, or there is nothing to send.
    """
    if Role.LEGAL not in actor.roles:
        raise Denied("this is the legal team's")

    def rule(file: MatterFile) -> Ruled:
        legal = frozenset(person for person in file.approved_by if is_legal(person))
        if (why := lacking(file, legal) or guard(office, file)) is not None:
            raise Conflict(why)
        draft, outcome = _standing(file)
        if draft.interim:
            told = Interim(by=actor.id, sha256=draft.sha256, text=draft.text)
            return "interim.sent", told, (_letter(office, file, draft, at),)
        kind = "question.sent" if outcome == "clarify" else "reply.sent"
        sent = Sent(by=actor.id, sha256=draft.sha256, outcome=outcome, unclarified=file.lapsed is not None)
        return kind, sent, (_letter(office, file, draft, at),)

    after = act(office, stream, at, rule, more=lambda file: _measures(file, at, chance))
    if after.draft is None:
        return b""
    draft, _ = _standing(after)
    return give_receipt(
        office,
        pen,
        draft.text.encode("utf-8", "replace"),
        purpose=Purpose.ANSWERED,
        reference=_receipted(office, after),
        at=at,
        stream=stream,
        subject=sealed_for(stream),
    )


def _standing(file: MatterFile) -> tuple[Draft, RequestOutcome]:
    if file.draft is None or file.assessed is None:
        raise Conflict("there is no reply to send")
    if sha256(file.draft.text.encode("utf-8", "replace")).hexdigest() != file.draft.sha256:
        raise Conflict("the bytes of the draft are not those that were approved")
    # What nobody clarified is not executed: nothing is asked a second time.
    return file.draft, "refuse" if file.lapsed is not None else file.assessed.ruling.outcome


def _letter(office: Office, file: MatterFile, draft: Draft, at: datetime) -> Effect:
    """Return the effect that carries the exact bytes that were approved."""
    kept = file.kept
    kind: Literal["question", "reply"] = "question" if _standing(file)[1] == "clarify" else "reply"
    reference = office.references.format("request", file.number)
    language = kept.language if kept else "EN"
    letter = authority_letter(office, kind, reference, draft.text, language)
    turn = f"{len(file.clarifications)}.{len(file.interims)}".encode()
    key = commit_key(at.date(), b"reply", file.stream, draft.sha256.encode(), turn)
    return to_authority(
        office,
        file,
        key,
        "reply",
        letter,
        draft.text,
        in_reply_to=_answers(office, file) if kept and kept.entrance == "mail" else "",
        receipt_of="" if draft.interim else _receipted(office, file),
        sha256=draft.sha256,
    )


def _receipted(office: Office, file: MatterFile) -> str:
    """Return what the receipt "answered" names: the request, and which of our letters about it this is."""
    reference = office.references.format("request", file.number)
    return f"{reference}-{len(file.clarifications)}" if file.clarifications else reference


def _answers(office: Office, file: MatterFile) -> str:
    rows = office.queries.records(file.stream, limit=_FIRST_RECORDS)
    raw = next((row.body for row in rows if row.kind == "request.raw"), None)
    return message_id_of(raw) if raw else ""


def _measures(file: MatterFile, at: datetime, chance: Chance) -> Commit:
    """Return decisions, entries and actions for every measure that was approved with the reply."""
    empty = Commit(key=commit_key(at.date(), b"measures", file.stream))
    if file.assessed is None or file.draft is None or not file.draft.measures:
        return empty
    every = [_decision(file.assessed, file.draft, each, at, chance(SALT_BYTES)) for each in file.draft.measures]
    # Two asks may come to the same measure against the same thing: it is taken once.
    made = list({(each.item_id, each.action): each for each in every}.values())
    entries = tuple(decision_entry(decision) for decision in made)
    effects = tuple(_action(file.stream, decision, at) for decision in made)
    concerned, telling = to_be_told(file.stream, file.assessed, made, file.draft.told_in, at)
    empty = with_fields(empty, records=concerned, places=telling)
    sealed_until = file.assessed.request.confidential_until
    if sealed_until is None or sealed_until <= at:
        return with_fields(empty, decisions=tuple(made), entries=entries, effects=effects)
    held = encode([entry.decode("ascii") for entry in entries])
    record = Record(kind="entry.held", stream=file.stream, at=at, subject=None, body=held)
    place = Place(view=HELD, sort=by_instant(sealed_until.astimezone(UTC), file.stream), stream=file.stream)
    return with_fields(
        empty,
        decisions=tuple(made),
        effects=effects,
        records=(*empty.records, record),
        places=(*empty.places, place),
    )


def _decision(assessed: Assessed, draft: Draft, measure: Measure, at: datetime, salt: bytes) -> Decision:
    request = assessed.request
    kind = KINDS[assessed.facts.targets[measure.target].kind]
    own = draft.ground is Ground.INCOMPATIBLE_CONTENT
    reference = draft.clause if own else (request.legal_basis or request.instrument)
    # Disabling can be undone at once, which Art. 4 of Regulation (EU) 2021/784 asks for; nothing is deleted here.
    return Decision(
        item=kind,
        item_id=measure.target,
        subject=f"item/{measure.target}",
        content_sha256=bytes(32),
        decided_at=at,
        action=Action(measure.action),
        policy=Policy(
            ground=draft.ground,
            category=draft.category,
            keyword=draft.keyword,
            reference=reference[:500],
        ),
        source=Source.TYPE_OTHER_NOTIFICATION,
        automated_detection=False,
        automation=Automation.NOT_AUTOMATED,
        language=None,
        territory=measure.territory,
        rule=BY_PERSON,
        edition="0" * 16,
        because=f"An order ({request.instrument}) asks for it.",
        facts="",
        salt=salt,
    )


def _action(stream: Stream, decision: Decision, at: datetime) -> Effect:
    body = {
        "action": decision.action.value,
        "id": decision.item_id,
        "kind": decision.item.value,
        "rule": decision.rule,
        "territory": list(decision.territory),
        "until": None,
    }
    kind = f"platform.{decision.action.value}"
    name = decision.item_id.encode("utf-8", "surrogatepass")
    key = commit_key(at.date(), b"order-effect", stream, name, kind.encode())
    return Effect(kind=kind, key=key, body=encode(body), subject=decision.subject)


def release_held(office: Office, *, at: datetime) -> int:
    """Publish the entries whose seal has ended; return how many matters that were. Called by a clock."""
    due = office.queries.places(HELD, until=by_instant(at, Stream(b"\xff" * 20)), limit=RELEASED_AT_ONCE)
    for line in due:
        rows = [row for row in office.queries.records(line.stream) if row.kind == "entry.held" and row.body is not None]
        texts = [text for row in rows for text in json.decode(row.body or b"[]", type=list[str])]
        entries = tuple(text.encode("ascii") for text in texts)
        key = commit_key(at.date(), b"entry-released", line.stream, line.sort)
        office.docket.commit([Commit(key=key, entries=entries, drops=((HELD, line.sort),))])
    return len(due)
