"""A row that is only recalled shows it; by itself it never refuses, discloses or lengthens a deadline."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evenhand.flow.assess import parse_line
from evenhand.orders.rules import rule_on
from evenhand.rulebook.load import load_law
from evenhand.rulebook.tables import LawBook, Mark, Row
from evenhand.vocabulary.request import Ruling

BOOK = load_law()
VECTORS = Path(__file__).parents[2] / "vectors" / "assess_cases.ndjson"
LINES = [parse_line(json.dumps(json.loads(line)["input"]).encode()) for line in VECTORS.read_text("utf-8").splitlines()]
TABLES = ("required", "deadlines", "may_issue", "exclusions", "duties")


def recalled(book: LawBook) -> Iterator[tuple[str, Row]]:
    """Yield every recalled row with its table."""
    for table in TABLES:
        yield from ((table, row) for row in getattr(book, table) if row.recalled)


def without(book: LawBook, table: str, row: Row) -> LawBook:
    """Return the book without one row."""
    return replace(book, **{table: tuple(each for each in getattr(book, table) if each is not row)})


def wrongs(with_row: Ruling, without_row: Ruling) -> list[str]:
    """Return what a row did that a recalled one may not."""
    found = []
    if set(with_row.disclose.allowed) - set(without_row.disclose.allowed):
        found.append("discloses")
    pairs = zip(with_row.targets, without_row.targets, strict=True)
    if any(mine.outcome == "refuse" != theirs.outcome for mine, theirs in pairs):
        found.append("refuses")
    if with_row.outcome == "refuse" != without_row.outcome:
        found.append("refuses the whole")
    if without_row.deadline is not None and (with_row.deadline is None or with_row.deadline > without_row.deadline):
        found.append("lengthens the deadline")
    return found


@pytest.mark.parametrize(("table", "row"), list(recalled(BOOK)), ids=lambda part: getattr(part, "id", part))
def test_no_recalled_row_decides_by_itself(table: str, row: Row) -> None:
    """With the row and without it, over all cases of its kind of request and state."""
    other = without(BOOK, table, row)
    for line in LINES:
        if line.request.instrument == row.instrument:
            with_row, without_row = (rule_on(line.request, line.facts, book) for book in (BOOK, other))
            assert wrongs(with_row, without_row) == []


@pytest.mark.parametrize("table", TABLES)
def test_every_row_weakened_decides_nothing_by_itself(table: str) -> None:
    """Each row of the table, marked recalled, has no such power either: it is the mark that takes it, not the row."""
    for row in getattr(BOOK, table):
        weak = replace(row, checked=Mark.RECALLED)
        rows = tuple(weak if each is row else each for each in getattr(BOOK, table))
        book = replace(BOOK, **{table: rows})
        other = without(book, table, weak)
        for line in LINES:
            if line.request.instrument == row.instrument:
                with_row, without_row = (rule_on(line.request, line.facts, each) for each in (book, other))
                assert wrongs(with_row, without_row) == [], row.id


def test_a_checked_row_is_noticed() -> None:
    """Control: a row that does decide is found to."""
    row = next(row for row in BOOK.may_issue if row.id == "epoc-subscriber")
    other = without(BOOK, "may_issue", row)
    found = [wrongs(*(rule_on(line.request, line.facts, book) for book in (BOOK, other))) for line in LINES]
    assert ["discloses"] in found


def test_recalled_rows_show_it() -> None:
    """Wherever a recalled row is cited, it says so."""
    ids = {row.id for _table, row in recalled(BOOK)}
    seen = set()
    for line in LINES:
        ruling = rule_on(line.request, line.facts, BOOK)
        for finding in [*ruling.findings, *(each for row in ruling.targets for each in row.findings)]:
            if finding.rule in ids:
                seen.add(finding.rule)
                assert finding.explanation.endswith("(recalled)")
    assert len(seen) > 15


def test_a_recalled_regime_gives_no_data() -> None:
    """A regime that is only recalled sends a disclosure to a person."""
    for line in LINES:
        regimes = tuple(replace(row, checked=Mark.RECALLED) for row in BOOK.regimes)
        ruling = rule_on(line.request, line.facts, replace(BOOK, regimes=regimes))
        assert ruling.disclose.allowed == ()
