"""`evenhand assess`: what the law and the principles say of requests, one a line."""

import sys
from datetime import datetime
from typing import BinaryIO

import click

from evenhand.doors.cli.house import House
from evenhand.doors.cli.lines import LineErrors, numbered_lines
from evenhand.flow.assess import LINE_BYTES_MAX, assess_line, provider_of
from evenhand.vocabulary.errors import InputError


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Judge by the regime in force on this day.")
@click.option("--replies", is_flag=True, help="Add drafts of the reply, in the regime's own form, to each answer.")
@click.pass_obj
def assess(house: House, file: BinaryIO, as_of: datetime | None, *, replies: bool) -> None:
    """Judge each {"request": …, "facts": …} line of FILE (or -) and write one answer a line.

    A line that cannot be read is reported on standard error with its number and field; the rest goes on.
    """
    book = house.law()
    provider = provider_of(house.settings) if replies else None
    day = as_of.date() if as_of else None
    errors = LineErrors()
    out = sys.stdout.buffer
    for number, line in numbered_lines(file, LINE_BYTES_MAX):
        try:
            out.write(assess_line(line, book, day, provider) + b"\n")
        except InputError as error:
            errors(number, error.field, error.reason)
    out.flush()
    raise SystemExit(2 if errors.seen else 0)
