"""`evenhand screen`: posts in, a verdict a line out."""

import sys
from collections import Counter
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import IO, BinaryIO

import click
import polars as pl
import pyarrow as pa

from evenhand.doors.cli.house import House
from evenhand.doors.cli.lines import LineErrors
from evenhand.doors.stream.formats import FORMS, Form, open_posts
from evenhand.flow.media_root import MediaRoot
from evenhand.flow.screen import SLOWER, cores, has_compiled_loops, load_screener, screen_posts

SPREAD_DAY = date(2026, 11, 23)
"""Labelled messages carry no times; they are spread over this day."""

list_option = click.option(
    "--lists",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Lists beside those that come along; one of the same name replaces it. Default: lists/ in the data directory.",
)
rule_option = click.option(
    "--rules",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Rules instead of those that come along. Default: rules/ in the data directory, if there is one.",
)
form_option = click.option("--format", "form", type=click.Choice(FORMS), help="Found out if not given.")


@click.command()
@click.argument("file", type=click.File("rb"))
@form_option
@list_option
@rule_option
@click.option(
    "--media-root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Directory below which the media of posts name files: they are hashed.",
)
@click.pass_obj
def screen(
    house: House, file: BinaryIO, form: Form | None, lists: Path | None, rules: Path | None, media_root: Path | None
) -> None:
    """Judge the posts of FILE (or -) and write a verdict a line, as JSON, to standard output.

    A line that cannot be read is reported on standard error with its number and field; the rest goes on, and the exit
    code is 2. How many got which verdict is told at the end, on standard error.

    With --media-root a post's media may name a local file ("file": "2026/cat.jpg"): SHA-256, MD5 and, of pictures,
    PDQ are computed in a child without files and network. A path that leads out of the directory or through a link,
    and what is no regular file, are refused with their post.
    """
    screener = load_screener(house.settings.data, lists, rules)
    if not has_compiled_loops():
        click.echo(SLOWER, err=True)
    errors = LineErrors()
    counts: Counter[str] = Counter()
    with MediaRoot(media_root) if media_root else nullcontext() as root:
        posts = open_posts(file, form, errors, SPREAD_DAY, root.hashes if root else None)
        for verdicts, signals in screen_posts(screener, posts, workers=cores()):
            write_verdicts(sys.stdout.buffer, verdicts, signals)
            counts.update(verdicts.column("verdict").to_pylist())
    told = ", ".join(f"{counts[word]} {word}" for word in ("allow", "label", "restrict", "review", "remove"))
    click.echo(f"{sum(counts.values())} items: {told}; {errors.seen} bad lines", err=True)
    raise SystemExit(2 if errors.seen else 0)


def write_verdicts(out: IO[bytes], verdicts: pa.Table, signals: pl.DataFrame) -> None:
    """Write verdicts with their signals, a JSON object a line."""
    said = pl.DataFrame(verdicts)
    lines = said.select("id", "verdict", "rule", "category", "keyword", signals.to_struct("signals"), "because")
    # As text first: what polars cannot write to a file it reports without the system's error number.
    left = memoryview(lines.write_ndjson().encode())
    while left:  # PYTHONUNBUFFERED's standard output takes a part and says nothing
        left = left[out.write(left) :]
