"""`evenhand hunt`: hashes that became known today, in what was kept."""

import json
from typing import BinaryIO

import click

from evenhand.doors.cli.backtest import days_of
from evenhand.doors.cli.house import House
from evenhand.flow.hunt import DISTANCE_MAX, HuntRequest, read_hashes
from evenhand.vocabulary.errors import InputError


@click.command()
@click.argument("file", metavar="LIST", type=click.File("rb"))
@click.option("--since", default="30d", show_default=True, help="How far back: 36h, 7d, 4w.")
@click.option("--distance", default=DISTANCE_MAX, show_default=True, type=click.IntRange(0, DISTANCE_MAX), help="PDQ.")
@click.option("--ids", type=click.File("rb"), help="The platform's post ids, a line each: tells which were found.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a post found.")
@click.pass_obj
def hunt(house: House, file: BinaryIO, since: str, distance: int, ids: BinaryIO | None, *, as_json: bool) -> None:
    """Look for the hashes of LIST (or -) in the signals that were kept, and tell the posts that carried them.

    Posts are told by pseudonym; with --ids, those of the platform's ids that were found are named. Send these posts
    again with the list in force, and decisions follow by its policy.
    """
    exact, pdq = read_hashes(_text(file), getattr(file, "name", "LIST"))
    names = [] if ids is None else [line.strip() for line in _text(ids).splitlines() if line.strip()]
    request = HuntRequest(exact=exact, pdq=pdq, days=days_of(since), distance=distance, ids=names)
    for found, name in house.hunt(request):
        at = f"{found.posted_at.isoformat(timespec='seconds')}Z"
        row = {
            "entry": found.entry,
            "match": found.match,
            "distance": found.distance,
            "post": found.post,
            "id": name,
            "author": found.author,
            "channel": found.channel,
            "posted_at": at,
            "verdict": found.verdict,
        }
        text = f"{at}  {name or found.post}  {found.match} {found.entry} distance {found.distance}  {found.verdict}"
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else text)


def _text(file: BinaryIO) -> str:
    try:
        return file.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(getattr(file, "name", "LIST"), "is not UTF-8") from error
