"""What tests of several couriers share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evenhand.store.memory import MemoryStore
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault


@pytest.fixture(params=["memory", "sqlite"])
def docket(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A docket of each kind."""
    if request.param == "memory":
        yield MemoryStore()
        return
    with SqliteStore(tmp_path / "docket.sqlite3", Vault(bytes(32))) as store:
        yield store
