"""Letters on their way: each effect that tells somebody becomes one, sent at least once, tried again by itself.

Mail needs no order: a bad address holds up nobody. A letter that will never be taken is laid aside, where somebody sees
it; one to an authority also calls a person. When the relay takes nothing for half an hour, a person is called. The same
letter has the same Message-ID whenever it is sent, so a second delivery, after a crash between the relay's answer and
our commit, is recognisable.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from evenhand.flow.actions import Docketed
from evenhand.flow.calls import Relay, call
from evenhand.flow.outbox import MAIL, MAIL_FIRST, Waiting, again, due_now, effect_of, given_up, sent
from evenhand.flow.receipts import RECEIPT
from evenhand.ledger.note import split_note
from evenhand.ledger.receipt import Purpose, parse_receipt
from evenhand.settings import Contact
from evenhand.views.records import EffectRow
from evenhand.vocabulary.commit import Commit, FactVersion, Place, Stream, commit_key
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.mail import Enclosure, Mail, Posted

LETTERS_A_ROUND = 100
PAUSES = (60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600)
"""Seconds until a letter that the relay would not take now is tried again; the last one until it is given up."""
GIVE_UP_AFTER = timedelta(days=4)
LATE_AFTER = timedelta(hours=1)
"""How long a letter to an authority may wait for its recipient's server before a person is called."""
RELAY_PAUSES = (5, 15, 60, 120, 300)
"""Seconds until the relay is tried again once it takes nothing."""
CALL_AFTER = timedelta(minutes=30)
"""How long the relay takes nothing before a person is called, and again after as long."""
MANY_LATER = 3
"""So many letters put off in a round, and none taken: that is the relay, not their addresses."""
RECEIPT_WITHIN = timedelta(minutes=2)
"""How long a reply waits for the receipt that is given right after it was committed."""

_STATE, _FACT = "courier/mail", "courier/mail"
_PURPOSES = {"tell.authority": "authorities", "tell.staff": "authorities", "tell.notifier": "people"}
_AUTHORITY = "tell.authority"


@dataclass(frozen=True, slots=True)
class Aside:
    """Why an effect is no letter: sent by another way (`what`), or never to be sent (`why`)."""

    what: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _State:
    """Since when the relay takes nothing ("": it does), when it is tried again, when somebody was last called."""

    since: str = ""
    not_before: str = ""
    called: str = ""
    tries: int = 0
    version: int = 0


def sender_for(contacts: Sequence[Contact], kind: str) -> str:
    """Return the contact's address that a kind of letter comes from."""
    purpose = _PURPOSES.get(kind, "people")
    named = [contact.email for contact in contacts if contact.purpose == purpose]
    return named[0] if named else contacts[0].email if contacts else ""


def deliver_mail(docket: Docketed, relay: Relay, contacts: Sequence[Contact], now: datetime) -> int:
    """Send what is due; return how many letters the relay took.

    Called by the clock, by one thread at a time. Each letter's fate becomes durable as soon as it is known.
    """
    state = _state(docket)
    if state.not_before and now < datetime.fromisoformat(state.not_before):
        return 0
    due = due_now(docket, MAIL_FIRST, now, LETTERS_A_ROUND)
    due += due_now(docket, MAIL, now, LETTERS_A_ROUND - len(due))
    letters = [(one, mail) for one in due if (mail := _letter(docket, one, contacts, now)) is not None]
    if not letters:
        return 0
    counts = {"taken": 0, "refused": 0, "later": 0, "down": 0}
    for (one, _mail), posted in zip(letters, relay.send([mail for _, mail in letters]), strict=False):
        counts[posted.what] += 1
        docket.commit([_settled(docket, one, posted, now)])
    _note(docket, state, counts, now)
    return counts["taken"]


def _letter(docket: Docketed, one: Waiting, contacts: Sequence[Contact], now: datetime) -> Mail | None:
    """Return the letter to be sent now; None: there is none, and what follows from that is committed."""
    row = effect_of(docket, one)
    made = letter_of(docket, row, contacts)
    if isinstance(made, Mail):
        return made
    if made is None:
        # Its receipt is on its way: a reply goes out with it.
        if now - one.first_at < RECEIPT_WITHIN:
            docket.commit([again(one, now, now + timedelta(seconds=2))])
            return None
        return _whole(docket, row, contacts)
    if made.what:
        docket.commit([sent(one, now, what=made.what)])
    else:
        docket.commit([_dead(row.kind, one, made.why, now)])
    return None


def letter_of(docket: Docketed, row: EffectRow, contacts: Sequence[Contact]) -> Mail | Aside | None:
    """Return an effect as a letter, why it is none, or None while its receipt is awaited."""
    if row.body is None:
        return Aside(what="erased")
    body: dict[str, Any] = json.loads(row.body)
    if body.get("entrance", "mail") != "mail":
        return Aside(what="fetched")  # by the portal or the API, where the request came in
    if not isinstance(body.get("letter"), dict):
        return Aside(why="no letter")
    if not body.get("to"):
        return Aside(why="no address")
    enclosures = enclosures_of(docket, body)
    if body.get("receipt_of") and len(enclosures) < len(("reply", "receipt")):
        return None
    return _mail(row, body, enclosures, contacts)


