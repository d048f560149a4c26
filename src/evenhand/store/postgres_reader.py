"""The docket on PostgreSQL, for reading only: beside the service that owns it, in a process of its own."""

import threading
import weakref
from collections.abc import Sequence
from typing import Any

import psycopg

from evenhand.store.docket_server import Connection, marked, open_reader
from evenhand.store.reading import Reading, Row
from evenhand.store.vault import Vault
from evenhand.vocabulary.errors import Fatal


class PostgresReader(Reading):
    """The docket's reads over a schema that another process may be writing; it takes no lock and writes nothing."""

    def __init__(self, url: str, vault: Vault) -> None:
        self._url, self._vault = url, vault
        self._readers = threading.local()
        self._all_readers: list[Connection] = []
        weakref.finalize(self, _close, self._all_readers)

    def close(self) -> None:
        """Let go of the database."""
        _close(self._all_readers)

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """Ask through this thread's own connection; a docket that is not there yet has no rows."""
        try:
            reader: Connection | None = getattr(self._readers, "db", None)
            if reader is None or reader.closed:
                self._readers.db = reader = open_reader(self._url)
                self._all_readers.append(reader)
            return reader.execute(marked(query), values, binary=True).fetchall()
        except psycopg.errors.UndefinedTable:
            return []
        except psycopg.Error as error:
            raise Fatal(f"the docket could not be read: {str(error).strip()}") from error

    def _among(self, query: str, values: Sequence[Any], first: Sequence[Any] = ()) -> list[Row]:
        return self._rows(f"{query} = ANY(?)", (*first, list(values)))


def _close(connections: list[Connection]) -> None:
    for connection in connections:
        connection.close()
