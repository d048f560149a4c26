"""The process that test_kill_statements kills: commits statements and sends them to the database at an address.

Arguments: the data directory, the database's URL, the first statement's number, "sound" or "careless". On standard
output: "committed N" for each statement that is durable. "careless" is the control: after a start it sends what was in
flight again, without asking whether it arrived.
"""

import itertools
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.scenario.couriers.eu_server import TOKEN, statement

from evenhand.couriers.eu_database import EuDatabase
from evenhand.flow.outbox import sort_effects
from evenhand.flow.transparency import deliver_statements
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.commit import Commit, Effect, commit_key

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
AT_ONCE = 10


class Careless:
    """A database that is never asked."""

    def __init__(self, real: EuDatabase) -> None:
        self._real = real

    def submit(self, statements: Any) -> Any:
        """Send."""
        return self._real.submit(statements)

    def exists(self, _puid: str) -> bool:
        """Do not ask."""
        return False


def open_docket(data: Path) -> SqliteStore:
    """Open the docket as a start does."""
    return SqliteStore(data / "docket.sqlite3", Vault(bytes(32)))


def courier(data: Path, url: str) -> EuDatabase:
    """Return the courier, with its token."""
    token = data / "eu-database.token"
    token.write_text(TOKEN)
    return EuDatabase(url, token)


def decide(docket: SqliteStore, number: int) -> None:
    """Commit a statement."""
    name = f"p-{number}"
    body = json.dumps(statement(name)).encode()
    key = commit_key(AT.date(), b"effect", name.encode())
    effect = Effect(kind="eu-database.statement", key=key, body=body, subject=None)
    docket.commit([Commit(key=commit_key(AT.date(), name.encode()), effects=(effect,))])


if __name__ == "__main__":
    directory, url, first, mode = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
    docket = open_docket(directory)
    database: Any = courier(directory, url)
    if mode == "careless":
        database = Careless(database)
    now = AT
    for start in itertools.count(first, AT_ONCE):
        for n in range(start, start + AT_ONCE):
            decide(docket, n)
            os.write(1, f"committed {n}\n".encode())
        now += timedelta(hours=2)  # no pause holds anything up
        sort_effects(docket, now)
        deliver_statements(docket, database, now)
