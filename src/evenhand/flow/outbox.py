"""What waits to leave the house: effects sorted into lanes, each letter by itself, by the instant it is due.

Mail needs no order, so nothing holds anything else up. A lane keeps three things: `…/due`, what is to be tried and
when; `…/dead`, what was given up, until somebody looks; tallies. Actions for the platform keep an order of their own
(`flow.action_delivery`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

import msgspec

from evenhand.flow.actions import Docketed
from evenhand.views.records import EffectRow, PlaceRow, RecordQueries
from evenhand.vocabulary.commit import Commit, CommitKey, Done, Effect, FactVersion, Place, Stream, Tally, commit_key
from evenhand.vocabulary.places import instant_key, microseconds

MAIL, MAIL_FIRST, STATEMENTS = "mail", "mail-first", "statements"
CALL_MAIL, CALL_HOOK = "call-mail", "call-hook"
OPEN_CALLS = "call/open"
"""Calls for a person that nobody has acknowledged, by number."""
LANES: Mapping[str, str] = MappingProxyType(
    {
        "tell.notifier": MAIL,
        "tell.authority": MAIL_FIRST,
        "tell.staff": MAIL_FIRST,
        "eu-database.statement": STATEMENTS,
    }
)
"""Kind of effect → the lane that it leaves by. What an authority waits for never stands behind a crowd's receipts."""
CALL = "page."
"""Prefix of the kinds that call a person."""
SORTED_AT_ONCE = 5000
_SORTED, _FACT = "courier/sorted", "courier/sorted"
_HERE = b"outbox"


