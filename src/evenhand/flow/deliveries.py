"""What leaves the house, as staff see it: what waits, what was given up, which calls are open.

Nothing here shows whom a letter is for or what it says: its kind, its age and why it was not taken are enough to act.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace as with_fields

from evenhand.access.rules import rights
from evenhand.flow.action_delivery import dead_actions, settle_dead
from evenhand.flow.action_reports import Difference, differences
from evenhand.flow.actions import Docketed
from evenhand.flow.calls import OpenCall, open_calls
from evenhand.flow.outbox import MAIL, MAIL_FIRST, STATEMENTS, Waiting, dead_of, dead_one, effect_of, put_away, revived
from evenhand.flow.transparency import REFUSED
from evenhand.views.records import RecordQueries
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import Act
from evenhand.vocabulary.commit import Done, FactVersion, Record, Stream
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.rights import Right

ACTIONS = "actions"
LANES = (MAIL_FIRST, MAIL, STATEMENTS)
SHOWN = 100
DAYS = 7
_FACT = "outbox/console"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Something that was given up.

    Attributes:
        lane: Of `LANES`, or "actions".
        kind: Kind of its effect.
        what: What it is, in a word of its journey ("answer", "reply", …); "" where it does not say.
        since: When it was first to be sent; None where that is not kept.
        why: In a word, or an answer's code.
        reasons: Of the EU database, an attribute each.
    """

    lane: str
    number: int
    kind: str
    what: str
    since: datetime | None
    tries: int
    why: str
    reasons: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """How a lane does.

    Attributes:
        waiting: What is still to be sent.
        days: Day → what happened ("sent", "refused", …) → how often; the newest first.
    """

    name: str
    waiting: int
    dead: int
    days: Mapping[date, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """All of it.

    Attributes:
        undone: Actions that the platform has not said it did in time, or did not do as decided, people's and machines'.
    """

    calls: list[OpenCall]
    lanes: list[Lane]
    dead: list[DeadLetter]
    undone: list[Difference]
    undone_in_all: int


def deliveries(docket: RecordQueries, now: datetime) -> Deliveries:
    """Return what waits, what was given up and which calls are open."""
    tallies = docket.tallies("actions/")
    waiting, laid_aside = tallies.get("actions/undone", 0), tallies.get("actions/dead", 0)
    actions = replace(_lane(docket, ACTIONS, now), waiting=waiting, dead=laid_aside)
    dead = [_dead(docket, one) for lane in LANES for one in dead_of(docket, lane, SHOWN)]
    dead += [
        DeadLetter(
            lane=ACTIONS, number=one.number, kind=one.type, what="", since=None, tries=1, why="refused", reasons={}
        )
        for one in dead_actions(docket, SHOWN)
    ]
    return Deliveries(
        calls=open_calls(docket),
        lanes=[*(_lane(docket, name, now) for name in LANES), actions],
        dead=dead,
        undone=differences(docket, now, SHOWN),
        undone_in_all=actions.waiting,
    )


def deliveries_as_dict(docket: RecordQueries, now: datetime) -> dict[str, Any]:
    """Return the same for programs."""
    found = deliveries(docket, now)
    return {
        "calls": [{"at": one.at.isoformat(), "number": one.number, "why": one.why} for one in found.calls],
        "dead": [
            {"kind": one.kind, "lane": one.lane, "number": one.number, "tries": one.tries, "why": one.why}
            for one in found.dead
        ],
        "lanes": {
            lane.name: {
                "days": {day.isoformat(): dict(sorted(counts.items())) for day, counts in lane.days.items()},
                "dead": lane.dead,
                "waiting": lane.waiting,
            }
            for lane in found.lanes
        },
        "differences": [
            {"chased": one.chased, "due_at": one.due_at.isoformat(), "number": one.number, "said": one.said}
            for one in found.undone
        ],
        "undone": len(found.undone),
    }


def _lane(docket: RecordQueries, name: str, now: datetime) -> Lane:
    days: dict[date, dict[str, int]] = defaultdict(dict)
    tallies = docket.tallies(f"out/{name}/")
    first = now.date() - timedelta(days=DAYS - 1)
    for tally, count in tallies.items():
        _, _, what, *day = tally.split("/")
        if day and (on := date.fromisoformat(day[0])) >= first:
            days[on][what] = count
    return Lane(
        name=name,
        waiting=tallies.get(f"out/{name}/waiting", 0),
        dead=tallies.get(f"out/{name}/dead", 0),
        days=dict(sorted(days.items(), reverse=True)),
    )


def _dead(docket: RecordQueries, one: Waiting) -> DeadLetter:
    row = effect_of(docket, one)
    body = msgspec.json.decode(row.body or b"{}")
    return DeadLetter(
        lane=one.lane,
        number=one.number,
        kind=row.kind,
        what=str(body.get("what", "")),
        since=one.first_at,
        tries=one.label.tries,
        why=one.label.why,
        reasons=_reasons(docket, one.key) if one.lane == STATEMENTS else {},
    )


def _reasons(docket: RecordQueries, key: Stream) -> Mapping[str, list[str]]:
    rows = [row for row in docket.records(key) if row.kind == REFUSED and row.body is not None]
    return msgspec.json.decode(rows[-1].body, type=dict[str, list[str]]) if rows and rows[-1].body else {}


def settle(docket: Docketed, actor: Actor, lane: str, number: int, *, again: bool, at: datetime) -> None:
    """Have what was given up tried again at once, or put it away; who did it is kept.

    Raises:
        Denied: The actor may not.
        InputError: There is no such lane.
        Conflict: Somebody else was first.
    """
    if Right.DELIVERIES not in rights(actor):
        raise Denied("your role does not include this")
    if lane not in (*LANES, ACTIONS):
        raise InputError("lane", f"is none of {', '.join((*LANES, ACTIONS))}")
    act = encode(Act(by=actor.id, to=lane, text="again" if again else "put away"))
    if lane == ACTIONS:
        done = settle_dead(docket, number, act, at, again=again)
    else:
        found = dead_one(docket, lane, number)
        done = found is not None and _moved(docket, found, act, again=again, at=at)
    if not done:
        raise Conflict("somebody has seen to this already")


def _moved(docket: Docketed, one: Waiting, act: bytes, *, again: bool, at: datetime) -> bool:
    version = docket.fact(_FACT)
    record = Record(kind="delivery.settled", stream=one.key, at=at, subject=None, body=act)
    commit = with_fields(
        revived(one, at) if again else put_away(one, at),
        records=(record,),
        relies_on=(FactVersion(name=_FACT, version=version),),
        advances=(_FACT,),
    )
    return isinstance(docket.commit([commit])[0], Done)
