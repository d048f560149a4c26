"""The docket's SQLite file: which library and settings may open it, who owns it, which tables it has."""

import fcntl
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import apsw

from evenhand.store.migrate import migrate
from evenhand.vocabulary.errors import Fatal, InUse

SAFE_SQLITE = 3_051_003
"""SQLite before 3.51.3 may corrupt a database in WAL mode when two connections checkpoint at once."""
REQUIRED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
PAGE_BYTES = 8192
CHECKPOINT_PAGES = 4000
CACHE_KIB = 65_536
BUSY_MS = 5000
_STATEMENTS = 256
"""How many statements the writer keeps prepared: each table's for every power of two of rows."""


def refuse_unsafe(version: str) -> None:
    """Refuse a SQLite with the WAL race.

    Raises:
        Fatal: It is older than 3.51.3.
    """
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    if major * 1_000_000 + minor * 1_000 + patch < SAFE_SQLITE:
        raise Fatal(f"SQLite {version} can corrupt a database in WAL mode; 3.51.3 or later is needed")


def check_settings(db: apsw.Connection) -> None:
    """Read the settings back that durability rests on.

    Raises:
        Fatal: One is not what it must be.
    """
    for name, expected in REQUIRED.items():
        row = db.execute(f"PRAGMA {name}").fetchone()
        if row is None or row[0] != expected:
            raise Fatal(f"SQLite runs with {name} = {row and row[0]}; it must be {expected}")


def open_writer(path: Path) -> apsw.Connection:
    """Open the one writing connection, with the settings that durability and speed rest on."""
    db = apsw.Connection(str(path), statementcachesize=_STATEMENTS)
    db.set_busy_timeout(BUSY_MS)
    db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    for name, value in REQUIRED.items():
        db.execute(f"PRAGMA {name} = {value}").fetchall()
    db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}").fetchall()
    db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    return db


def open_reader(path: Path) -> apsw.Connection:
    """Open a connection that writes nothing."""
    reader = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    reader.set_busy_timeout(BUSY_MS)
    reader.execute("PRAGMA query_only = 1")
    return reader


def among(query: str, values: Sequence[Any], first: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """Return a query whose last column is to be one of `values`, and what is bound to it: the same text for any number.

    Args:
        query: Ends in that column.
        values: All of one type.
        first: What is bound to the query's own marks.
    """
    if len(values) == 1:
        return f"{query} = ?", (*first, *values)
    return f"{query} IN carray(?)", (*first, apsw.carray(tuple(values)))


def make_tables(db: apsw.Connection) -> None:
    """Apply the migrations that the file lacks.

    Raises:
        Fatal: The file was written by a newer version, or a migration has changed.
    """
    db.execute("CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL)")

    def apply(number: int, text: str, digest: str) -> None:
        with db:
            db.execute(text)
            db.execute("INSERT INTO migration VALUES (?, ?)", (number, digest))

    migrate("sqlite", list(db.execute("SELECT number, sha256 FROM migration")), apply)


def sole_owner(path: Path) -> IO[bytes]:
    """Hold the docket's lock file for as long as the process lives: there is one committer.

    Raises:
        Fatal: Another process holds it.
    """
    lock = path.with_suffix(".lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise InUse(f"{path} is in use by another process; there is one committer") from error
    return lock
