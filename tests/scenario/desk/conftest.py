"""An empty desk on each store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evenhand.flow.office import Office
from evenhand.flow.statement_made import read_wordings
from evenhand.store.memory import MemoryStore
from evenhand.store.postgres import PostgresStore
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.reference import References
from postgres import empty_docket


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """An empty desk."""
    store: Any = MemoryStore()
    if request.param == "sqlite":
        store = SqliteStore(tmp_path / "docket.sqlite3", Vault(bytes(range(32))))
    elif request.param == "postgres":
        url = empty_docket(request.getfixturevalue("postgres_server"))
        store = PostgresStore(url, Vault(bytes(range(32))))
    yield Office(
        docket=store,
        queries=store,
        references=References(bytes(16)),
        index_key=bytes(range(32)),
        wordings=read_wordings(tmp_path),
    )
    if request.param != "memory":
        store.close()
