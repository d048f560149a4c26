"""All rules' conditions over a table of signals at once: each comparison is made once, and joined as bits.

A condition's value for a row is true, false or unknown: two sets of rows, held as whole numbers with a bit a row.
Joining two sets of thousands of rows is one operation, so that a thousand rules cost little more than their different
comparisons.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.emit_polars import emit_polars
from evenhand.screening.expression import AllOf, AnyOf, Node, Not, Truth, type_of

Rows = int
"""A set of rows: bit n is row n."""

Held = Callable[[Sequence[Rows], Sequence[Rows], Rows], Rows]
"""For which of some rows a condition is true, or false: given where each comparison is true, and where it is false."""


class Conditions:
    """Several conditions, in the order in which they are asked."""

    def __init__(self, conditions: Sequence[Node]) -> None:
        comparisons = tuple(dict.fromkeys(part for node in conditions for part in _comparisons(node)))
        numbers = {part: n for n, part in enumerate(comparisons)}
        self._asked = [emit_polars(part).alias(str(n)) for n, part in enumerate(comparisons)]
        self._held = [_true(node, numbers) for node in conditions]

    def first(self, signals: pl.DataFrame) -> NDArray[np.uint32]:
        """Return for each row the place of the first condition that holds; their number where none does."""
        rows = signals.height
        first = np.full(rows, len(self._held), np.uint32)
        if not rows or not self._held:
            return first
        undecided = everything = (1 << rows) - 1
        answers = [_sets(column, everything) for column in signals.select(self._asked)]
        true, false = [pair[0] for pair in answers], [pair[1] for pair in answers]
        for place, held in enumerate(self._held):
            if found := held(true, false, undecided):
                first[_places(found, rows)] = place
                undecided ^= found
        return first


def _comparisons(node: Node) -> tuple[Node, ...]:
    """Return the parts of a condition that are asked as they are."""
    match node:
        case AllOf() | AnyOf():
            return tuple(found for part in node.parts for found in _comparisons(part))
        case Not():
            return _comparisons(node.operand)
        case Truth() if type_of(node.operand) == "BOOLEAN":
            return _comparisons(node.operand)
        case _:
            return (node,)


def _true(node: Node, numbers: Mapping[Node, int]) -> Held:
    match node:
        case AllOf():
            return _all([_true(part, numbers) for part in node.parts])
        case AnyOf():
            return _any([_true(part, numbers) for part in node.parts])
        case Not():
            return _false(node.operand, numbers)
        case Truth() if type_of(node.operand) == "BOOLEAN":
            return (_true if node.value else _false)(node.operand, numbers)
        case _:
            number = numbers[node]
            return lambda true, _false, within: true[number] & within


def _false(node: Node, numbers: Mapping[Node, int]) -> Held:
    match node:
        case AllOf():
            return _any([_false(part, numbers) for part in node.parts])
        case AnyOf():
            return _all([_false(part, numbers) for part in node.parts])
        case Not():
            return _true(node.operand, numbers)
        case Truth() if type_of(node.operand) == "BOOLEAN":
            held = _true(node, numbers)  # never unknown
            return lambda true, false, within: within ^ held(true, false, within)
        case _:
            number = numbers[node]
            return lambda _true, false, within: false[number] & within


def _all(parts: Sequence[Held]) -> Held:
    def held(true: Sequence[Rows], false: Sequence[Rows], within: Rows) -> Rows:
        for part in parts:
            if not within:
                break
            within = part(true, false, within)
        return within

    return held


def _any(parts: Sequence[Held]) -> Held:
    def held(true: Sequence[Rows], false: Sequence[Rows], within: Rows) -> Rows:
        rows = 0
        for part in parts:
            rows |= part(true, false, within)
        return rows

    return held


def _sets(answers: pl.Series, everything: Rows) -> tuple[Rows, Rows]:
    """Return where a comparison is true and where it is false; for the other rows it is unknown."""
    if not answers.null_count():
        true = _bits(answers)
        return true, everything ^ true
    true, unknown = _bits(answers.fill_null(value=False)), _bits(answers.is_null())
    return true, everything ^ true ^ unknown


def _bits(marked: pl.Series) -> Rows:
    return int.from_bytes(np.packbits(marked.to_numpy(), bitorder="little").tobytes(), "little")


def _places(held: Rows, rows: int) -> NDArray[np.int64]:
    packed = np.frombuffer(held.to_bytes((rows + 7) // 8, "little"), np.uint8)
    return np.flatnonzero(np.unpackbits(packed, bitorder="little"))
