"""Reasons to look twice at an order under one state's law: named rows, none of which names a state. Pure."""

from functools import lru_cache

from msgspec import Struct

from evenhand.orders.clock import parse_limit
from evenhand.orders.context import Context, of_row
from evenhand.rulebook.policy import IndexValue, Safeguard
from evenhand.rulebook.tables import Deadline, Edition
from evenhand.vocabulary.request import Effect, RequestFinding

_COURTS = ("court", "judge", "investigating-judge")


class Order(Struct, frozen=True, kw_only=True):
    """All that the safeguards look at of an order.

    Attributes:
        wide: It asks for more than its own state.
        secret: The person concerned may not be told.
        court: A court issued or validated it.
        due: The deadline's row, or None.
        indices: The newest value of each index that a safeguard looks at, or None.
    """

    wide: bool
    secret: bool
    court: bool
    due: Deadline | None
    indices: tuple[IndexValue | None, ...]


def safeguard_findings(context: Context, due: Deadline | None) -> tuple[RequestFinding, ...]:
    """Return a finding for every safeguard; one that is not kept is a reason for the extra review."""
    regime, request = context.edition.regime, context.request
    if regime is None or regime.law != "national" or context.union:
        return ()
    country = request.issuer.country
    order = Order(
        wide=any(where.strip().upper() != country for where in request.territory),
        secret=request.confidential_until is not None,
        court=request.issuer.kind in _COURTS or request.validated_by in _COURTS,
        due=due,
        indices=tuple(
            context.book.index_value(row.index, country, context.day) if row.index else None
            for row in context.edition.safeguards
        )
        if context.book.indices
        else (),
    )
    return _findings(context.edition, order)


@lru_cache(maxsize=4096)
def _findings(edition: Edition, order: Order) -> tuple[RequestFinding, ...]:
    indices = order.indices or (None,) * len(edition.safeguards)
    return tuple(_finding(row, order, value) for row, value in zip(edition.safeguards, indices, strict=True))


def _finding(row: Safeguard, order: Order, value: IndexValue | None) -> RequestFinding:
    reason = _reason(row, order, value)
    effect: Effect = "escalate" if reason and row.effect == "escalate" else "none"
    return of_row(row, kept=not reason, effect=effect, text=f"{row.sentence} {reason}".strip())


def _reason(row: Safeguard, order: Order, value: IndexValue | None) -> str:
    """Return why the row calls for the extra review, or ""."""
    match row.looks_at:
        case "index":
            return _low(row, value)
        case "scope":
            return "This one asks for more." if order.wide else ""
        case "deadline":
            short = order.due is not None and _hours(order.due) < row.hours
            return f"This one sets {order.due.limit}." if order.due is not None and short else ""
        case "secrecy":
            return "This one asks for secrecy." if order.secret else ""
        case _:
            return "" if order.court else "None did here."


def _low(row: Safeguard, value: IndexValue | None) -> str:
    """A state without a value is nothing to hold against it: the legal team reads its orders as all others."""
    if value is None or value.value >= row.below:
        return ""
    return f"{row.index} {value.year}: {value.value} ({value.source}), below {row.below}."


def _hours(due: Deadline) -> int:
    length = parse_limit(due.limit)
    return length.hours + 24 * (length.days + 30 * length.months)
