"""Which queue a case waits in, how grave it is and how long it may wait: a table, read from the top. Pure.

The rows are the rulebook's (`law/desk.toml`), those in force when the case comes in.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from evenhand.desk.calendar import WorkingTime, add_working
from evenhand.rulebook.desk_tables import Queue
from evenhand.vocabulary.case import Origin
from evenhand.vocabulary.eu import Category, Keyword

CHILD_SAFETY = "child-safety"
"""The queue behind the wall, whatever the tables say."""

_CHILD = frozenset(
    {
        Keyword.CHILD_SEXUAL_ABUSE_MATERIAL,
        Keyword.CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE,
        Keyword.GROOMING_SEXUAL_ENTICEMENT_MINORS,
    }
)


WIDE_REACH = 100_000
"""Members or viewers from which a case counts one step graver."""
YOUNG = timedelta(hours=1)
"""A post this young still spreads: one step graver where it reaches far."""
_HARM_MAX = 3


class Routed(Struct, frozen=True, kw_only=True, gc=False):
    """Where a case goes."""

    queue: str
    harm: int
    four_eyes: bool
    walled: bool
    target: timedelta
    office_hours: bool


def walled(keyword: Keyword | None) -> bool:
    """Tell whether what has this keyword is behind the child-safety wall, whatever the tables say."""
    return keyword in _CHILD


def route(
    rows: Sequence[Queue],
    category: Category,
    keyword: Keyword | None,
    *,
    origin: Origin,
    reach: int | None,
    urgent: bool,
    listed: bool,
) -> Routed:
    """Return where a case goes.

    Args:
        rows: Queues in force, in their order; the rulebook has seen that one takes everything and one takes appeals.
        category: What it is about.
        keyword: The same more exactly, if known.
        origin: Appeals have a queue of their own.
        reach: Members or viewers, if known.
        urgent: From a verified trusted flagger within their expertise: one step graver, half the time.
        listed: The target is on the list of high-profile targets: four eyes.
    """
    appeal = origin is Origin.APPEAL
    row = _appeals_row(rows) if appeal else _row_for(rows, category, keyword)
    harm = min(_HARM_MAX, row.harm + (reach is not None and reach >= WIDE_REACH) + urgent)
    return Routed(
        queue=CHILD_SAFETY if walled(keyword) else row.queue,
        harm=harm,
        four_eyes=row.four_eyes or listed,
        walled=row.queue == CHILD_SAFETY or walled(keyword),
        target=row.target / 2 if urgent else row.target,
        office_hours=row.office_hours and not urgent,
    )


def _appeals_row(rows: Sequence[Queue]) -> Queue:
    return next(row for row in rows if row.appeals)


def _row_for(rows: Sequence[Queue], category: Category, keyword: Keyword | None) -> Queue:
    for row in rows:
        if row.appeals:
            continue
        if category in row.categories or (keyword is not None and keyword in row.keywords):
            return row
        if not row.categories and not row.keywords:
            return row
    raise LookupError("no queue takes everything")


def due_at(received_at: datetime, routed: Routed, working: WorkingTime) -> datetime:
    """Return the end of our own target: elapsed time, or working time where the row says so."""
    if routed.office_hours:
        return add_working(received_at, routed.target, working)
    return received_at + routed.target
