"""A rule as a query for a warehouse: marked for what it is, refused where there is no such thing."""

import duckdb
import polars as pl
import psycopg
import pytest

from evenhand.flow import shipped
from evenhand.screening.emit_query import DIALECTS, rule_query
from evenhand.screening.lists import load_lists
from evenhand.screening.rulefiles import load_rules
from evenhand.screening.rules import Rule
from evenhand.screening.signals import signal_table
from evenhand.vocabulary.errors import InputError

_SIGNALS = signal_table(load_lists(shipped.LISTS))
_RULES = load_rules([shipped.RULES], _SIGNALS)


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.name)
def test_shipped_rules_run_as_queries(rule: Rule, postgresql: psycopg.Connection) -> None:
    """Each shipped rule's query is read by a real DuckDB and a real PostgreSQL, over a table of the signals' types."""
    types = {"TEXT": "text", "INTEGER": "int8", "DOUBLE": "float8", "BOOLEAN": "bool"}
    columns = ", ".join(f'"{signal.name}" {types[signal.type]}' for signal in _SIGNALS)
    postgresql.execute(f"CREATE TEMP TABLE IF NOT EXISTS signals ({columns})")  # type: ignore[arg-type]
    assert postgresql.execute(rule_query(rule, "postgres", "signals")).fetchall() == []  # type: ignore[arg-type]
    duck = duckdb.connect()
    duck.execute(f"CREATE TABLE signals ({columns})")
    assert duck.sql(rule_query(rule, "duckdb", "signals")).fetchall() == []


@pytest.mark.parametrize("dialect", ["bigquery", "snowflake", "clickhouse", "databricks", "redshift", "trino", "tsql"])
def test_other_dialects_are_marked(dialect: str) -> None:
    """Nobody takes a translation for a tested query."""
    assert dialect in DIALECTS
    assert "UNTESTED" in rule_query(_RULES[0], dialect, "desk.signals").splitlines()[0]


@pytest.mark.parametrize(("dialect", "table"), [("postgres", 'x"; DROP TABLE y'), ("klingon", "signals")])
def test_nonsense_is_refused(dialect: str, table: str) -> None:
    """A table's name cannot smuggle anything in; an unknown dialect is named with the known ones."""
    with pytest.raises(InputError):
        rule_query(_RULES[0], dialect, table)


def test_query_finds_what_screening_finds() -> None:
    """The query's rows are those for which the rule holds."""
    rule = next(rule for rule in _RULES if rule.name == "spam-possible")
    signals = pl.DataFrame({"spam_score": [0.9, 0.9, None], "word_count": [9, 1, 9]})
    duck = duckdb.connect()
    duck.register("signals", signals.to_arrow())
    assert duck.sql(rule_query(rule, "duckdb", "signals")).fetchall() == [(0.9, 9)]
