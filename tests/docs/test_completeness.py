"""The pages leave nothing out: every setting and every command."""

import re
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path

import click
import pytest

from evenhand.doors.cli.app import COMMANDS, evenhand
from evenhand.settings import Contact, Representative, Settings

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = "\n".join(
    page.read_text("utf-8") for page in (ROOT / "README.md", *(ROOT / "docs" / "reference").glob("*.md"),
                                         *(ROOT / "docs" / "roles").glob("*.md"))
)  # fmt: skip
_SETTINGS = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")


@pytest.mark.parametrize("setting", list(fields(Settings)), ids=lambda field: field.name)
def test_every_setting_has_a_row(setting: object) -> None:
    """With its variable and its default where it is a plain one."""
    name, default = setting.name, setting.default  # type: ignore[attr-defined]
    row = next((line for line in _SETTINGS.splitlines() if re.match(rf"\| `\[*{name}\]*` ", line)), None)
    assert row is not None
    if isinstance(default, (str, Path, int)) and not is_dataclass(default):
        assert f"`EVENHAND_{name.upper()}`" in row
        assert f"`{default}`" in row or (default == "" and " empty " in row)


@pytest.mark.parametrize("kind", [Representative, Contact])
def test_every_part_of_a_setting_is_named(kind: type) -> None:
    """The tables' own fields."""
    assert [field.name for field in fields(kind) if f"`{field.name}`" not in _SETTINGS] == []


def commands(group: click.Group, path: str = "") -> list[str]:
    """Return all commands below a group, as they are typed."""
    context = click.Context(group)
    found = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        typed = f"{path} {name}".strip()
        found += commands(command, typed) if isinstance(command, click.Group) else [typed]
    return found


@pytest.mark.parametrize("command", commands(evenhand))
def test_every_command_is_on_a_page(command: str) -> None:
    """In the README's table, or on a page of reference or of a role."""
    assert re.search(rf"evenhand {command}\b", REFERENCE) or f"`{command}`" in REFERENCE


def test_every_command_says_what_it_is_for() -> None:
    """`--help` begins with a sentence."""
    for name, where in COMMANDS.items():
        module, attribute = where.split(":")
        assert getattr(import_module(module), attribute).help, name
