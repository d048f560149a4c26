"""Statements of reasons on their way to the EU database: in batches, each once, though the process may die any time.

Before a batch is sent it is boarded: its statements move from the lane to the flight, durably. Whatever happens then,
what is found in the flight at the next call may be there or not, so the database is asked for each identifier before
anything is sent again. What the database has against a statement lays aside that one; the rest is sent without it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace as with_fields

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

_STATE, _FACT = "courier/statements", "courier/statements"
_REST = timedelta(minutes=10)
_PIECE = CommitKey(bytes(20))
"""Of what is only ever part of a step, which has a key of its own."""
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
    version: int = 0


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
            pieces = _looked(docket, database, flight, state, now)
        else:
            batch = _board(docket, state, now)
            if not batch:
                return stored
            state = replace(state, version=state.version + 1)
            pieces = _landed(batch, database.submit([each.body for each in batch]), state, now)
        if not _step(docket, pieces, state, now):
            return stored
        stored += sum(tally.by for piece in pieces for tally in piece.tallies if "/sent/" in tally.name)
    return stored


def _step(docket: Docketed, pieces: Sequence[Commit], state: _State, now: datetime) -> bool:
    """Commit what belongs together as one act; False: another was first, nothing was written."""
    commit = Commit(
        key=commit_key(now.date(), b"transparency", state.version.to_bytes(8, "big")),
        records=tuple(one for piece in pieces for one in piece.records),
        drops=tuple(one for piece in pieces for one in piece.drops),
        places=tuple(one for piece in pieces for one in piece.places),
        tallies=tuple(one for piece in pieces for one in piece.tallies),
        effects=tuple(one for piece in pieces for one in piece.effects),
        relies_on=(FactVersion(name=_FACT, version=state.version),),
        advances=(_FACT,),
    )
    return isinstance(docket.commit([commit])[0], Done)


def _flight(docket: Docketed) -> list[Waiting]:
    return [waiting(STATEMENTS, row) for row in docket.places(FLIGHT, limit=BATCH_STATEMENTS_MAX)]


def _board(docket: Docketed, state: _State, now: datetime) -> list[_Loaded]:
    """Move the next batch into the flight, durably; what our own table refuses is laid aside instead."""
    good: dict[str, _Loaded] = {}
    pieces: list[Commit] = []
    for one in due_now(docket, STATEMENTS, now, state.at_once):
        body = effect_of(docket, one).body
        if body is None:
            pieces.append(sent(one, now, what="erased"))
            continue
        statement: dict[str, Any] = json.loads(body)
        errors = judge_statement(statement, in_batch=True)
        puid = str(statement.get("puid", "")).strip()
        if not errors and puid in good:
            errors = {"puid": ["The platform identifier is not unique within this call."]}
        if errors:
            pieces.append(_with_reasons(given_up(one, now, ", ".join(sorted(errors))), one, errors, now))
        else:
            good[puid] = _Loaded(one, body, puid)
            pieces.append(_boarded(one))
    return list(good.values()) if pieces and _step(docket, pieces, state, now) else []


def _boarded(one: Waiting) -> Commit:
    place = Place(view=FLIGHT, sort=_number(one), stream=one.key, label=_ENCODE(one.label))
    return Commit(key=_PIECE, drops=((due_view(STATEMENTS), one.sort),), places=(place,))


def _landed(batch: Sequence[_Loaded], answer: Submitted, state: _State, now: datetime) -> list[Commit]:
    """Return what follows from the database's answer to a batch."""
    flight = [each.one for each in batch]
    match answer.what:
        case "stored":
            return [*(_gone(one, now) for one in flight), *_well(state)]
        case "unclear":
            # They stay in the flight: the next call looks for them first.
            return [_worse(state, answer, now, "database-silent")]
        case "wait":
            return [*(_back(one, now) for one in flight), _worse(state, answer, now, "database-silent")]
        case "token":
            return [*(_back(one, now) for one in flight), _worse(state, answer, now, "database-refuses")]
        case "existing":
            return _existing(batch, answer, state, now)
        case "invalid" if answer.errors.keys() & set(range(len(batch))):
            wrong = answer.errors
            aside = [
                _aside(one, wrong[place], now) if place in wrong else _back(one, now)
                for place, one in enumerate(flight)
            ]
            return [*aside, *_well(state)]
    return _not_understood(flight, answer, state, now)


