"""`evenhand audit`: does the desk do what it says, to everyone alike?"""

import json
import sys
from collections import Counter
from typing import BinaryIO

import click

from evenhand.doors.cli.house import House
from evenhand.doors.cli.lines import LineErrors
from evenhand.flow.consistency import differences_of_line
from evenhand.vocabulary.errors import InputError


@click.group()
def audit() -> None:
    """Check the desk's own conduct."""


@audit.command()
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line with its differences, then a summary.")
@click.pass_obj
def consistency(house: House, file: BinaryIO, *, as_json: bool) -> None:
    """Judge every request of FILE (or -, lines as for `assess`) as if each other state had sent it.

    Tells each difference with the named rules that explain it. A difference that no rule explains is a failure:
    exit code 1. A line that cannot be read is reported on standard error; exit code 2.
    """
    book = house.law()
    errors = LineErrors()
    totals: Counter[str] = Counter()
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            found = list(differences_of_line(line, book))
        except InputError as error:
            errors(number, error.field, error.reason)
            continue
        totals.update(
            requests=1, differences=len(found), unexplained=sum(not difference["explained"] for difference in found)
        )
        if as_json:
            click.echo(json.dumps({"line": number, "differences": found}))
        else:
            for row in found:
                why = ", ".join(row["rules"]) or "NO RULE EXPLAINS THIS"
                states = (
                    f"{row['states'][0]} and {len(row['states']) - 1} more" if row["states"][1:] else row["states"][0]
                )
                click.echo(
                    f"line {number}: {row['part']}: {row['here'] or '-'} | {states}: {row['there'] or '-'} | {why}"
                )
    summary = {name: totals[name] for name in ("requests", "differences", "unexplained")} | {"states": len(book.states)}
    click.echo(json.dumps(summary) if as_json else f"{summary}")
    sys.stdout.flush()
    if errors.seen:
        raise SystemExit(2)
    raise SystemExit(1 if totals["unexplained"] else 0)
