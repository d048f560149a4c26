"""Conditions: what is refused and how that is said; and one meaning, whoever evaluates them."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.screening.built_in import BUILT_IN, SignalType
from evenhand.screening.emit_polars import DTYPES, emit_polars
from evenhand.screening.evaluate import evaluate, explain
from evenhand.screening.expression import Node, columns_of, show, type_of
from evenhand.screening.sql import ConditionError, parse_condition
from made_conditions import CONDITIONS, NULLABLE, ROWS

SIGNALS: dict[str, SignalType] = {signal.name: signal.type for signal in BUILT_IN} | {
    "fr-CA-u-sd": "INTEGER",
    "ж" * 32: "INTEGER",
}


@pytest.mark.parametrize(
    ("condition", "line", "said"),
    [
        ("", 0, "is empty"),
        ("   ", 0, "is empty"),
        ("spam_score >", 0, "stuck at '>'"),
        ("spam_score > 0.5,", 0, "stuck at ','"),
        ("lang = 'en", 0, "quote or bracket left open"),
        ("spam_scor > 0.5", 0, "did you mean spam_score?"),
        ("link_count > 0 AND\n\n  spam_scor > 0.5", 2, "did you mean spam_score?"),
        ('lang = "en"', 0, "texts stand in single quotes"),
        ("posts.lang = 'en'", 0, "names have no dots"),
        ("spam_score >= '0.9'", 0, "write 0.9 without quotes"),
        ("spam_score = forwarded", 0, "spam_score is a DOUBLE and cannot be compared with a BOOLEAN"),
        ("spam_score", 0, "is a DOUBLE, not a condition"),
        ("1 = 1", 0, "reads no signal"),
        ("TRUE", 0, "reads no signal"),
        ("forwarded OR TRUE", 0, "reads no signal"),
        ("forwarded OR (2 > 1) IS TRUE", 0, "reads no signal"),
        ("COALESCE(1, link_count) = 1", 0, "begins with a signal"),
        ("link_count + 1", 0, "is a DOUBLE, not a condition"),
        ("NOT spam_score", 0, "NOT joins conditions"),
        ("forwarded AND link_count", 0, "AND joins conditions; 'link_count' is an INTEGER"),
        ("lang < 'en'", 0, "no order that all databases share"),
        ("lang LIKE 'e%'", 0, "put the phrases in a list"),
        ("lang = NULL", 0, "write IS NULL"),
        ("lang IN ('en', NULL)", 0, "write IS NULL"),
        ("lang IN (SELECT 1)", 0, "list of constants"),
        ("lang IN (country)", 0, "IN takes constants"),
        ("lang IS 'en'", 0, "NULL, TRUE or FALSE"),
        ("link_count IS TRUE", 0, "ask conditions"),
        ("kind = 'posts'", 0, "kind is one of post, channel, account"),
        ("kind IN ('post', 'group')", 0, "kind is one of post, channel, account"),
        ("link_count::TEXT = '1'", 0, "has no place in a condition"),
        ("length(lang) > 1", 0, "has no place in a condition"),
        ("CASE WHEN forwarded THEN TRUE END", 0, "has no place in a condition"),
        ("forwarded; DROP TABLE posts", 0, "stuck at 'DROP'"),
        ("link_count = ?", 0, "has no place in a condition"),
        ("-lang = 'x'", 0, "counts with numbers"),
        ("link_count > 99999999999999999999", 0, "larger than 2^53"),
        ("spam_score > 1e999", 0, "finite"),
        ("author_posts * 1e308 * 10 > 1", 0, "grow beyond 1e300"),
        ("forwarded AND\n spam_score > 2 / 0", 1, "divides by zero"),
        ("lang = 'a\0b'", 0, "NUL"),
        ('"' + "ж" * 32 + '" > 0', 0, "longer than 63 bytes"),
        ("(" * 60 + "forwarded" + ")" * 60, 0, "nested"),
        ("NOT " * 1500 + "forwarded", 0, "nested"),
        ("x" * 9000, 0, "at most 8,000"),
    ],
)
def test_refused_with_line_and_meaning(condition: str, line: int, said: str) -> None:
    """What cannot be meant is refused in words that help."""
    with pytest.raises(ConditionError) as refused:
        parse_condition(condition, SIGNALS)
    assert said in refused.value.reason
    assert refused.value.line == line


@pytest.mark.parametrize(
    ("condition", "row", "holds"),
    [
        ("SPAM_SCORE >= .9 AND NOT (link_count = 0 OR forwarded)", {"spam_score": 0.9, "link_count": 1}, True),
        ("lang NOT IN ('en', 'de')", {"lang": None}, None),
        ("lang NOT IN ('en', 'de')", {"lang": "fr"}, True),
        ("lang = 'en' OR link_count > 0", {"lang": None, "link_count": 1}, True),
        ("lang = 'en' AND link_count > 0", {"lang": None, "link_count": 1}, None),
        ("(lang = 'en') IS NOT TRUE", {"lang": None}, True),
        ("author_age_days BETWEEN 1 AND 2", {"author_age_days": 2.0}, True),
        ("COALESCE(author_age_days, 0) < 1", {"author_age_days": None}, True),
        ("author_posts / text_length > 1", {"author_posts": 4, "text_length": 0}, None),
        ('"fr-CA-u-sd" > 0', {"fr-CA-u-sd": 1}, True),
        ("forwarded = FALSE -- a comment", {}, True),
        ("author_posts == 3 AND author_posts != 4 AND author_posts <> 5", {"author_posts": 3}, True),
    ],
)
def test_meaning(condition: str, row: dict[str, Any], holds: bool | None) -> None:
    """Three-valued logic and arithmetic are as documented, in the plain evaluation and in Polars."""
    full = _row(row)
    tree = parse_condition(condition, SIGNALS)
    assert evaluate(tree, full) is holds
    assert _frame([full]).select(emit_polars(tree)).item() is holds
    assert next(iter(explain(tree, full))).holds is holds


@settings(max_examples=75, deadline=None)
@given(CONDITIONS, ROWS)
def test_polars_agrees_with_the_plain_evaluation(condition: Node, rows: list[dict[str, Any]]) -> None:
    """For every tree and every row, nulls and extremes included: true, false and unknown alike."""
    frame = pl.DataFrame(rows, schema={name: DTYPES[kind] for name, kind in NULLABLE.items()})
    found = frame.with_columns(_answer=emit_polars(condition))["_answer"].to_list()
    assert found == [evaluate(condition, row) for row in rows]


@settings(max_examples=75, deadline=None)
@given(CONDITIONS, ROWS)
def test_shown_and_read_again_means_the_same(condition: Node, rows: list[dict[str, Any]]) -> None:
    """A tree written as SQL and parsed again gives the same answers and names the same signals."""
    again = parse_condition(show(condition), NULLABLE)
    assert columns_of(again) == columns_of(condition)
    for row in rows:
        assert evaluate(again, row) == evaluate(condition, row)


@settings(max_examples=75, deadline=None)
@given(st.text(max_size=60) | st.text("link_count spam_score()'\"<>=!+-*/ANDORT 0.9e,;\n\t", max_size=80))
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    """Nothing that somebody writes into a rule escapes as another kind of error."""
    try:
        tree = parse_condition(text, SIGNALS)
    except ConditionError:
        return
    assert type_of(tree) == "BOOLEAN"


def _row(values: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {"TEXT": "x", "INTEGER": 0, "DOUBLE": 0.0, "BOOLEAN": False}
    return {name: plain[kind] for name, kind in SIGNALS.items()} | values


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={name: DTYPES[kind] for name, kind in SIGNALS.items()})


def test_explaining_names_every_part_with_its_values() -> None:
    """AND, OR, NOT and IS, with an unknown signal: each part says whether it held, and what it read."""
    tree = parse_condition("NOT (lang = 'en' OR link_count > 3) AND (author_age_days < 2) IS NOT TRUE", SIGNALS)
    parts = list(explain(tree, _row({"lang": None, "link_count": 1, "author_age_days": None})))
    assert [(part.depth, part.condition, part.holds) for part in parts] == [
        (0, "(NOT ((lang = 'en') OR (link_count > 3))) AND (NOT ((author_age_days < 2) IS TRUE))", None),
        (1, "NOT ((lang = 'en') OR (link_count > 3))", None),
        (2, "(lang = 'en') OR (link_count > 3)", None),
        (3, "lang = 'en'", None),
        (3, "link_count > 3", False),
        (1, "NOT ((author_age_days < 2) IS TRUE)", True),
        (2, "(author_age_days < 2) IS TRUE", False),
        (3, "author_age_days < 2", None),
    ]
    assert parts[3].values == {"lang": None}
    assert parts[4].values == {"link_count": 1}
