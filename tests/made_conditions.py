"""Conditions and rows as property tests make them: every kind of node, nulls, extremes, all scripts."""

from typing import Any

from hypothesis import strategies as st

from evenhand.screening.built_in import SignalType
from evenhand.screening.evaluate import evaluate
from evenhand.screening.expression import (
    AllOf,
    AnyOf,
    Arithmetic,
    Coalesce,
    Column,
    Compare,
    Constant,
    IsNull,
    Negative,
    Node,
    Not,
    OneOf,
    Truth,
    columns_of,
    type_of,
)
from evenhand.screening.sizes import oversized

NULLABLE: dict[str, SignalType] = {"t": "TEXT", "i": "INTEGER", "j": "INTEGER", "d": "DOUBLE", "b": "BOOLEAN"}
TEXTS = st.one_of(
    st.sampled_from(
        ["", " ", "en", "EN", "en ", "İ", "i̇", "ı", "ß", "ss", "SS", "é", "e\u0301", "текст", "العربية", "中文"]
    ),
    st.sampled_from(
        ["'", "''", '"', "\\", "\\n", "%", "%s", "$1", "--", "\ufeff", "\u200d", "ﬁ", "👍", "👍🏽", "\U0010ffff"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
)
INTEGERS = st.one_of(
    st.integers(-3, 3), st.sampled_from([2**53, -(2**53), 2**53 - 1, 2**53 + 1, 2**62 + 1, 2**63 - 1, -(2**63)])
)
DOUBLES = st.one_of(
    st.sampled_from([0.0, -0.0, 0.1, 0.5, 1.5, 2.5, 1e30, 1.1e30, 1e-30, 9e-31, 1e308, -1e308, 5e-324, 2.0**63]),
    st.sampled_from([0.1 + 0.2, 0.3, 1 / 3, 9007199254740993.0]),
    st.floats(allow_nan=False, allow_infinity=False),
)
ODD_DOUBLES = st.sampled_from([float("nan"), float("inf"), float("-inf")])
VALUES: dict[SignalType, st.SearchStrategy[Any]] = {
    "TEXT": TEXTS,
    "INTEGER": INTEGERS,
    "DOUBLE": DOUBLES,
    "BOOLEAN": st.booleans(),
}


def _constant(kind: SignalType) -> st.SearchStrategy[Constant]:
    values = st.integers(-(2**53), 2**53) if kind == "INTEGER" else VALUES[kind]
    return values.map(lambda value: Constant(value, kind))


def _leaf(*kinds: SignalType) -> st.SearchStrategy[Node]:
    columns = st.sampled_from([Column(name, kind) for name, kind in NULLABLE.items() if kind in kinds])
    return st.one_of(columns, *(_constant(kind) for kind in kinds))


def _is_counted(node: Arithmetic) -> bool:
    """Tell whether a rule may say so: constants over zero are refused where they are read, unknown for every post."""
    return bool(columns_of(node)) or oversized(node) is not None or evaluate(node, {}) is not None


NUMBERS: st.SearchStrategy[Node] = st.recursive(
    _leaf("INTEGER", "DOUBLE"),
    lambda inner: st.one_of(
        st.builds(Negative, inner),
        st.builds(Arithmetic, st.sampled_from(["+", "-", "*", "/"]), inner, inner).filter(_is_counted),
        st.builds(
            lambda a, b: Coalesce(a, b, type_of(a) if type_of(a) == type_of(b) else "DOUBLE"),
            inner.filter(columns_of),
            inner,
        ),
    ),
    max_leaves=4,
)
ATOMS: st.SearchStrategy[Node] = st.one_of(
    st.builds(Compare, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), NUMBERS, NUMBERS),
    st.builds(Compare, st.sampled_from(["=", "<>"]), _leaf("TEXT"), _leaf("TEXT")),
    st.builds(OneOf, _leaf("TEXT"), st.lists(_constant("TEXT"), min_size=1, max_size=3).map(tuple)),
    st.builds(OneOf, NUMBERS, st.lists(_constant("INTEGER") | _constant("DOUBLE"), min_size=1, max_size=3).map(tuple)),
    st.builds(IsNull, st.one_of(NUMBERS, _leaf("TEXT"), _leaf("BOOLEAN"))),
    st.builds(Compare, st.sampled_from(["=", "<>"]), _leaf("BOOLEAN"), _leaf("BOOLEAN")),
    _leaf("BOOLEAN").filter(columns_of),
).filter(lambda node: bool(columns_of(node)) and oversized(node) is None)
CONDITIONS: st.SearchStrategy[Node] = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(Truth, inner, st.booleans()),
        st.builds(AllOf, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            name: st.none() | VALUES[kind] | (ODD_DOUBLES if kind == "DOUBLE" else st.nothing())
            for name, kind in NULLABLE.items()
        }
    ),
    min_size=1,
    max_size=8,
)
