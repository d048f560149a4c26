"""Actions on their way to the platform: delivered at least once and in order, chased until the platform says done.

With them go the letters to the people whom only the platform knows: they come after the action that they tell of, and
the platform says of a letter too when it was delivered.

Order: actions go out by number, a few hundred a message; a message that does not arrive is sent again with a growing
pause, and nothing overtakes it, so an item's restoration never arrives before its removal. What the platform refuses
for good is laid aside, one action, not the message, where someone sees it.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

import msgspec

from evenhand.desk.ports import Docket
from evenhand.views.records import EffectRow, PlaceRow, RecordQueries
from evenhand.vocabulary.commit import (
    Commit,
    CommitKey,
    Done,
    Effect,
    FactVersion,
    Place,
    Record,
    Stream,
    Tally,
    commit_key,
)

ACTIONS_A_MESSAGE = 500
ASKED_AT_ONCE = 1000
PAUSES = (5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600)
"""Seconds until a message is sent again; the last one for as long as it takes."""
CALL_AFTER = timedelta(minutes=30)
"""When the platform has taken nothing for so long, each further try also calls a person."""
CHASE_AFTER = timedelta(hours=1)
"""How long the platform has to say that it did what was decided."""
CHASED_TIMES = 3
CALLED_EVERY = timedelta(days=1)
"""How often a person is called once reminding did not help."""

PERSON_LETTER = "person.letter"
"""Type of the message that the platform shows to one of its users: only it knows who that is."""
_PREFIX, _TELLS = "platform.", "tell.affected"
_VIEW, _UNDONE, _DEAD, _AGAIN = "courier", "actions/undone", "actions/dead", "actions/again"
_FACT, _DEAD_FACT = "courier/platform", "courier/platform/dead"
_HERE = b"platform"
_RESTORES, _REPORTED = "platform.restore", "action.reported"
_ENDS = frozenset({"done", "gone"})
"""What ends the chase."""

Status = Literal["done", "failed", "other", "gone"]
"""done: as decided; failed: not done; other: something else was done; gone: there is no such item any more."""
Answer = Literal["taken", "refused", "failed"]
"""What came of sending: taken (2xx); refused (the message itself is wrong, it says); failed (anything else)."""


class Docketed(Docket, RecordQueries, Protocol):
    """The docket, both sides."""


Send = Callable[[str, datetime, bytes], Answer]
"""(message id, instant, body) → what came of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something the platform is to do.

    Attributes:
        number: Its place in the order of all actions.
        id: 40 hex digits; the same whenever it is delivered again.
        type: E.g. "platform.remove"; "person.letter": a letter to be shown to the user or channel `to`.
        data: What is to be done to which item, or the letter; None once its subject was erased.
    """

    number: int
    id: str
    type: str
    data: dict[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        """Return the action as the platform reads it."""
        return {"number": self.number, "id": self.id, "type": self.type, "data": self.data}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the platform says of an action.

    Attributes:
        id: The action's, 40 hex digits.
        status: What it says; of `Status`.
        at: When; aware UTC.
        detail: In the platform's words; kept sealed, at most 2,000 characters. Of `other`: what it did instead.
    """

    id: str
    status: Status
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _State:
    """How far delivery is: actions numbered up to `after` were taken; the next message was tried so often."""

    after: int = 0
    tries: int = 0
    not_before: str = ""
    since: str = ""
    at_once: int = ACTIONS_A_MESSAGE
    version: int = 0


def read_actions(queries: RecordQueries, after: int, limit: int) -> list[Action]:
    """Return actions numbered above `after`, in order: what `GET /api/v1/actions` answers."""
    found: list[Action] = []
    while len(found) < limit:
        rows = queries.effects(after=after, limit=1000)
        if not rows:
            break
        found.extend(_action(row) for row in rows if row.kind.startswith(_PREFIX) or row.kind == _TELLS)
        after = rows[-1].number
    return found[:limit]


def _action(row: EffectRow) -> Action:
    data = None if row.body is None else json.loads(row.body)
    if row.kind == _TELLS:
        return Action(number=row.number, id=row.key.hex(), type=PERSON_LETTER, data=_letter(data))
    return Action(number=row.number, id=row.key.hex(), type=row.kind, data=data)


