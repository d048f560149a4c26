"""What else a regime brings: shown with the ruling for those who act on it, deciding nothing. Pure."""

from datetime import datetime
from functools import lru_cache

from evenhand.orders.clock import due_at
from evenhand.orders.context import Context, of_row
from evenhand.rulebook.tables import Duty, Edition
from evenhand.vocabulary.request import AskKind, DataCategory, RequestFinding


def duty_findings(context: Context) -> tuple[RequestFinding, ...]:
    """Return a finding for every duty of the regime that touches this request."""
    if context.edition.regime is None or not context.edition.duties:
        return ()
    request = context.request
    return _findings(
        context.edition,
        context.asked.kinds,
        context.asked.data,
        request.issuer.country != context.facts.establishment,
        request.received_at,
    )


@lru_cache(maxsize=1024)
def _findings(
    edition: Edition,
    kinds: frozenset[AskKind],
    data: frozenset[DataCategory],
    cross_border: bool,
    received_at: datetime,
) -> tuple[RequestFinding, ...]:
    return tuple(
        of_row(row, kept=True, effect="none", text=_sentence(row, received_at))
        for row in edition.duties
        if (not row.asks or not kinds.isdisjoint(row.asks))
        and (not row.data or not data.isdisjoint(row.data))
        and (cross_border or not row.cross_border)
    )


def _sentence(row: Duty, received_at: datetime) -> str:
    if not row.limit:
        return row.sentence
    if row.runs_from != "receipt":
        return f"{row.sentence} {row.limit} from {row.runs_from}."
    end = due_at(received_at, row.limit)
    return f"{row.sentence} {row.limit} from receipt: until {end.strftime('%Y-%m-%dT%H:%M:%SZ')}."
