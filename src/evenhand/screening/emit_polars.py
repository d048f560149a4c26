"""Our tree as a Polars expression over the table of signals, with the meaning that `expression` gives."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import assert_never

import polars as pl

from evenhand.screening.built_in import SignalType
from evenhand.screening.expression import (
    AllOf,
    AnyOf,
    Arithmetic,
    Coalesce,
    Column,
    Compare,
    CompareOp,
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
from evenhand.screening.sizes import SIGNAL_SIZES

DTYPES: dict[SignalType, type[pl.DataType]] = {
    "TEXT": pl.String,
    "INTEGER": pl.Int64,
    "DOUBLE": pl.Float64,
    "BOOLEAN": pl.Boolean,
}


_MIRRORED: Mapping[CompareOp, CompareOp] = MappingProxyType(
    {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
)


def emit_polars(node: Node, *, counted: bool = False) -> pl.Expr:  # noqa: C901 - one case a node
    """Return the expression; a condition's value is true, false or null (unknown).

    Args:
        node: A tree that `sql.parse_condition` let through.
        counted: It stands inside arithmetic, where DOUBLE signals out of range are unknown.
    """
    match node:
        case Column():
            return _in_range(node) if counted and node.type == "DOUBLE" else pl.col(node.name)
        case Constant():
            return pl.lit(node.value, dtype=DTYPES[node.type])
        case Negative():
            return -_as(node.operand, "DOUBLE", counted=counted)
        case Arithmetic():
            return _arithmetic(node)
        case Coalesce():
            first, otherwise = (_as(part, node.type, counted=counted) for part in (node.first, node.otherwise))
            # Not pl.coalesce: over a column that is all null it answers with one value instead of a column.
            return first.fill_null(otherwise)
        case Compare():
            return _compare(node)
        case OneOf():
            return _one_of(node)
        case IsNull():
            return emit_polars(node.operand).is_null()
        case Truth():
            value = emit_polars(node.operand).fill_null(value=not node.value)
            return value if node.value else ~value
        case Not():
            return ~emit_polars(node.operand)
        case AllOf():
            return pl.all_horizontal([emit_polars(part) for part in node.parts])
        case AnyOf():
            return pl.any_horizontal([emit_polars(part) for part in node.parts])
        case _:
            assert_never(node)


def _as(node: Node, kind: SignalType, *, counted: bool = False) -> pl.Expr:
    emitted = emit_polars(node, counted=counted)
    return emitted if type_of(node) == kind else emitted.cast(DTYPES[kind])


def _in_range(node: Column) -> pl.Expr:
    value = pl.col(node.name)
    return pl.when(value.abs().is_between(*SIGNAL_SIZES) | (value == 0)).then(value)


def _arithmetic(node: Arithmetic) -> pl.Expr:
    left, right = (_as(part, "DOUBLE", counted=True) for part in (node.left, node.right))
    match node.op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return pl.when(right != 0).then(left / right)


def _compare(node: Compare) -> pl.Expr:
    kinds = {type_of(node.left), type_of(node.right)}
    kind: SignalType = "DOUBLE" if len(kinds) > 1 else kinds.pop()
    left, right, op = _as(node.left, kind), _as(node.right, kind), node.op
    if not columns_of(node.left):
        # A constant before what is all null would answer with one value instead of a column; behind it, it does not.
        left, right, op = right, left, _MIRRORED[op]
    match op:
        case "=":
            return left == right
        case "<>":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right


def _one_of(node: OneOf) -> pl.Expr:
    kinds = {type_of(node.operand), *(value.type for value in node.values)}
    kind: SignalType = "DOUBLE" if len(kinds) > 1 else kinds.pop()
    values = pl.Series([value.value for value in node.values], dtype=DTYPES[kind], strict=False)
    return _as(node.operand, kind).is_in(values.implode())
