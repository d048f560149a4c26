"""Figures are what a plain reading of the entries gives, in whatever order and pieces they come."""

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.reports.made import entry, screened

from evenhand.reports.fold import Fold
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Keyword
from evenhand.vocabulary.figures import FigureKey
from evenhand.vocabulary.post import ItemKind

DAY = date(2026, 11, 1)
ENTRIES = st.one_of(
    st.builds(
        entry,
        st.integers(0, 3).map(lambda n: DAY + timedelta(days=n)),
        st.integers(0, 10_000),
        st.sampled_from(ItemKind),
        st.sampled_from([None, Keyword.TERRORIST_CONTENT, Keyword.CHILD_SEXUAL_ABUSE_MATERIAL]),
        st.sampled_from(Action),
    ),
    st.builds(screened, st.integers(0, 3).map(lambda n: DAY + timedelta(days=n)), st.integers(1, 50)),
    st.sampled_from([b'{"type":"figure","v":1}', b'{"type":"decision","v":2}', b'{\n"type":"figure",\n"v":1}']),
)


def plain(entries: list[bytes]) -> dict[str, Any]:
    """Return decisions by day and attributes, and posts by day, read one by one."""
    decisions: Counter[tuple[str, FigureKey]] = Counter()
    posts: Counter[str] = Counter()
    for one in entries:
        value = json.loads(one)
        if value["v"] != 1:
            continue
        if value["type"] == "decision":
            words = [str(value.get(name, "")) for name in FigureKey._fields[:-1]]
            decisions[value["day"], FigureKey(*words, value.get("replayed", False))] += 1
        if value["type"] == "screened":
            posts[value["day"]] += value["posts"]
    return {"decisions": decisions, "posts": posts}


def read(fold: Fold) -> dict[str, Any]:
    """Return a fold's figures in the same shape."""
    days = fold.days()
    return {
        "decisions": Counter({(str(d), key): n for d, one in days.items() for key, n in one.decisions.items()}),
        "posts": Counter({str(d): one.posts for d, one in days.items() if one.posts}),
    }


@settings(max_examples=80, deadline=None)
@given(st.lists(ENTRIES, max_size=40), st.integers(1, 9), st.randoms())
def test_fold_equals_a_plain_reading(entries: list[bytes], size: int, dice: Any) -> None:
    """Cut in runs of any size, and in any order, the figures are those of reading each entry by itself."""
    fold = Fold()
    for at in range(0, len(entries), size):
        fold.add(entries[at : at + size], at)
    assert read(fold) == plain(entries)
    shuffled = list(entries)
    dice.shuffle(shuffled)
    other = Fold()
    other.add(shuffled, 0)
    assert other.days() == fold.days()
    assert list(other.days()) == sorted(other.days())


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"nonsense",
        b"[1]",
        b'{"type":"decision","v":1}',
        b'{"type":"screened","v":1,"posts":-1,"day":"2026-11-01","by_kind":{},"by_language":{},"by_verdict":{}}',
        entry(DAY, 1).replace(b"2026-11-01", b"2026-13-01"),
        entry(DAY, 1).replace(b'"ban"', b'"\xff"'),
        b"[" * 100_000,
    ],
)
def test_a_malformed_entry_is_named_and_nothing_counted(bad: bytes) -> None:
    """Its index in the log is in the error."""
    fold = Fold()
    with pytest.raises(InputError, match="entry 102"):
        fold.add([entry(DAY, 1), entry(DAY, 2), bad, entry(DAY, 3)], 100)
    assert fold.days() == {}
