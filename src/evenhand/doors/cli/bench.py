"""`evenhand bench`: figures that anyone can repeat."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from evenhand.doors.cli.house import House

ACTED_ON = "Posts in a hundred that rules act on."
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@contextmanager
def _counted(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how much is done on standard error; give what tells of more."""
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(doing, total=total)
        yield lambda done: progress.advance(task, done)


@click.group()
def bench() -> None:
    """Measure the paths that users take, each beside a yardstick in the same run."""


@bench.command()
@click.option("--decisions", default=4_000_000, show_default=True, type=click.IntRange(min=8192))
@_AS_JSON
@click.pass_obj
def docket(house: House, decisions: int, *, as_json: bool) -> None:
    """Commit decisions with entry, effect and unique keys; beside it, the same bytes as bare inserts."""
    with _counted("Committing", decisions) as advance:
        figures = house.benchmarks.docket(decisions, advance)
    if as_json:
        click.echo(json.dumps(figures))
        return
    for part in ("first_million", "last_million"):
        row = figures[part]
        click.echo(
            f"{part.replace('_', ' ')}: {row['decisions_per_s']:,.0f} decisions/s, "
            f"bare inserts {row['bare_inserts_per_s']:,.0f}/s, ratio {row['ratio']:.2f}"
        )


@bench.command()
@click.option("--rate", default=2000, show_default=True, type=click.IntRange(1, 100_000), help="Notices a second.")
@click.option("--seconds", default=20, show_default=True, type=click.IntRange(1, 3600))
@click.option("--per-call", default=100, show_default=True, type=click.IntRange(2, 1000), help="Notices a call.")
@_AS_JSON
@click.pass_obj
def notices(house: House, rate: int, seconds: int, per_call: int, *, as_json: bool) -> None:
    """Send notices to a server of its own at a rate, many a call; beside it, the journey alone and its stages.

    Times run from when each call was due until its notices were durable and their receipts there.
    """
    with _counted("Receiving", rate * seconds * 3) as advance:
        figures = house.benchmarks.notices(rate, seconds, per_call, advance)
    if as_json:
        click.echo(json.dumps(figures))
        return
    click.echo(
        f"{figures['durable_per_s']:,.0f} notices/s durable of {rate:,} offered, p50 {figures['p50_ms']} ms, "
        f"p99 {figures['p99_ms']} ms; unthrottled {figures['unthrottled_per_s']:,.0f}/s; "
        f"one a call {figures['single_per_s']:,.0f}/s"
    )


@bench.command()
@click.option("--cases", default=1_000_000, show_default=True, type=click.IntRange(min=1000), help="Open cases.")
@click.option("--decisions", default=20_000_000, show_default=True, type=click.IntRange(min=0))
@click.option("--rounds", default=300, show_default=True, type=click.IntRange(min=10), help="Acts of each kind.")
@_AS_JSON
@click.pass_obj
def desk(house: House, cases: int, decisions: int, rounds: int, *, as_json: bool) -> None:
    """Time what a moderator does, among many open cases and decisions."""
    with _counted("Filling", cases + decisions) as advance:
        figures = house.benchmarks.desk(cases, decisions, rounds, advance)
    if as_json:
        click.echo(json.dumps(figures))
        return
    for name, row in figures.items():
        if isinstance(row, dict):
            click.echo(f"{name.replace('_', ' ')}: p50 {row['p50_ms']} ms, p99 {row['p99_ms']} ms")


@bench.command()
@click.option("--rows", default=10_000_000, show_default=True, type=click.IntRange(min=100_000))
@_AS_JSON
@click.pass_obj
def backtest(house: House, rows: int, *, as_json: bool) -> None:
    """Run rules over made signals of a week, as `evenhand backtest` does; beside it, Polars over the same files."""
    with _counted("Writing signals", rows) as advance:
        figures = house.benchmarks.backtest(rows, advance)
    if as_json:
        click.echo(json.dumps(figures))
        return
    click.echo(f"{figures['rows']:,} rows, {figures['files_mib']:.0f} MiB, {figures['written_rows_per_s']:,.0f} rows/s")
    for name, row in figures["rules"].items():
        click.echo(f"{name:24} {row['backtest_s']:6.2f} s   {row['hits']:,} hits")


