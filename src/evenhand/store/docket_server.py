"""The docket's PostgreSQL: which server and settings it may run on, who owns it, which tables it has."""

from functools import lru_cache
from hashlib import blake2b
from typing import Any

import psycopg
from psycopg.adapt import PyFormat

from evenhand.store.migrate import migrate
from evenhand.vocabulary.errors import Fatal, InUse

Connection = psycopg.Connection[tuple[Any, ...]]

OLDEST_SERVER = 150_000
REQUIRED = {
    "synchronous_commit": "on",  # COMMIT returns once its write-ahead log is flushed
    "fsync": "on",
    "full_page_writes": "on",
    "data_sync_retry": "off",  # after a failed flush the server stops, instead of believing a second one
    "server_encoding": "UTF8",
    "transaction_read_only": "off",
}
LOCK_WAIT_MS = 3000
"""How long a start waits for the owner before it: a server notices a killed client only after its last statement."""
_SESSION = (
    "SET synchronous_commit = on",
    "SET idle_in_transaction_session_timeout = 0",
    "SET statement_timeout = 0",
    # A client machine that vanished must not hold the lock for two hours. Without effect on Unix sockets.
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
)


def open_writer(url: str) -> Connection:
    """Open the one writing connection, as the docket's owner and with checked settings.

    Raises:
        Fatal: The server or a setting could lose what was acknowledged, or another process owns the docket.
        psycopg.Error: The server does not answer.
    """
    db: Connection = psycopg.connect(url, autocommit=True, application_name="evenhand committer")
    # COPY takes what was registered last for a type: for bytes that would be a dumper in Python.
    db.adapters.register_dumper(bytes, db.adapters.get_dumper(bytes, PyFormat.BINARY))
    try:
        for statement in _SESSION:
            db.execute(statement)
        check_server(db)
        sole_owner(db)
    except BaseException:
        db.close()
        raise
    return db


def open_reader(url: str) -> Connection:
    """Open a connection that writes nothing."""
    reader: Connection = psycopg.connect(url, autocommit=True, application_name="evenhand reader")
    reader.execute("SET default_transaction_read_only = on")
    return reader


@lru_cache(256)
def marked(query: str) -> bytes:
    """Return a query of ours with psycopg's marks instead of `?`; none of them has either in a text."""
    return query.replace("?", "%b").encode()


def check_server(db: Connection) -> None:
    """Read the settings back that durability rests on.

    Raises:
        Fatal: One is not what it must be, or the server is too old.
    """
    if db.info.server_version < OLDEST_SERVER:
        raise Fatal(f"PostgreSQL {db.info.server_version // 10_000} is too old; {OLDEST_SERVER // 10_000} is needed")
    for name, expected in REQUIRED.items():
        row = db.execute("SELECT current_setting(%s)", (name,)).fetchone()
        if row is None or row[0] != expected:
            raise Fatal(f"PostgreSQL runs with {name} = {row and row[0]}; it must be {expected}")


def sole_owner(db: Connection) -> None:
    """Hold the docket's lock for as long as the session lives: there is one committer.

    The lock belongs to the schema, so that a server may hold several dockets.

    Raises:
        Fatal: Another session holds it.
    """
    row = db.execute("SELECT current_schema()").fetchone()
    if row is None or row[0] is None:
        raise Fatal("the database has no schema on its search path to keep the docket in")
    number = int.from_bytes(blake2b(b"evenhand docket " + row[0].encode(), digest_size=8).digest(), "big", signed=True)
    db.execute(f"SET lock_timeout = {LOCK_WAIT_MS}")
    try:
        db.execute("SELECT pg_advisory_lock(%s)", (number,))
    except psycopg.errors.LockNotAvailable as error:
        raise InUse("the docket is in use by another process; there is one committer") from error
    db.execute("SET lock_timeout = 0")


def make_tables(db: Connection) -> None:
    """Apply the migrations that the database lacks.

    Raises:
        Fatal: The docket was written by a newer version, or a migration has changed.
    """
    db.execute("CREATE TABLE IF NOT EXISTS migration (number integer PRIMARY KEY, sha256 text NOT NULL)")

    def apply(number: int, text: str, digest: str) -> None:
        with db.transaction():
            db.execute(text.encode())
            db.execute("INSERT INTO migration VALUES (%s, %s)", (number, digest))

    migrate("postgres", [(row[0], row[1]) for row in db.execute("SELECT number, sha256 FROM migration")], apply)