def _whole(docket: Docketed, row: EffectRow, contacts: Sequence[Contact]) -> Mail:
    """Return a reply without its receipt, which never came: the answer matters more."""
    body: dict[str, Any] = json.loads(row.body or b"{}")
    return _mail(row, body, enclosures_of(docket, body), contacts)


def _mail(row: EffectRow, body: dict[str, Any], enclosures: Sequence[Enclosure], contacts: Sequence[Contact]) -> Mail:
    letter = body["letter"]
    return Mail(
        key=row.key.hex(),
        sender=sender_for(contacts, row.kind),
        recipient=str(body["to"]),
        subject=letter["subject"],
        text=letter["text"],
        language=letter["language"],
        in_reply_to=body.get("in_reply_to", ""),
        enclosures=tuple(enclosures),
    )


def enclosures_of(docket: Docketed, body: dict[str, Any]) -> list[Enclosure]:
    """Return what goes with a letter to an authority: the approved reply's exact bytes, and the signed receipt."""
    if body.get("what") == "acknowledgement" and body.get("receipt"):
        return [Enclosure(name=f"receipt-{body['reference']}.txt", content=body["receipt"].encode())]
    if not body.get("receipt_of"):
        return []
    found = [Enclosure(name=f"reply-{body['receipt_of']}.txt", content=body["text"].encode("utf-8", "replace"))]
    for row in docket.records(Stream(bytes.fromhex(body["matter"]))):
        if row.kind == RECEIPT and row.body is not None and _answers(row.body, body["receipt_of"]):
            found.append(Enclosure(name=f"receipt-{body['receipt_of']}.txt", content=row.body))
            break
    return found


def _answers(note: bytes, reference: str) -> bool:
    try:
        receipt = parse_receipt(split_note(note)[0])
    except InputError:
        return False
    return receipt.purpose is Purpose.ANSWERED and receipt.reference == reference


def _settled(docket: Docketed, one: Waiting, posted: Posted, now: datetime) -> Commit:
    """Return what follows from the relay's answer about one letter."""
    if posted.what == "taken":
        return sent(one, now)
    if posted.what == "down":
        # Were it this letter over which the relay hangs up, others would go first the next time.
        return again(one, now, now + timedelta(seconds=PAUSES[0]))
    kind, tries = effect_of(docket, one).kind, one.label.tries.to_bytes(4, "big")
    age = now - one.first_at
    if posted.what == "refused" or age >= GIVE_UP_AFTER:
        return _dead(kind, one, posted.why, now)
    pause = timedelta(seconds=PAUSES[min(one.label.tries, len(PAUSES) - 1)])
    if kind == _AUTHORITY and age >= LATE_AFTER and not one.label.why:
        return again(one, now, now + pause, why="late", effects=(call(now, "letter-late", one.key, tries),))
    return again(one, now, now + pause)


def _dead(kind: str, one: Waiting, why: str, now: datetime) -> Commit:
    tries = one.label.tries.to_bytes(4, "big")
    calls = (call(now, "letter-dead", one.key, tries),) if kind == _AUTHORITY else ()
    return given_up(one, now, why, calls)


def _state(docket: Docketed) -> _State:
    version = docket.fact(_FACT)
    rows = docket.places(_STATE, limit=1)
    return _State(**{**(json.loads(rows[0].label) if rows else {}), "version": version})


def _note(docket: Docketed, state: _State, counts: dict[str, int], now: datetime) -> None:
    """Keep how the relay does: back off where it takes nothing, and call a person when that lasts."""
    down = counts["down"] > 0
    silent = not counts["taken"] and (down or counts["later"] >= MANY_LATER)
    if not (silent or down):
        if state.since and counts["taken"]:
            _keep(docket, state, {}, now)
        return
    tries = state.tries if silent else 0
    since = state.since if silent and state.since else now.isoformat()
    label: dict[str, Any] = {"since": since, "tries": tries + 1, "called": state.called if silent else ""}
    if down:
        label["not_before"] = (now + timedelta(seconds=RELAY_PAUSES[min(tries, len(RELAY_PAUSES) - 1)])).isoformat()
    last = datetime.fromisoformat(label["called"] or since)
    if now - last >= CALL_AFTER:
        label["called"] = now.isoformat()
        _keep(docket, state, label, now, call_now=True)
        return
    _keep(docket, state, label, now)


def _keep(docket: Docketed, state: _State, label: dict[str, Any], now: datetime, *, call_now: bool = False) -> None:
    place = Place(view=_STATE, sort=b"relay", stream=Stream(bytes(20)), label=json.dumps(label).encode())
    version = state.version.to_bytes(8, "big")
    commit = Commit(
        key=commit_key(now.date(), b"courier-mail", version),
        places=(place,),
        relies_on=(FactVersion(name=_FACT, version=state.version),),
        advances=(_FACT,),
        effects=(call(now, "mail-silent", version, since=label["since"]),) if call_now else (),
    )
    docket.commit([commit])
