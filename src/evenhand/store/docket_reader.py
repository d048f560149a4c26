"""The docket on SQLite, for reading only: beside the service that owns it, in a process of its own."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw

from evenhand.store.docket_file import among, open_reader, refuse_unsafe
from evenhand.store.reading import Reading, Row
from evenhand.store.vault import Vault
from evenhand.vocabulary.errors import Fatal


class DocketReader(Reading):
    """DecisionQueries over a docket that another process may be writing; it takes no lock and writes nothing."""

    def __init__(self, path: Path, vault: Vault) -> None:
        refuse_unsafe(apsw.sqlite_lib_version())
        self._path, self._vault = path, vault
        self._readers = threading.local()

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """Ask through this thread's own connection; a docket that is not there yet has no rows."""
        if not self._path.exists():
            return []
        try:
            reader: apsw.Connection | None = getattr(self._readers, "db", None)
            if reader is None:
                self._readers.db = reader = open_reader(self._path)
            return list(reader.execute(query, tuple(values)))
        except apsw.Error as error:
            raise Fatal(f"{self._path} could not be read: {error}") from error

    def _among(self, query: str, values: Sequence[Any], first: Sequence[Any] = ()) -> list[Row]:
        return self._rows(*among(query, values, first))
