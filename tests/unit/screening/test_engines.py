"""One condition, one answer: in Polars, in a real DuckDB, in a real PostgreSQL, and row by row in Python."""

from typing import Any

import duckdb
import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings

from evenhand.screening.built_in import SignalType
from evenhand.screening.emit_polars import DTYPES, emit_polars
from evenhand.screening.emit_sql import DUCKDB, POSTGRESQL, emit_sql
from evenhand.screening.evaluate import evaluate
from evenhand.screening.expression import Node
from evenhand.screening.sql import parse_condition
from made_conditions import CONDITIONS, NULLABLE, ROWS

_POSTGRESQL_TYPES: dict[SignalType, str] = {
    "TEXT": "text",
    "INTEGER": "int8",
    "DOUBLE": "float8",
    "BOOLEAN": "bool",
}
_QUIET = settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def duck() -> duckdb.DuckDBPyConnection:
    """Return a DuckDB of one thread."""
    return duckdb.connect(config={"threads": 1})


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={name: DTYPES[kind] for name, kind in NULLABLE.items()})


def in_polars(condition: Node, rows: list[dict[str, Any]]) -> list[bool | None]:
    """Return what Polars answers."""
    return _frame(rows).with_columns(_answer=emit_polars(condition))["_answer"].to_list()


def in_duckdb(duck: duckdb.DuckDBPyConnection, condition: str, rows: list[dict[str, Any]]) -> list[bool | None]:
    """Return what DuckDB answers to a SQL condition."""
    duck.register("rows", _frame(rows).with_row_index("n").to_arrow())
    return [row[0] for row in duck.sql(f"SELECT {condition} FROM rows ORDER BY n").fetchall()]  # noqa: S608


def in_postgresql(link: psycopg.Connection, condition: str, rows: list[dict[str, Any]]) -> list[bool | None]:
    """Return what PostgreSQL answers to a SQL condition."""
    arrays = ", ".join(f"%s::{_POSTGRESQL_TYPES[kind]}[]" for kind in NULLABLE.values())
    names = ", ".join(NULLABLE)
    query = f"SELECT {condition.replace('%', '%%')} FROM unnest({arrays}) WITH ORDINALITY AS s({names}, n) ORDER BY n"  # noqa: S608
    values = [[row[name] for row in rows] for name in NULLABLE]
    return [row[0] for row in link.execute(query, values).fetchall()]  # type: ignore[arg-type]


@_QUIET
@given(CONDITIONS, ROWS)
@example(parse_condition("d / i > 0.5 OR t IN ('İ', 'ß')", NULLABLE), [dict.fromkeys(NULLABLE)])
@example(parse_condition("0.0 = d + d AND 1 < -(d + 1)", NULLABLE), [dict.fromkeys(NULLABLE)] * 2)
def test_every_engine_agrees(
    duck: duckdb.DuckDBPyConnection, postgresql: psycopg.Connection, condition: Node, rows: list[dict[str, Any]]
) -> None:
    """True, false and unknown alike, for nulls, extremes, NaN, infinity and all scripts; no engine raises."""
    expected = [evaluate(condition, row) for row in rows]
    assert in_polars(condition, rows) == expected
    assert in_duckdb(duck, emit_sql(condition, DUCKDB), rows) == expected
    assert in_postgresql(postgresql, emit_sql(condition, POSTGRESQL), rows) == expected


@pytest.mark.parametrize(
    ("condition", "row"),
    [
        ("i + j > 0", {"i": 2**63 - 1, "j": 2**63 - 1}),  # overflows as BIGINT
        ("i / j = 0.5", {"i": 1, "j": 2}),  # integer division in PostgreSQL
        ("i / j > 0", {"i": 1, "j": 0}),  # an error in PostgreSQL
    ],
)
def test_the_raw_text_would_differ(
    duck: duckdb.DuckDBPyConnection, postgresql: psycopg.Connection, condition: str, row: dict[str, Any]
) -> None:
    """Red control: the same text, handed to the databases as it is, does not give our answer in both."""
    rows = [dict.fromkeys(NULLABLE) | row]
    tree = parse_condition(condition, NULLABLE)
    answers: list[object] = []
    for engine, ask in ((duck, in_duckdb), (postgresql, in_postgresql)):
        try:
            answers.append(ask(engine, condition, rows))  # type: ignore[operator]
        except (duckdb.Error, psycopg.Error) as error:
            answers.append(type(error))
    assert answers != [[evaluate(tree, rows[0])]] * 2
    assert in_duckdb(duck, emit_sql(tree, DUCKDB), rows) == [evaluate(tree, rows[0])]
    assert in_postgresql(postgresql, emit_sql(tree, POSTGRESQL), rows) == [evaluate(tree, rows[0])]
