"""`evenhand replay`: a series of published figures as decisions, at real size."""

import json
import shutil
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from evenhand.doors.cli.house import House
from evenhand.doors.cli.lines import LineErrors
from evenhand.flow.replay import BYTES_A_DECISION, SeriesDay, bulletin_of, read_series, sampled, sums_of, total_of
from evenhand.flow.report import fold_log
from evenhand.vocabulary.errors import InputError


@click.command()
@click.argument("file", metavar="CSV", type=click.File("rb"))
@click.option(
    "--sample",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="Take this part of each day's figures, rounded.",
)
@click.pass_obj
def replay(house: House, file: BinaryIO, sample: float) -> None:
    """Turn a daily series into decisions (marked as replayed), commit them, publish the log, and read it back.

    CSV has the columns date, groups_channels_blocked_total and csam_groups_channels_banned. Says first how much disk it
    needs. Prints for each day the child-abuse bulletin and the day's total, and last one JSON object with the sums of
    months and years; all of it computed from the public log. Run again, it changes nothing.
    """
    errors = LineErrors()
    series = sampled(read_series(file, errors), sample)
    decisions = sum(day.total for day in series)
    console = Console(stderr=True)
    _check_disk(console, house.settings.data, decisions)
    columns = (TextColumn("Committing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Committing", total=max(decisions, 1))
        house.replay(series, lambda done: progress.advance(task, done))
    with console.status("Publishing the log"):
        house.publish()
    _tell(house, series)
    raise SystemExit(2 if errors.seen else 0)


def _check_disk(console: Console, data: Path, decisions: int) -> None:
    """Say what the replay needs; refuse where it is not there."""
    needed = decisions * BYTES_A_DECISION
    place = data if data.exists() else data.absolute().parent
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    console.print(
        f"{decisions:,} decisions need about {needed / 2**30:.1f} GiB below {data}; {free / 2**30:.1f} GiB are free.",
        highlight=False,
        soft_wrap=True,
    )
    if needed > free:
        raise InputError("disk", f"{needed / 2**30:.1f} GiB are needed, {free / 2**30:.1f} GiB are free; see --sample")


def _tell(house: House, series: list[SeriesDay]) -> None:
    days = fold_log(str(house.settings.data / "log"))
    for day in series:
        click.echo(bulletin_of(days, day.day, house.settings), nl=False)
        total, _ = total_of(days[day.day]) if day.day in days else (0, 0)
        click.echo(f"total {day.day} {total}\n")
    click.echo(json.dumps(sums_of(days)))
