"""Conditions as a tree of our own, typed, with one meaning for every engine that evaluates it.

The meaning: SQL's three-valued logic (an unknown signal makes a comparison unknown; unknown is not "holds"). Texts are
compared for equality only, letter by letter. Arithmetic is done in DOUBLE; division by zero is unknown, and so is,
inside arithmetic, a DOUBLE signal outside the range that `sizes` gives; what could overflow is refused there. An
INTEGER compared with a DOUBLE is turned into a DOUBLE first; NaN equals itself and is above all numbers. Every
condition node, and the first operand of COALESCE, reads at least one signal: engines fold constants in their own ways.

    Node ── value nodes      Column, Constant, Negative, Arithmetic, Coalesce          (TEXT, INTEGER, DOUBLE, BOOLEAN)
         └─ condition nodes  Compare, OneOf, IsNull, Truth, Not, AllOf, AnyOf          (BOOLEAN)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from evenhand.screening.built_in import SignalType

Value = str | int | float | bool | None
CompareOp = Literal["=", "<>", "<", "<=", ">", ">="]
ArithmeticOp = Literal["+", "-", "*", "/"]


@dataclass(frozen=True, slots=True)
class Column:
    """A signal."""

    name: str
    type: SignalType


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, text, TRUE or FALSE; never NULL."""

    value: str | int | float | bool
    type: SignalType


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus a number, in DOUBLE."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers, in DOUBLE; unknown after division by zero."""

    op: ArithmeticOp
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Coalesce:
    """The first of two values that is known; both of one type."""

    first: "Node"
    otherwise: "Node"
    type: SignalType


@dataclass(frozen=True, slots=True)
class Compare:
    """Two values of one kind: numbers, texts (= and <> only) or truth values (= and <> only)."""

    op: CompareOp
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class OneOf:
    """Whether a text or number is among constants of its kind."""

    operand: "Node"
    values: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class IsNull:
    """Whether a value is unknown."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Truth:
    """IS TRUE, IS FALSE: never unknown."""

    operand: "Node"
    value: bool


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class AllOf:
    """AND."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """OR."""

    parts: tuple["Node", ...]


Node = Column | Constant | Negative | Arithmetic | Coalesce | Compare | OneOf | IsNull | Truth | Not | AllOf | AnyOf


def type_of(node: Node) -> SignalType:
    """Return the type of a node's value."""
    match node:
        case Column() | Constant() | Coalesce():
            return node.type
        case Negative() | Arithmetic():
            return "DOUBLE"
        case _:
            return "BOOLEAN"


def children(node: Node) -> tuple[Node, ...]:
    """Return a node's operands."""
    match node:
        case Column() | Constant():
            return ()
        case Arithmetic() | Compare():
            return (node.left, node.right)
        case Coalesce():
            return (node.first, node.otherwise)
        case OneOf():
            return (node.operand, *node.values)
        case AllOf() | AnyOf():
            return node.parts
        case _:
            return (node.operand,)


def columns_of(node: Node) -> frozenset[str]:
    """Return the names of all signals that a tree reads."""
    return frozenset(each.name for each in walk(node) if isinstance(each, Column))


def walk(node: Node) -> Iterator[Node]:
    """Yield a tree's nodes, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def show(node: Node) -> str:  # noqa: C901 - one case a node
    """Return a tree as a SQL condition again, with all brackets that it needs."""
    match node:
        case Column():
            return f'"{node.name}"' if not node.name.isidentifier() else node.name
        case Constant():
            return _constant(node)
        case Negative():
            return f"-({show(node.operand)})"  # always bracketed: -- begins a comment
        case Arithmetic() | Compare():
            return f"{_bracketed(node.left)} {node.op} {_bracketed(node.right)}"
        case Coalesce():
            return f"COALESCE({show(node.first)}, {show(node.otherwise)})"
        case OneOf():
            return f"{_bracketed(node.operand)} IN ({', '.join(_constant(value) for value in node.values)})"
        case IsNull():
            return f"{_bracketed(node.operand)} IS NULL"
        case Truth():
            return f"{_bracketed(node.operand)} IS {'TRUE' if node.value else 'FALSE'}"
        case Not():
            return f"NOT {_bracketed(node.operand)}"
        case AllOf():
            return " AND ".join(_bracketed(part) for part in node.parts)
        case AnyOf():
            return " OR ".join(_bracketed(part) for part in node.parts)


def _bracketed(node: Node) -> str:
    return show(node) if isinstance(node, Column | Constant | Coalesce) else f"({show(node)})"


def _constant(node: Constant) -> str:
    match node.value:
        case bool():
            return "TRUE" if node.value else "FALSE"
        case str():
            return "'" + node.value.replace("'", "''") + "'"
        case _:
            return repr(node.value)
