"""`evenhand bench`: figures that anyone can repeat."""

import json

import click
from rich.console import Console
from rich.progress import Progress

from evenhand.doors.cli.house import House


@click.group()
def bench() -> None:
    """Measure the paths that users take, each beside a yardstick in the same run."""


@bench.command()
@click.option("--decisions", default=4_000_000, show_default=True, type=click.IntRange(min=8192))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def docket(house: House, decisions: int, *, as_json: bool) -> None:
    """Commit decisions with entry, effect and unique keys; beside it, the same bytes as bare inserts."""
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Committing", total=decisions)
        figures = house.bench_docket(decisions, lambda done: progress.advance(task, done))
    if as_json:
        click.echo(json.dumps(figures))
        return
    for part in ("first_million", "last_million"):
        row = figures[part]
        click.echo(
            f"{part.replace('_', ' ')}: {row['decisions_per_s']:,.0f} decisions/s, "
            f"bare inserts {row['bare_inserts_per_s']:,.0f}/s, ratio {row['ratio']:.2f}"
        )
