"""Statements of reasons on their way to the EU database: in batches, each once, though the process may die any time.

Before a batch is sent it is boarded: its statements move from the lane to the flight, durably. Whatever happens then,
what is found in the flight at the next call may be there or not, so the database is asked for each identifier before
anything is sent again. What the database has against a statement lays aside that one; the rest is sent without it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from evenhand.flow.actions import Docketed
from evenhand.flow.calls import call
from evenhand.flow.outbox import (
    STATEMENTS,
    Label,
    Waiting,
    dead_view,
    due_now,
    due_view,
    effect_of,
    given_up,
    sent,
    waiting,
)
from evenhand.statements.attributes import BATCH_STATEMENTS_MAX
from evenhand.statements.judge import judge_statement
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.commit import Commit, CommitKey, Effect, Place, Record, Stream, Tally, commit_key
from evenhand.vocabulary.places import instant_key
from evenhand.vocabulary.submission import Submitted

BATCHES_A_ROUND = 20
PAUSES = (5, 30, 120, 600, 1800, 3600)
"""Seconds until the database is tried again; the last one for as long as it takes."""
CALL_AFTER = timedelta(minutes=30)
"""How long the database takes nothing before a person is called, and again after as long."""
FLIGHT = "statements/flight"
"""Statements of which nobody knows yet whether the database has them, by number."""
REFUSED = "statement.refused"
"""Kind of the record that says what is wrong with a statement."""

_STATE = "courier/statements"
_REST = timedelta(minutes=10)
_ENCODE = msgspec.json.Encoder().encode


class Database(Protocol):
    """Takes statements (`couriers.eu_database.EuDatabase`)."""

    def submit(self, statements: Sequence[bytes]) -> Submitted:
        """Send a batch and say what came of it."""
        ...

    def exists(self, puid: str) -> bool | None:
        """Tell whether it has a statement under this identifier; None: it cannot be told now."""
        ...


@dataclass(frozen=True, slots=True)
class _State:
    """How the database does: since when it takes nothing ("": it does), when it is tried again, how many at once."""

    since: str = ""
    not_before: str = ""
    called: str = ""
    tries: int = 0
    at_once: int = BATCH_STATEMENTS_MAX
    moves: int = 0


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A statement with its body."""

    one: Waiting
    body: bytes
    puid: str


def deliver_statements(docket: Docketed, database: Database, now: datetime) -> int:
    """Send what waits; return how many statements the database has now that it had not before.

    Called by the clock, by one thread at a time.
    """
    stored = 0
    for _ in range(BATCHES_A_ROUND):
        state = _state(docket)
        if state.not_before and now < datetime.fromisoformat(state.not_before):
            return stored
        if flight := _flight(docket):
            found = _look(docket, database, flight, state, now)
            if found is None:
                return stored
            stored += found
            continue
        batch = _board(docket, state, now)
        if not batch:
            return stored
        answer = database.submit([each.body for each in batch])
        stored += _land(docket, batch, answer, state, now)
    return stored


def _flight(docket: Docketed) -> list[Waiting]:
    return [waiting(STATEMENTS, row) for row in docket.places(FLIGHT, limit=BATCH_STATEMENTS_MAX)]


def _board(docket: Docketed, state: _State, now: datetime) -> list[_Loaded]:
    """Move the next batch into the flight, durably; what our own table refuses is laid aside instead."""
    good: list[_Loaded] = []
    settled: list[Commit] = []
    for one in due_now(docket, STATEMENTS, now, state.at_once):
        body = effect_of(docket, one).body
        if body is None:
            settled.append(sent(one, now, what="erased"))
            continue
        statement: dict[str, Any] = json.loads(body)
        errors = judge_statement(statement, in_batch=True)
        puid = str(statement.get("puid", "")).strip()
        if not errors and puid in {each.puid for each in good}:
            errors = {"puid": ["The platform identifier is not unique within this call."]}
        if errors:
            settled.append(_with_reasons(given_up(one, now, ", ".join(sorted(errors))), one, errors, now))
        else:
            good.append(_Loaded(one, body, puid))
    boarding = [
        _moved(each.one, now, "boarded", Place(view=FLIGHT, sort=_number(each.one), stream=each.one.key))
        for each in good
    ]
    docket.commit([*settled, *boarding])
    return good


