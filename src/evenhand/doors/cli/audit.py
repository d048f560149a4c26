"""`evenhand audit`: does the desk do what it says, to everyone alike?"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from getpass import getuser
from typing import Any, BinaryIO

import click

from evenhand.doors.cli.house import House
from evenhand.doors.cli.lines import LineErrors, numbered_lines
from evenhand.flow.assess import LINE_BYTES_MAX
from evenhand.flow.consistency import LineResult, audit_lines
from evenhand.flow.past import PastRequest
from evenhand.rulebook.tables import LawBook


@click.group()
def audit() -> None:
    """Check the desk's own conduct."""


@audit.command()
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--past", is_flag=True, help="Judge the requests that the docket holds instead of FILE.")
@click.option("--decisions", is_flag=True, help="Compare the desk's own decisions across languages and states.")
@click.option("--purpose", default="", help="What the docket is read for; written down before it is read.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line with its differences, then a summary.")
@click.option("--jobs", type=click.IntRange(min=0), default=0, help="Processes that share the work (0: one a core).")
@click.pass_obj
def consistency(
    house: House, file: BinaryIO | None, *, past: bool, decisions: bool, purpose: str, as_json: bool, jobs: int
) -> None:
    """Judge every request of FILE (or -, lines as for `assess`) as if each other state had sent it.

    Tells what was substituted, and each difference with the named rules that explain it. A difference that no rule
    explains is a failure: exit code 1. A line that cannot be read is reported on standard error; exit code 2.

    With --past or --decisions the docket is read, beside a desk that is running: what comes out has references and
    numbers in the place of texts and names.
    """
    if (file is not None) + past + decisions != 1:
        raise click.UsageError("give one of: FILE, --past, --decisions")
    if decisions:
        raise SystemExit(_audit_decisions(house, purpose, as_json=as_json))
    references: dict[int, str] = {}
    skipped: Counter[str] = Counter()
    if file is not None:
        lines = numbered_lines(file, LINE_BYTES_MAX)
    else:
        lines = _past(house.past_requests(getuser(), purpose), references, skipped)
    raise SystemExit(_audit_requests(house.law(), lines, jobs, references, skipped, as_json=as_json))


def _audit_requests(
    book: LawBook,
    lines: Iterable[tuple[int, bytes]],
    jobs: int,
    references: dict[int, str],
    skipped: Counter[str],
    *,
    as_json: bool,
) -> int:
    """Print each request's differences; return the exit code."""
    errors = LineErrors()
    totals: Counter[str] = Counter(requests=0, differences=0, unexplained=0)
    for result in audit_lines(lines, book, jobs):
        if result.error is not None:
            errors(result.number, *result.error)
            continue
        found = result.differences
        totals.update(requests=1, differences=len(found), unexplained=sum(not row["explained"] for row in found))
        name = references.pop(result.number, "")
        click.echo(_as_json(result, name) if as_json else _as_text(result, name), nl=as_json)
    summary: dict[str, Any] = dict(totals) | {"states": len(book.states)}
    if skipped:
        summary["not_judged"] = dict(skipped)
    click.echo(json.dumps(summary) if as_json else _summary(summary))
    sys.stdout.flush()
    if errors.seen:
        return 2
    return 1 if totals["unexplained"] else 0


def _past(
    requests: Iterable[PastRequest], references: dict[int, str], skipped: Counter[str]
) -> Iterator[tuple[int, bytes]]:
    """Yield the docket's requests as numbered lines; what cannot be judged is counted by why."""
    for number, one in enumerate(requests, 1):
        if one.line is None:
            skipped[one.why] += 1
        else:
            references[number] = one.reference
            yield number, one.line


def _audit_decisions(house: House, purpose: str, *, as_json: bool) -> int:
    """Print each shape of decision and its differences; return the exit code."""
    totals: Counter[str] = Counter(decisions=0, shapes=0, differences=0, unexplained=0)
    for result in house.audit_decisions(getuser(), purpose):
        found = result.differences
        unexplained = sum(not row.rules for row in found)
        totals.update(decisions=result.decisions, shapes=1, differences=len(found), unexplained=unexplained)
        if as_json:
            click.echo(json.dumps(asdict(result)))
            continue
        name = " ".join(filter(None, asdict(result.shape).values()))
        for row in found:
            click.echo(f"{name}: " + _difference(row.part, row.others, row.here, row.there, row.rules))
    if as_json:
        click.echo(json.dumps(totals))
        return 1 if totals["unexplained"] else 0
    click.echo(
        f"{totals['decisions']} decisions of {totals['shapes']} shapes: {totals['differences']} differences, "
        f"{totals['unexplained']} that no rule explains"
    )
    return 1 if totals["unexplained"] else 0


def _difference(part: str, others: Sequence[str], here: str, there: str, rules: Sequence[str]) -> str:
    first, *more = others
    where = f"{first} and {len(more)} more" if more else first
    return f"{part}: {here or '-'} | {where}: {there or '-'} | {', '.join(rules) or 'NO RULE EXPLAINS THIS'}"


def _as_json(result: LineResult, reference: str) -> str:
    where: dict[str, object] = {"reference": reference} if reference else {"line": result.number}
    return json.dumps(where | {"substituted": result.substituted, "differences": result.differences})


def _as_text(result: LineResult, reference: str) -> str:
    """One line for what was substituted, one for each difference; nothing where all states are answered alike."""
    if not result.differences:
        return ""
    name = reference or f"line {result.number}"
    rows = (
        _difference(*(row[key] for key in ("part", "states", "here", "there", "rules"))) for row in result.differences
    )
    return "".join(f"{name}: {line}\n" for line in (f"substituted: {'; '.join(result.substituted)}", *rows))


def _summary(counts: dict[str, Any]) -> str:
    skipped = "".join(f"; {n} not judged: {why}" for why, n in counts.get("not_judged", {}).items())
    return (
        f"{counts['requests']} requests, {counts['states']} states: {counts['differences']} differences, "
        f"{counts['unexplained']} that no rule explains{skipped}"
    )
