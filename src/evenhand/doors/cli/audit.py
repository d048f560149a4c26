"""`evenhand audit`: does the desk do what it says, to everyone alike?"""

import json
import sys
from collections import Counter
from typing import BinaryIO

import click

from evenhand.doors.cli.house import House
from evenhand.doors.cli.lines import LineErrors, numbered_lines
from evenhand.flow.assess import LINE_BYTES_MAX
from evenhand.flow.consistency import LineResult, audit_lines


@click.group()
def audit() -> None:
    """Check the desk's own conduct."""


@audit.command()
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line with its differences, then a summary.")
@click.option("--jobs", type=click.IntRange(min=0), default=0, help="Processes that share the work (0: one a core).")
@click.pass_obj
def consistency(house: House, file: BinaryIO, *, as_json: bool, jobs: int) -> None:
    """Judge every request of FILE (or -, lines as for `assess`) as if each other state had sent it.

    Tells what was substituted, and each difference with the named rules that explain it. A difference that no rule
    explains is a failure: exit code 1. A line that cannot be read is reported on standard error; exit code 2.
    """
    book = house.law()
    errors = LineErrors()
    totals: Counter[str] = Counter(requests=0, differences=0, unexplained=0)
    for result in audit_lines(numbered_lines(file, LINE_BYTES_MAX), book, jobs):
        if result.error is not None:
            errors(result.number, *result.error)
            continue
        found = result.differences
        totals.update(requests=1, differences=len(found), unexplained=sum(not row["explained"] for row in found))
        click.echo(_as_json(result) if as_json else _as_text(result), nl=as_json)
    summary = dict(totals) | {"states": len(book.states)}
    click.echo(json.dumps(summary) if as_json else _summary(summary))
    sys.stdout.flush()
    if errors.seen:
        raise SystemExit(2)
    raise SystemExit(1 if totals["unexplained"] else 0)


def _as_json(result: LineResult) -> str:
    row = {"line": result.number, "substituted": result.substituted, "differences": result.differences}
    return json.dumps(row)


def _as_text(result: LineResult) -> str:
    """One line for what was substituted, one for each difference; nothing where all states are answered alike."""
    if not result.differences:
        return ""
    lines = [f"line {result.number}: substituted: {'; '.join(result.substituted)}"]
    for row in result.differences:
        first, *more = row["states"]
        states = f"{first} and {len(more)} more" if more else first
        why = ", ".join(row["rules"]) or "NO RULE EXPLAINS THIS"
        lines.append(
            f"line {result.number}: {row['part']}: {row['here'] or '-'} | {states}: {row['there'] or '-'} | {why}"
        )
    return "\n".join(lines) + "\n"


def _summary(counts: dict[str, int]) -> str:
    return (
        f"{counts['requests']} requests, {counts['states']} states: {counts['differences']} differences, "
        f"{counts['unexplained']} that no rule explains"
    )
