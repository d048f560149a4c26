"""Actions on their way to the platform: delivered at least once and in order.

Actions go out by number, a few hundred a message; a message that does not arrive is sent again with a growing pause,
and nothing overtakes it, so an item's restoration never arrives before its removal. What the platform refuses for good
is laid aside, one action, not the message, where someone sees it. A platform without a webhook asks for them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from evenhand.desk.ports import Docket
from evenhand.flow.action_reports import undone_places, unreported
from evenhand.flow.actions import Action, Docketed, Send, action_of, call_about, read_actions
from evenhand.views.records import PlaceRow, RecordQueries
from evenhand.vocabulary.commit import Commit, Done, Effect, FactVersion, Place, Record, Stream, Tally, commit_key

ACTIONS_A_MESSAGE = 500
ASKED_AT_ONCE = 1000
PAUSES = (5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600)
"""Seconds until a message is sent again; the last one for as long as it takes."""
CALL_AFTER = timedelta(minutes=30)
"""When the platform has taken nothing for so long, each further try also calls a person."""
_VIEW, _DEAD, _AGAIN = "courier", "actions/dead", "actions/again"
_FACT, _DEAD_FACT = "courier/platform", "courier/platform/dead"
_HERE = b"platform"


@dataclass(frozen=True, slots=True)
class _State:
    """How far delivery is: actions numbered up to `after` were taken; the next message was tried so often."""

    after: int = 0
    tries: int = 0
    not_before: str = ""
    since: str = ""
    at_once: int = ACTIONS_A_MESSAGE
    version: int = 0


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
    waiting = unreported(docket, actions)
    tallies = (Tally("actions/undone", len(waiting)),) if waiting else ()
    undone = undone_places(waiting, now)
    moved = _move(docket, state, now, {"after": actions[-1].number}, undone, tallies=tallies)
    return len(actions) if moved else 0


def dead_actions(queries: RecordQueries, limit: int = 100) -> list[Action]:
    """Return the actions that the platform refused, in their order."""
    rows = queries.places(_DEAD, limit=limit)
    return [action_of(queries.effects(after=int.from_bytes(row.sort, "big") - 1, limit=1)[0]) for row in rows]


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
    action = action_of(docket.effects(after=number - 1, limit=1)[0])
    body = json.dumps({"type": "actions", "timestamp": now.isoformat(), "data": [action.as_dict()]}).encode()
    drop = ((_AGAIN, row.sort),)
    match send(f"{action.id}-again-{state.version}", now, body):
        case "taken":
            undone = undone_places(unreported(docket, [action]), now)
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
    call = call_about(now, action.id, "action-refused", b"dead")
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
        calls = (call_about(now, first.id, "platform-silent", str(state.version).encode()),)
    _move(docket, state, now, label, [], effects=calls)
