"""The docket on PostgreSQL, for reading only: beside the service that owns it, in a process of its own."""

import threading
from collections.abc import Sequence
from typing import Any

import psycopg

from evenhand.store.docket_server import Connection, open_reader
from evenhand.store.postgres import marked
from evenhand.store.reading import Reading, Row
from evenhand.store.vault import Vault
from evenhand.vocabulary.errors import Fatal


class PostgresReader(Reading):
    """DecisionQueries over a docket that another process may be writing; it takes no lock and writes nothing."""

    def __init__(self, url: str, vault: Vault) -> None:
        self._url, self._vault = url, vault
        self._asking = threading.Lock()
        self._db: Connection | None = None

    def close(self) -> None:
        """Let go of the database."""
        if self._db is not None:
            self._db.close()

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """Ask; a docket that is not there yet has no rows."""
        try:
            with self._asking:
                self._db = self._db or open_reader(self._url)
                return self._db.execute(marked(query), values, binary=True).fetchall()
        except psycopg.errors.UndefinedTable:
            return []
        except psycopg.Error as error:
            raise Fatal(f"PostgreSQL could not be read: {str(error).splitlines()[0]}") from error
