"""The life of a case as a table: which record may come when, and where it leads. Pure."""

from types import MappingProxyType

from evenhand.vocabulary.case import OPEN_STATES, CaseState

_W, _C, _O = CaseState.WAITING, CaseState.CLAIMED, CaseState.OPINION
_S, _P, _D = CaseState.SECONDING, CaseState.PROPOSED, CaseState.DECIDED

MOVES = MappingProxyType(
    {
        (_W, "case.claimed"): _C,
        (_W, "decision"): _D,  # a machine's: its case is decided as it opens
        (_C, "case.released"): _W,
        (_C, "case.handed-over"): _C,
        (_W, "case.moved"): _W,
        (_C, "case.moved"): _W,
        (_C, "opinion.asked"): _O,
        (_O, "opinion.given"): _C,
        (_O, "opinion.withdrawn"): _C,
        (_C, "proposal"): _P,
        (_C, "proposal.first"): _S,
        (_S, "proposal.seconded"): _P,
        (_S, "proposal.objected"): _W,
        (_S, "proposal.undone"): _C,
        (_P, "proposal.undone"): _C,
        (_P, "decision"): _D,
        (_D, "effect.done"): CaseState.DONE,
        (_D, "effect.gone"): CaseState.DONE,  # there is nothing any more to do it to
        (_D, "reversal"): CaseState.REVERSED,
        (CaseState.DONE, "reversal"): CaseState.REVERSED,
        (CaseState.REVERSED, "reversal"): CaseState.REVERSED,
    }
)
"""(state, kind of record) → the next state. What is not here cannot happen."""

STAYING = frozenset(
    {
        "note",
        "words",
        "message",
        "item.edited",
        "item.deleted",
        "item.restored",
        "access",
        "alarm.raised",
        "alarm.sent",
        "alarm.answered",
        "alarm.called",
        "answered",
        "statement",
    }
)
"""Kinds that may come at any time and move nothing."""

WHILE_OPEN = frozenset({"snapshot", "case.overdue", "case.urgent"})
"""Kinds that may come while the case is open and move nothing."""

AFTERWARDS = frozenset(
    {
        "appeal.received",
        "appeal.decided",
        "effect.failed",
        "effect.gone",
        "effect.other",
        "effect.reported",
        "dispute",
        "dispute.outcome",
    }
)
"""Kinds that may come once it is decided and move nothing."""


def next_state(state: CaseState, kind: str) -> CaseState | None:
    """Return where a record of `kind` leads; None: it cannot come now."""
    if (moved := MOVES.get((state, kind))) is not None:
        return moved
    if kind in STAYING:
        return state
    if kind in WHILE_OPEN:
        return state if state in OPEN_STATES else None
    if kind in AFTERWARDS:
        return None if state in OPEN_STATES else state
    return None
