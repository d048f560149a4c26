"""The docket on SQLite, through apsw alone: one writer in this process, readers beside it.

Start-up refuses a SQLite with the WAL corruption race and every setting under which an acknowledged act could be lost.
While one thread writes (SQLite, outside Python's lock), another plans and seals the next group.
"""

import threading
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import apsw

from evenhand.store.docket_file import (
    among,
    check_settings,
    make_tables,
    open_reader,
    open_writer,
    refuse_unsafe,
    sole_owner,
)
from evenhand.store.reading import Row
from evenhand.store.sql_store import Group, SqlStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.errors import Fatal

_ADD_TALLIES = " ON CONFLICT DO UPDATE SET value = value + excluded.value"
_MOVE_PLACES = " ON CONFLICT DO UPDATE SET stream = excluded.stream, label = excluded.label"
_SET_FACTS = " ON CONFLICT DO UPDATE SET version = excluded.version"
_ADD_DAY_COUNTS = " ON CONFLICT DO UPDATE SET decisions = decisions + excluded.decisions"
_ROWS_AT_ONCE = 256
"""As fast as 64 and 512: fewer statements give Python's lock away less often, and its smaller sizes stay prepared."""


class SqliteStore(SqlStore):
    """One docket file."""

    def __init__(self, path: Path, vault: Vault) -> None:
        super().__init__(vault)
        refuse_unsafe(apsw.sqlite_lib_version())
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = path
        self._lock_file = sole_owner(path)
        self._readers = threading.local()
        try:
            self._db = open_writer(path)
            check_settings(self._db)
            make_tables(self._db)
            self._numbers = self._read_numbers()
        except apsw.Error as error:
            self._lock_file.close()
            raise Fatal(f"{path}: {error}") from error
        except Fatal:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; nothing is lost without it."""
        with self._planning, self._writing:
            self._db.close()
            self._lock_file.close()

    # --- Writing ----------------------------------------------------------------------------------------------------

    def _write_group(self, group: Group) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._insert(group)
            self._db.execute("COMMIT")
        except apsw.ConstraintError as error:
            raise Fatal(f"the docket refused a row: {error}") from error
        except apsw.Error as error:
            # Whether it is durable is unknown; who acknowledged nothing loses nothing. Start-up recovery decides.
            raise Fatal(f"the docket could not be written: {error}") from error
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def _insert(self, group: Group) -> None:
        db, rows = self._db, group.rows
        _insert(db, "subject_key", 2, sorted(group.fresh.items()))
        _insert(db, "act", 2, rows.act)
        _insert(db, "decision", 23, rows.decision)
        _insert(db, "entry", 3, rows.entry)
        _insert(db, "effect", 6, rows.effect)
        _insert(db, "record", 7, rows.record)
        for view, sorts in _by_view(rows.dropped).items():
            db.execute(*among("DELETE FROM place WHERE view = ? AND sort", sorts, (view,)))
        _insert(db, "place", 4, rows.place, then=_MOVE_PLACES)
        _insert(db, "tally", 2, rows.tally, verb="INSERT", then=_ADD_TALLIES)
        _insert(db, "day_count", 4, rows.day_count, verb="INSERT", then=_ADD_DAY_COUNTS)
        _insert(db, "fact", 2, sorted(group.plan.versions.items()), then=_SET_FACTS)

    def _delete_key(self, subject: bytes) -> bool:
        try:
            self._db.execute("DELETE FROM subject_key WHERE subject = ?", (subject,))
            gone = self._db.changes() > 0
            # The write-ahead log still holds the page with the key until it is checkpointed and cut.
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except apsw.Error as error:
            raise Fatal(f"the docket could not erase a subject's key: {error}") from error
        return gone

    def set_signed_head(self, size: int, root: bytes) -> None:
        """Make a head durable before it is signed."""
        with self._writing:
            try:
                self._db.execute("INSERT OR REPLACE INTO log_head VALUES (1, ?, ?)", (size, root))
            except apsw.Error as error:
                raise Fatal(f"the docket could not record the log's head: {error}") from error

    # --- Reading ----------------------------------------------------------------------------------------------------

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """Ask through this thread's own reading connection."""
        reader: apsw.Connection | None = getattr(self._readers, "db", None)
        if reader is None:
            self._readers.db = reader = open_reader(self._path)
        return list(reader.execute(query, tuple(values)))

    def _among(self, query: str, values: Sequence[Any], first: Sequence[Any] = ()) -> list[Row]:
        return self._rows(*among(query, values, first))


def _by_view(places: Sequence[Row]) -> dict[str, list[bytes]]:
    sorts: dict[str, list[bytes]] = {}
    for view, sort in places:
        sorts.setdefault(view, []).append(sort)
    return sorts


def _insert(
    db: apsw.Connection, table: str, columns: int, rows: Sequence[Row], *, verb: str = "INSERT OR FAIL", then: str = ""
) -> None:
    """Insert rows, many a statement: other threads get Python's lock once a statement instead of once a row.

    A statement takes a power of two of rows, the largest that is left, so that all of them stay prepared.
    OR FAIL spares the statement's own journal; whoever fails rolls the whole group back.
    """
    marks = f"({','.join('?' * columns)})"
    statement = f"{verb} INTO {table} VALUES "
    at_once = _ROWS_AT_ONCE
    start, left = 0, len(rows)
    while left:
        while at_once > left:
            at_once >>= 1
        many = f"{statement}{','.join([marks] * at_once)}{then}"
        db.execute(many, tuple(chain.from_iterable(rows[start : start + at_once])))
        start, left = start + at_once, left - at_once