@bench.command()
@click.option("--posts", default=200_000, show_default=True, type=click.IntRange(min=1))
@click.option("--phrases", default=100_000, show_default=True, type=click.IntRange(min=10))
@click.option("--patterns", default=300, show_default=True, type=click.IntRange(min=0))
@click.option("--domains", default=1_000_000, show_default=True, type=click.IntRange(min=0))
@click.option("--hashes", default=10_000_000, show_default=True, type=click.IntRange(min=0))
@click.option("--pdq", default=1_000_000, show_default=True, type=click.IntRange(min=0))
@click.option("--texts", default=10_000, show_default=True, type=click.IntRange(min=0))
@click.option("--rules", default=100, show_default=True, type=click.IntRange(min=1))
@click.option("--acted-on", default=3, show_default=True, type=click.IntRange(0, 60), help=ACTED_ON)
@click.option("--loop-posts", default=2000, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--messages",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Labelled messages that posts are made of, beside those that come along.",
)
@_AS_JSON
@click.pass_obj
def screening(house: House, /, loop_posts: int, messages: Path | None, *, as_json: bool, **load: int) -> None:
    """Screen made posts with full lists, rules and classifier; beside it, the same as a plain loop.

    The plain loop judges the first posts too, and must come to the same verdicts.
    """
    figures = house.benchmarks.screening(load, loop_posts, messages, lambda what: click.echo(f"… {what}", err=True))
    if as_json:
        click.echo(json.dumps(figures))
        return
    click.echo(
        f"{figures['posts_per_s_1core']:,} posts/s on one core, {figures['posts_per_s_2core']:,} on two; "
        f"as a plain loop {figures['loop_posts_per_s']:,}/s on one, ratio {figures['ratio']:.0f}, "
        f"the same verdicts for {figures['identical_verdicts']:,} posts"
    )
    click.echo(
        f"processor time a post: {figures['cpu_us_per_post_1core']} µs with one thread, "
        f"{figures['cpu_us_per_post_2core']} with two; compiled loops: {'yes' if figures['compiled_loops'] else 'no'}"
    )
    click.echo(
        f"start-up {figures['startup_s']} s, peak memory {figures['peak_rss_mib']:,} MiB; "
        f"{figures['acted_on_share']:.1%} acted on"
    )
    for stage, cost in figures["stage_us_per_post"].items():
        click.echo(f"  {stage:12} {cost:8.2f} µs a post")


@bench.command()
@click.option("--posts", default=210_000, show_default=True, type=click.IntRange(min=1), help="10,000 warm it up.")
@click.option("--phrases", default=100_000, show_default=True, type=click.IntRange(min=10))
@click.option("--patterns", default=300, show_default=True, type=click.IntRange(min=0))
@click.option("--domains", default=1_000_000, show_default=True, type=click.IntRange(min=0))
@click.option("--hashes", default=10_000_000, show_default=True, type=click.IntRange(min=0))
@click.option("--pdq", default=1_000_000, show_default=True, type=click.IntRange(min=0))
@click.option("--texts", default=10_000, show_default=True, type=click.IntRange(min=0))
@click.option("--rules", default=100, show_default=True, type=click.IntRange(min=1))
@click.option("--acted-on", default=3, show_default=True, type=click.IntRange(0, 60), help=ACTED_ON)
@click.option("--clients", default=4, show_default=True, type=click.IntRange(1, 64), help="Calls at once.")
@_AS_JSON
@click.pass_obj
def door(house: House, /, clients: int, *, as_json: bool, **load: int) -> None:
    """Send made posts to a server process over HTTP, 10,000 a call, until their decisions are durable."""
    figures = house.benchmarks.door(load, clients, lambda what: click.echo(f"… {what}", err=True))
    if as_json:
        click.echo(json.dumps(figures))
        return
    for form in ("ndjson", "arrow"):
        if f"{form}_posts_per_s" in figures:
            click.echo(
                f"{form}: {figures[f'{form}_posts_per_s']:,} posts/s, "
                f"{figures[f'{form}_processor_us_per_post']} µs of processor time a post, "
                f"p50 {figures[f'{form}_call_p50_ms']:,} ms a call, "
                f"{figures[f'{form}_ratio_to_kernel']:.0%} of the kernel's rate, "
                f"{figures[f'{form}_acted_on_share']:.1%} acted on"
            )
