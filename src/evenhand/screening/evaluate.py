"""A condition over one row, part by part: what `rules explain` shows, and the yardstick for every engine."""

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, assert_never

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
    Value,
    columns_of,
    show,
    type_of,
)
from evenhand.screening.sizes import SIGNAL_SIZES

_COMPARE: Mapping[CompareOp, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "=": operator.eq,
        "<>": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
)


def evaluate(node: Node, row: Mapping[str, Value], *, counted: bool = False) -> Value:  # noqa: C901 - one case a node
    """Return a node's value for one row of signals; None: unknown.

    Args:
        node: A tree that `sql.parse_condition` let through.
        row: Values by signal.
        counted: It stands inside arithmetic, where DOUBLE signals out of range are unknown.
    """
    match node:
        case Column():
            value = row[node.name]
            return value if not counted or node.type != "DOUBLE" or _in_range(value) else None
        case Constant():
            return node.value
        case Negative() | Arithmetic():
            return _number(node, row, counted=counted)
        case Coalesce():
            first = evaluate(node.first, row, counted=counted)
            found = evaluate(node.otherwise, row, counted=counted) if first is None else first
            return _double(found) if node.type == "DOUBLE" else found
        case Compare():
            return _compare(node, row)
        case OneOf():
            value = evaluate(node.operand, row)
            return None if value is None else any(_same(value, other.value) for other in node.values)
        case IsNull():
            return evaluate(node.operand, row) is None
        case Truth():
            return evaluate(node.operand, row) is node.value
        case Not():
            value = evaluate(node.operand, row)
            return None if value is None else not value
        case AllOf():
            return _joined((evaluate(part, row) for part in node.parts), decisive=False)
        case AnyOf():
            return _joined((evaluate(part, row) for part in node.parts), decisive=True)
        case _:
            assert_never(node)


def _joined(values: Iterator[Value], *, decisive: bool) -> bool | None:
    seen = list(values)
    if decisive in seen:
        return decisive
    return None if None in seen else not decisive


def _double(value: Value) -> float | None:
    return None if value is None else float(value)


def _in_range(value: Value) -> bool:
    low, high = SIGNAL_SIZES
    return isinstance(value, int | float) and (value == 0 or low <= abs(value) <= high)


def _number(node: Negative | Arithmetic, row: Mapping[str, Value], *, counted: bool) -> float | None:
    if isinstance(node, Negative):
        operand = _double(evaluate(node.operand, row, counted=counted))
        return None if operand is None else -operand
    left, right = (_double(evaluate(part, row, counted=True)) for part in (node.left, node.right))
    if left is None or right is None:
        return None
    match node.op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right if right else None


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, float) or isinstance(right, float):
        return _ordered(float(left or 0)) == _ordered(float(right or 0))
    return left == right


def _ordered(number: float) -> tuple[bool, float]:
    """Return a key that sorts as databases do: NaN equals itself and is above all numbers."""
    return (True, 0.0) if math.isnan(number) else (False, number)


def _compare(node: Compare, row: Mapping[str, Value]) -> bool | None:
    left, right = evaluate(node.left, row), evaluate(node.right, row)
    if left is None or right is None:
        return None
    if "DOUBLE" in (type_of(node.left), type_of(node.right)):
        return _COMPARE[node.op](_ordered(float(left)), _ordered(float(right)))
    return _COMPARE[node.op](left, right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a condition and what came of it.

    Attributes:
        depth: How deep it stands below the whole, from 0.
        holds: True, False, or None: unknown.
        values: The signals it reads, with their values.
    """

    depth: int
    condition: str
    holds: bool | None
    values: Mapping[str, Value]


def explain(node: Node, row: Mapping[str, Value], depth: int = 0) -> Iterator[Part]:
    """Yield a condition's parts down to its comparisons, the whole first."""
    holds = evaluate(node, row)
    yield Part(
        depth=depth,
        condition=show(node),
        holds=None if holds is None else bool(holds),
        values={name: row[name] for name in sorted(columns_of(node))},
    )
    match node:
        case AllOf() | AnyOf():
            parts = node.parts
        case Not() | Truth():
            parts = (node.operand,)
        case _:
            parts = ()
    for part in parts:
        yield from explain(part, row, depth + 1)
