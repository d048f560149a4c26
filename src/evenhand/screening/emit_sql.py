"""Our tree as SQL for DuckDB and PostgreSQL, with the meaning that `expression` gives, in both to the letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import assert_never

from evenhand.screening.built_in import SignalType
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
    type_of,
)
from evenhand.screening.sizes import SIGNAL_SIZES


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """How a database spells what others spell otherwise.

    Attributes:
        double: Its name for DOUBLE.
        exact_text: Follows a text that is compared letter by letter, whatever the table's collation.
    """

    name: str
    double: str
    exact_text: str = ""


DUCKDB = Engine(name="duckdb", double="DOUBLE")
POSTGRESQL = Engine(name="postgresql", double="double precision", exact_text=' COLLATE "C"')
ENGINES: Mapping[str, Engine] = MappingProxyType({each.name: each for each in (DUCKDB, POSTGRESQL)})


def emit_sql(node: Node, engine: Engine) -> str:
    """Return a condition as SQL; its value is TRUE, FALSE or NULL (unknown)."""
    return _Writer(engine).write(node)


def quoted(name: str) -> str:
    """Return a name in double quotes."""
    return '"' + name.replace('"', '""') + '"'


class _Writer:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write(self, node: Node, kind: SignalType | None = None, *, counted: bool = False) -> str:  # noqa: C901 - one case a node
        """Return a node as SQL.

        Args:
            node: The node.
            kind: Type to turn its value into; None: its own.
            counted: It stands inside arithmetic, where DOUBLE signals out of range are unknown.
        """
        match node:
            case Column():
                return self._column(node, kind, counted=counted)
            case Constant():
                return self._constant(node, kind)
            case Negative():
                return f"(-{self.write(node.operand, 'DOUBLE', counted=counted)})"
            case Arithmetic():
                return self._arithmetic(node)
            case Coalesce():
                parts = (self.write(part, kind or node.type, counted=counted) for part in (node.first, node.otherwise))
                return f"COALESCE({', '.join(parts)})"
            case Compare():
                kind = _common(node.left, node.right)
                left, right = self.write(node.left, kind), self.write(node.right, kind)
                return f"({left}{self._exactly(kind)} {node.op} {right})"
            case OneOf():
                kind = _common(node.operand, *node.values)
                values = ", ".join(self.write(value, kind) for value in node.values)
                return f"({self.write(node.operand, kind)}{self._exactly(kind)} IN ({values}))"
            case IsNull():
                return f"({self.write(node.operand)} IS NULL)"
            case Truth():
                return f"({self.write(node.operand)} IS {'TRUE' if node.value else 'FALSE'})"
            case Not():
                return f"(NOT {self.write(node.operand)})"
            case AllOf():
                return f"({' AND '.join(self.write(part) for part in node.parts)})"
            case AnyOf():
                return f"({' OR '.join(self.write(part) for part in node.parts)})"
            case _:
                assert_never(node)

    def _exactly(self, kind: SignalType) -> str:
        return self._engine.exact_text if kind == "TEXT" else ""

    def _column(self, node: Column, kind: SignalType | None, *, counted: bool) -> str:
        name = quoted(node.name)
        if node.type == "INTEGER" and kind == "DOUBLE":
            return f"CAST({name} AS {self._engine.double})"
        if node.type == "DOUBLE" and counted:
            low, high = (self._double(size) for size in SIGNAL_SIZES)
            return f"(CASE WHEN abs({name}) BETWEEN {low} AND {high} OR {name} = {self._double(0.0)} THEN {name} END)"
        return name

    def _constant(self, node: Constant, kind: SignalType | None) -> str:
        match node.value:
            case bool():
                return "TRUE" if node.value else "FALSE"
            case str():
                return "'" + node.value.replace("'", "''") + "'"
            case int() if kind != "DOUBLE" and node.type == "INTEGER":
                return str(node.value) if node.value >= 0 else f"({node.value})"
            case _:
                return self._double(float(node.value))

    def _double(self, value: float) -> str:
        """Return a number that the database reads as exactly this DOUBLE, never by way of a DECIMAL."""
        text = f"CAST('{value!r}' AS {self._engine.double})" if self._engine is POSTGRESQL else _with_exponent(value)
        return text if value >= 0 and not text.startswith("-") else f"({text})"

    def _arithmetic(self, node: Arithmetic) -> str:
        left, right = (self.write(part, "DOUBLE", counted=True) for part in (node.left, node.right))
        if node.op == "/":
            right = f"NULLIF({right}, {self._double(0.0)})"
        return f"({left} {node.op} {right})"


def _common(*nodes: Node) -> SignalType:
    kinds = {type_of(node) for node in nodes}
    return "DOUBLE" if len(kinds) > 1 else kinds.pop()


def _with_exponent(value: float) -> str:
    text = repr(value)
    return text if "e" in text else f"{text}e0"
