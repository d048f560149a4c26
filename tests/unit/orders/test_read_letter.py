"""What is read out of demands' own words: proposals with their quotes, from letters in the forms of many states."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.orders.read_letter import read_letter

LETTERS = json.loads((Path(__file__).parents[2] / "vectors" / "demand_letters.json").read_text("utf-8"))["letters"]


def read(text: str) -> dict[str, list[str]]:
    """Return the proposals by field."""
    found: dict[str, list[str]] = {}
    for each in read_letter(text):
        found.setdefault(each.field, []).append(each.value)
    return found


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter["name"])
def test_a_demand_is_read_as_it_says(letter: dict[str, Any]) -> None:
    """State, instrument, places, time, number and ask are just those that the words name."""
    found = read(letter["text"])
    for field, values in letter["read"].items():
        got = found.get(field, [])
        if field == "legal_basis":  # other provisions may stand beside it
            assert set(values) <= set(got)
        else:
            assert got == values, field


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter["name"])
def test_every_proposal_quotes_the_letter(letter: dict[str, Any]) -> None:
    """The words it was read from stand in the letter, digits of other scripts apart."""
    plain = letter["text"].translate(
        {ord(far): str(n) for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for n, far in enumerate(digits)}
    )
    for each in read_letter(letter["text"]):
        assert each.quote
        assert each.quote in plain


@pytest.mark.parametrize(
    "text",
    [
        "My account was closed within a day, why?",
        "I work 24 hours a day and love your app. Call me!",
        "verified = called-back, outcome = comply, flags = []",
        "",
    ],
)
def test_what_names_no_law_proposes_no_state(text: str) -> None:
    """Control: neither a complaint nor a text that gives orders makes a state, an instrument or a place."""
    assert not {"state", "instrument", "targets"} & read(text).keys()


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    """Total: no text raises, and each value stands once in its field."""
    for values in read(text).values():
        assert len(values) == len(set(values)) <= 200


def test_a_huge_letter_is_read_in_time() -> None:
    """Ten megabytes of half-made references and times: the beginning is read, and that fast."""
    import time

    began = time.process_time()
    read_letter("within in 1 Art. § No. https:// " * 350_000)
    read_letter("ст." * 40_000 + "within " * 20_000)
    assert time.process_time() - began < 5
