"""`evenhand demo`: a day at the desk, from posts to a published report."""

import io
import secrets
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from evenhand.doors.cli.house import House
from evenhand.doors.cli.lines import LineErrors
from evenhand.doors.stream.formats import FORMS, Form, find_form, read_posts
from evenhand.flow.shipped import DEMO_POSTS

DEMO_DAY = date(2026, 11, 23)
MORNING = datetime(2026, 11, 23, 7, tzinfo=UTC)
STAFF = (
    ("moderator", "moderator"),
    ("senior", "senior"),
    ("childsafety", "child-safety"),
    ("legal", "legal"),
    ("analyst", "analyst"),
)


@click.command()
@click.option("--posts", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Posts to work through.")
@click.option("--format", "form", type=click.Choice(FORMS), help="Found out if not given.")
@click.option(
    "--lists", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Lists beside the shipped."
)
@click.option(
    "--rules", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Rules beside the shipped."
)
@click.option("--no-serve", is_flag=True, help="End after the report.")
@click.pass_obj
def demo(
    house: House, posts: Path | None, form: Form | None, lists: Path | None, rules: Path | None, *, no_serve: bool
) -> None:
    """Work through a day of messages, publish its report, then serve the desk at http://localhost:8000.

    Without --posts it works through the day that comes with Evenhand.
    Run again, it changes nothing that it need not: what was decided stays decided.
    """
    console = Console(stderr=True)
    data = (posts or DEMO_POSTS).read_bytes()
    form = form or find_form(data[:65536])
    errors = LineErrors()
    days, totals = _work(house, console, io.BytesIO(data), form, errors, lists, rules)
    if posts is None and (notices := house.seed_demonstration(MORNING)):
        console.print(f"Received {notices} notices; two are decided, one decision is appealed.")
    with console.status("Publishing the log"):
        size = house.publish()
    with console.status("Writing the day's reports"):
        files = house.write_reports(sorted(days))
    _tell(console, house, days, totals, size, files)
    if errors.seen:
        console.print(f"[yellow]{errors.seen} lines could not be read; each was reported above.[/]")
    passwords = _staff(house)
    _where(console, house, passwords)
    if not no_serve:
        house.serve()
    raise SystemExit(2 if errors.seen else 0)


def _work(
    house: House,
    console: Console,
    stream: BinaryIO,
    form: Form,
    errors: LineErrors,
    lists: Path | None,
    rules: Path | None,
) -> tuple[set[date], Counter[str]]:
    days: set[date] = set()
    totals: Counter[str] = Counter()
    batches = list(read_posts(stream, form, errors, DEMO_DAY))
    posts = sum(batch.num_rows for batch in batches)
    for batch in batches:
        days.update(instant.date() for instant in batch.column("posted_at").unique().to_pylist())
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"Judging {posts} items", total=max(posts, 1))
        for outcome in house.judge(iter(batches), lists, rules):
            totals.update(outcome.verdicts)
            totals.update({"newly decided": outcome.decided, "newly opened": outcome.opened})
            progress.advance(task, outcome.posts)
    return days, totals


def _tell(console: Console, house: House, days: set[date], totals: Counter[str], size: int, files: list[Path]) -> None:
    words = ("allow", "label", "restrict", "review", "remove")
    console.print("Verdicts: " + ", ".join(f"{word} {totals[word]}" for word in words))
    console.print(f"New: {totals['newly decided']} decisions, {totals['newly opened']} cases for people.")
    console.print(f"The log has {size} entries; its key is [bold]{house.figures().vkey()}[/]", soft_wrap=True)
    for day in sorted(days)[-1:]:
        click.echo(house.figures().report(day, "text").decode("utf-8"), nl=False)
    if files:
        console.print(f"Reports: {files[0].parent}", soft_wrap=True)


def _staff(house: House) -> dict[str, str]:
    """See that the demo's staff exists; passwords are made once and kept beside the data."""
    kept = house.settings.data / "demo-passwords.txt"
    if kept.exists():
        return dict(line.split(" ", 1) for line in kept.read_text("utf-8").splitlines() if " " in line)
    passwords = {name: secrets.token_urlsafe(12) for name, _ in STAFF}
    for name, role in STAFF:
        house.staff(name, role, passwords[name])
    kept.touch(mode=0o600)
    kept.write_text("".join(f"{name} {word}\n" for name, word in passwords.items()), "utf-8")
    return passwords


def _where(console: Console, house: House, passwords: dict[str, str]) -> None:
    url = house.settings.public_url
    console.print(f"Public site  {url}/\nConsole      {url}/console/\nContact      {url}/contact")
    if link := house.letter_link():
        console.print(f"A letter     {link}  to the author of a post that a machine restricted", soft_wrap=True)
    for name, word in passwords.items():
        console.print(f"Sign in as   [bold]{name}[/]  password [bold]{word}[/]", highlight=False)
    console.print(
        f"Verify       .venv/bin/evenhand log verify {house.settings.data / 'log'} --vkey '<the key above>'",
        soft_wrap=True,
    )
