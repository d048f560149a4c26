"""Tokens: kept as hashes, found at once, gone when revoked."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from evenhand.doors.http.tokens import Scope, Tokens
from evenhand.vocabulary.errors import Fatal, InputError

AT = datetime(2026, 11, 24, tzinfo=UTC)


def test_a_token_is_found_until_it_is_revoked(tmp_path: Path) -> None:
    """Another process's command is seen by a running desk."""
    desk, command = Tokens(tmp_path), Tokens(tmp_path)
    assert desk.find("Bearer eh_x") is None
    text = command.create("platform", (Scope.POSTS, Scope.ITEMS), AT)
    found = desk.find(f"Bearer {text}")
    assert found is not None
    assert (found.name, found.scopes) == ("platform", (Scope.POSTS, Scope.ITEMS))
    assert desk.find(f"bearer {text}") == found
    for wrong in (text, f"Basic {text}", f"Bearer {text}x", f"Bearer {text[:-1]}", "Bearer " + "é" * 20, ""):
        assert desk.find(wrong) is None
    command.revoke("platform")
    assert desk.find(f"Bearer {text}") is None


def test_the_file_does_not_hold_the_token(tmp_path: Path) -> None:
    """Who reads the file cannot call the API; only its owner reads it."""
    text = Tokens(tmp_path).create("a", (Scope.POSTS,), AT)
    file = tmp_path / "keys" / "tokens.json"
    assert text not in file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["", "a b", "é", "x" * 65, "../x"])
def test_names_are_plain(tmp_path: Path, name: str) -> None:
    """A token's name appears in records: letters, digits, hyphens."""
    with pytest.raises(InputError):
        Tokens(tmp_path).create(name, (Scope.POSTS,), AT)


def test_what_cannot_be(tmp_path: Path) -> None:
    """No scope, a name twice, an unknown name, a damaged file."""
    tokens = Tokens(tmp_path)
    with pytest.raises(InputError):
        tokens.create("a", (), AT)
    tokens.create("a", (Scope.POSTS,), AT)
    with pytest.raises(InputError):
        tokens.create("a", (Scope.POSTS,), AT)
    with pytest.raises(InputError):
        tokens.revoke("b")
    (tmp_path / "keys" / "tokens.json").write_text("[", "utf-8")
    with pytest.raises(Fatal):
        tokens.all()
