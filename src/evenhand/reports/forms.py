"""A day's report as text, JSON, CSV and HTML: functions of the figures alone, the same bytes everywhere."""

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping
from datetime import date

from evenhand.reports.bulletin import Addresses, child_abuse_bulletin, month_so_far, terror_bulletin
from evenhand.vocabulary.figures import CHILD_ABUSE, TERRORISM, DayFigures, FigureKey, number_of

ATTRIBUTES = ("category", "keyword", "item", "action", "ground", "source", "automation")
_COLUMNS = (
    "category",
    "keyword",
    "item",
    "action",
    "ground",
    "source",
    "automated_detection",
    "automation",
    "rule",
    "language",
    "replayed",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def text_report(days: Mapping[date, DayFigures], day: date, addresses: Addresses, language: str) -> bytes:
    """Return both bulletins, an empty line between them."""
    both = terror_bulletin(days, day, addresses, language), child_abuse_bulletin(days, day, addresses, language)
    return "\n".join(both).encode()


def by_attribute(decisions: Mapping[FigureKey, int], attribute: str) -> dict[str, int]:
    """Return how many decisions have which value of a public attribute ("" where it is absent), by value."""
    counts: Counter[str] = Counter()
    for key, number in decisions.items():
        counts[str(getattr(key, attribute))] += number
    return dict(sorted(counts.items()))


def json_report(days: Mapping[date, DayFigures], day: date) -> bytes:
    """Return one JSON object: bulletins' numbers, decisions by each attribute and by all of them, what was screened."""
    figures = days.get(day, DayFigures(day=day))
    report = {
        "day": day.isoformat(),
        "bulletins": {
            name: {"day": number_of(figures, what), "month": month_so_far(days, day, what)}
            for name, what in (("terrorist_content", TERRORISM), ("child_abuse", CHILD_ABUSE))
        },
        "decisions": sum(figures.decisions.values()),
        "by": {name: by_attribute(figures.decisions, name) for name in ATTRIBUTES},
        "rows": [dict(zip(_COLUMNS, _cells(key), strict=True)) | {"decisions": n} for key, n in _rows(figures)],
        "screened": {
            "posts": figures.posts,
            "by_kind": dict(figures.by_kind),
            "by_language": dict(figures.by_language),
            "by_verdict": dict(figures.by_verdict),
        },
    }
    return (json.dumps(report, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def csv_report(days: Mapping[date, DayFigures], day: date) -> bytes:
    """Return a line for each combination of public attributes, with its number of decisions."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("date", *_COLUMNS, "decisions"))
    for key, number in _rows(days.get(day, DayFigures(day=day))):
        writer.writerow((day.isoformat(), *(_harmless(str(cell)) for cell in _cells(key)), number))
    return out.getvalue().encode()


def _rows(figures: DayFigures) -> list[tuple[FigureKey, int]]:
    return sorted(figures.decisions.items(), key=lambda row: _cells(row[0]))


def _cells(key: FigureKey) -> tuple[str | bool, ...]:
    return tuple(getattr(key, name) for name in _COLUMNS)


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (somebody else's log may hold anything)."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
