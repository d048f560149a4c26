"""Calls for a person: every one stands in the console until it is acknowledged, and goes out by mail or webhook.

A call that cannot be sent is tried again within a minute, for as long as nobody has acknowledged it: it is never given
up. What calls a person names nobody, so nobody's data leave by it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol

from evenhand.flow.actions import Docketed
from evenhand.flow.outbox import CALL_HOOK, CALL_MAIL, OPEN_CALLS, Waiting, again, due_now, effect_of, sent, waiting
from evenhand.settings import Settings
from evenhand.statements.sentences import Wordings
from evenhand.statements.short_letters import call_letter
from evenhand.views.records import RecordQueries
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import Act
from evenhand.vocabulary.commit import Commit, Done, Effect, Record, Stream, Tally, commit_key
from evenhand.vocabulary.errors import Conflict
from evenhand.vocabulary.mail import Mail, Posted

CALLED_AT_ONCE = 50
PAUSES = (2, 5, 10, 20, 30, 60)
"""Seconds until a call is tried again; the last one for as long as nobody has acknowledged it."""
SHOWN = 200

Hook = Callable[[str, datetime, bytes], Literal["taken", "refused", "failed"]]


class Relay(Protocol):
    """Takes letters (`couriers.smtp.SmtpRelay`)."""

    def send(self, letters: Iterable[Mail]) -> Iterator[Posted]:
        """Send letters and say of each what came of it; after a "down" the rest is not tried."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """How a person is called by mail.

    Attributes:
        to: Their address.
        sender: Ours.
        link: The console's page of calls.
    """

    to: str
    sender: str
    link: str
    platform: str
    wordings: Wordings


def pager_for(settings: Settings, wordings: Wordings) -> Pager:
    """Return how the settings have a person called by mail."""
    return Pager(
        to=settings.page_address,
        sender=settings.contacts[0].email if settings.contacts else settings.page_address,
        link=f"{settings.public_url.rstrip('/')}/console/deliveries/",
        platform=settings.platform,
        wordings=wordings,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCall:
    """A call that nobody has acknowledged.

    Attributes:
        at: When it was put on the list.
        why: A word of `statements.sentences.CALLS`, or another.
        more: What else it says, never about a person.
    """

    number: int
    at: datetime
    why: str
    more: Mapping[str, Any]


def call(now: datetime, why: str, *parts: bytes, **more: Any) -> Effect:
    """Return the effect that calls a person; the same parts call once."""
    key = commit_key(now.date(), b"call", why.encode(), *parts)
    return Effect(kind="page.person", key=key, body=encode({"why": why, **more}), subject=None)


def open_calls(docket: RecordQueries, limit: int = SHOWN) -> list[OpenCall]:
    """Return the calls that nobody has acknowledged, the oldest first."""
    found = []
    for row in docket.places(OPEN_CALLS, limit=limit):
        number = int.from_bytes(row.sort, "big")
        said = said_of(docket, number)
        said.pop("case", None)  # who may not see a case is not told that it is there
        found.append(OpenCall(number=number, at=waiting("call", row).first_at, why=said.pop("why", ""), more=said))
    return found


def said_of(docket: RecordQueries, number: int) -> dict[str, Any]:
    """Return what a call says."""
    [row] = docket.effects(after=number - 1, limit=1)
    said: dict[str, Any] = json.loads(row.body or b"{}")
    return said


def acknowledge(docket: Docketed, actor: Actor, number: int, *, at: datetime) -> None:
    """Take a call off the list: somebody sees to it. Who, and when, is kept.

    Raises:
        Conflict: It is not open: somebody else was first.
    """
    sort = number.to_bytes(8, "big")
    row = docket.at([(OPEN_CALLS, sort)]).get((OPEN_CALLS, sort))
    if row is None:
        raise Conflict("somebody has acknowledged this call already")
    record = Record(kind="call.acknowledged", stream=row.stream, at=at, subject=None, body=encode(Act(by=actor.id)))
    commit = Commit(
        # The call's own day: acknowledged once is acknowledged, whenever the second comes.
        key=commit_key(_day_of(row.stream), b"call-acknowledged", row.stream),
        records=(record,),
        drops=((OPEN_CALLS, sort),),
        tallies=(Tally("out/call/waiting", -1),),
    )
    if not isinstance(docket.commit([commit])[0], Done):
        raise Conflict("somebody has acknowledged this call already")


def _day_of(stream: Stream) -> date:
    """Return the UTC day with which the key of an effect begins."""
    return date(1970, 1, 1) + timedelta(days=int.from_bytes(stream[:4], "big"))


def page_by_mail(docket: Docketed, relay: Relay, pager: Pager, now: datetime) -> int:
    """Send the calls that are due to the pager's address; return how many the relay took."""
    due = list(_still_open(docket, CALL_MAIL, now))
    letters = [_letter(docket, one, pager) for one in due]
    taken = 0
    answers = relay.send(letters) if letters else iter(())
    for one in due:
        posted = next(answers, Posted("down"))
        taken += _told(docket, one, now, taken=posted.what == "taken")
    return taken


def page_by_hook(docket: Docketed, send: Hook, now: datetime) -> int:
    """Send the calls that are due to the webhook, one a message; return how many it took."""
    taken, up = 0, True
    for one in _still_open(docket, CALL_HOOK, now):
        if up:
            said = said_of(docket, one.number)
            message = {"type": effect_of(docket, one).kind, "timestamp": one.first_at.isoformat(), "data": said}
            up = send(one.key.hex(), now, json.dumps(message).encode()) == "taken"
        taken += _told(docket, one, now, taken=up)
    return taken


def _still_open(docket: Docketed, lane: str, now: datetime) -> Iterator[Waiting]:
    """Yield what is due; what was acknowledged in the meantime calls nobody any more."""
    for one in due_now(docket, lane, now, CALLED_AT_ONCE):
        place = (OPEN_CALLS, one.number.to_bytes(8, "big"))
        if place in docket.at([place]):
            yield one
        else:
            docket.commit([sent(one, now, what="acknowledged")])


def _told(docket: Docketed, one: Waiting, now: datetime, *, taken: bool) -> bool:
    if taken:
        docket.commit([sent(one, now)])
    else:
        pause = PAUSES[min(one.label.tries, len(PAUSES) - 1)]
        docket.commit([again(one, now, now + timedelta(seconds=pause))])
    return taken


def _letter(docket: Docketed, one: Waiting, pager: Pager) -> Mail:
    why = str(said_of(docket, one.number).get("why", ""))
    letter = call_letter(pager.wordings.pick(None), [why], pager.link, pager.platform)
    return Mail(
        key=one.key.hex(),
        sender=pager.sender,
        recipient=pager.to,
        subject=letter.subject,
        text=letter.text,
        language=letter.language,
    )
