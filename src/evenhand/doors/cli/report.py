"""`evenhand report`: what the public log says of a day."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import cast

import click

from evenhand.doors.cli.house import House
from evenhand.flow.report import LANGUAGES, REPORT_FORMS, ReportForm, daily_report
from evenhand.vocabulary.errors import InputError


@click.group()
def report() -> None:
    """Print reports, from this desk's log or a stranger's."""


@report.command()
@click.option("--date", "day", required=True, metavar="YYYY-MM-DD", help="The UTC day.")
@click.option("--from-log", "where", metavar="DIR|URL", help="A log; this desk's own if not given.")
@click.option("--format", "form", type=click.Choice(REPORT_FORMS), default="text", show_default=True)
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="For text and html.")
@click.pass_obj
def daily(house: House, day: str, where: str | None, form: str, language: str) -> None:
    """Print a day's report, computed from the log's public entries alone.

    From a copy of the log on another machine the same bytes come out. A day of which the log says nothing has zeros.
    """
    parsed = _day(day)
    own = house.settings.data / "log"
    if where is None and not Path(own).is_dir():
        raise InputError("--from-log", f"this desk has no log at {own}; run `evenhand demo`, or name a log")
    sys.stdout.buffer.write(daily_report(where or str(own), parsed, cast("ReportForm", form), house.settings, language))


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, no instant
    except ValueError as error:
        raise InputError("--date", f"{text!r} is not a day, as in 2026-11-23") from error
