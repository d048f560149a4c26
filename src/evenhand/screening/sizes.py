"""How large and how small a computed number can get: what might leave the range that all engines share is refused.

PostgreSQL raises an error where a DOUBLE overflows or underflows, DuckDB and Polars go on with infinity or zero. So
arithmetic stays where neither can happen, which is known when a rule is read: a DOUBLE signal whose size lies outside
SIGNAL_SIZES (0 aside) is unknown inside arithmetic, and a tree that could still leave RESULT_SIZES is refused.
"""

import math

from evenhand.screening.expression import (
    Arithmetic,
    Coalesce,
    Column,
    Constant,
    Negative,
    Node,
    OneOf,
    children,
    show,
)

Exponents = tuple[float, float]
"""Powers of ten between which a number's size lies, unless it is 0."""

SIGNAL_SIZES = (1e-30, 1e30)
RESULT_EXPONENTS: Exponents = (-300, 300)

_SIGNAL_EXPONENTS: Exponents = (-30, 30)
_INTEGER_EXPONENTS: Exponents = (0, 19)
_DIGITS = 17
"""The difference of two DOUBLEs that are not equal is at most so many powers of ten below them."""


def oversized(node: Node) -> str | None:
    """Return the first part of a tree whose arithmetic could leave the shared range, as SQL, or None."""
    if isinstance(node, Arithmetic):
        low, high = exponents(node)
        if low < RESULT_EXPONENTS[0] or high > RESULT_EXPONENTS[1]:
            return show(node)
    if isinstance(node, OneOf):
        return oversized(node.operand)
    return next((found for child in children(node) if (found := oversized(child)) is not None), None)


def exponents(node: Node) -> Exponents:
    """Return the bounds of a number that stands inside arithmetic."""
    match node:
        case Column():
            return _INTEGER_EXPONENTS if node.type == "INTEGER" else _SIGNAL_EXPONENTS
        case Constant(value=int() | float() as value):
            size = math.log10(abs(value)) if value else 0.0
            return size, size
        case Negative():
            return exponents(node.operand)
        case Coalesce():
            first, other = exponents(node.first), exponents(node.otherwise)
            return min(first[0], other[0]), max(first[1], other[1])
        case Arithmetic():
            return _counted(node)
        case _:
            raise TypeError(f"{show(node)} is no number")


def _counted(node: Arithmetic) -> Exponents:
    left, right = exponents(node.left), exponents(node.right)
    match node.op:
        case "+" | "-":
            return min(left[0], right[0]) - _DIGITS, max(left[1], right[1]) + 1
        case "*":
            return left[0] + right[0], left[1] + right[1]
        case "/":
            return left[0] - right[1], left[1] - right[0]
