"""Life and death (Art. 18): one act starts the notification to the competent authority; it cannot end in silence."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from evenhand.desk.alarms import Addressee, addressees_for
from evenhand.desk.story import Move
from evenhand.flow.cases import require, sealed_for
from evenhand.flow.letters import as_body, life_letter
from evenhand.flow.office import Deed, Office, do
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import Act, CaseFile
from evenhand.vocabulary.commit import Effect, Place, Stream, commit_key
from evenhand.vocabulary.errors import Conflict, InputError
from evenhand.vocabulary.places import ALARM, by_instant, instant_key
from evenhand.vocabulary.rights import Right

_ENCODE = encode
CALL_EVERY = timedelta(minutes=15)
"""How often somebody is called until the authority has acknowledged."""
CALLED_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarmed:
    """What was started.

    Attributes:
        addressees: Who is notified.
        next_call_at: When somebody is called if nobody has acknowledged by then.
    """

    addressees: tuple[Addressee, ...]
    next_call_at: datetime


def raise_alarm(
    office: Office,
    actor: Actor,
    case: Stream,
    why: str,
    *,
    states: tuple[str, ...] = (),
    at: datetime,
) -> Alarmed:
    """Notify the competent authorities of a suspected offence that threatens life or safety, now.

    Args:
        office: The desk.
        actor: Who raises it; one key is enough, nobody has to agree.
        case: The case.
        why: What gives rise to the suspicion.
        states: ISO 3166-1 alpha-2 codes of the states concerned: of the offence, the suspect or the victim;
            empty: they cannot be told with reasonable certainty (Art. 18(2)).
        at: Now.

    Raises:
        InputError: No reason is given.
        Conflict: The alarm was raised before; it goes on.
    """
    if not why.strip():
        raise InputError("why", "say in a sentence what threatens whom")
    addressees = addressees_for(states, office.addressees(at))
    next_call_at = at + CALL_EVERY

    def rule(file: CaseFile) -> Deed:
        require(actor, Right.ALARM, file)
        if file.alarmed_at is not None:
            raise Conflict("the alarm was raised before; it goes on until an authority acknowledges it")
        sealing = sealed_for(file)
        return Deed(
            moves=(Move("alarm.raised", Act(by=actor.id, to=",".join(a.id for a in addressees), text=why), sealing),),
            effects=(
                *(_notification(office, file, one, why, at, sealing) for one in addressees),
                _page(file.stream, "alarm-raised", at),
            ),
            places=(Place(view=ALARM, sort=by_instant(next_call_at, file.stream), stream=file.stream),),
        )

    do(office, case, at, rule)
    return Alarmed(addressees=addressees, next_call_at=next_call_at)


def _notification(office: Office, file: CaseFile, to: Addressee, why: str, at: datetime, sealing: str) -> Effect:
    """Return the notification: all relevant information that is available (Art. 18(1))."""
    item = file.current or file.snapshot
    body = {
        "case": file.stream.hex(),
        "country": to.country,
        "item": msgspec.to_builtins(item),
        "letter": as_body(life_letter(office, to.country, to.name, item, why, at)),
        "name": to.name,
        "seen_at": at.isoformat(),
        "to": to.address,
        "why": why,
    }
    key = commit_key(at.date(), b"alarm", file.stream, to.id.encode())
    return Effect(kind="tell.authority", key=key, body=_ENCODE(body), subject=sealing)


def _page(case: Stream, why: str, at: datetime) -> Effect:
    body = _ENCODE({"case": case.hex(), "why": why})
    key = commit_key(at.date(), b"page", case, why.encode(), instant_key(at))
    return Effect(kind="page.person", key=key, body=body, subject=None)


def call_again(office: Office, *, at: datetime) -> int:
    """Call somebody for every alarm that no authority has acknowledged; called by a clock. Return how many."""
    called = 0
    for line in office.queries.places(ALARM, until=instant_key(at) + b"\xff" * 21, limit=CALLED_AT_ONCE):
        again = Place(view=ALARM, sort=by_instant(at + CALL_EVERY, line.stream), stream=line.stream)
        deed = Deed(
            moves=(Move("alarm.called", Act(by="clock")),),
            effects=(_page(line.stream, "alarm-unanswered", at),),
            drops=((ALARM, line.sort),),
            places=(again,),
        )
        do(office, line.stream, at, lambda _, deed=deed: deed)  # type: ignore[misc] # bound here
        called += 1
    return called


def acknowledge_alarm(
    office: Office, actor: Actor, case: Stream, who: str, reference: str, *, at: datetime
) -> CaseFile:
    """Record that an authority has acknowledged: who there, and under which reference. Only this stops the clock."""
    if not who.strip() or not reference.strip():
        raise InputError("who", "name the authority's officer or office, and its reference")
    running = [line for line in _running(office) if line[1] == case]
    if not running:
        raise Conflict("no alarm is running for this case")

    def rule(file: CaseFile) -> Deed:
        require(actor, Right.ALARM, file)
        move = Move("alarm.answered", Act(by=actor.id, to=who.strip(), text=reference.strip()), sealed_for(file))
        return Deed(moves=(move,), drops=tuple((ALARM, sort) for sort, _ in running))

    return do(office, case, at, rule)[0]


def _running(office: Office) -> list[tuple[bytes, Stream]]:
    found: list[tuple[bytes, Stream]] = []
    after = b""
    while lines := office.queries.places(ALARM, after=after, limit=1000):
        found.extend((line.sort, line.stream) for line in lines)
        after = lines[-1].sort
    return found
