"""Reasons to look twice at an order under one state's law: named rows, none of which names a state. Pure."""

from evenhand.orders.clock import parse_limit
from evenhand.orders.context import Context, of_row
from evenhand.rulebook.policy import Safeguard
from evenhand.rulebook.tables import Deadline
from evenhand.vocabulary.request import Effect, RequestFinding

_COURTS = ("court", "judge", "investigating-judge")


def safeguard_findings(context: Context, due: Deadline | None) -> tuple[RequestFinding, ...]:
    """Return a finding for every safeguard; one that is not kept is a reason for the extra review."""
    regime = context.edition.regime
    if regime is None or regime.law != "national" or context.union:
        return ()
    return tuple(_finding(context, row, due) for row in context.edition.safeguards)


def _finding(context: Context, row: Safeguard, due: Deadline | None) -> RequestFinding:
    reason = _reason(context, row, due)
    effect: Effect = "escalate" if reason and row.effect == "escalate" else "none"
    return of_row(row, kept=not reason, effect=effect, text=f"{row.sentence} {reason}".strip())


def _reason(context: Context, row: Safeguard, due: Deadline | None) -> str:
    """Return why the row calls for the extra review, or ""."""
    request = context.request
    match row.looks_at:
        case "index":
            return _index(context, row)
        case "scope":
            asked = {where.strip().upper() for where in request.territory} - {request.issuer.country}
            return "This one asks for more." if asked else ""
        case "deadline":
            return "" if due is None or _hours(due) >= row.hours else f"This one sets {due.limit}."
        case "secrecy":
            return "" if request.confidential_until is None else "This one asks for secrecy."
        case _:
            by_court = request.issuer.kind in _COURTS or request.validated_by in _COURTS
            return "" if by_court else "None did here."


def _index(context: Context, row: Safeguard) -> str:
    """A state without a value is nothing to hold against it: the legal team reads its orders as all others."""
    found = context.book.index_value(row.index, context.request.issuer.country, context.day)
    if found is None or found.value >= row.below:
        return ""
    return f"{row.index} {found.year}: {found.value} ({found.source}), below {row.below}."


def _hours(due: Deadline) -> int:
    length = parse_limit(due.limit)
    return length.hours + 24 * (length.days + 30 * length.months)
