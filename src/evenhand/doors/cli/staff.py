"""`evenhand staff`: who works at the desk, with which roles, where."""

import json
import secrets
from dataclasses import asdict

import click

from evenhand.doors.cli.house import House
from evenhand.doors.web.accounts import change_staff, create_staff, list_staff
from evenhand.vocabulary.actor import Role
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category

_ROLE = click.option("--role", "roles", multiple=True, type=click.Choice([str(role) for role in Role]))
_PREFIX = "STATEMENT_CATEGORY_"
_EVERYWHERE = "all"


@click.group()
def staff() -> None:
    """Enter, change and list members of staff. A running desk knows of a change at once."""


@staff.command()
@click.argument("name")
@_ROLE
@click.pass_obj
def add(house: House, name: str, roles: tuple[str, ...]) -> None:
    """Enter NAME with one role or more and print a password: it is shown this once and kept nowhere."""
    if not roles:
        raise InputError("role", "name at least one with --role")
    if any(member.name == name for member in list_staff(house.settings)):
        raise InputError("name", "is taken; change an account with `staff set`")
    password = secrets.token_urlsafe(15)
    create_staff(house.settings, name, roles[0], password)
    change_staff(house.settings, name, roles=roles)
    click.echo(password)


@staff.command("set")
@click.argument("name")
@_ROLE
@click.option("--queue", "queues", multiple=True, help="Only these queues; `all` lifts the limit.")
@click.option("--category", "categories", multiple=True, help="Only these categories, as in VIOLENCE; or `all`.")
@click.option("--region", "regions", multiple=True, help="Only these regions, as in DE; or `all`.")
@click.option("--language", "languages", multiple=True, help="Languages that they read, as in FA; or `all`.")
@click.option("--close/--open", "closed", default=None, help="Close the account, or open it again.")
@click.option("--email", help="Address by which an OpenID provider's verified word finds them; empty ends that.")
@click.option("--new-password", is_flag=True, help="Make a new password and print it this once.")
@click.pass_obj
def set_(
    house: House,
    name: str,
    roles: tuple[str, ...],
    queues: tuple[str, ...],
    categories: tuple[str, ...],
    regions: tuple[str, ...],
    languages: tuple[str, ...],
    email: str | None,
    *,
    closed: bool | None,
    new_password: bool,
) -> None:
    """Change the roles and the area of NAME; what is not given stays as it is."""
    given = {
        "queues": _known("queue", queues, _queues(house)),
        "categories": _categories(categories),
        "regions": _codes("region", regions),
        "languages": _codes("language", languages),
    }
    password = secrets.token_urlsafe(15) if new_password else ""
    change_staff(
        house.settings,
        name,
        roles=roles,
        areas={kind: values for kind, values in given.items() if values is not None},
        active=None if closed is None else not closed,
        password=password,
        email=email,
    )
    if password:
        click.echo(password)


@staff.command("list")
@click.pass_obj
def list_(house: House) -> None:
    """Print each member of staff, a JSON object a line: name, id, roles, area."""
    for member in list_staff(house.settings):
        click.echo(json.dumps(asdict(member), ensure_ascii=False))


def _queues(house: House) -> tuple[str, ...]:
    return house.law().desk.names()


def _known(field: str, values: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the values, none of them for "all", None where none was given."""
    if not values:
        return None
    if _EVERYWHERE in values:
        return ()
    if wrong := sorted(set(values) - set(known)):
        raise InputError(field, f"{wrong[0]!r} is none; known are {', '.join(known)}")
    return values


def _categories(values: tuple[str, ...]) -> tuple[str, ...] | None:
    found = _known("category", tuple(v.removeprefix(_PREFIX) for v in values), ("all", *Category.__members__))
    return None if found is None else tuple(Category[name].value for name in found)


def _codes(field: str, values: tuple[str, ...]) -> tuple[str, ...] | None:
    if not values or _EVERYWHERE in values:
        return () if values else None
    codes = tuple(value.upper() for value in values)
    if wrong := [code for code in codes if not (len(code) == 2 and code.isascii() and code.isalpha())]:
        raise InputError(field, f"{wrong[0]!r} is no code of two letters")
    return codes
