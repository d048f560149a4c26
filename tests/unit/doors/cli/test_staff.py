"""`evenhand staff`: enter, change, list; wrong values are named."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from evenhand.doors.cli.staff import staff
from evenhand.rulebook.load import load_law
from evenhand.settings import Settings
from evenhand.vocabulary.errors import InputError


def run(data: Path, *words: str) -> str:
    """Return what a command prints."""
    house: Any = SimpleNamespace(settings=Settings(data=data), law=load_law)
    result = CliRunner().invoke(staff, list(words), obj=house, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_member_of_staff_from_first_to_last_day(tmp_path: Path) -> None:
    """A password is printed once; roles and areas change one by one; a closed account stays on the list."""
    password = run(tmp_path, "add", "anna", "--role", "moderator", "--role", "child-safety").strip()
    assert len(password) >= 20
    run(tmp_path, "set", "anna", "--queue", "violence", "--region", "de", "--language", "fa", "--category", "VIOLENCE")
    [member] = map(json.loads, run(tmp_path, "list").splitlines())
    assert member["roles"] == ["child-safety", "moderator"]
    assert member["id"].startswith("staff-")
    assert member["areas"] == {
        "queues": ["violence"],
        "categories": ["STATEMENT_CATEGORY_VIOLENCE"],
        "regions": ["DE"],
        "languages": ["FA"],
    }
    run(tmp_path, "set", "anna", "--queue", "all", "--role", "legal", "--close")
    [member] = map(json.loads, run(tmp_path, "list").splitlines())
    assert member["roles"] == ["legal"]
    assert member["areas"]["queues"] == []
    assert member["areas"]["regions"] == ["DE"]
    assert not member["active"]
    assert run(tmp_path, "set", "anna", "--open", "--new-password").strip() != password


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("add", "boris"), "role"),
        (("add", "a b", "--role", "legal"), "name"),
        (("set", "nobody", "--role", "legal"), "name"),
        (("set", "nobody", "--queue", "nowhere"), "queue"),
        (("set", "nobody", "--region", "Germany"), "region"),
        (("set", "nobody", "--category", "CATS"), "category"),
    ],
)
def test_wrong_values_are_named(tmp_path: Path, words: tuple[str, ...], field: str) -> None:
    """Bad input is an InputError that names its field."""
    with pytest.raises(InputError) as caught:
        run(tmp_path, *words)
    assert caught.value.field == field
