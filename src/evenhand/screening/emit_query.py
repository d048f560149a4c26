"""A rule as a whole query, for a database where somebody keeps the table of signals."""

import re
from typing import cast

import sqlglot
from sqlglot.dialects.dialect import Dialect, Dialects
from sqlglot.errors import SqlglotError

from evenhand.screening.emit_sql import DUCKDB, POSTGRESQL, emit_sql, quoted
from evenhand.screening.expression import columns_of
from evenhand.screening.rules import Rule
from evenhand.vocabulary.errors import InputError

TESTED = {"duckdb": DUCKDB, "postgres": POSTGRESQL, "postgresql": POSTGRESQL}
"""Dialects for which a property test compares each answer with Polars."""

DIALECTS = tuple(sorted({*TESTED, *(each.value for each in Dialects if each.value)}))
_TABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*){0,3}")


def rule_query(rule: Rule, dialect: str, table: str) -> str:
    """Return the query for the rows of a table of signals for which a rule holds.

    Args:
        rule: The rule.
        dialect: One of DIALECTS; where none of our tests runs it, the query says "untested".
        table: Name of the table, with its schema if need be.

    Raises:
        InputError: No such dialect, no name of a table, or the dialect has no words for it.
    """
    if dialect not in DIALECTS:
        raise InputError("--dialect", f"{dialect!r} is none of {', '.join(DIALECTS)}")
    if _TABLE.fullmatch(table) is None:
        raise InputError("--table", f"{table!r} is no name of a table, as in signals or desk.signals")
    engine = TESTED.get(dialect)
    condition = emit_sql(rule.condition, engine or DUCKDB)
    name = ".".join(quoted(part) for part in table.split("."))
    query = f"SELECT *\nFROM {name}\nWHERE {condition} IS TRUE"
    mark = "tested against our own answers" if engine else "UNTESTED: none of our tests runs this dialect"
    signals = ", ".join(sorted(columns_of(rule.condition)))
    head = f"-- Rule {rule.name}, version {rule.version}; {dialect}: {mark}.\n-- Signals: {signals}\n"
    return f"{head}{query if engine else _translated(query, dialect)};\n"


def _translated(query: str, dialect: str) -> str:
    try:
        parsed = cast("sqlglot.exp.Expression", sqlglot.parse_one(query, read="duckdb"))
        return Dialect.get_or_raise(dialect).generate(parsed, pretty=True)
    except (SqlglotError, ValueError) as error:
        raise InputError("--dialect", f"{dialect} has no words for this condition: {error}") from error
