"""A notifier's record: what their notices came to, and what misuse leads to (Art. 23)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from evenhand.flow.letters import as_body, warning_letter
from evenhand.flow.office import Office
from evenhand.notices.misuse import Known, Measure, measure, months, record_in
from evenhand.notices.misuse import Record as Misused
from evenhand.views.records import PlaceRow
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import Act
from evenhand.vocabulary.commit import Commit, Effect, FactVersion, Place, Record, Stale, commit_key
from evenhand.vocabulary.errors import Conflict
from evenhand.vocabulary.places import MISUSE, Hash16, instant_key, notifier_stream

_ENCODE = encode
_DECODE = msgspec.json.Decoder(Measure)


def sender_hash(office: Office, sender: str) -> Hash16:
    """Return the keyed hash of a notifier ("notifier/<e-mail>" or "flagger/<id>")."""
    return office.hashed("notifier", sender)


def misuse_of(office: Office, sender: str, at: datetime) -> tuple[str, datetime | None]:
    """Return ("", "warned" or "suspended", until) for a sender: one look at a kept place."""
    place = (MISUSE, sender_hash(office, sender))
    return misuse_said(office.queries.at([place]).get(place), at)


def misuse_said(there: PlaceRow | Place | None, at: datetime) -> tuple[str, datetime | None]:
    """Return the same from the place itself."""
    if there is None:
        return "", None
    if there.label == b"warned":
        return "warned", None
    until = datetime.fromtimestamp(int(there.label), UTC)
    return ("suspended", until) if at < until else ("warned", None)


def record_of_sender(office: Office, sender: str, at: datetime) -> Misused:
    """Return what a sender's notices came to in the last three months."""
    prefix = f"notifier/{sender_hash(office, sender).hex()}"
    return record_in(months(at.date()), office.queries.tallies(f"{prefix}/"), prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A sender of notices that were decided.

    Attributes:
        newest_at: When the newest of them was sent.
    """

    email: str
    language: str
    newest_at: datetime


def judge_senders(office: Office, senders: Mapping[str, Sent], *, at: datetime) -> int:
    """Warn or suspend those whose record asks for it; return how many. `senders`: by name.

    It is called after their notices were answered; called again it changes nothing.
    """
    return sum(_judge(office, sender, sent, at) for sender, sent in senders.items())


def _judge(office: Office, sender: str, sent: Sent, at: datetime) -> bool:
    hashed = sender_hash(office, sender)
    stream, fact = notifier_stream(hashed), f"notifier/{hashed.hex()}"
    version = office.queries.fact(fact)
    steps, came_to = office.tables(at).misuse, record_of_sender(office, sender, at)
    found = measure(steps, came_to, _known(office, hashed), at, sent.newest_at)
    if found is None:
        return False
    label = b"warned" if found.until is None else str(int(found.until.timestamp())).encode()
    key = commit_key(at.date(), b"misuse", stream, version.to_bytes(8, "big"))
    until = found.until.isoformat() if found.until else None
    letter = as_body(warning_letter(office, found.until, sent.language))
    said = {"language": sent.language, "letter": letter, "step": found.step, "to": sent.email, "until": until}
    body = _ENCODE({**said, "what": found.kind})
    effect = Effect(kind="tell.notifier", key=commit_key(at.date(), b"tell", key), body=body, subject=sender)
    record = Record(kind=f"notifier.{found.kind}", stream=stream, at=at, subject=None, body=_ENCODE(found))
    [outcome] = office.docket.commit(
        [
            Commit(
                key=key,
                records=(record,),
                effects=(effect,) if sent.email else (),
                places=(Place(view=MISUSE, sort=hashed, stream=stream, label=label),),
                relies_on=(FactVersion(name=fact, version=version),),
                advances=(fact,),
            )
        ]
    )
    return not isinstance(outcome, Stale)


def _known(office: Office, hashed: Hash16) -> Known:
    warned_at: datetime | None = None
    suspensions, until = 0, None
    for row in office.queries.records(notifier_stream(hashed)):
        if row.kind == "notifier.lifted":
            until = None
        elif row.body is not None and row.kind in ("notifier.warning", "notifier.suspension"):
            found = _DECODE.decode(row.body)
            warned_at = warned_at or row.at
            suspensions += found.kind == "suspension"
            until = found.until or until
    return Known(warned_at=warned_at, suspensions=suspensions, suspended_until=until)


def lift_suspension(office: Office, actor: Actor, sender: str, why: str, *, at: datetime) -> None:
    """End a suspension early: a person looked at it."""
    state, _ = misuse_of(office, sender, at)
    if state != "suspended":
        raise Conflict("this sender is not suspended")
    hashed = sender_hash(office, sender)
    stream = notifier_stream(hashed)
    body = _ENCODE(Act(by=actor.id, text=why))
    record = Record(kind="notifier.lifted", stream=stream, at=at, subject=sender, body=body)
    place = Place(view=MISUSE, sort=hashed, stream=stream, label=b"warned")
    key = commit_key(at.date(), b"lifted", stream, instant_key(at))
    office.docket.commit([Commit(key=key, records=(record,), places=(place,))])
