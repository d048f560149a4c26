"""The docket on SQLite, through apsw alone: one writer in this process, readers beside it.

Start-up refuses a SQLite with the WAL corruption race and every setting under which an acknowledged act could be lost.
"""

import fcntl
import threading
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Self

import apsw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evenhand.store.migrate import migrate
from evenhand.store.plan import Numbers, Plan, facts_of, plan_group
from evenhand.store.rows import (
    CASE_COLUMNS,
    DECISION_COLUMNS,
    Rows,
    case_view,
    context,
    day_number,
    day_of,
    decision_view,
    rows_of,
)
from evenhand.store.vault import Vault, seal, unseal
from evenhand.views.decisions import CaseRow, DecisionRow
from evenhand.vocabulary.commit import Commit, CommitKey, Outcome
from evenhand.vocabulary.errors import Fatal

SAFE_SQLITE = 3_051_003
"""SQLite before 3.51.3 may corrupt a database in WAL mode when two connections checkpoint at once."""
REQUIRED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
EMPTY_ROOT = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
_DECISIONS = (
    f"SELECT d.n, {DECISION_COLUMNS}, d.subject, private, a.key "  # noqa: S608 - our columns
    "FROM decision d JOIN act a ON a.n = d.act"
)
_CASES = f"SELECT c.n, {CASE_COLUMNS}, c.subject, private, a.key FROM case_ c JOIN act a ON a.n = c.act"  # noqa: S608
_KEYS_A_QUERY = 4096
_CACHE_SUBJECTS = 100_000


