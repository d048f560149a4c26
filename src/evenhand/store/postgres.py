"""The docket on PostgreSQL, through psycopg: one writer, held to be the only one by a lock; a reader for each thread.

A commit whose answer was lost is looked up by its idempotency key before anyone is told; whatever came of it, this
process writes nothing after a failed commit: it ends, and the next start reads what is there.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from evenhand.store.docket_server import Connection, make_tables, marked, open_reader, open_writer
from evenhand.store.reading import Row
from evenhand.store.sql_store import Group, SqlStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.errors import Fatal, Retryable

_COLUMNS = {
    "subject_key": ("bytea", "bytea"),
    "act": ("int8", "bytea"),
    "decision": (
        *("int8", "int8", "int4", "int8", "text", "text", "int8", "text", "text", "text", "text", "text", "bool"),
        *("text", "text", "text", "text", "text", "bool", "int8", "bytea", "bytea", "bytea"),
    ),
    "entry": ("int8", "int8", "bytea"),
    "effect": ("int8", "int8", "bytea", "text", "bytea", "bytea"),
    "record": ("int8", "int8", "text", "bytea", "int8", "bytea", "bytea"),
    "place": ("text", "bytea", "bytea", "bytea"),
}
"""The types of each table that rows are copied into, in the order of the migrations."""

_DROP_PLACES = (
    "DELETE FROM place USING unnest(%s::text[], %s::bytea[]) AS gone (view, sort) "
    "WHERE place.view = gone.view AND place.sort = gone.sort"
)
_ADD_TALLIES = (
    "INSERT INTO tally SELECT * FROM unnest(%s::text[], %s::int8[]) "
    "ON CONFLICT (name) DO UPDATE SET value = tally.value + excluded.value"
)
_ADD_DAY_COUNTS = (
    "INSERT INTO day_count SELECT * FROM unnest(%s::int4[], %s::text[], %s::text[], %s::int8[]) "
    "ON CONFLICT (day, category, action) DO UPDATE SET decisions = day_count.decisions + excluded.decisions"
)
_SET_FACTS = (
    "INSERT INTO fact SELECT * FROM unnest(%s::text[], %s::int8[]) "
    "ON CONFLICT (name) DO UPDATE SET version = excluded.version"
)
_SET_HEAD = (
    "INSERT INTO log_head VALUES (1, %s, %s) ON CONFLICT (id) DO UPDATE SET size = excluded.size, root = excluded.root"
)


class PostgresStore(SqlStore):
    """One schema of a PostgreSQL database.

    Args:
        url: postgresql://…; a direct connection, since a pooler that shares sessions would share the lock.
        vault: Makes and opens subjects' keys.
    """

    def __init__(self, url: str, vault: Vault) -> None:
        super().__init__(vault)
        self._url = url
        self._readers = threading.local()
        self._all_readers: list[Connection] = []
        self._ended = False
        try:
            self._db = open_writer(url)
        except psycopg.Error as error:
            raise Fatal(f"PostgreSQL does not take the docket: {_said(error)}") from error
        try:
            make_tables(self._db)
            self._numbers = self._read_numbers()
        except psycopg.Error as error:
            self.close()
            raise Fatal(f"PostgreSQL does not take the docket: {_said(error)}") from error
        except Fatal:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the database; nothing is lost without it."""
        with self._planning, self._writing:
            for connection in (*self._all_readers, self._db):
                connection.close()

    # --- Writing ----------------------------------------------------------------------------------------------------

    def _write_group(self, group: Group) -> None:
        self._refuse_after_failure()
        try:
            self._db.execute("BEGIN")
            self._insert(group)
        except psycopg.IntegrityError as error:
            self._roll_back()
            raise Fatal(f"the docket refused a row: {_said(error)}") from error
        except psycopg.DataError as error:
            # A value that no column can hold is the caller's; the connection is as good as before.
            self._roll_back()
            raise ValueError(_said(error)) from error
        except psycopg.Error as error:
            self._ended = True
            raise Fatal(f"the docket could not be written: {_said(error)}") from error
        except BaseException:
            self._roll_back()
            raise
        self._commit_or_resolve(group)

    def _insert(self, group: Group) -> None:
        db, rows = self._db, group.rows
        _copy(db, "subject_key", sorted(group.fresh.items()))
        _copy(db, "act", rows.act)
        _copy(db, "decision", rows.decision)
        _copy(db, "entry", rows.entry)
        _copy(db, "effect", rows.effect)
        _copy(db, "record", rows.record)
        _in_columns(db, _DROP_PLACES, [*rows.dropped, *(place[:2] for place in rows.place)])
        _copy(db, "place", rows.place)
        _in_columns(db, _ADD_TALLIES, rows.tally)
        _in_columns(db, _ADD_DAY_COUNTS, [(day, str(of), str(how), n) for day, of, how, n in rows.day_count])
        _in_columns(db, _SET_FACTS, list(group.plan.versions.items()))

    def _commit_or_resolve(self, group: Group) -> None:
        """Commit; where no answer comes, find out by the first act's key.

        Raises:
            Fatal: Nothing of the group was written, or nobody can say.
        """
        try:
            answer = self._db.execute("COMMIT").statusmessage
        except psycopg.Error as error:
            self._ended = True
            if not self._found_after_loss(group):
                raise Fatal(f"the docket could not be written: {_said(error)}") from error
            return
        if answer != "COMMIT":
            self._ended = True
            raise Fatal(f"the docket answered COMMIT with {answer}")

    def _found_after_loss(self, group: Group) -> bool:
        """Tell whether the group is in the docket, on a new connection.

        Taking the lock proves that the session before is over: what it did is decided, and nobody wrote in between.
        """
        first, done = group.plan.admitted[0]
        try:
            with open_writer(self._url) as db:
                row = db.execute("SELECT n FROM act WHERE key = %s", (first.key,)).fetchone()
        except psycopg.Error as error:
            raise Fatal(
                f"whether the last group was written is not known ({_said(error)}); its keys tell at the next start"
            ) from error
        return row is not None and row[0] == done.act

    def _roll_back(self) -> None:
        try:
            self._db.execute("ROLLBACK")
        except psycopg.Error as error:
            self._ended = True
            raise Fatal(f"the docket could not be written: {_said(error)}") from error

    def _delete_key(self, subject: bytes) -> bool:
        self._refuse_after_failure()

        def delete(db: Connection) -> bool:
            gone = db.execute("DELETE FROM subject_key WHERE subject = %s", (subject,)).rowcount > 0
            # A deleted row's bytes stay in the table until it is vacuumed (docs/decisions/0008-postgresql.md).
            db.execute("VACUUM subject_key")
            return gone

        return self._alone(delete)

    def set_signed_head(self, size: int, root: bytes) -> None:
        """Make a head durable before it is signed."""
        with self._writing:
            self._refuse_after_failure()
            self._alone(lambda db: db.execute(_SET_HEAD, (size, root)).rowcount > 0)

    def _alone(self, write: Callable[[Connection], bool]) -> bool:
        """Write outside a group."""
        try:
            return write(self._db)
        except psycopg.Error as error:
            self._ended = True
            raise Fatal(f"the docket could not be written: {_said(error)}") from error

    def _refuse_after_failure(self) -> None:
        if self._ended:
            raise Fatal("an earlier commit failed: this process must end and start again")

    # --- Reading ----------------------------------------------------------------------------------------------------

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """Ask through this thread's own reading connection; one that was lost in between is replaced once."""
        try:
            return self._asked(query, values)
        except psycopg.OperationalError:
            self._forget_reader()
        try:
            return self._asked(query, values)
        except psycopg.OperationalError as error:
            self._forget_reader()
            raise Retryable(f"PostgreSQL does not answer: {_said(error)}") from error

    def _asked(self, query: str, values: Sequence[Any]) -> list[Row]:
        reader: Connection | None = getattr(self._readers, "db", None)
        if reader is None:
            self._readers.db = reader = open_reader(self._url)
            self._all_readers.append(reader)
        return reader.execute(marked(query), values, binary=True).fetchall()

    def _forget_reader(self) -> None:
        lost: Connection | None = getattr(self._readers, "db", None)
        if lost is not None:
            del self._readers.db
            self._all_readers.remove(lost)
            lost.close()

    def _among(self, query: str, values: Sequence[Any], first: Sequence[Any] = ()) -> list[Row]:
        return self._rows(f"{query} = ANY(?)", (*first, list(values)))


def _copy(db: Connection, table: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    with db.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)".encode()) as copy:
        copy.set_types(_COLUMNS[table])
        write = copy.write_row
        for row in rows:
            write(row)


def _in_columns(db: Connection, statement: str, rows: Sequence[Row]) -> None:
    """Run a statement once over rows that are handed in as one array for each column."""
    if rows:
        db.execute(statement.encode(), [list(column) for column in zip(*rows, strict=True)])


def _said(error: psycopg.Error) -> str:
    """Return the first line of what the server or the driver said: the others may quote a row."""
    return (str(error).splitlines() or [type(error).__name__])[0]
