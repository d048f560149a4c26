"""What the platform says that it did: recorded, held against what was decided, and chased until it is done."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from evenhand.flow.actions import Action, Docketed, Send, action_of, by_time, call_about, is_action
from evenhand.views.records import EffectRow, PlaceRow, RecordQueries
from evenhand.vocabulary.commit import Commit, CommitKey, Done, Place, Record, Stream, Tally, commit_key
from evenhand.vocabulary.places import microseconds

_UNDONE = "actions/undone"
CHASE_AFTER = timedelta(hours=1)
"""How long the platform has to say that it did what was decided."""
CHASED_TIMES = 3
CALLED_EVERY = timedelta(days=1)
"""How often a person is called once reminding did not help."""
_RESTORES, _REPORTED = "platform.restore", "action.reported"
_ENDS = frozenset({"done", "gone"})
"""What ends the chase."""
Status = Literal["done", "failed", "other", "gone"]
"""done: as decided; failed: not done; other: something else was done; gone: there is no such item any more."""


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


def unreported(docket: RecordQueries, actions: Sequence[Action]) -> list[Action]:
    """Return the actions that the platform has not carried out already: whoever asks may report before it is sent."""
    told = docket.acts_of([Stream(bytes.fromhex(action.id)) for action in actions])
    return [one for one in actions if bytes.fromhex(one.id) not in told or not _carried_out(docket, one.id)]


def _carried_out(docket: RecordQueries, action: str) -> bool:
    return any(said.status in _ENDS for said in reports_of(docket, action))


def undone_places(actions: Sequence[Action], now: datetime) -> list[Place]:
    """Return the places that wait for the platform's report of each action; a finder keeps by when it was due."""
    due = now + CHASE_AFTER
    undone = [
        Place(view=_UNDONE, sort=by_time(due, action.number), stream=Stream(bytes.fromhex(action.id)), label=b"1")
        for action in actions
    ]
    finders = [
        Place(view=_finder(action.id), sort=place.sort, stream=place.stream, label=place.sort[:8])
        for action, place in zip(actions, undone, strict=True)
    ]
    return [*undone, *finders]


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
    known = {row.key.hex(): row for row in named.values() if is_action(row.kind)}
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
        effects=(call_about(received_at, report.id, "platform-not-done", b"gone"),) if lost else (),
    )


def _is_late(lines: Sequence[PlaceRow], report: Report, received_at: datetime) -> bool:
    """Tell whether what is done was done too late: by the platform's clock, which says nothing of the future."""
    due = min((int.from_bytes(line.label or line.sort[:8], "big") for line in lines), default=None)
    return due is not None and microseconds(min(report.at, received_at)) > due


def _differing(docket: Docketed, finder: PlaceRow, report: Report, now: datetime) -> tuple[Place, ...]:
    """Return the lines of an action that was not done as decided: shown at once, and chased from now on.

    Said again it stays where it is: whoever says it every minute is not chased every minute.
    """
    line = docket.at([(_UNDONE, finder.sort)]).get((_UNDONE, finder.sort))
    chased, said = _chased_of(line.label) if line is not None else (1, "")
    number = int.from_bytes(finder.sort[8:], "big")
    sort = finder.sort if said else min(finder.sort, by_time(now, number))
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
    return _differences(queries, queries.places(_UNDONE, until=by_time(now, 0), limit=limit))


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
    actions = [action_of(row) for each in remind for row in docket.effects(after=each.number - 1, limit=1)]
    if actions and send is not None:
        body = json.dumps(
            {"type": "actions.overdue", "timestamp": now.isoformat(), "data": [a.as_dict() for a in actions]}
        )
        send(f"{actions[0].id}-{now.date().isoformat()}", now, body.encode())
    finders = docket.at([(_finder(each.id), by_time(each.due_at, each.number)) for each in overdue])
    labels = {row.stream.hex(): row.label for row in finders.values()}
    commits = [_chased(each, labels.get(each.id, b""), now) for each in overdue]
    docket.commit(commits)
    return len(commits)


def _too_far(queries: RecordQueries, now: datetime) -> list[Difference]:
    """Return what would be chased later than anything is: a clock had jumped ahead when it was last chased."""
    rows = queries.places(_UNDONE, after=by_time(now + 2 * CALLED_EVERY, 0), limit=100)
    return _differences(queries, rows)


def _still_undone(docket: Docketed, overdue: Sequence[Difference], now: datetime) -> list[Difference]:
    """Return what is still to be chased; what was reported as done while its line moved on is taken away."""
    told = docket.acts_of([Stream(bytes.fromhex(each.id)) for each in overdue])
    ended = [one for one in overdue if bytes.fromhex(one.id) in told and _carried_out(docket, one.id)]
    for each in ended:
        old = by_time(each.due_at, each.number)
        drops = ((_UNDONE, old), (_finder(each.id), old))
        key = commit_key(now.date(), b"action-ended", bytes.fromhex(each.id), old)
        # Counted already, where the report that ended it had seen a line: that one was moved on at the same moment.
        counted = any(said.ended for said in reports_of(docket, each.id))
        docket.commit([Commit(key=key, drops=drops, tallies=() if counted else (Tally("actions/undone", -1),))])
    return [one for one in overdue if one not in ended]


def _chased(each: Difference, first_due: bytes, now: datetime) -> Commit:
    """Move an overdue action's line on; after the last reminder it waits a day between calls to a person."""
    last = each.chased >= CHASED_TIMES
    stream, old = Stream(bytes.fromhex(each.id)), by_time(each.due_at, each.number)
    new = by_time(now + (CALLED_EVERY if last else CHASE_AFTER), each.number)
    label = f"{min(each.chased + 1, CHASED_TIMES) + 1} {each.said}".encode().strip()
    finder = _finder(each.id)
    calls = (call_about(now, each.id, "platform-not-done", old),) if last else ()
    return Commit(
        key=commit_key(now.date(), b"action-chased", stream, old),
        drops=((_UNDONE, old), (finder, old)),
        places=(
            Place(view=_UNDONE, sort=new, stream=stream, label=label),
            Place(view=finder, sort=new, stream=stream, label=first_due or old[:8]),
        ),
        effects=calls,
    )


def _finder(action: str) -> str:
    return f"actions/of/{action}"


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_LAST = datetime.fromisoformat("9999-12-30T00:00:00+00:00")