def _letter(body: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what the platform shows to its user: the finished letter and where it belongs, nothing else."""
    if body is None:
        return None
    letter = body.get("letter") or {}
    shown = {name: letter.get(name, "") for name in ("direction", "language", "subject", "text")}
    return {"item": body.get("item", ""), "to": body.get("to", ""), "what": body.get("what", ""), **shown}


def deliver(docket: Docketed, send: Send, now: datetime) -> int:
    """Send the next message if it is due; return how many actions the platform took.

    Called by the clock, by one process at a time: who comes second finds the state moved on and writes nothing.
    """
    state = _state(docket)
    if state.not_before and now < datetime.fromisoformat(state.not_before) <= now + timedelta(seconds=PAUSES[-1]):
        return 0  # a pause that is longer than any was set by a clock that had jumped ahead
    if again := docket.places(_AGAIN, limit=1):
        return _once_more(docket, send, state, again[0], now)
    actions = read_actions(docket, state.after, state.at_once)
    if not actions:
        return 0
    body = json.dumps(
        {"type": "actions", "timestamp": now.isoformat(), "data": [a.as_dict() for a in actions]}
    ).encode()
    # Named by both ends: a message that has grown since it failed is another message to a receiver that remembers.
    match send(f"{actions[0].id}-{actions[-1].number}", now, body):
        case "taken":
            return _taken(docket, state, actions, now)
        case "refused" if len(actions) > 1:
            # One of them is not understood: halve until it is alone.
            _move(docket, state, now, {"after": state.after, "at_once": len(actions) // 2}, [])
        case "refused":
            _lay_aside(docket, state, actions[0], now)
        case "failed":
            _wait(docket, state, actions[0], now)
    return 0


def taken_up_to(queries: RecordQueries) -> int:
    """Return the number of the last action that the platform took."""
    return _state(queries).after


def _state(docket: RecordQueries) -> _State:
    version = docket.fact(_FACT)
    rows = docket.places(_VIEW, limit=1)
    return _State(**{**(json.loads(rows[0].label) if rows else {}), "version": version})


def _move(
    docket: Docket, state: _State, now: datetime, label: dict[str, Any], more: Sequence[Place], **parts: Any
) -> bool:
    """Commit where delivery is now, with what follows from it; False: another process was first."""
    place = Place(view=_VIEW, sort=_HERE, stream=Stream(bytes(20)), label=json.dumps(label).encode())
    key = commit_key(now.date(), b"courier", str(state.version).encode())
    commit = Commit(
        key=key,
        places=(place, *more),
        relies_on=(FactVersion(name=_FACT, version=state.version),),
        advances=(_FACT,),
        **parts,
    )
    return isinstance(docket.commit([commit])[0], Done)


def asked(docket: Docketed, after: int, now: datetime) -> int:
    """Take it that a platform which asks for actions above `after` has those up to it; return how many are new.

    For a platform without a webhook: what it was handed is chased like what was sent to it. A cursor that is ahead of
    what there is, or behind what it had, says nothing.
    """
    state = _state(docket)
    if after <= state.after:
        return 0
    actions = [one for one in read_actions(docket, state.after, ASKED_AT_ONCE) if one.number <= after]
    return _taken(docket, state, actions, now) if actions else 0


def _taken(docket: Docketed, state: _State, actions: Sequence[Action], now: datetime) -> int:
    waiting = _unreported(docket, actions)
    tallies = (Tally("actions/undone", len(waiting)),) if waiting else ()
    undone = _undone_places(waiting, now)
    moved = _move(docket, state, now, {"after": actions[-1].number}, undone, tallies=tallies)
    return len(actions) if moved else 0


def _unreported(docket: RecordQueries, actions: Sequence[Action]) -> list[Action]:
    """Return the actions that the platform has not carried out already: whoever asks may report before it is sent."""
    told = docket.acts_of([Stream(bytes.fromhex(action.id)) for action in actions])
    return [one for one in actions if bytes.fromhex(one.id) not in told or not _carried_out(docket, one.id)]


def _carried_out(docket: RecordQueries, action: str) -> bool:
    return any(said.status in _ENDS for said in reports_of(docket, action))


def _undone_places(actions: Sequence[Action], now: datetime) -> list[Place]:
    """Return the places that wait for the platform's report of each action; a finder keeps by when it was due."""
    due = now + CHASE_AFTER
    undone = [
        Place(view=_UNDONE, sort=_by_time(due, action.number), stream=Stream(bytes.fromhex(action.id)), label=b"1")
        for action in actions
    ]
    finders = [
        Place(view=_finder(action.id), sort=place.sort, stream=place.stream, label=place.sort[:8])
        for action, place in zip(actions, undone, strict=True)
    ]
    return [*undone, *finders]


def dead_actions(queries: RecordQueries, limit: int = 100) -> list[Action]:
    """Return the actions that the platform refused, in their order."""
    rows = queries.places(_DEAD, limit=limit)
    return [_action(queries.effects(after=int.from_bytes(row.sort, "big") - 1, limit=1)[0]) for row in rows]


def settle_dead(docket: Docketed, number: int, act: bytes, now: datetime, *, again: bool) -> bool:
    """Have a refused action tried again, or take it away: a person has seen to it. False: it is not there any more.

    Tried again it comes out of order: its number says where it belongs (docs/reference/deliveries.md). `act` is kept:
    who did it.
    """
    sort = number.to_bytes(8, "big")
    row = docket.at([(_DEAD, sort)]).get((_DEAD, sort))
    if row is None:
        return False
    version = docket.fact(_DEAD_FACT)
    commit = Commit(
        key=commit_key(now.date(), b"dead-action", version.to_bytes(8, "big")),
        records=(Record(kind="delivery.settled", stream=row.stream, at=now, subject=None, body=act),),
        drops=((_DEAD, sort),),
        places=(Place(view=_AGAIN, sort=sort, stream=row.stream),) if again else (),
        tallies=(Tally("actions/dead", -1),),
        relies_on=(FactVersion(name=_DEAD_FACT, version=version),),
        advances=(_DEAD_FACT,),
    )
    return isinstance(docket.commit([commit])[0], Done)


def _once_more(docket: Docketed, send: Send, state: _State, row: PlaceRow, now: datetime) -> int:
    """Send an action alone that was refused before."""
    number = int.from_bytes(row.sort, "big")
    action = _action(docket.effects(after=number - 1, limit=1)[0])
    body = json.dumps({"type": "actions", "timestamp": now.isoformat(), "data": [action.as_dict()]}).encode()
    drop = ((_AGAIN, row.sort),)
    match send(f"{action.id}-again-{state.version}", now, body):
        case "taken":
            undone = _undone_places(_unreported(docket, [action]), now)
            tallies = (Tally("actions/undone", 1),) if undone else ()
            return int(_move(docket, state, now, _label(state), undone, drops=drop, tallies=tallies))
        case "refused":
            dead = Place(view=_DEAD, sort=row.sort, stream=row.stream)
            _move(docket, state, now, _label(state), [dead], drops=drop, tallies=(Tally("actions/dead", 1),))
        case "failed":
            _wait(docket, state, action, now)
    return 0


def _label(state: _State) -> dict[str, Any]:
    return {"after": state.after, "at_once": state.at_once}


def _lay_aside(docket: Docket, state: _State, action: Action, now: datetime) -> None:
    dead = Place(view=_DEAD, sort=action.number.to_bytes(8, "big"), stream=Stream(bytes.fromhex(action.id)))
    call = _call(now, action.id, "action-refused", b"dead")
    label = {"after": action.number}
    _move(docket, state, now, label, [dead], effects=(call,), tallies=(Tally("actions/dead", 1),))


def _wait(docket: Docket, state: _State, first: Action, now: datetime) -> None:
    pause = timedelta(seconds=PAUSES[min(state.tries, len(PAUSES) - 1)])
    since = state.since or now.isoformat()
    label = {
        "after": state.after,
        "tries": state.tries + 1,
        "not_before": (now + pause).isoformat(),
        "since": since,
        "at_once": state.at_once,
    }
    overdue = now - datetime.fromisoformat(since)
    calls: tuple[Effect, ...] = ()
    if overdue >= CALL_AFTER:
        calls = (_call(now, first.id, "platform-silent", str(state.version).encode()),)
    _move(docket, state, now, label, [], effects=calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of reports: how many said something new, and the ids that are no action of ours."""

    new: int
    unknown: tuple[str, ...]


def report_actions(docket: Docketed, reports: Sequence[Report], received_at: datetime) -> Recorded:
    """Record what the platform says it did; saying it again changes nothing.

    An action is known by its own id, whether it was sent or asked for.
    """
    named = docket.effects_named([CommitKey(bytes.fromhex(report.id)) for report in reports])
    known = {row.key.hex(): row for row in named.values() if row.kind.startswith(_PREFIX) or row.kind == _TELLS}
    new = 0
    for group in in_turn([report for report in reports if report.id in known]):
        outcomes = docket.commit([_reported(docket, known[one.id], one, received_at) for one in group])
        new += sum(isinstance(outcome, Done) for outcome in outcomes)
    return Recorded(new=new, unknown=tuple(report.id for report in reports if report.id not in known))


def in_turn(reports: Sequence[Report]) -> list[list[Report]]:
    """Return reports in groups in which no action is named twice: a later word is about what it is by then."""
    groups: list[list[Report]] = []
    turns: Counter[str] = Counter()
    for report in reports:
        if turns[report.id] == len(groups):
            groups.append([])
        groups[turns[report.id]].append(report)
        turns[report.id] += 1
    return groups


def _reported(docket: Docketed, row: EffectRow, report: Report, received_at: datetime) -> Commit:
    stream, finder = Stream(row.key), _finder(report.id)
    lines = docket.places(finder, limit=10)
    ends = report.status in _ENDS
    drops = [(view, line.sort) for line in lines for view in (finder, _UNDONE)]
    what = "late" if report.status == "done" and _is_late(lines, report, received_at) else report.status
    tallies = [Tally(f"actions/{report.status}", 1), Tally(f"out/actions/{what}/{received_at.date().isoformat()}", 1)]
    if ends and lines:
        tallies.append(Tally("actions/undone", -len(lines)))
    at = min(max(report.at, _EPOCH), _LAST)  # an instant at the calendar's ends has no clock reading elsewhere
    said = Said(status=report.status, at=at, detail=report.detail, late=what == "late", ended=len(lines) if ends else 0)
    # Named by what the platform says, not by what it came to: said again it is the same.
    named = msgspec.json.encode((report.status, at, report.detail))
    lost = report.status == "gone" and row.kind == _RESTORES
    return Commit(
        key=commit_key(received_at.date(), b"action-report", stream, named),
        records=(
            Record(
                kind=_REPORTED,
                stream=stream,
                at=received_at,
                subject=f"action:{report.id}",
                body=msgspec.json.encode(said),
            ),
        ),
        drops=tuple(drops) if ends else tuple(drops[:2]) if lines else (),
        places=() if ends or not lines else _differing(docket, lines[0], report, received_at),
        tallies=tuple(tallies),
        effects=(_call(received_at, report.id, "platform-not-done", b"gone"),) if lost else (),
    )


def _is_late(lines: Sequence[PlaceRow], report: Report, received_at: datetime) -> bool:
    """Tell whether what is done was done too late: by the platform's clock, which says nothing of the future."""
    due = min((int.from_bytes(line.label or line.sort[:8], "big") for line in lines), default=None)
    return due is not None and (min(report.at, received_at) - _EPOCH) // timedelta(microseconds=1) > due


def _differing(docket: Docketed, finder: PlaceRow, report: Report, now: datetime) -> tuple[Place, ...]:
    """Return the lines of an action that was not done as decided: shown at once, and chased from now on.

    Said again it stays where it is: whoever says it every minute is not chased every minute.
    """
    line = docket.at([(_UNDONE, finder.sort)]).get((_UNDONE, finder.sort))
    chased, said = _chased_of(line.label) if line is not None else (1, "")
    number = int.from_bytes(finder.sort[8:], "big")
    sort = finder.sort if said else min(finder.sort, _by_time(now, number))
    return (
        Place(view=_UNDONE, sort=sort, stream=finder.stream, label=f"{chased} {report.status}".encode()),
        Place(view=_finder(report.id), sort=sort, stream=finder.stream, label=finder.label or finder.sort[:8]),
    )


def _chased_of(label: bytes) -> tuple[int, str]:
    """Return how often an action's line was moved on, from 1, and what the platform said, "" for nothing."""
    count, _, said = label.decode().partition(" ")
    return int(count), said


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """`action.reported`: what the platform said of an action, and whether that was late.

    Attributes:
        ended: How many lines that waited for it were taken away and counted with it.
    """

    status: Status
    at: datetime
    detail: str = ""
    late: bool = False
    ended: int = 0


def reports_of(queries: RecordQueries, action: str) -> list[Said]:
    """Return what the platform said of an action (40 hex digits), in the order in which it said it."""
    rows = queries.records(Stream(bytes.fromhex(action)))
    return [_SAID.decode(row.body) for row in rows if row.kind == _REPORTED and row.body is not None]


_SAID = msgspec.json.Decoder(Said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something that was decided and that the platform has not said it did.

    Attributes:
        act: Number of the act that asked for it.
        due_at: When it should have said so; of what was done otherwise, when it said that, or is chased next.
        chased: How often it was reminded.
        said: "failed" or "other"; "" where it said nothing.
    """

    id: str
    number: int
    act: int
    due_at: datetime
    chased: int
    said: str


def differences(queries: RecordQueries, now: datetime, limit: int = 100) -> list[Difference]:
    """Return what is overdue or was not done as decided, oldest first: a machine's actions like a person's."""
    return _differences(queries, queries.places(_UNDONE, until=_by_time(now, 0), limit=limit))


def _differences(queries: RecordQueries, rows: Sequence[PlaceRow]) -> list[Difference]:
    known = queries.effects_named([CommitKey(row.stream) for row in rows])
    found = []
    for row in rows:
        chased, said = _chased_of(row.label)
        effect = known.get(CommitKey(row.stream))
        found.append(
            Difference(
                id=row.stream.hex(),
                number=int.from_bytes(row.sort[8:], "big"),
                act=effect.act if effect else 0,
                due_at=_EPOCH + timedelta(microseconds=int.from_bytes(row.sort[:8], "big")),
                chased=chased - 1,
                said=said,
            )
        )
    return found


def chase(docket: Docketed, send: Send | None, now: datetime) -> int:
    """Remind the platform of what is overdue, and call someone when reminding did not help; return how many.

    Args:
        docket: The docket.
        send: None for a platform that asks: it finds what is overdue at `GET /api/v1/actions/overdue`.
        now: Now.
    """
    overdue = _still_undone(docket, [*differences(docket, now), *_too_far(docket, now)], now)
    remind = [each for each in overdue if each.chased < CHASED_TIMES]
    actions = [_action(row) for each in remind for row in docket.effects(after=each.number - 1, limit=1)]
    if actions and send is not None:
        body = json.dumps(
            {"type": "actions.overdue", "timestamp": now.isoformat(), "data": [a.as_dict() for a in actions]}
        )
        send(f"{actions[0].id}-{now.date().isoformat()}", now, body.encode())
    finders = docket.at([(_finder(each.id), _by_time(each.due_at, each.number)) for each in overdue])
    labels = {row.stream.hex(): row.label for row in finders.values()}
    commits = [_chased(each, labels.get(each.id, b""), now) for each in overdue]
    docket.commit(commits)
    return len(commits)


def _too_far(queries: RecordQueries, now: datetime) -> list[Difference]:
    """Return what would be chased later than anything is: a clock had jumped ahead when it was last chased."""
    rows = queries.places(_UNDONE, after=_by_time(now + 2 * CALLED_EVERY, 0), limit=100)
    return _differences(queries, rows)


def _still_undone(docket: Docketed, overdue: Sequence[Difference], now: datetime) -> list[Difference]:
    """Return what is still to be chased; what was reported as done while its line moved on is taken away."""
    told = docket.acts_of([Stream(bytes.fromhex(each.id)) for each in overdue])
    ended = [one for one in overdue if bytes.fromhex(one.id) in told and _carried_out(docket, one.id)]
    for each in ended:
        old = _by_time(each.due_at, each.number)
        drops = ((_UNDONE, old), (_finder(each.id), old))
        key = commit_key(now.date(), b"action-ended", bytes.fromhex(each.id), old)
        # Counted already, where the report that ended it had seen a line: that one was moved on at the same moment.
        counted = any(said.ended for said in reports_of(docket, each.id))
        docket.commit([Commit(key=key, drops=drops, tallies=() if counted else (Tally("actions/undone", -1),))])
    return [one for one in overdue if one not in ended]


def _chased(each: Difference, first_due: bytes, now: datetime) -> Commit:
    """Move an overdue action's line on; after the last reminder it waits a day between calls to a person."""
    last = each.chased >= CHASED_TIMES
    stream, old = Stream(bytes.fromhex(each.id)), _by_time(each.due_at, each.number)
    new = _by_time(now + (CALLED_EVERY if last else CHASE_AFTER), each.number)
    label = f"{min(each.chased + 1, CHASED_TIMES) + 1} {each.said}".encode().strip()
    finder = _finder(each.id)
    calls = (_call(now, each.id, "platform-not-done", old),) if last else ()
    return Commit(
        key=commit_key(now.date(), b"action-chased", stream, old),
        drops=((_UNDONE, old), (finder, old)),
        places=(
            Place(view=_UNDONE, sort=new, stream=stream, label=label),
            Place(view=finder, sort=new, stream=stream, label=first_due or old[:8]),
        ),
        effects=calls,
    )


def _call(now: datetime, action: str, why: str, *parts: bytes) -> Effect:
    """Return the effect that calls a person; it names nothing but the action's number-like id."""
    body = json.dumps({"why": why, "action": action}).encode()
    key = commit_key(now.date(), b"page-action", action.encode(), *parts)
    return Effect(kind="page.person", key=CommitKey(key), body=body, subject=None)


def _finder(action: str) -> str:
    return f"actions/of/{action}"


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_LAST = datetime.fromisoformat("9999-12-30T00:00:00+00:00")


def _by_time(at: datetime, number: int) -> bytes:
    return ((at - _EPOCH) // timedelta(microseconds=1)).to_bytes(8, "big") + number.to_bytes(8, "big")
