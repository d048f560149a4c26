"""Asks and facts as lines: what is written is read back, and what is none is told with its line."""

from contextlib import suppress
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.doors.web.legal_lines import format_asks, format_targets, parse_asks, parse_targets
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.request import DATA_CATEGORIES, Ask, AskKind, Flag, TargetFacts, TargetKind

NAMES = st.text("abcXYZ019/:._-", min_size=1, max_size=12).filter(lambda name: name != "-")
DATA = st.lists(st.sampled_from(DATA_CATEGORIES), unique=True, max_size=4).map(tuple)
ASKS = st.lists(
    st.builds(
        Ask,
        id=NAMES,
        kind=st.sampled_from(get_args(AskKind)),
        data=DATA,
        targets=st.lists(NAMES, max_size=4).map(tuple),
    ),
    max_size=5,
    unique_by=lambda ask: ask.id,
)
FACTS = st.dictionaries(
    NAMES,
    st.builds(
        TargetFacts,
        held=st.booleans() | DATA.filter(bool),
        on_service=st.booleans(),
        kind=st.sampled_from(get_args(TargetKind)),
        flags=st.none() | st.lists(st.sampled_from(get_args(Flag)), unique=True).map(tuple),
    ),
    max_size=6,
)


@given(ASKS)
def test_asks_come_back(asks: list[Ask]) -> None:
    """Format and parse are a pair."""
    assert parse_asks(format_asks(asks)) == tuple(asks)


@given(FACTS)
def test_facts_come_back(facts: dict[str, TargetFacts]) -> None:
    """The unknown flag stays unknown."""
    assert parse_targets(format_targets(facts, facts)) == facts


@given(st.text(max_size=80))
def test_anything_typed_is_answered(text: str) -> None:
    """Read, or refused: never a traceback."""
    parsers: tuple[Any, ...] = (parse_asks, parse_targets)
    for parse in parsers:
        with suppress(InputError):
            parse(text)


@pytest.mark.parametrize(
    "line",
    [
        "p1 | ? | yes | post | -",
        "p1 | yes | ? | post | -",
        "p1 | yes | yes | thing | -",
        "p1 | yes | yes | post | rude",
        "p1 | passwords | yes | post | -",
        "p1 | yes | yes | post",
        "p1 | yes | yes | post | -\np1 | no | yes | post | -",
    ],
)
def test_what_nobody_has_said_is_not_guessed(line: str) -> None:
    """A question mark may stand for flags only; a target has one line."""
    with pytest.raises(InputError, match="targets, line"):
        parse_targets(line)