class Label(msgspec.Struct, frozen=True):
    """What a line of a lane says.

    Attributes:
        at: When it was first to be sent, microseconds since 1970 UTC.
        tries: How often it was tried.
        why: For a dead one, in a word; never an address.
    """

    at: int
    tries: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something that waits in a lane, or lies dead there."""

    lane: str
    number: int
    key: Stream
    sort: bytes
    label: Label

    @property
    def first_at(self) -> datetime:
        """Return when it was first to be sent."""
        return datetime.fromtimestamp(self.label.at / 1e6, UTC)


_ENCODE = msgspec.json.Encoder().encode
_LABEL = msgspec.json.Decoder(Label)


def sort_effects(docket: Docketed, now: datetime, call_by: Sequence[str] = ()) -> int:
    """Put effects that were committed since the last time into their lanes; return how many.

    Args:
        docket: The docket, both sides.
        now: Aware UTC.
        call_by: Lanes by which a person is called (CALL_MAIL, CALL_HOOK); the console's list is there in any case.
    """
    found = 0
    while True:
        version = docket.fact(_FACT)
        state = docket.places(_SORTED, limit=1)
        after = int(state[0].label) if state else 0
        kinds = docket.effect_kinds(after=after, limit=SORTED_AT_ONCE)
        if not kinds:
            return found
        places = [
            place
            for number, kind, key in kinds
            if kind in LANES or kind.startswith(CALL)
            for place in _places(number, kind, Stream(key), now, call_by)
        ]
        through = Place(view=_SORTED, sort=_HERE, stream=Stream(bytes(20)), label=str(kinds[-1][0]).encode())
        commit = Commit(
            key=commit_key(now.date(), b"sorted", version.to_bytes(8, "big")),
            places=(through, *places),
            tallies=_counted(places),
            relies_on=(FactVersion(name=_FACT, version=version),),
            advances=(_FACT,),
        )
        if not isinstance(docket.commit([commit])[0], Done):
            return found
        found += len(places)
        if len(kinds) < SORTED_AT_ONCE:
            return found


def _counted(places: Sequence[Place]) -> tuple[Tally, ...]:
    views = [place.view.partition("/")[0] for place in places]
    return tuple(Tally(f"out/{view}/waiting", views.count(view)) for view in dict.fromkeys(views))


def _places(number: int, kind: str, stream: Stream, now: datetime, call_by: Sequence[str]) -> list[Place]:
    label = _ENCODE(Label(at=microseconds(now)))
    if kind.startswith(CALL):
        opened = Place(view=OPEN_CALLS, sort=number.to_bytes(8, "big"), stream=stream, label=label)
        return [opened, *(_due(lane, now, number, stream, label) for lane in call_by)]
    return [_due(LANES[kind], now, number, stream, label)]


def _due(lane: str, at: datetime, number: int, stream: Stream, label: bytes) -> Place:
    sort = instant_key(at) + number.to_bytes(8, "big")
    return Place(view=due_view(lane), sort=sort, stream=stream, label=label)


def due_view(lane: str) -> str:
    """Return the view of what a lane has to send, by the instant it is due."""
    return f"{lane}/due"


def dead_view(lane: str) -> str:
    """Return the view of what a lane has given up, by number."""
    return f"{lane}/dead"


def due_now(docket: RecordQueries, lane: str, now: datetime, limit: int) -> list[Waiting]:
    """Return what is due in a lane, the longest waiting first."""
    until = instant_key(now) + b"\xff" * 9
    return [waiting(lane, row) for row in docket.places(due_view(lane), until=until, limit=limit)]


def dead_of(docket: RecordQueries, lane: str, limit: int) -> list[Waiting]:
    """Return what a lane has given up, by number."""
    return [waiting(lane, row) for row in docket.places(dead_view(lane), limit=limit)]


def dead_one(docket: RecordQueries, lane: str, number: int) -> Waiting | None:
    """Return one line that a lane has given up; None: it is not there any more."""
    place = (dead_view(lane), number.to_bytes(8, "big"))
    row = docket.at([place]).get(place)
    return None if row is None else waiting(lane, row)


def waiting(lane: str, row: PlaceRow) -> Waiting:
    """Return a line of a lane as a value."""
    number = int.from_bytes(row.sort[-8:], "big")
    return Waiting(lane=lane, number=number, key=row.stream, sort=row.sort, label=_LABEL.decode(row.label))


def effect_of(docket: RecordQueries, one: Waiting) -> EffectRow:
    """Return the effect behind a line."""
    return docket.effects(after=one.number - 1, limit=1)[0]


def sent(one: Waiting, now: datetime, *, what: str = "sent") -> Commit:
    """Return the commit that takes a line out of its lane: it left, or there is nothing to send any more."""
    return Commit(
        key=_key(one, what, now),
        drops=((due_view(one.lane), one.sort),),
        tallies=(Tally(f"out/{one.lane}/waiting", -1), Tally(f"out/{one.lane}/{what}/{now:%Y-%m-%d}", 1)),
    )


def again(one: Waiting, now: datetime, due: datetime, why: str = "", effects: Sequence[Effect] = ()) -> Commit:
    """Return the commit that has a line tried again; `why` stays with it."""
    label = Label(at=one.label.at, tries=one.label.tries + 1, why=why or one.label.why)
    return Commit(
        key=_key(one, "again", now),
        drops=((due_view(one.lane), one.sort),),
        places=(_due(one.lane, due, one.number, one.key, _ENCODE(label)),),
        effects=tuple(effects),
    )


def given_up(one: Waiting, now: datetime, why: str, effects: Sequence[Effect] = ()) -> Commit:
    """Return the commit that lays a line aside, where somebody sees it."""
    label = Label(at=one.label.at, tries=one.label.tries + 1, why=why[:200])
    number = one.number.to_bytes(8, "big")
    return Commit(
        key=_key(one, "dead", now),
        drops=((due_view(one.lane), one.sort),),
        places=(Place(view=dead_view(one.lane), sort=number, stream=one.key, label=_ENCODE(label)),),
        tallies=(
            Tally(f"out/{one.lane}/waiting", -1),
            Tally(f"out/{one.lane}/dead", 1),
            Tally(f"out/{one.lane}/refused/{now:%Y-%m-%d}", 1),
        ),
        effects=tuple(effects),
    )


def revived(one: Waiting, now: datetime) -> Commit:
    """Return the commit that has a dead line tried again, at once."""
    # Its time begins anew; its tries go on, for they are part of what names an act.
    label = Label(at=microseconds(now), tries=one.label.tries)
    return Commit(
        key=_key(one, "revived", now),
        drops=((dead_view(one.lane), one.sort),),
        places=(_due(one.lane, now, one.number, one.key, _ENCODE(label)),),
        tallies=(Tally(f"out/{one.lane}/waiting", 1), Tally(f"out/{one.lane}/dead", -1)),
    )


def put_away(one: Waiting, now: datetime) -> Commit:
    """Return the commit that takes a dead line away: a person has seen to it."""
    return Commit(
        key=_key(one, "put away", now),
        drops=((dead_view(one.lane), one.sort),),
        tallies=(Tally(f"out/{one.lane}/dead", -1),),
    )


def _key(one: Waiting, what: str, now: datetime) -> CommitKey:
    tries = one.label.tries.to_bytes(4, "big")
    return commit_key(now.date(), b"outbox", one.lane.encode(), one.key, tries, what.encode(), one.sort)
