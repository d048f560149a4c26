"""The docket on SQLite, through apsw alone: one writer in this process, readers beside it.

Start-up refuses a SQLite with the WAL corruption race and every setting under which an acknowledged act could be lost.
Two threads may call `commit` at once: while one writes (SQLite, outside Python's lock), the other plans and seals.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Self

import apsw

from evenhand.store.docket_file import check_settings, make_tables, open_reader, open_writer, refuse_unsafe, sole_owner
from evenhand.store.plan import Plan, facts_of, plan_group
from evenhand.store.reading import Reading, Row
from evenhand.store.rows import Rows, rows_of
from evenhand.store.subjects import SubjectKeys
from evenhand.store.vault import Vault
from evenhand.vocabulary.commit import Commit, CommitKey, Outcome
from evenhand.vocabulary.errors import Fatal

_STATEMENT_CHARS = 16_000
"""apsw keeps prepared statements whose text is up to 16,384 bytes."""


@dataclass(slots=True)
class _Group:
    """A planned group, ready to be written."""

    plan: Plan
    rows: Rows
    fresh: Mapping[bytes, bytes]
    failures: int
    keys: Mapping[CommitKey, int]


class SqliteStore(Reading):
    """One docket file: Docket, EntryQueue and DecisionQueries."""

    def __init__(self, path: Path, vault: Vault) -> None:
        refuse_unsafe(apsw.sqlite_lib_version())
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path, self._vault = path, vault
        self._lock_file = sole_owner(path)
        # Taken in this order, hand over hand: a group plans, waits for its turn to write, lets the next one plan.
        self._planning, self._writing = threading.RLock(), threading.RLock()
        self._readers = threading.local()
        self._subjects = SubjectKeys(vault, self._wrapped)
        self._under_way: _Group | None = None
        self._failures = self._failures_seen = 0
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

    def __enter__(self) -> Self:
        """Return the store."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Close the file; nothing is lost without it."""
        with self._planning, self._writing:
            self._db.close()
            self._lock_file.close()

    # --- Docket -----------------------------------------------------------------------------------------------------

    def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        """Make a group durable (`desk.ports.Docket`)."""
        if not commits:
            return []
        self._planning.acquire()
        try:
            group = self._planned(commits)
            self._writing.acquire()
        except BaseException:
            self._planning.release()
            raise
        try:
            try:
                if group.failures != self._failures:
                    # The group before, whose numbers this one follows, was not written.
                    group = self._planned(commits)
                self._under_way = group
            finally:
                self._planning.release()
            self._write(group)
            return group.plan.outcomes
        finally:
            self._under_way = None
            self._writing.release()

    def _planned(self, commits: Sequence[Commit]) -> _Group:
        """Plan a group behind the one that is being written, as if that were durable already."""
        if self._failures_seen != self._failures:
            self._failures_seen = self._failures
            self._subjects.clear()
            self._numbers = self._read_numbers()
        failures = self._failures_seen
        before = self._under_way
        keys = [commit.key for commit in commits]
        # The group before is asked first: what it no longer answers for is committed, so the file answers.
        known = {} if before is None else {key: before.keys[key] for key in keys if key in before.keys}
        versions = {} if before is None else dict(before.plan.versions)
        known.update(self._rows("SELECT key, n FROM act WHERE key IN carray(?)", _many(keys)))
        facts = facts_of(commits)
        if facts:
            found = self._rows("SELECT name, version FROM fact WHERE name IN carray(?)", _many(facts))
            versions = {**dict(found), **versions}
        plan = plan_group(commits, known, versions, self._numbers)
        sealing = self._subjects.for_group(commit for commit, _ in plan.admitted)
        rows = rows_of(plan, self._numbers.effect, sealing.seal)
        self._numbers = plan.numbers
        return _Group(plan, rows, sealing.fresh, failures, {commit.key: done.act for commit, done in plan.admitted})

    def _write(self, group: _Group) -> None:
        if not group.plan.admitted:
            return
        written = False
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._insert(group)
            self._db.execute("COMMIT")
            written = True
        except apsw.ConstraintError as error:
            raise Fatal(f"the docket refused a row: {error}") from error
        except apsw.Error as error:
            # Whether it is durable is unknown; who acknowledged nothing loses nothing. Start-up recovery decides.
            raise Fatal(f"the docket could not be written: {error}") from error
        finally:
            if not written:
                self._failures += 1
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def _insert(self, group: _Group) -> None:
        db, rows = self._db, group.rows
        _insert(db, "subject_key", 2, sorted(group.fresh.items()))
        _insert(db, "act", 2, rows.act)
        _insert(db, "decision", 23, rows.decision)
        _insert(db, "case_", 12, rows.case)
        _insert(db, "entry", 3, rows.entry)
        _insert(db, "effect", 6, rows.effect)
        _insert(db, "record", 7, rows.record)
        db.executemany("DELETE FROM place WHERE view = ? AND sort = ?", rows.dropped)
        _insert(db, "place", 4, rows.place)
        db.executemany(
            "INSERT INTO tally VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value", rows.tally
        )
        db.executemany(
            "INSERT INTO day_count VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET decisions = decisions + excluded.decisions",
            rows.day_count,
        )
        db.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?)", list(group.plan.versions.items()))

    def _wrapped(self, subjects: Sequence[bytes]) -> dict[bytes, bytes]:
        return dict(self._rows("SELECT subject, wrapped FROM subject_key WHERE subject IN carray(?)", _many(subjects)))

    def erase_subject(self, subject: str) -> bool:
        """Destroy a subject's key: everything sealed with it is gone. Tell whether there was one."""
        hashed = self._vault.subject_hash(subject)
        with self._planning, self._writing:
            self._subjects.forget(subject)
            try:
                self._db.execute("DELETE FROM subject_key WHERE subject = ?", (hashed,))
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


def _many(values: Sequence[bytes] | Sequence[str]) -> tuple[Any]:
    return (apsw.carray(tuple(values)),)


def _insert(db: apsw.Connection, table: str, columns: int, rows: Sequence[Row]) -> None:
    """Insert rows, many a statement: the other thread gets Python's lock once a statement instead of once a row.

    OR FAIL spares the statement's own journal; whoever fails rolls the whole group back.
    """
    marks = f"({','.join('?' * columns)})"
    statement = f"INSERT OR FAIL INTO {table} VALUES "  # noqa: S608 - our tables
    at_once = 1 << ((_STATEMENT_CHARS - len(statement)) // (len(marks) + 1)).bit_length() - 1
    whole = len(rows) - len(rows) % at_once
    if whole:
        many = statement + ",".join([marks] * at_once)
        for start in range(0, whole, at_once):
            db.execute(many, tuple(chain.from_iterable(rows[start : start + at_once])))
    db.executemany(statement + marks, rows[whole:])
