"""`evenhand token`: tokens with which programs call the API."""

import json
from datetime import UTC, datetime

import click

from evenhand.doors.cli.house import House
from evenhand.doors.http.tokens import Scope, Tokens


@click.group()
def token() -> None:
    """Make, list and revoke tokens for the API. A running desk knows of a change at once."""


@token.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice([str(s) for s in Scope]))
@click.pass_obj
def create(house: House, name: str, scopes: tuple[str, ...]) -> None:
    """Make a token for NAME and print it: it is shown this once and kept nowhere."""
    made_at = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - the clock comes in here
    click.echo(Tokens(house.settings.data).create(name, tuple(Scope(s) for s in scopes), made_at))


@token.command("list")
@click.pass_obj
def list_(house: House) -> None:
    """Print each token's name, scopes and day, a JSON object a line."""
    for one in Tokens(house.settings.data).all():
        click.echo(json.dumps({"name": one.name, "scopes": [str(s) for s in one.scopes], "made_at": one.made_at}))


@token.command()
@click.argument("name")
@click.pass_obj
def revoke(house: House, name: str) -> None:
    """Take the token of NAME back."""
    Tokens(house.settings.data).revoke(name)
