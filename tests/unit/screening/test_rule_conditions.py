"""Rules' conditions joined as bits: the first that holds, as evaluating each for each row gives it."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.screening.conditions import Conditions
from evenhand.screening.evaluate import evaluate
from evenhand.screening.sql import parse_condition

TYPES = {"a": "INTEGER", "b": "DOUBLE", "t": "TEXT", "f": "BOOLEAN"}
PARTS = st.sampled_from(
    [
        "a > 1",
        "b >= 0.5",
        "t = 'x'",
        "f",
        "a IS NULL",
        "b + a > 1",
        "t IN ('x', 'y')",
        "(a > 0) IS TRUE",
        "f IS NOT FALSE",
    ]
)
CONDITIONS = st.recursive(
    PARTS,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})")
        | inner.map(lambda part: f"(NOT {part})")
        | inner.map(lambda part: f"(({part}) IS NOT TRUE)")
    ),
    max_leaves=6,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "a": st.none() | st.integers(-1, 3),
            "b": st.none() | st.sampled_from([0.0, 0.5, 2.0]),
            "t": st.none() | st.sampled_from("xyz"),
            "f": st.none() | st.booleans(),
        }
    ),
    max_size=20,
)


@settings(max_examples=75, deadline=None)
@given(st.lists(CONDITIONS, max_size=5), ROWS)
def test_the_first_that_holds_is_found(conditions: list[str], rows: list[dict[str, object]]) -> None:
    """Unknown is not "holds", for every row and every way of joining."""
    nodes = [parse_condition(each, TYPES) for each in conditions]
    schema = {"a": pl.Int64, "b": pl.Float64, "t": pl.String, "f": pl.Boolean}
    found = Conditions(nodes).first(pl.DataFrame(rows, schema=schema)).tolist()
    assert found == [
        next((n for n, node in enumerate(nodes) if evaluate(node, row) is True), len(nodes)) for row in rows
    ]


def test_a_rule_that_matches_everything() -> None:
    """A hundred thousand rows, all decided by the second of two rules."""
    nodes = [parse_condition(each, TYPES) for each in ("a > 5", "a >= 0 OR a < 0", "a = 1")]
    frame = pl.DataFrame({"a": pl.Series(range(6)).sample(100_001, with_replacement=True, seed=1) % 6})
    assert set(Conditions(nodes).first(frame).tolist()) == {1}
