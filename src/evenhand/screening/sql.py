"""From a SQL condition to our tree: sqlglot parses, we type it and refuse what has no place in a condition."""

import math
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import cast

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from evenhand.screening.built_in import SignalType
from evenhand.screening.evaluate import evaluate
from evenhand.screening.expression import (
    AllOf,
    AnyOf,
    Arithmetic,
    ArithmeticOp,
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
    show,
    type_of,
    walk,
)
from evenhand.screening.sizes import oversized
from evenhand.vocabulary.post import ItemKind

CONDITION_CHARACTERS_MAX = 8_000
DEPTH_MAX = 40
NAME_BYTES_MAX = 63
"""PostgreSQL cuts longer names off."""
INTEGER_MAX = 2**53
"""Beyond it a DOUBLE no longer tells neighbours apart."""

_COMPARE: Mapping[type[exp.Expression], CompareOp] = MappingProxyType(
    {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
)
_ARITHMETIC: Mapping[type[exp.Expression], ArithmeticOp] = MappingProxyType(
    {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
)
_NUMBERS = ("INTEGER", "DOUBLE")
_KINDS = tuple(kind.value for kind in ItemKind)


class ConditionError(Exception):
    """A condition cannot be used.

    Attributes:
        line: Line inside the condition, from 0.
        reason: One sentence that says what was meant.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def parse_condition(text: str, signals: Mapping[str, SignalType]) -> Node:
    """Return the tree of a condition over the signals.

    Args:
        text: SQL as DuckDB reads it: comparisons, AND, OR, NOT, IN, BETWEEN, IS [NOT] NULL/TRUE/FALSE, + - * /,
            COALESCE, numbers, texts, TRUE, FALSE and names of signals.
        signals: Types by name.

    Raises:
        ConditionError: It does not parse, names an unknown signal, mixes types, or is not a condition.
    """
    if len(text) > CONDITION_CHARACTERS_MAX:
        raise ConditionError(0, f"a condition has at most {CONDITION_CHARACTERS_MAX:,} characters")
    try:
        parsed = cast("exp.Expression", sqlglot.parse_one(text, read="duckdb", into=exp.Condition))
        node = _Reader(signals).read(parsed, 0)
        blind = next((each for each in walk(node) if type_of(each) == "BOOLEAN" and _blind(each)), None)
    except SqlglotError as error:
        raise _unparsed(error, text) from error
    except RecursionError as error:
        raise ConditionError(0, "is nested too deeply") from error
    if isinstance(node, Constant):
        raise ConditionError(0, f"{show(node)} reads no signal: it would be the same for every post")
    if type_of(node) != "BOOLEAN":
        raise ConditionError(0, f"is {_a(type_of(node))}, not a condition: compare it with something")
    if (large := oversized(node)) is not None:
        raise ConditionError(0, f"{large[:80]} could grow beyond 1e300 or shrink below 1e-300, where databases differ")
    if blind is not None:
        raise ConditionError(0, f"{show(blind)[:80]} reads no signal: it would be the same for every post")
    return node


def _unparsed(error: SqlglotError, text: str) -> ConditionError:
    if not text.strip():
        return ConditionError(0, "is empty; a condition says when the rule holds, as in spam_score >= 0.9")
    details = getattr(error, "errors", None) or [{}]
    first = details[0]
    line = int(first.get("line") or 1) - 1
    if near := first.get("highlight"):
        return ConditionError(line, f"is not a SQL condition: stuck at {near!r}")
    return ConditionError(line, "is not a SQL condition: is a quote or bracket left open?")


def _blind(node: Node) -> bool:
    """Tell whether a condition reads no signal; a bare TRUE is none, it may stand beside an = or after IS."""
    return not isinstance(node, Constant) and not columns_of(node)


class _Reader:
    """Types a parsed condition; each method returns our node or raises ConditionError."""

    def __init__(self, signals: Mapping[str, SignalType]) -> None:
        self._signals = {name.casefold(): (name, kind) for name, kind in signals.items()}
        self._line = 0

    def read(self, node: exp.Expression, depth: int) -> Node:  # noqa: C901 - one case a node
        if depth > DEPTH_MAX:
            raise ConditionError(self._line, f"is nested more than {DEPTH_MAX} deep")
        match node:
            case exp.Paren():
                return self.read(node.this, depth + 1)
            case exp.And() | exp.Or():
                return self._connected(node, depth)
            case exp.Not():
                return Not(self._condition(node.this, depth, "NOT"))
            case exp.Column():
                return self._column(node)
            case exp.Literal() | exp.Boolean():
                return self._constant(node)
            case exp.Neg():
                return self._negative(node, depth)
            case exp.Coalesce():
                return self._coalesce(node, depth)
            case exp.Between():
                return self._between(node, depth)
            case exp.In():
                return self._one_of(node, depth)
            case exp.Is():
                return self._is(node, depth)
            case _:
                return self._binary(node, depth)

    def _binary(self, node: exp.Expression, depth: int) -> Node:
        if op := _COMPARE.get(type(node)):
            left, right = self.read(node.this, depth + 1), self.read(node.expression, depth + 1)
            return self._compare(op, left, right)
        if sign := _ARITHMETIC.get(type(node)):
            left, right = self.read(node.this, depth + 1), self.read(node.expression, depth + 1)
            for side in (left, right):
                self._number(side, f"{sign} counts with numbers")
            counted = Arithmetic(sign, left, right)
            if not columns_of(counted) and oversized(counted) is None and evaluate(counted, {}) is None:
                raise ConditionError(self._line, f"{show(counted)[:80]} divides by zero: it is unknown for every post")
            return counted
        raise self._no_place(node)

    def _no_place(self, node: exp.Expression) -> ConditionError:
        if isinstance(node, exp.Null):
            return ConditionError(self._line, "nothing equals NULL; write IS NULL or IS NOT NULL")
        if isinstance(node, exp.Like | exp.ILike | exp.RegexpLike | exp.SimilarTo):
            return ConditionError(self._line, "patterns are not part of conditions; put the phrases in a list")
        what = node.sql(dialect="duckdb")
        return ConditionError(self._line, f"{what[:80]!r} has no place in a condition (docs/reference/rules.md)")

    def _connected(self, node: exp.Expression, depth: int) -> Node:
        word, kind = ("AND", exp.And) if isinstance(node, exp.And) else ("OR", exp.Or)
        parts: list[exp.Expression] = []
        rest = node
        while isinstance(rest, kind):  # a long chain leans to the left: no recursion over it
            parts.append(rest.expression)
            rest = rest.this
        parts.append(rest)
        read = tuple(self._condition(part, depth, word) for part in reversed(parts))
        return AllOf(read) if kind is exp.And else AnyOf(read)

    def _condition(self, node: exp.Expression, depth: int, word: str) -> Node:
        found = self.read(node, depth + 1)
        if isinstance(found, Constant):
            raise ConditionError(self._line, f"{word} joins conditions; {show(found)} reads no signal")
        if type_of(found) != "BOOLEAN":
            what = node.sql(dialect="duckdb")[:80]
            raise ConditionError(self._line, f"{word} joins conditions; {what!r} is {_a(type_of(found))}")
        return found

    def _column(self, node: exp.Column) -> Node:
        place = node.this.meta if isinstance(node.this, exp.Identifier) else {}
        self._line = int(place.get("line", self._line + 1)) - 1
        if len(node.parts) != 1 or not isinstance(node.this, exp.Identifier):
            raise ConditionError(self._line, f"{node.sql()!r} is not the name of a signal; names have no dots")
        found = self._signals.get(node.name.casefold())
        if found is None:
            close = get_close_matches(node.name.casefold(), self._signals, 1)
            meant = f"; did you mean {self._signals[close[0]][0]}?" if close else "; `evenhand rules signals` lists all"
            hint = " (texts stand in single quotes)" if node.this.quoted else ""
            raise ConditionError(self._line, f"there is no signal {node.name[:80]!r}{hint}{meant}")
        if len(found[0].encode()) > NAME_BYTES_MAX:
            reason = f"the name {found[0]!r} is longer than {NAME_BYTES_MAX} bytes: PostgreSQL would cut it off"
            raise ConditionError(self._line, f"{reason}; rename the list")
        return Column(*found)

    def _constant(self, node: exp.Expression) -> Constant:
        if isinstance(node, exp.Boolean):
            return Constant(bool(node.this), "BOOLEAN")
        text = str(node.this)
        if cast("exp.Literal", node).is_string:
            if "\0" in text:
                raise ConditionError(self._line, "a text cannot hold the character NUL: PostgreSQL has none")
            return Constant(text, "TEXT")
        if text.isdecimal():
            if len(text) > 16 or int(text) > INTEGER_MAX:
                raise ConditionError(self._line, f"{text[:30]} is larger than 2^53")
            return Constant(int(text), "INTEGER")
        try:
            number = float(text)
        except ValueError as error:
            raise ConditionError(self._line, f"{text[:30]} is not a number") from error
        if not math.isfinite(number):
            raise ConditionError(self._line, f"{text[:30]} is not a finite number")
        return Constant(number, "DOUBLE")

    def _negative(self, node: exp.Expression, depth: int) -> Node:
        operand = self.read(node.this, depth + 1)
        self._number(operand, "- counts with numbers")
        if isinstance(operand, Constant) and not isinstance(operand.value, str):
            return Constant(-operand.value, operand.type)
        return Negative(operand)

    def _number(self, node: Node, why: str) -> None:
        if type_of(node) not in _NUMBERS:
            raise ConditionError(self._line, f"{why}; this is {_a(type_of(node))}")

    def _compare(self, op: CompareOp, left: Node, right: Node) -> Node:
        kinds = type_of(left), type_of(right)
        numbers = kinds[0] in _NUMBERS and kinds[1] in _NUMBERS
        if not numbers and kinds[0] != kinds[1]:
            name = left.name if isinstance(left, Column) else "the left side"
            raise ConditionError(
                self._line, f"{name} is {_a(kinds[0])} and cannot be compared with {_a(kinds[1])}{_unquote(right)}"
            )
        if not numbers and op not in ("=", "<>"):
            raise ConditionError(self._line, f"{_a(kinds[0])} has no order that all databases share; use = or <>")
        for side, other in ((left, right), (right, left)):
            if isinstance(side, Column) and isinstance(other, Constant):
                self._known_kind(side, other)
        return Compare(op, left, right)

    def _known_kind(self, column: Column, constant: Constant) -> None:
        if column.name == "kind" and constant.value not in _KINDS:
            raise ConditionError(self._line, f"kind is one of {', '.join(_KINDS)}; never {constant.value!r}")

    def _coalesce(self, node: exp.Expression, depth: int) -> Node:
        operands = [self.read(part, depth + 1) for part in (node.this, *node.expressions)]
        found = operands[0]
        if not columns_of(found):
            raise ConditionError(self._line, "COALESCE begins with a signal that may be unknown")
        for other in operands[1:]:
            if type_of(found) != type_of(other) and not {type_of(found), type_of(other)} <= set(_NUMBERS):
                raise ConditionError(self._line, "COALESCE needs values of one type")
            same = type_of(found) == type_of(other)
            found = Coalesce(found, other, type_of(found) if same else "DOUBLE")
        return found

    def _between(self, node: exp.Expression, depth: int) -> Node:
        value, low, high = (self.read(node.args[part], depth + 1) for part in ("this", "low", "high"))
        return AllOf((self._compare(">=", value, low), self._compare("<=", value, high)))

    def _one_of(self, node: exp.Expression, depth: int) -> Node:
        operand = self.read(node.this, depth + 1)
        values = []
        for item in node.expressions:
            value = self.read(item, depth + 1)
            if not isinstance(value, Constant):
                raise ConditionError(self._line, "IN takes constants: texts or numbers")
            self._compare("=", operand, value)
            values.append(value)
        if not values:
            raise ConditionError(self._line, "IN needs a list of constants in brackets")
        if type_of(operand) == "BOOLEAN":
            raise ConditionError(self._line, "IN takes texts or numbers")
        return OneOf(operand, tuple(values))

    def _is(self, node: exp.Expression, depth: int) -> Node:
        operand = self.read(node.this, depth + 1)
        match node.expression:
            case exp.Null():
                return IsNull(operand)
            case exp.Boolean() as value if type_of(operand) == "BOOLEAN":
                return Truth(operand, bool(value.this))
            case exp.Boolean():
                raise ConditionError(self._line, f"IS TRUE and IS FALSE ask conditions, not {_a(type_of(operand))}")
            case _:
                raise ConditionError(self._line, "IS is followed by NULL, TRUE or FALSE")


def _a(kind: SignalType) -> str:
    return {"TEXT": "a TEXT", "INTEGER": "an INTEGER", "DOUBLE": "a DOUBLE", "BOOLEAN": "a BOOLEAN"}[kind]


def _unquote(node: Node) -> str:
    if isinstance(node, Constant) and isinstance(node.value, str) and node.value.replace(".", "", 1).isdecimal():
        return f"; write {node.value} without quotes"
    return ""
