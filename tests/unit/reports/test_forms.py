"""The forms of a day's report: complete, deterministic, harmless."""

import csv
import io
import json
from datetime import date

from tests.unit.reports.made import entry, screened

from evenhand.flow.report import REPORT_FORMS, report_of
from evenhand.reports.fold import Fold
from evenhand.settings import Settings
from evenhand.vocabulary.eu import Keyword
from evenhand.vocabulary.figures import DayFigures
from evenhand.vocabulary.post import ItemKind

DAY = date(2026, 11, 23)


def some_days(*, backwards: bool = False) -> dict[date, DayFigures]:
    """Return the figures of a small log, its entries read in one order or the other."""
    entries = [
        *(entry(DAY, n) for n in range(5)),
        *(entry(DAY, n, ItemKind.ACCOUNT, Keyword.TERRORIST_CONTENT) for n in range(3)),
        entry(DAY.replace(day=2), 7, ItemKind.POST, None),
        screened(DAY, 40),
        screened(DAY, 2),
    ]
    fold = Fold()
    fold.add(entries[::-1] if backwards else entries, 0)
    return fold.days()


def test_same_bytes_whatever_the_order() -> None:
    """Each form is a function of the figures."""
    for form in REPORT_FORMS:
        assert report_of(some_days(), DAY, form, Settings()) == report_of(
            some_days(backwards=True), DAY, form, Settings()
        )


def test_json_says_it_all() -> None:
    """Sums by each attribute, rows by all of them, the bulletins' numbers, what was screened."""
    value = json.loads(report_of(some_days(), DAY, "json", Settings()))
    assert value["decisions"] == 8
    assert value["bulletins"] == {"child_abuse": {"day": 5, "month": 5}, "terrorist_content": {"day": 3, "month": 3}}
    assert value["by"]["item"] == {"account": 3, "channel": 5}
    assert all(sum(counts.values()) == 8 for counts in value["by"].values())
    assert sum(row["decisions"] for row in value["rows"]) == 8
    assert value["screened"]["posts"] == 42
    assert value["screened"]["by_language"] == {"de": 2, "und": 40}


def test_csv_has_a_row_a_combination() -> None:
    """Numbers add up to the day's decisions."""
    rows = list(csv.DictReader(io.StringIO(report_of(some_days(), DAY, "csv", Settings()).decode())))
    assert sum(int(row["decisions"]) for row in rows) == 8
    assert {row["item"] for row in rows} == {"channel", "account"}


def test_somebody_elses_words_do_no_harm() -> None:
    """A log may hold anything: formulas in cells, markup in pages."""
    hostile = entry(DAY, 1).replace(b"some-rule", b"=HYPERLINK(1)<script>")
    hostile = hostile.replace(b"STATEMENT_CATEGORY_PROTECTION_OF_MINORS", b"<script>alert(1)</script>")
    fold = Fold()
    fold.add([hostile], 0)
    assert b",'=HYPERLINK" in report_of(fold.days(), DAY, "csv", Settings())
    page = report_of(fold.days(), DAY, "html", Settings())
    assert b"<script" not in page
    assert b"&lt;script" in page


def test_page_is_small_and_whole() -> None:
    """One page, a bar a day of the month so far, no script, nothing from elsewhere, right to left in Arabic."""
    page = report_of(some_days(), DAY, "html", Settings()).decode()
    assert page.count("<rect") == 23
    assert len(page) < 150_000
    assert "src=" not in page
    assert "http" not in page.replace('xmlns="http', "")
    assert 'dir="rtl"' in report_of(some_days(), DAY, "html", Settings(), "ar").decode()


def test_a_day_without_entries_has_zeros() -> None:
    """Silence is a figure too."""
    text = report_of(some_days(), date(2026, 12, 1), "text", Settings()).decode()
    assert text.startswith("0 terrorist bots and channels banned on December, 1.\nTotal this month: 0\n\n")
    assert "\n\n0 groups and channels related to child abuse banned on December, 1.\n" in text
