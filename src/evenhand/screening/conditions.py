"""All rules' conditions over a table of signals at once: each comparison is made once, and joined as bits.

A condition's value for a row is true, false or unknown: two sets of rows, held as whole numbers with a bit a row.
Joining two sets of thousands of rows is one operation, so that a thousand rules cost little more than their different
comparisons.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.emit_polars import emit_polars
from evenhand.screening.expression import AllOf, AnyOf, Node, Not, Truth, type_of


@dataclass(frozen=True, slots=True)
class _Value:
    """For which rows a condition is true, and for which it is false; for the others it is unknown."""

    true: int
    false: int


class Conditions:
    """Several conditions, in the order in which they are asked."""

    def __init__(self, conditions: Sequence[Node]) -> None:
        self._conditions = tuple(conditions)
        self._comparisons = tuple(dict.fromkeys(part for node in conditions for part in _comparisons(node)))
        self._asked = [emit_polars(part).alias(str(n)) for n, part in enumerate(self._comparisons)]

    def first(self, signals: pl.DataFrame) -> NDArray[np.uint32]:
        """Return for each row the place of the first condition that holds; their number where none does."""
        rows = signals.height
        first = np.full(rows, len(self._conditions), np.uint32)
        if not rows or not self._conditions:
            return first
        everything = (1 << rows) - 1
        answers = signals.select(self._asked)
        known = {part: _value(answers[str(n)], everything) for n, part in enumerate(self._comparisons)}
        open_ = everything
        for place, condition in enumerate(self._conditions):
            held = _joined(condition, known, everything).true & open_
            if held:
                first[_places(held, rows)] = place
                open_ ^= held
        return first


def _comparisons(node: Node) -> tuple[Node, ...]:
    """Return the parts of a condition that no other condition is a part of."""
    match node:
        case AllOf() | AnyOf():
            return tuple(found for part in node.parts for found in _comparisons(part))
        case Not():
            return _comparisons(node.operand)
        case Truth() if type_of(node.operand) == "BOOLEAN":
            return _comparisons(node.operand)
        case _:
            return (node,)


def _joined(node: Node, known: dict[Node, _Value], everything: int) -> _Value:
    match node:
        case AllOf():
            true, false = everything, 0
            for part in node.parts:
                value = _joined(part, known, everything)
                true, false = true & value.true, false | value.false
            return _Value(true, false)
        case AnyOf():
            true, false = 0, everything
            for part in node.parts:
                value = _joined(part, known, everything)
                true, false = true | value.true, false & value.false
            return _Value(true, false)
        case Not():
            value = _joined(node.operand, known, everything)
            return _Value(value.false, value.true)
        case Truth() if type_of(node.operand) == "BOOLEAN":
            value = _joined(node.operand, known, everything)
            true = value.true if node.value else value.false
            return _Value(true, everything ^ true)
        case _:
            return known[node]


def _value(answers: pl.Series, everything: int) -> _Value:
    if not answers.null_count():
        true = _bits(answers)
        return _Value(true, everything ^ true)
    true, unknown = _bits(answers.fill_null(value=False)), _bits(answers.is_null())
    return _Value(true, everything ^ true ^ unknown)


def _bits(marked: pl.Series) -> int:
    return int.from_bytes(np.packbits(marked.to_numpy(), bitorder="little").tobytes(), "little")


def _places(held: int, rows: int) -> NDArray[np.int64]:
    packed = np.frombuffer(held.to_bytes((rows + 7) // 8, "little"), np.uint8)
    return np.flatnonzero(np.unpackbits(packed, bitorder="little"))
