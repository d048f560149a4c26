"""Rows of an admitted group, as every SQL store writes them, and the views made from rows again."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from evenhand.store.plan import Plan, moved_places, summed_tallies
from evenhand.views.decisions import DecisionRow
from evenhand.vocabulary.decision import Decision

Sealer = Callable[[str | None, bytes, bytes], tuple[bytes | None, bytes]]
"""(subject, plain, context) → (subject hash or None, bytes to keep)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_ENCODE = msgspec.json.Encoder().encode
_DECISION_PRIVATE = msgspec.json.Decoder(tuple[str, str, str, bytes])


@dataclass(slots=True)
class Rows:
    """Rows by table; columns in the order of the migrations.

    Attributes:
        dropped: (view, sort) of places at which nothing stands any more.
        place: What stands elsewhere now, whether something stood there before or not.
    """

    act: list[tuple[Any, ...]] = field(default_factory=list)
    decision: list[tuple[Any, ...]] = field(default_factory=list)
    entry: list[tuple[Any, ...]] = field(default_factory=list)
    effect: list[tuple[Any, ...]] = field(default_factory=list)
    day_count: list[tuple[Any, ...]] = field(default_factory=list)
    record: list[tuple[Any, ...]] = field(default_factory=list)
    dropped: list[tuple[Any, ...]] = field(default_factory=list)
    place: list[tuple[Any, ...]] = field(default_factory=list)
    tally: list[tuple[Any, ...]] = field(default_factory=list)


@lru_cache(maxsize=256)  # a call's acts are of one instant
def microseconds(instant: datetime) -> int:
    """Return microseconds since 1970 UTC of an aware instant."""
    span = instant - _EPOCH
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def day_number(day: date) -> int:
    """Return days since 1970-01-01."""
    return day.toordinal() - _EPOCH_DAY


def day_of(number: int) -> date:
    """Return the day with this number."""
    return date.fromordinal(number + _EPOCH_DAY)


def context(table: bytes, act_key: bytes) -> bytes:
    """Return what a sealed value is bound to: its table and its act."""
    return table + act_key


def rows_of(plan: Plan, effect: int, seal: Sealer) -> Rows:
    """Return the rows of an admitted group; `effect` is the first effect's number."""
    rows = Rows()
    counts: Counter[tuple[int, str, str]] = Counter()
    acts, decisions, entries, effects = rows.act.append, rows.decision.append, rows.entry.append, rows.effect.append
    for commit, done in plan.admitted:
        act, key = done.act, commit.key
        acts((act, key))
        entry = done.entries[0] if done.entries else None
        for number, decision in zip(done.decisions, commit.decisions, strict=True):
            row = _decision_row(number, act, entry, decision, key, seal)
            decisions(row)
            counts[row[2], row[9], row[5]] += 1
        for number, body in zip(done.entries, commit.entries, strict=True):
            entries((number, act, body))
        for one in commit.effects:
            subject, kept = seal(one.subject, one.body, b"effect" + one.key)
            effects((effect, act, one.key, one.kind, subject, kept))
            effect += 1
        for number, record in zip(done.records, commit.records, strict=True):
            subject, kept = seal(record.subject, record.body, context(b"record", key))
            rows.record.append((number, act, record.kind, record.stream, microseconds(record.at), subject, kept))
    _add_places(rows, plan)
    rows.day_count = [(*key_of, count) for key_of, count in counts.items()]
    return rows


def _add_places(rows: Rows, plan: Plan) -> None:
    moved = moved_places(plan)
    rows.dropped = [where for where, place in moved.items() if place is None]
    rows.place = sorted([(p.view, p.sort, p.stream, p.label) for p in moved.values() if p is not None])
    rows.tally = sorted(summed_tallies(plan).items())


def _decision_row(
    number: int, act: int, entry: int | None, decision: Decision, key: bytes, seal: Sealer
) -> tuple[Any, ...]:
    """Return a decision's row. Enumerations go in as they are: they are strings."""
    policy = decision.policy
    private = _ENCODE((decision.item_id, decision.because, decision.facts, decision.salt))
    subject, kept = seal(decision.subject, private, b"decision" + key)
    span = decision.decided_at - _EPOCH
    day = span.days
    return (
        number,
        act,
        day,
        (day * 86_400 + span.seconds) * 1_000_000 + span.microseconds,
        decision.item,
        decision.action,
        entry,
        policy.ground,
        policy.reference,
        policy.category,
        policy.keyword,
        decision.source,
        decision.automated_detection,
        decision.automation,
        decision.language,
        ",".join(decision.territory),
        decision.rule,
        decision.edition,
        decision.replayed,
        decision.reverses,
        decision.content_sha256,
        subject,
        kept,
    )


def instant_of(number: int) -> datetime:
    """Return the aware UTC instant of a number of microseconds."""
    return _EPOCH + timedelta(microseconds=number)


DECISION_COLUMNS = (
    "decided_at, item, action, ground, category, keyword, reference, source, automation, language, rule, edition, "
    "entry, replayed, d.act"
)


def decision_view(row: tuple[Any, ...], private: bytes | None) -> DecisionRow:
    """Return a decision from DECISION_COLUMNS and its opened private part; None: erased."""
    item_id, because, facts, salt = ("", "", "", b"") if private is None else _DECISION_PRIVATE.decode(private)
    return DecisionRow(
        number=row[0],
        decided_at=instant_of(row[1]),
        item=row[2],
        item_id=item_id,
        action=row[3],
        ground=row[4],
        category=row[5],
        keyword=row[6] or "",
        policy_reference=row[7],
        source=row[8],
        automation=row[9],
        language=row[10] or "",
        rule=row[11],
        edition=row[12],
        because=because,
        facts=facts,
        entry=row[13],
        replayed=bool(row[14]),
        erased=private is None,
        salt=salt,
        act=row[15],
    )
