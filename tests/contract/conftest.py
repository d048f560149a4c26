"""The stores that the contract suite runs against."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evenhand.store.memory import MemoryStore
from evenhand.store.postgres import PostgresStore
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from postgres import empty_docket

MASTER = bytes(range(32))
Reopen = Callable[[Any], Any]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def _opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Any, Reopen]]:
    """An empty store of each kind, and what closes it and opens it again."""
    if request.param == "memory":
        yield MemoryStore(), lambda store: store
        return
    if request.param == "sqlite":
        where: Any = tmp_path / "docket.sqlite3"
        kind: Any = SqliteStore
    else:
        where, kind = empty_docket(request.getfixturevalue("postgres_server")), PostgresStore
    opened = [kind(where, Vault(MASTER))]

    def again(store: Any) -> Any:
        store.close()
        opened.append(kind(where, Vault(MASTER)))
        return opened[-1]

    yield opened[0], again
    for store in opened:
        store.close()


@pytest.fixture
def store(_opened: tuple[Any, Reopen]) -> Any:
    """An empty store of each kind."""
    return _opened[0]


@pytest.fixture
def reopen(_opened: tuple[Any, Reopen]) -> Reopen:
    """Close a store and open it again, as a restart does; memory stays as it is."""
    return _opened[1]
