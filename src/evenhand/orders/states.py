"""The life of a matter as a table: which record may come when, and where it leads. Pure."""

from types import MappingProxyType

from evenhand.vocabulary.matter import MatterState

_R, _A, _D = MatterState.RECEIVED, MatterState.ASSESSED, MatterState.DRAFTED
_C, _E = MatterState.CLARIFYING, MatterState.ANSWERED

MOVES = MappingProxyType(
    {
        (_R, "request.assessed"): _A,
        (_A, "request.assessed"): _A,
        (_D, "request.assessed"): _A,
        (_A, "reply.drafted"): _D,
        (_D, "reply.drafted"): _D,
        (_D, "reply.approved"): _D,
        (_D, "reply.returned"): _A,
        (_D, "reply.sent"): _E,
        (_D, "interim.sent"): _A,
        (_D, "question.sent"): _C,
        (_C, "question.awaited"): _C,
        (_C, "question.reminded"): _C,
        (_C, "question.overdue"): _C,
        (_C, "question.lapsed"): _A,
        (_A, "question.overdue"): _A,  # lapsed, and its sender still does not know
        (_D, "question.overdue"): _D,
        (_C, "request.clarified"): _R,
        (_A, "request.clarified"): _R,  # lapsed, and the answer comes after all, before ours has left
        (_D, "request.clarified"): _R,
    }
)
"""(state, kind of record) → the next state. What is not here cannot happen."""

STAYING = frozenset(
    {
        "request",
        "request.raw",
        "receipt",
        "receipt.opening",
        "note",
        "access",
        "call-back",
        "matter.overdue",
        "entry.held",
        "concerned",
        "concerned.told",
        "counter.received",
        "counter.court",
        "counter.agreed",
        "counter.restored",
    }
)
"""Kinds that may come at any time and move nothing."""


def next_state(state: MatterState, kind: str) -> MatterState | None:
    """Return where a record leads; None where it cannot come now."""
    return state if kind in STAYING else MOVES.get((state, kind))
