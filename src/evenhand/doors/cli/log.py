"""`evenhand log`: the log's key, and verifying a log."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from evenhand.doors.cli.house import House
from evenhand.flow.log import LogWrongError, check_log, open_directory


@click.group()
def log() -> None:
    """Work with the transparency log."""


@log.command()
@click.pass_obj
def key(house: House) -> None:
    """Print the verifier key (vkey) of this desk's log."""
    click.echo(open_directory(house.settings).vkey)


@log.command()
@click.argument("where", metavar="DIR|URL")
@click.option("--vkey", "--key", required=True, help="The log's verifier key: name+id+key.")
@click.option(
    "--since", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A checkpoint kept earlier."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(where: str, vkey: str, since: Path | None, *, as_json: bool) -> None:
    """Check everything a log holds: signature, every entry, every tile, the root, an older checkpoint.

    Exit code 0: all of it is right. 1: something is wrong, and the reason is on standard error. 2: bad usage.
    """
    try:
        found = check_log(where, vkey, since)
    except LogWrongError as error:
        click.echo(f"wrong: {error}", err=True)
        raise SystemExit(1) from error
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    older = "" if found.since is None else f"; begins with the {found.since} entries of the older checkpoint"
    click.echo(f"right: {found.origin} holds {found.size} entries, root {found.root}{older}")
