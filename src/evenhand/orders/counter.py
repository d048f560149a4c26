"""Counter-notices against measures on private demands: how far one is, and what the tables say of its time. Pure.

    standing ── counter.received ──▶ countered ── counter.court ──▶ court
        │                               │                             │
        │                               ├── time is up, or two people ─┴─▶ restored
        └── (nothing comes: it stands)  ┘

The time is a row of the law's tables (`[[counter_notice]]`); none comes with Evenhand. Without one, and under a
recalled one, two people decide.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from evenhand.orders.clock import due_at
from evenhand.rulebook.tables import LawBook
from evenhand.vocabulary.concerned import Agreed, Concerned, Counter, Countered, CourtShown, TakenBack
from evenhand.vocabulary.request import Request

_BODIES: Mapping[str, msgspec.json.Decoder[Any]] = MappingProxyType(
    {
        "concerned": msgspec.json.Decoder(Concerned),
        "counter.received": msgspec.json.Decoder(Countered),
        "counter.court": msgspec.json.Decoder(CourtShown),
        "counter.agreed": msgspec.json.Decoder(Agreed),
        "counter.restored": msgspec.json.Decoder(TakenBack),
    }
)
TOLD = "concerned.told"


class CounterStep(NamedTuple):
    """A record as it is kept; its body is None once erased."""

    kind: str
    at: datetime
    number: int
    act: int
    body: bytes | None


def tell_counters(steps: Iterable[CounterStep]) -> tuple[Counter, ...]:
    """Return every measure that somebody is told of, with what came after it, in order."""
    found: dict[int, Counter] = {}
    for step in steps:
        if step.kind == TOLD:
            found = {number: replace(each, told=True) for number, each in found.items()}
        decoder = _BODIES.get(step.kind)
        if decoder is None or step.body is None:
            continue
        body = decoder.decode(step.body)
        if isinstance(body, Concerned):
            found[step.number] = Counter(number=step.number, act=step.act, measure=body)
        elif body.concerned in found:
            found[body.concerned] = _follow(found[body.concerned], step.at, body)
    return tuple(found.values())


def _follow(counter: Counter, at: datetime, body: Any) -> Counter:
    match body:
        case Countered():
            return replace(
                counter, countered_at=at, text=body.text, due_at=body.due_at, row=body.row, decides=body.decides
            )
        case CourtShown():
            return replace(counter, court=body.court, agreed=())
        case Agreed():
            return replace(counter, agreed=tuple(dict.fromkeys((*counter.agreed, body.by))))
        case TakenBack():
            return replace(counter, restored_at=at)
    return counter


def countered(request: Request, concerned: int, text: str, book: LawBook, at: datetime) -> Countered:
    """Return a counter-notice with the time that the tables give whoever demanded the measure.

    Args:
        request: The demand, as a person read it.
        concerned: Number of the measure's record.
        text: As it was written.
        book: The law's tables.
        at: Receipt of the counter-notice, aware.
    """
    day, country = at.astimezone(UTC).date(), request.issuer.country
    rows = [row for row in book.counter_notices if row.country in ("", country) and row.holds(day)]
    row = max(rows, key=lambda each: each.country, default=None)
    if row is None:
        return Countered(concerned=concerned, text=text, due_at=None, row="", decides="person")
    return Countered(
        concerned=concerned,
        text=text,
        due_at=due_at(at, row.limit),
        row=f"{row.id}@{row.edition}",
        decides="person" if row.recalled else "clock",
    )
