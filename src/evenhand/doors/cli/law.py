"""`evenhand law`: what the law's tables hold, and what they lack."""

import json

import click

from evenhand.doors.cli.house import House
from evenhand.rulebook.wording import lacking_words


@click.group()
def law() -> None:
    """Work with the law's tables."""


@law.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a text without words.")
@click.pass_obj
def check(house: House, *, as_json: bool) -> None:
    """Read all tables, the platform's own too, and list which texts of forms stay in English, and for whom.

    Such texts hold nothing up: exit code 0. A file that cannot be read ends with 2.
    """
    book = house.law()
    for row in lacking_words(book):
        if as_json:
            click.echo(json.dumps({"form": row.form, "language": row.language, "text": row.text}, ensure_ascii=False))
        else:
            click.echo(f"{row.form:28} {row.language}  {row.text}")
    if not as_json:
        click.echo(
            f"{len(book.rows())} rows of law, {len(book.own_rules())} of our own, {len(book.forms)} forms", err=True
        )
