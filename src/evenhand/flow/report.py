"""From a log, in a directory or at a URL, to a day's report: a function of its public entries alone."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Literal, assert_never

from evenhand.ledger.reader import LogReader, open_log
from evenhand.reports.bulletin import Addresses
from evenhand.reports.fold import Fold
from evenhand.reports.forms import csv_report, json_report, text_report
from evenhand.reports.page import html_report
from evenhand.reports.words import WORDS
from evenhand.settings import Settings
from evenhand.views.site import SiteFigures
from evenhand.vocabulary.figures import DayFigures

ReportForm = Literal["text", "json", "csv", "html"]
REPORT_FORMS: tuple[ReportForm, ...] = ("text", "json", "csv", "html")
LANGUAGES = tuple(WORDS)


def addresses_of(settings: Settings) -> Addresses:
    """Return where the bulletins ask for reports."""
    return Addresses(terror=settings.terror_address, child_safety=settings.child_safety_address)


def fold_log(where: str) -> dict[date, DayFigures]:
    """Return the figures of all days of a log.

    Raises:
        InputError: It is no log, or an entry is malformed.
    """
    fold, reader = Fold(), open_log(where)
    fold_entries(fold, reader, 0, reader.size())
    return fold.days()


def fold_entries(fold: Fold, reader: LogReader, start: int, size: int) -> None:
    """Count a log's entries from `start` on."""
    run: list[bytes] = []
    first = start
    for part in reader.entries(start, size, size):
        run += part
        if len(run) >= 16_384:
            fold.add(run, first)
            first += len(run)
            run = []
    if run:
        fold.add(run, first)


def report_of(
    days: Mapping[date, DayFigures], day: date, form: ReportForm, settings: Settings, language: str = "en"
) -> bytes:
    """Return a day's report in one of its forms."""
    addresses = addresses_of(settings)
    match form:
        case "text":
            return text_report(days, day, addresses, language)
        case "json":
            return json_report(days, day)
        case "csv":
            return csv_report(days, day)
        case "html":
            return html_report(days, day, addresses, language)
        case _:
            assert_never(form)


def daily_report(where: str, day: date, form: ReportForm, settings: Settings, language: str = "en") -> bytes:
    """Return a day's report from a log.

    Raises:
        InputError: It is no log, or an entry is malformed.
    """
    return report_of(fold_log(where), day, form, settings, language)


def write_reports(figures: SiteFigures, days: Iterable[date], directory: Path) -> list[Path]:
    """Write each day's report in every form, as YYYY-MM-DD.<form>; a file that holds it already is left alone."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for day in days:
        for form in REPORT_FORMS:
            path = directory / f"{day.isoformat()}.{'txt' if form == 'text' else form}"
            report = figures.report(day, form)
            if not path.exists() or path.read_bytes() != report:
                fresh = path.with_name(f".{path.name}")
                fresh.write_bytes(report)
                fresh.replace(path)
            written.append(path)
    return written
