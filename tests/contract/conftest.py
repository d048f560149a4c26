"""The stores that the contract suite runs against."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evenhand.store.memory import MemoryStore
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault

MASTER = bytes(range(32))


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """An empty store of each kind."""
    if request.param == "memory":
        yield MemoryStore()
        return
    made = SqliteStore(tmp_path / "docket.sqlite3", Vault(MASTER))
    yield made
    made.close()


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[Callable[[Any], Any]]:
    """Close a store and open it again, as a restart does; memory stays as it is."""
    opened: list[SqliteStore] = []

    def again(store: Any) -> Any:
        if isinstance(store, MemoryStore):
            return store
        store.close()
        opened.append(SqliteStore(tmp_path / "docket.sqlite3", Vault(MASTER)))
        return opened[-1]

    yield again
    for store in opened:
        store.close()