def _not_understood(flight: Sequence[Waiting], answer: Submitted, state: _State, now: datetime) -> list[Commit]:
    """Halve the batch until what is not understood stands alone; then a person looks at it."""
    if len(flight) > 1:
        return [*(_back(one, now) for one in flight), _kept(replace(state, at_once=len(flight) // 2))]
    return [_aside(flight[0], {"statement": [answer.why]}, now), *_well(state)]


def _existing(batch: Sequence[_Loaded], answer: Submitted, state: _State, now: datetime) -> list[Commit]:
    """Settle what the database has already: sent, if its answer was lost before; else a person looks at it."""
    if not answer.puids & {each.puid for each in batch}:
        # It names none of them: they stay in the flight, and each is looked for.
        return [_worse(state, answer, now, "database-silent")]
    pieces = []
    for each in batch:
        if each.puid not in answer.puids:
            pieces.append(_back(each.one, now))
        elif each.one.label.tries:
            pieces.append(_gone(each.one, now))
        else:
            errors = {"puid": ["The identifier given is not unique within this platform."]}
            pieces.append(_aside(each.one, errors, now))
    return [*pieces, *_well(state)]


def _looked(
    docket: Docketed, database: Database, flight: Sequence[Waiting], state: _State, now: datetime
) -> list[Commit]:
    """Return what follows from asking for each statement of a flight; the first that cannot be told now ends it."""
    pieces: list[Commit] = []
    arrived = False
    for one in flight:
        body = effect_of(docket, one).body
        there = database.exists(str(json.loads(body or b"{}").get("puid", "")).strip())
        if there is None:
            return [*pieces, _worse(state, Submitted(what="unclear"), now, "database-silent")]
        pieces.append(_gone(one, now) if there else _back(one, now, unclear=True))
        arrived |= there
    # That it answers such a question does not say that it takes statements again.
    return [*pieces, *(_well(state) if arrived else ())]


def _gone(one: Waiting, now: datetime) -> Commit:
    return Commit(
        key=_PIECE,
        drops=((FLIGHT, _number(one)),),
        tallies=(Tally(f"out/{STATEMENTS}/waiting", -1), Tally(f"out/{STATEMENTS}/sent/{now:%Y-%m-%d}", 1)),
    )


def _back(one: Waiting, now: datetime, *, unclear: bool = False) -> Commit:
    """Return a statement from the flight to the lane; `unclear`: it may have been sent before."""
    label = Label(at=one.label.at, tries=one.label.tries + unclear)
    sort = instant_key(now) + _number(one)
    place = Place(view=due_view(STATEMENTS), sort=sort, stream=one.key, label=_ENCODE(label))
    return Commit(key=_PIECE, drops=((FLIGHT, _number(one)),), places=(place,))


def _aside(one: Waiting, errors: Mapping[str, list[str]], now: datetime) -> Commit:
    label = Label(at=one.label.at, tries=one.label.tries + 1, why=", ".join(sorted(errors))[:200])
    dead = Place(view=dead_view(STATEMENTS), sort=_number(one), stream=one.key, label=_ENCODE(label))
    commit = Commit(
        key=_PIECE,
        drops=((FLIGHT, _number(one)),),
        places=(dead,),
        tallies=(
            Tally(f"out/{STATEMENTS}/waiting", -1),
            Tally(f"out/{STATEMENTS}/dead", 1),
            Tally(f"out/{STATEMENTS}/refused/{now:%Y-%m-%d}", 1),
        ),
    )
    return _with_reasons(commit, one, errors, now)


def _with_reasons(commit: Commit, one: Waiting, errors: Mapping[str, list[str]], now: datetime) -> Commit:
    record = Record(kind=REFUSED, stream=one.key, at=now, subject=None, body=encode(errors))
    return with_fields(commit, records=(record,))


def _number(one: Waiting) -> bytes:
    return one.number.to_bytes(8, "big")


def _state(docket: Docketed) -> _State:
    version = docket.fact(_FACT)
    rows = docket.places(_STATE, limit=1)
    return _State(**{**(json.loads(rows[0].label) if rows else {}), "version": version})


def _kept(state: _State, effects: tuple[Effect, ...] = ()) -> Commit:
    label = {name: getattr(state, name) for name in _State.__slots__ if name != "version"}
    place = Place(view=_STATE, sort=b"database", stream=Stream(bytes(20)), label=json.dumps(label).encode())
    return Commit(key=_PIECE, places=(place,), effects=effects)


def _well(state: _State) -> list[Commit]:
    """Return what notes that the database answers; nothing where that is known."""
    well = _State(version=state.version)
    return [] if well == state else [_kept(well)]


def _worse(state: _State, answer: Submitted, now: datetime, why: str) -> Commit:
    """Note that nothing was taken, and call a person: at once where our token is refused, else when it lasts."""
    pause = max(PAUSES[min(state.tries, len(PAUSES) - 1)], answer.wait_s)
    since = state.since or now.isoformat()
    if answer.what == "token":
        pause = max(pause, int(_REST.total_seconds()))
    lasts = now - datetime.fromisoformat(state.called or since) >= CALL_AFTER
    calls = lasts or (answer.what == "token" and not state.called)
    worse = replace(
        state,
        since=since,
        tries=state.tries + 1,
        not_before=(now + timedelta(seconds=pause)).isoformat(),
        called=now.isoformat() if calls else state.called,
    )
    effect = call(now, why, state.version.to_bytes(8, "big"), since=since)
    return _kept(worse, (effect,) if calls else ())