def _moved(one: Waiting, now: datetime, what: str, to: Place) -> Commit:
    drop = (FLIGHT, _number(one)) if what != "boarded" else (due_view(STATEMENTS), one.sort)
    label = _ENCODE(one.label)
    return Commit(key=_key(one, what, now), drops=(drop,), places=(replace(to, label=label),))


def _land(docket: Docketed, batch: Sequence[_Loaded], answer: Submitted, state: _State, now: datetime) -> int:
    """Commit what follows from the database's answer; return how many it stored now."""
    flight = [each.one for each in batch]
    match answer.what:
        case "stored":
            docket.commit([*(_gone(one, now, "sent") for one in flight), *_well(state, now)])
            return len(flight)
        case "unclear":
            # They stay in the flight: the next call looks for them first.
            docket.commit([_worse(state, answer, now, "database-silent")])
        case "wait":
            docket.commit([*(_back(one, now) for one in flight), _worse(state, answer, now, "database-silent")])
        case "token":
            docket.commit([*(_back(one, now) for one in flight), _worse(state, answer, now, "database-refuses")])
        case "not-understood" if len(flight) > 1:
            half = replace(state, at_once=max(1, len(flight) // 2))
            docket.commit([*(_back(one, now) for one in flight), _kept(half, now)])
        case "not-understood":
            docket.commit([_aside(flight[0], {"statement": [answer.why]}, now), *_well(state, now)])
        case "invalid":
            docket.commit([*_sorted_out(batch, lambda place, _: answer.errors.get(place), now), *_well(state, now)])
        case "existing":
            docket.commit([*_existing(batch, answer, now), *_well(state, now)])
    return 0


def _sorted_out(batch: Sequence[_Loaded], errors_of: Callable[[int, _Loaded], Any], now: datetime) -> list[Commit]:
    commits = []
    for place, each in enumerate(batch):
        errors = errors_of(place, each)
        commits.append(_aside(each.one, errors, now) if errors else _back(each.one, now))
    return commits


def _existing(batch: Sequence[_Loaded], answer: Submitted, now: datetime) -> list[Commit]:
    """Settle what the database has already: ours, if it was sent before and the answer was lost; else a person looks.

    Where it names none of the batch, nobody knows which: each is looked for.
    """
    commits = []
    named = answer.puids & {each.puid for each in batch}
    for each in batch:
        if each.puid not in named:
            commits.append(_back(each.one, now, unclear=not named))
        elif each.one.label.tries:
            commits.append(_gone(each.one, now, "sent"))
        else:
            errors = {"puid": ["The identifier given is not unique within this platform."]}
            commits.append(_aside(each.one, errors, now))
    return commits


def _look(docket: Docketed, database: Database, flight: Sequence[Waiting], state: _State, now: datetime) -> int | None:
    """Ask for each statement of a flight whether it arrived; None: it cannot be told now."""
    commits: list[Commit] = []
    found = 0
    for one in flight:
        body = effect_of(docket, one).body
        there = database.exists(str(json.loads(body or b"{}").get("puid", "")).strip())
        if there is None:
            commits.append(_worse(state, Submitted(what="unclear"), now, "database-silent"))
            docket.commit(commits)
            return None
        commits.append(_gone(one, now, "sent") if there else _back(one, now, unclear=True))
        found += there
    docket.commit([*commits, *_well(state, now)])
    return found


def _gone(one: Waiting, now: datetime, what: str) -> Commit:
    return Commit(
        key=_key(one, what, now),
        drops=((FLIGHT, _number(one)),),
        tallies=(Tally(f"out/{STATEMENTS}/waiting", -1), Tally(f"out/{STATEMENTS}/{what}/{now:%Y-%m-%d}", 1)),
    )


def _back(one: Waiting, now: datetime, *, unclear: bool = False) -> Commit:
    """Return a statement from the flight to the lane; `unclear`: it may have been sent before."""
    label = Label(at=one.label.at, tries=one.label.tries + unclear)
    sort = instant_key(now) + _number(one)
    place = Place(view=due_view(STATEMENTS), sort=sort, stream=one.key, label=_ENCODE(label))
    return Commit(key=_key(one, "back", now), drops=((FLIGHT, _number(one)),), places=(place,))


def _aside(one: Waiting, errors: Any, now: datetime) -> Commit:
    label = Label(at=one.label.at, tries=one.label.tries + 1, why=", ".join(sorted(errors))[:200])
    dead = Place(view=dead_view(STATEMENTS), sort=_number(one), stream=one.key, label=_ENCODE(label))
    commit = Commit(
        key=_key(one, "dead", now),
        drops=((FLIGHT, _number(one)),),
        places=(dead,),
        tallies=(
            Tally(f"out/{STATEMENTS}/waiting", -1),
            Tally(f"out/{STATEMENTS}/dead", 1),
            Tally(f"out/{STATEMENTS}/refused/{now:%Y-%m-%d}", 1),
        ),
    )
    return _with_reasons(commit, one, errors, now)


def _with_reasons(commit: Commit, one: Waiting, errors: Any, now: datetime) -> Commit:
    record = Record(kind=REFUSED, stream=one.key, at=now, subject=None, body=encode(errors))
    return replace(commit, records=(record,))


def _number(one: Waiting) -> bytes:
    return one.number.to_bytes(8, "big")


def _key(one: Waiting, what: str, now: datetime) -> CommitKey:
    # By the instant: a statement that was told to wait boards again and comes back again.
    parts = (what.encode(), one.key, one.sort, _ENCODE(one.label), instant_key(now))
    return commit_key(now.date(), b"transparency", *parts)


def _state(docket: Docketed) -> _State:
    rows = docket.places(_STATE, limit=1)
    return _State(**json.loads(rows[0].label)) if rows else _State()


def _kept(state: _State, now: datetime, effects: tuple[Effect, ...] = ()) -> Commit:
    label = {name: getattr(state, name) for name in _State.__slots__} | {"moves": state.moves + 1}
    place = Place(view=_STATE, sort=b"database", stream=Stream(bytes(20)), label=json.dumps(label).encode())
    key = commit_key(now.date(), b"transparency-state", state.moves.to_bytes(8, "big"))
    return Commit(key=key, places=(place,), effects=effects)


def _well(state: _State, now: datetime) -> list[Commit]:
    """Return what notes that the database answers; nothing where that is known."""
    well = _State(moves=state.moves)
    return [] if well == state else [_kept(well, now)]


def _worse(state: _State, answer: Submitted, now: datetime, why: str) -> Commit:
    """Note that nothing was taken, and call a person: at once where our token is refused, else when it lasts."""
    pause = max(PAUSES[min(state.tries, len(PAUSES) - 1)], answer.wait_s)
    since = state.since or now.isoformat()
    if answer.what == "token":
        pause = max(pause, int(_REST.total_seconds()))
    due = now - datetime.fromisoformat(state.called or since) >= CALL_AFTER
    calls = due or (answer.what == "token" and not state.called)
    worse = replace(
        state,
        since=since,
        tries=state.tries + 1,
        not_before=(now + timedelta(seconds=pause)).isoformat(),
        called=now.isoformat() if calls else state.called,
    )
    effect = call(now, why, state.moves.to_bytes(8, "big"), since=since)
    return _kept(worse, now, (effect,) if calls else ())
