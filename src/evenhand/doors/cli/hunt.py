"""`evenhand hunt`: hashes that became known today, in what was kept."""

import json
from pathlib import PurePath
from typing import BinaryIO

import click

from evenhand.doors.cli.backtest import days_of
from evenhand.doors.cli.house import House
from evenhand.flow.hunt import DISTANCE_MAX, Hunted, HuntRequest, read_hashes
from evenhand.vocabulary.errors import InputError


@click.command()
@click.argument("file", metavar="LIST", type=click.File("rb"))
@click.option("--since", default="30d", show_default=True, help="How far back: 36h, 7d, 4w.")
@click.option("--distance", default=DISTANCE_MAX, show_default=True, type=click.IntRange(0, DISTANCE_MAX), help="PDQ.")
@click.option("--ids", type=click.File("rb"), help="The platform's post ids, a line each: tells which were found.")
@click.option("--act", is_flag=True, help="Decide about what is found, by the policy of the list in force.")
@click.option("--list", "list_name", help="Whose policy, with --act. Default: LIST's name without its ending.")
@click.option("--limit", type=click.IntRange(0), help="Posts acted on with --act. Default: the setting hunt_limit.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a post found; with --act, one in all.")
@click.pass_obj
def hunt(
    house: House,
    file: BinaryIO,
    since: str,
    distance: int,
    ids: BinaryIO | None,
    list_name: str | None,
    limit: int | None,
    *,
    act: bool,
    as_json: bool,
) -> None:
    """Look for the hashes of LIST (or -) in the signals that were kept, and tell the posts that carried them.

    Posts are told by pseudonym; with --ids, those of the platform's ids that were found are named.

    With --act, decisions and cases follow by the rules that read the list, as if the entry had been there when the
    posts were screened; hunting twice decides nothing twice. Past --limit posts the rest is kept for people and one is
    called: look, and go on with a higher limit. A desk that is up hunts for the new entries of its lists by itself.
    """
    if act:
        policy_of = list_name or PurePath(getattr(file, "name", "-")).stem
        _told(house.hunt_and_act(policy_of, file.read(), days_of(since), limit), as_json=as_json)
        return
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


def _told(hunted: Hunted, *, as_json: bool) -> None:
    done = hunted.hunt
    row = {
        "list": done.list,
        "entries": done.entries,
        "handed_over": hunted.handed_over,
        "found": done.found,
        "decided": done.decided,
        "cases": done.opened,
        "nothing_new": done.stood,
        "without_address": done.unnamed,
        "held": done.held,
    }
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False))
    elif hunted.handed_over:
        click.echo(f"{done.entries:,} entries of {done.list}: the desk that is up hunts for them within seconds.")
    else:
        click.echo(
            f"{done.entries:,} entries of {done.list}: {done.found:,} posts found, {done.decided:,} decisions, "
            f"{done.opened:,} cases; for {done.stood:,} nothing new follows, {done.unnamed:,} have no address."
        )
        if done.held:
            click.echo(f"{done.held:,} posts are over the limit of {done.limit:,}; a person was called.")


def _text(file: BinaryIO) -> str:
    try:
        return file.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(getattr(file, "name", "LIST"), "is not UTF-8") from error
