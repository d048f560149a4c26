"""The life of a case: every state is reached, every open case can be decided, what is decided stays so."""

from hypothesis import given
from hypothesis import strategies as st

from evenhand.desk.states import AFTERWARDS, MOVES, STAYING, WHILE_OPEN, next_state
from evenhand.vocabulary.case import OPEN_STATES, CaseState

KINDS = sorted({kind for _, kind in MOVES} | STAYING | WHILE_OPEN | AFTERWARDS)


def reached(start: CaseState) -> set[CaseState]:
    """Return all states that records lead to."""
    found, before = {start}, set[CaseState]()
    while found != before:
        before = set(found)
        found |= {to for (state, _), to in MOVES.items() if state in before}
    return found


def test_every_state_is_reached() -> None:
    """No state stands in the table for nothing."""
    assert reached(CaseState.WAITING) == set(CaseState)


def test_every_open_case_can_be_decided() -> None:
    """There is no open state without a way out."""
    for state in OPEN_STATES:
        assert CaseState.DECIDED in reached(state)


def test_what_is_decided_never_opens_again() -> None:
    """A decision is superseded, never withdrawn into the queue."""
    for state in set(CaseState) - OPEN_STATES:
        assert not reached(state) & OPEN_STATES


@given(st.lists(st.sampled_from(KINDS), max_size=30))
def test_walks_stay_in_the_table(kinds: list[str]) -> None:
    """Any records in any order: each leads somewhere known or is refused."""
    state = CaseState.WAITING
    for kind in kinds:
        after = next_state(state, kind)
        assert after is None or after in CaseState
        if state not in OPEN_STATES:
            assert after is None or after not in OPEN_STATES
        state = after or state


@given(st.sampled_from(list(CaseState)), st.text(max_size=20))
def test_unknown_kinds_are_refused(state: CaseState, kind: str) -> None:
    """What the table does not know cannot happen."""
    if kind not in KINDS:
        assert next_state(state, kind) is None