class SqliteStore:
    """One docket file: Docket, EntryQueue and DecisionQueries."""

    def __init__(self, path: Path, vault: Vault) -> None:
        refuse_unsafe(apsw.sqlite_lib_version())
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path, self._vault = path, vault
        self._lock_file = _sole_owner(path)
        self._lock = threading.RLock()
        self._readers = threading.local()
        self._keys: dict[bytes, AESGCM] = {}
        try:
            self._db = _connect(path)
            check_settings(self._db)
            self._migrate()
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
        with self._lock:
            self._db.close()
            self._lock_file.close()

    # --- Docket -----------------------------------------------------------------------------------------------------

    def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        """Make a group durable (`desk.ports.Docket`)."""
        with self._lock:
            fresh: dict[bytes, bytes] = {}
            try:
                self._db.execute("BEGIN IMMEDIATE")
                plan = plan_group(commits, self._known(commits), self._versions(commits), self._numbers)
                if plan.admitted:
                    self._write(plan, rows_of(plan, self._numbers.effect, self._sealer(fresh)), fresh)
                self._db.execute("COMMIT")
            except apsw.ConstraintError as error:
                self._abandon(fresh)
                raise Fatal(f"the docket refused a row: {error}") from error
            except apsw.Error as error:
                # Whether it is durable is unknown; who acknowledged nothing loses nothing. Start-up recovery decides.
                self._abandon(fresh)
                raise Fatal(f"the docket could not be written: {error}") from error
            except BaseException:
                self._abandon(fresh)
                raise
            self._numbers = plan.numbers
            return plan.outcomes

    def _abandon(self, fresh: Mapping[bytes, bytes]) -> None:
        for subject in fresh:
            self._keys.pop(subject, None)
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def _known(self, commits: Sequence[Commit]) -> dict[CommitKey, int]:
        keys = [commit.key for commit in commits]
        known: dict[CommitKey, int] = {}
        for start in range(0, len(keys), _KEYS_A_QUERY):
            part = keys[start : start + _KEYS_A_QUERY]
            marks = ",".join("?" * len(part))
            known.update(self._db.execute(f"SELECT key, n FROM act WHERE key IN ({marks})", part))  # noqa: S608
        return known

    def _versions(self, commits: Sequence[Commit]) -> dict[str, int]:
        found: dict[str, int] = {}
        for name in facts_of(commits):
            found.update(_all(self._db, "SELECT name, version FROM fact WHERE name = ?", (name,)))
        return found

    def _write(self, plan: Plan, rows: Rows, fresh: Mapping[bytes, bytes]) -> None:
        many = self._db.executemany
        many("INSERT INTO subject_key VALUES (?, ?)", list(fresh.items()))
        many("INSERT INTO act VALUES (?, ?)", rows.act)
        many(f"INSERT INTO decision VALUES ({','.join('?' * 23)})", rows.decision)  # noqa: S608 - marks only
        many(f"INSERT INTO case_ VALUES ({','.join('?' * 12)})", rows.case)  # noqa: S608 - marks only
        many("INSERT INTO entry VALUES (?, ?, ?)", rows.entry)
        many("INSERT INTO effect VALUES (?, ?, ?, ?, ?, ?)", rows.effect)
        many(
            "INSERT INTO day_count VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET decisions = decisions + excluded.decisions",
            rows.day_count,
        )
        many("INSERT OR REPLACE INTO fact VALUES (?, ?)", list(plan.versions.items()))

    def _sealer(self, fresh: dict[bytes, bytes]) -> Any:
        vault = self._vault

        def sealer(subject: str | None, plain: bytes, bound: bytes) -> tuple[bytes | None, bytes]:
            if subject is None:
                return None, plain
            hashed = vault.subject_hash(subject)
            key = self._keys.get(hashed) or self._key(self._db, hashed)
            if key is None:
                key, fresh[hashed] = vault.new_key(hashed)
            if len(self._keys) >= _CACHE_SUBJECTS:
                self._keys.clear()
            self._keys[hashed] = key
            return hashed, seal(key, plain, bound)

        return sealer

    def _key(self, db: apsw.Connection, subject: bytes) -> AESGCM | None:
        row = db.execute("SELECT wrapped FROM subject_key WHERE subject = ?", (subject,)).fetchone()
        return None if row is None else self._vault.open_key(subject, row[0])

    def erase_subject(self, subject: str) -> bool:
        """Destroy a subject's key: everything sealed with it is gone. Tell whether there was one."""
        hashed = self._vault.subject_hash(subject)
        with self._lock:
            self._keys.pop(hashed, None)
            self._db.execute("DELETE FROM subject_key WHERE subject = ?", (hashed,))
            gone = self._db.changes() > 0
            # The write-ahead log still holds the page with the key until it is checkpointed and cut.
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return gone

    # --- EntryQueue ---------------------------------------------------------------------------------------------------

    def entry_count(self) -> int:
        """Return how many entries are committed."""
        return int(_all(self._reader(), "SELECT coalesce(max(n), -1) + 1 FROM entry")[0][0])

    def entries(self, start: int, stop: int) -> list[bytes]:
        """Return entries by number."""
        query = "SELECT body FROM entry WHERE n >= ? AND n < ? ORDER BY n"
        return [row[0] for row in self._reader().execute(query, (start, stop))]

    def signed_head(self) -> tuple[int, bytes]:
        """Return the newest head that may have been signed."""
        row = self._reader().execute("SELECT size, root FROM log_head").fetchone()
        return (0, EMPTY_ROOT) if row is None else (row[0], row[1])

    def set_signed_head(self, size: int, root: bytes) -> None:
        """Make a head durable before it is signed."""
        with self._lock:
            try:
                self._db.execute("INSERT OR REPLACE INTO log_head VALUES (1, ?, ?)", (size, root))
            except apsw.Error as error:
                raise Fatal(f"the docket could not record the log's head: {error}") from error

    # --- DecisionQueries ----------------------------------------------------------------------------------------------

    def decisions_on(self, day: date, *, before: int | None, limit: int) -> list[DecisionRow]:
        """Return the day's decisions, newest first."""
        below = 2**63 - 1 if before is None else before
        query = f"{_DECISIONS} WHERE day = ? AND d.n < ? ORDER BY d.n DESC LIMIT ?"
        return [self._decision(row) for row in _all(self._reader(), query, (day_number(day), below, limit))]

    def decision(self, number: int) -> DecisionRow | None:
        """Return one decision."""
        rows = _all(self._reader(), f"{_DECISIONS} WHERE d.n = ?", (number,))
        return self._decision(rows[0]) if rows else None

    def _decision(self, row: tuple[Any, ...]) -> DecisionRow:
        subject, kept, key = row[-3:]
        return decision_view(row, self._opened(subject, kept, context(b"decision", key)))

    def _opened(self, subject: bytes | None, kept: bytes, bound: bytes) -> bytes | None:
        if subject is None:
            return kept
        key = self._key(self._reader(), subject)
        return None if key is None else unseal(key, kept, bound)

    def counts_on(self, day: date) -> Mapping[tuple[str, str], int]:
        """Return the day's decisions by (category, action)."""
        query = "SELECT category, action, decisions FROM day_count WHERE day = ?"
        return {(row[0], row[1]): row[2] for row in self._reader().execute(query, (day_number(day),))}

    def days(self) -> list[date]:
        """Return the days that have decisions, newest first."""
        query = "SELECT DISTINCT day FROM day_count ORDER BY day DESC"
        return [day_of(row[0]) for row in self._reader().execute(query)]

    def open_cases(self, *, after: int, limit: int) -> list[CaseRow]:
        """Return open cases by number."""
        found = []
        for row in _all(self._reader(), f"{_CASES} WHERE c.n > ? ORDER BY c.n LIMIT ?", (after, limit)):
            subject, kept, key = row[-3:]
            found.append(case_view(row, self._opened(subject, kept, context(b"case", key))))
        return found

    # --- The file -----------------------------------------------------------------------------------------------------

    def _reader(self) -> apsw.Connection:
        """Return this thread's reading connection."""
        reader: apsw.Connection | None = getattr(self._readers, "db", None)
        if reader is None:
            reader = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READWRITE)
            reader.set_busy_timeout(5000)
            reader.execute("PRAGMA query_only = 1")
            self._readers.db = reader
        return reader

    def _migrate(self) -> None:
        self._db.execute("CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL)")

        def apply(number: int, text: str, digest: str) -> None:
            with self._db:
                self._db.execute(text)
                self._db.execute("INSERT INTO migration VALUES (?, ?)", (number, digest))

        migrate("sqlite", ((n, digest) for n, digest in _all(self._db, "SELECT number, sha256 FROM migration")), apply)

    def _read_numbers(self) -> Numbers:
        def after(table: str, below_first: int) -> int:
            return int(_all(self._db, f"SELECT coalesce(max(n), {below_first}) + 1 FROM {table}")[0][0])  # noqa: S608

        return Numbers(after("act", 0), after("decision", 0), after("case_", 0), after("entry", -1), after("effect", 0))


def _all(db: apsw.Connection, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return all rows at once: an open result set would make a COMMIT fail."""
    return list(db.execute(query, values))


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


def _connect(path: Path) -> apsw.Connection:
    db = apsw.Connection(str(path))
    db.set_busy_timeout(5000)
    db.execute("PRAGMA page_size = 8192")
    for name, value in REQUIRED.items():
        db.execute(f"PRAGMA {name} = {value}").fetchall()
    db.execute("PRAGMA wal_autocheckpoint = 4000").fetchall()
    db.execute("PRAGMA cache_size = -65536")
    return db


def _sole_owner(path: Path) -> Any:
    """Hold the docket's lock file for as long as the process lives: there is one committer.

    Raises:
        Fatal: Another process holds it.
    """
    lock = path.with_suffix(".lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise Fatal(f"{path} is in use by another process; there is one committer") from error
    return lock
