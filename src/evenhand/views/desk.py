"""The desk's lists and figures: ranges of kept orders and kept counts, nothing is sorted or counted here."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from evenhand.views.records import PlaceRow, RecordQueries
from evenhand.vocabulary.case import Label, QueueLine
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.eu import Category
from evenhand.vocabulary.places import (
    BY_AUTHOR,
    BY_CAMPAIGN,
    BY_ITEM,
    CAMPAIGNS,
    CHASED,
    CLOSING,
    DECIDED,
    DUE,
    OPEN,
    OVERDUE,
    Hash16,
    decided_view,
    mine_view,
    queue_view,
    second_view,
)

_LABEL = msgspec.json.Decoder(Label)
ROWS = 50


def line_of(row: PlaceRow) -> QueueLine:
    """Return a line from what stands at a place."""
    label = _LABEL.decode(row.label)
    return QueueLine(
        case=row.stream,
        cursor=row.sort,
        queue=label.q,
        state=label.s,
        origin=label.o,
        category=Category(f"STATEMENT_CATEGORY_{label.c}"),
        language=label.l,
        harm=label.h,
        due_at=datetime.fromtimestamp(label.d, UTC),
        overdue=label.x,
        walled=label.w,
    )


def _lines(queries: RecordQueries, view: str, after: bytes, limit: int, until: bytes | None = None) -> list[QueueLine]:
    return [line_of(row) for row in queries.places(view, after=after, until=until, limit=limit)]


def waiting(queries: RecordQueries, queue: str, *, after: bytes = b"", limit: int = ROWS) -> list[QueueLine]:
    """Return what waits in a queue, the gravest first, then by deadline."""
    return _lines(queries, queue_view(queue), after, limit)


def for_second(queries: RecordQueries, queue: str, *, after: bytes = b"", limit: int = ROWS) -> list[QueueLine]:
    """Return what waits in a queue for a second person: four eyes and second opinions."""
    return _lines(queries, second_view(queue), after, limit)


def in_hand(queries: RecordQueries, person: Hash16, *, after: bytes = b"", limit: int = ROWS) -> list[QueueLine]:
    """Return what a person has in hand; `person` is `Office.hashed("person", actor.id)`."""
    return _lines(queries, mine_view(person), after, limit)


def open_cases(queries: RecordQueries, *, after: bytes = b"", limit: int = ROWS) -> list[QueueLine]:
    """Return all open cases, the oldest first."""
    return _lines(queries, OPEN, after, limit)


def by_deadline(queries: RecordQueries, *, after: bytes = b"", limit: int = ROWS) -> list[QueueLine]:
    """Return open cases that are still on time, the most pressing first."""
    return _lines(queries, DUE, after, limit)


def overdue(queries: RecordQueries, *, after: bytes = b"", limit: int = ROWS) -> list[QueueLine]:
    """Return open cases that are late."""
    return _lines(queries, OVERDUE, after, limit)


def closing(queries: RecordQueries, *, after: bytes = b"", limit: int = ROWS) -> list[QueueLine]:
    """Return proposals whose undo window is open."""
    return _lines(queries, CLOSING, after, limit)


def chased(queries: RecordQueries, *, after: bytes = b"", limit: int = ROWS) -> list[QueueLine]:
    """Return decisions that the platform has not yet said it carried out, the oldest first."""
    return _lines(queries, CHASED, after, limit)


def decided(
    queries: RecordQueries,
    by: str = "",
    value: str = "",
    *,
    after: bytes = b"",
    until: bytes | None = None,
    limit: int = ROWS,
) -> list[QueueLine]:
    """Return decided cases, the oldest first: all, or those whose "category", "rule" or "action" is `value`."""
    return _lines(queries, decided_view(by, value) if by else DECIDED, after, limit, until)


def of_item(queries: RecordQueries, item: bytes, *, after: bytes = b"", limit: int = ROWS) -> list[QueueLine]:
    """Return an item's cases, the oldest first; `item` is a case's `opened.item_key`, as bytes."""
    return _prefixed(queries, BY_ITEM, item, after, limit)


def of_author(queries: RecordQueries, author: bytes, *, after: bytes = b"", limit: int = ROWS) -> list[QueueLine]:
    """Return an author's cases, the oldest first; `author` is a case's `opened.author_key`, as bytes."""
    return _prefixed(queries, BY_AUTHOR, author, after, limit)


def of_campaign(queries: RecordQueries, campaign: bytes, *, after: bytes = b"", limit: int = ROWS) -> list[Stream]:
    """Return a campaign's cases; `after` is the campaign followed by the last case of the page before."""
    rows = queries.places(BY_CAMPAIGN, after=after or campaign, until=campaign + b"\xff" * 21, limit=limit)
    return [row.stream for row in rows]


def campaigns(queries: RecordQueries, *, after: bytes = b"", limit: int = ROWS) -> list[tuple[bytes, int]]:
    """Return campaigns of ten notices and more, each with the number of its notices."""
    rows = queries.places(CAMPAIGNS, after=after, limit=limit)
    return [(row.sort, queries.tallies(f"campaign/{row.sort.hex()}")[f"campaign/{row.sort.hex()}"]) for row in rows]


def _prefixed(queries: RecordQueries, view: str, prefix: bytes, after: bytes, limit: int) -> list[QueueLine]:
    return _lines(queries, view, after or prefix, limit, prefix + b"\xff" * 29)


def figures(queries: RecordQueries) -> Mapping[str, int]:
    """Return the desk's kept counts: `case/open`, `case/overdue`, `case/queue/…`, `case/state/…`, `case/category/…`."""
    return {
        name: value
        for part in ("case/open", "case/overdue", "case/queue/", "case/state/", "case/category/")
        for name, value in queries.tallies(part).items()
    }


def appeal_figures(queries: RecordQueries) -> Mapping[str, int]:
    """Return kept counts of appeals: `appeal/received/…`, `appeal/outcome/…`, `appeal/rule/…/…`, `appeal/by/…/…`."""
    return queries.tallies("appeal/")


def notices_of(queries: RecordQueries, case: bytes) -> int:
    """Return how many notices a case has."""
    return queries.tallies(f"notices/{case.hex()}").get(f"notices/{case.hex()}", 0)
