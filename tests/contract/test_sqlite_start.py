"""Start-up refuses what could lose an acknowledged act."""

from pathlib import Path

import apsw
import pytest
from made import commit

from evenhand.store import docket_file
from evenhand.store import migrate as migrate_module
from evenhand.store.docket_file import check_settings, refuse_unsafe
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.commit import Duplicate
from evenhand.vocabulary.errors import Fatal

VAULT = Vault(bytes(32))


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2", "3.7.17"])
def test_unsafe_version_is_refused(version: str) -> None:
    """A SQLite with the WAL race is refused; the one in use is not."""
    with pytest.raises(Fatal, match=version):
        refuse_unsafe(version)
    refuse_unsafe(apsw.sqlite_lib_version())
    refuse_unsafe("3.51.3")


@pytest.mark.parametrize("setting", ["synchronous = NORMAL", "journal_mode = DELETE", "foreign_keys = OFF"])
def test_unsafe_setting_is_refused(tmp_path: Path, setting: str) -> None:
    """Settings are read back, not assumed."""
    db = docket_file.open_writer(tmp_path / "docket.sqlite3")
    check_settings(db)
    db.execute(f"PRAGMA {setting}").fetchall()
    with pytest.raises(Fatal, match=setting.split(maxsplit=1)[0]):
        check_settings(db)
    db.close()


def test_second_owner_is_refused(tmp_path: Path) -> None:
    """There is one committer; a second is told so, and may start once the first has ended."""
    first = SqliteStore(tmp_path / "docket.sqlite3", VAULT)
    with pytest.raises(Fatal, match="in use"):
        SqliteStore(tmp_path / "docket.sqlite3", VAULT)
    first.close()
    SqliteStore(tmp_path / "docket.sqlite3", VAULT).close()


def test_changed_or_newer_migration_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A docket of another version is not touched."""
    SqliteStore(tmp_path / "docket.sqlite3", VAULT).close()
    released = migrate_module.migrations("sqlite")
    monkeypatch.setattr(migrate_module, "migrations", lambda _: [(1, "-- changed", "0" * 64)])
    with pytest.raises(Fatal, match="has changed"):
        SqliteStore(tmp_path / "docket.sqlite3", VAULT)
    monkeypatch.setattr(migrate_module, "migrations", lambda _: [(n + 1, t, d) for n, t, d in released])
    with pytest.raises(Fatal, match="newer"):
        SqliteStore(tmp_path / "docket.sqlite3", VAULT)


def test_docket_of_an_earlier_version_is_brought_forward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it holds is there afterwards; the table of cases, which nothing wrote to, is gone."""
    path = tmp_path / "docket.sqlite3"
    released = migrate_module.migrations("sqlite")
    with monkeypatch.context() as earlier:
        earlier.setattr(migrate_module, "migrations", lambda _: released[:2])
        with SqliteStore(path, VAULT) as store:
            store.commit([commit("a")])
            assert store._rows("SELECT n FROM case_") == []
    with SqliteStore(path, VAULT) as store:
        assert store.commit([commit("a"), commit("b")])[0] == Duplicate(act=1)
        assert store.decision(2) is not None
        assert store._rows("SELECT name FROM sqlite_schema WHERE name = 'case_'") == []


def test_private_parts_are_not_in_the_file(tmp_path: Path) -> None:
    """Neither ids nor sentences of a person stand in the docket's bytes; nor does the subject's name."""
    with SqliteStore(tmp_path / "docket.sqlite3", VAULT) as store:
        store.commit([commit("secretname")])
        stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for secret in (b"post-secretname", b"because secretname", b"author-1"):
        assert secret not in stored
