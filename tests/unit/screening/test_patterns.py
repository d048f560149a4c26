"""Regular expressions over all posts at once: found as in each post alone, refused where it cannot be."""

import time
from functools import cache

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.screening.expressions import searchable, shortened
from evenhand.screening.normalise import compatible, join
from evenhand.screening.patterns import PatternMatcher, Patterns, refusal

EXPRESSIONS = [
    r"https?://\S+", r"^foo", r"bar$", r"a[^x]b", r"\bwhat\b", r"foo\b.*\bbar", r"\bЧто\b|zzz", "ПРИВЕТ", r"\d{3}$",
    r"(a+)+$", r"\W{2}x", r"[\w.]+@[a-z]+\.ru", r"\s\s", r"[^\d\s]{4}", r"x\By", r"(?i)Ё", r"a.c", r"\D\d\D", r"b+",
]  # fmt: skip


@cache
def matcher(expressions: tuple[str, ...], caseless: bool) -> PatternMatcher:
    """Return the expressions compiled, once: that takes longer than a search."""
    return PatternMatcher([Patterns(n, caseless, pl.Series([each])) for n, each in enumerate(expressions)])


def found(expressions: list[str], texts: list[str | None], *, caseless: bool = True) -> set[tuple[int, int]]:
    """Return (text, place of the expression) for what is found."""
    rows, owners = matcher(tuple(expressions), caseless).find(
        compatible(join(pl.Series(texts, dtype=pl.String))).encode(), len(texts)
    )
    return set(zip(rows.tolist(), owners.tolist(), strict=True))


PIECES = [
    "foo",
    "bar",
    " ",
    "\n",
    "a",
    "b",
    "x",
    "y",
    "what",
    "что",
    "Привет",
    "12",
    "3",
    "http://",
    "٣",
    "é",
    ".",
    "@",
    "k.ru",
]


@settings(max_examples=75, deadline=None)
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), min_size=1, max_size=5))
def test_found_as_in_each_post_by_itself(texts: list[str]) -> None:
    """One buffer for all posts gives what Rust's engine, which is linear too, says of each post alone."""
    expected = {
        (row, place)
        for row, text in enumerate(texts)
        for place, each in enumerate(EXPRESSIONS)
        if pl.Series([text]).str.contains(f"(?im){each}")[0]
    }
    assert found(EXPRESSIONS, texts) == expected


def test_case_counts_where_the_list_says_so() -> None:
    """A list of exact expressions tells upper from lower case."""
    assert found(["foo"], ["FOO"], caseless=False) == set()
    assert found(["foo"], ["FOO"]) == {(0, 0)}


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("(?=a)b", "look-a"),
        (r"(\w)\1", "backreference"),
        ("(", "unclosed"),
        ("a|b*", "every text"),
        (r"\Afoo", "line's begin"),
    ],
)
def test_what_cannot_be_searched_for_is_refused(expression: str, reason: str) -> None:
    """The place and the reason are told."""
    refused = refusal(["fine", expression])
    assert refused is not None
    assert refused[0] == 1
    assert reason in refused[1]


def test_no_expression_runs_away() -> None:
    """A pattern that takes backtracking engines for ever takes no time here."""
    begun = time.perf_counter()
    assert found([r"(a+)+$", r"(x+x+)+y", r"^(\w+\s?)*$"], ["a" * 50_000 + "!", "x" * 50_000]) == {(1, 2)}
    assert time.perf_counter() - begun < 20


@pytest.mark.parametrize(
    ("expression", "short"),
    [
        (r"https?://\S+", r"https?://\S"), ("foo.*", "foo"), ("y{2,}?", "y{2}"), (r"a\+", r"a\+"), ("(ab)+", "(ab)+"),
        ("a|b*", "a|b*"), (r"\\+", r"\\"), ("[^x]+", "[^x]"), ("x", "x"),
    ],
)  # fmt: skip
def test_ends_that_only_make_matches_longer_are_left_out(expression: str, short: str) -> None:
    """Else every further character would be reported."""
    assert shortened(expression) == short


def test_words_ask_for_edges() -> None:
    """Word boundaries at the ends are searched for, others settled afterwards."""
    assert searchable(r"\bfoo\b") == "(?:^|[^0-9A-Za-z_])foo(?:[^0-9A-Za-z_]|$)"
    assert searchable(r"\bfoo|bar\b") == "foo|bar"
