"""What the docket holds, read for audits beside the service that owns it: requests without their texts, decisions.

Who reads, and what for, is a record of the docket before the first row is read (`flow/reading.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import msgspec

from evenhand.flow.requests import BY_KEY
from evenhand.orders.story import Step, tell
from evenhand.views.decisions import DecisionQueries, DecisionRow
from evenhand.views.records import RecordQueries, RecordRow
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.matter import MatterFile
from evenhand.vocabulary.reference import References
from evenhand.vocabulary.request import Ask, Request, RequestFacts

_PAGE = 1000


class PastQueries(RecordQueries, DecisionQueries, Protocol):
    """What an audit reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRequest:
    """A request that the docket holds.

    Attributes:
        line: `{"request": …, "facts": …}` as `evenhand assess` reads it, its targets numbered; None: see `why`.
        why: Why it cannot be judged: "erased", or "nobody has assessed it".
    """

    reference: str
    line: bytes | None
    why: str = ""


def past_requests(queries: PastQueries, references: References) -> Iterator[PastRequest]:
    """Yield every request that was ever received, in no order that means anything."""
    after = b""
    while rows := queries.places(BY_KEY, after=after, limit=_PAGE):
        for row in rows:
            yield _past(_load(queries, row.stream), references)
        after = rows[-1].sort


def _load(queries: PastQueries, stream: Stream) -> MatterFile:
    rows: list[RecordRow] = []
    while page := queries.records(stream, after=rows[-1].number if rows else 0, limit=_PAGE):
        rows += page
    return tell(stream, (Step(row.kind, row.at, row.number, row.body) for row in rows))


def _past(file: MatterFile, references: References) -> PastRequest:
    reference = references.format("request", file.number)
    if file.kept is None:
        return PastRequest(reference=reference, line=None, why="erased")
    if file.assessed is None:
        return PastRequest(reference=reference, line=None, why="nobody has assessed it")
    request, facts = _numbered(file.assessed.request, file.assessed.facts)
    return PastRequest(reference=reference, line=msgspec.json.encode({"request": request, "facts": facts}))


def _numbered(request: Request, facts: RequestFacts) -> tuple[Request, RequestFacts]:
    """Return both with numbers in the place of what the targets are called: an audit names nobody."""
    names = dict.fromkeys(target for ask in request.asks for target in ask.targets)
    numbers = {name: str(n) if name.strip() else name for n, name in enumerate(names, 1)}
    asks = tuple(_renamed(ask, numbers) for ask in request.asks)
    known = {numbers[name]: what for name, what in facts.targets.items() if name in numbers}
    return msgspec.structs.replace(request, asks=asks), msgspec.structs.replace(facts, targets=known)


def _renamed(ask: Ask, numbers: dict[str, str]) -> Ask:
    return msgspec.structs.replace(ask, targets=tuple(numbers[target] for target in ask.targets))


def past_decisions(queries: DecisionQueries, days: set[date] | None = None) -> Iterator[DecisionRow]:
    """Yield the desk's decisions, newest day first; figures that were only replayed are nobody's decisions."""
    for day in queries.days():
        if days is not None and day not in days:
            continue
        before: int | None = None
        while rows := queries.decisions_on(day, before=before, limit=_PAGE):
            yield from (row for row in rows if not row.replayed)
            before = rows[-1].number
