"""`evenhand bench docket`: how fast acts become durable, beside bare inserts of the same bytes in the same run."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import apsw

from evenhand.store.docket_file import check_settings, make_tables, open_reader, open_writer
from evenhand.store.reading import Row
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import KEY_BYTES, Vault
from evenhand.vocabulary.commit import Commit, Done

GROUP = 4096
_GROUPS_A_BLOCK = 8
_MILLION = 1_000_000
_TABLES = ("act", "decision", "entry", "effect")
_SUBJECT = 21
"""Column of a decision that holds its subject's hash."""

Make = Callable[[int, int], list[Commit]]
"""(start, count) → the commits of decisions number start to start + count, one decision each."""


@dataclass(slots=True)
class _Timed:
    """Seconds that blocks of one window took."""

    decisions: int = 0
    full_s: float = 0.0
    bare_s: float = 0.0

    def figures(self) -> dict[str, float]:
        full, bare = self.decisions / self.full_s, self.decisions / self.bare_s
        return {
            "decisions_per_s": round(full, 1),
            "bare_inserts_per_s": round(bare, 1),
            "ratio": round(full / bare, 3),
        }


@dataclass(slots=True)
class _Windows:
    """The first and the last million; of fewer than two, the first and the last quarter."""

    decisions: int
    first: _Timed = field(default_factory=_Timed)
    last: _Timed = field(default_factory=_Timed)

    @property
    def length(self) -> int:
        return _MILLION if self.decisions >= 2 * _MILLION else max(1, self.decisions // 4)

    def blocks(self) -> Iterator[range]:
        """Yield blocks that lie inside or outside a window, never across its edge."""
        edges = sorted({0, self.length, self.decisions - self.length, self.decisions})
        for start, stop in pairwise(edges):
            for at in range(start, stop, GROUP * _GROUPS_A_BLOCK):
                yield range(at, min(at + GROUP * _GROUPS_A_BLOCK, stop))

    def add(self, block: range, full_s: float, bare_s: float) -> None:
        for timed, inside in (
            (self.first, block.stop <= self.length),
            (self.last, block.start >= self.decisions - self.length),
        ):
            if inside:
                timed.decisions += len(block)
                timed.full_s += full_s
                timed.bare_s += bare_s


def bench_docket(directory: Path, decisions: int, make: Make, progress: Callable[[int], None]) -> dict[str, Any]:
    """Measure the docket's whole way, and bare inserts, turn by turn.

    The whole way is all that the docket does with an act: look its key up, plan, number, encode, seal, write, flush;
    two threads, as the committer has, so that one prepares while the other writes. The bare inserts are the rows that
    came of it, read back and put by `executemany` into tables with the same keys and settings in a second file, in the
    same groups. Neither has to make what it writes: building the acts in Python (`make`) is what a journey does, and is
    timed apart, in one thread.

    Args:
        directory: Empty; two files of about 1.6 KB a decision each are made in it and left there.
        decisions: How many; at least 4.
        make: Builds the commits.
        progress: Told after each block how many decisions it held.

    Returns:
        {"decisions", "group", "made_per_s", "cpu_us_a_decision", "first_million", "last_million"}: how many acts a
        second were made beforehand; processor time of the whole way; the last two hold decisions_per_s,
        bare_inserts_per_s and their ratio. With fewer than two million decisions they speak of quarters.
    """
    windows = _Windows(decisions)
    bare = open_writer(directory / "bare.sqlite3")
    check_settings(bare)
    make_tables(bare)
    path = directory / "docket.sqlite3"
    made_s = cpu_s = 0.0
    with SqliteStore(path, Vault(os.urandom(KEY_BYTES))) as store, ThreadPoolExecutor(2) as pool:
        written = _Written(open_reader(path))
        for block in windows.blocks():
            started = time.perf_counter()
            groups = [make(start, min(GROUP, block.stop - start)) for start in block[::GROUP]]
            made_s += time.perf_counter() - started
            started, used_s = time.perf_counter(), time.process_time()
            _whole_way(store, groups, pool)
            full_s, cpu_s = time.perf_counter() - started, cpu_s + time.process_time() - used_s
            del groups  # the bare inserts do not carry them either
            windows.add(block, full_s, _bare_inserts(bare, written.since_last(), -(-len(block) // GROUP)))
            progress(len(block))
    bare.close()
    return {
        "decisions": decisions,
        "group": GROUP,
        "made_per_s": round(decisions / made_s, 1),
        "cpu_us_a_decision": round(cpu_s * 1e6 / decisions, 1),
        "first_million": windows.first.figures(),
        "last_million": windows.last.figures(),
    }


def _whole_way(store: SqliteStore, groups: Sequence[Sequence[Commit]], pool: ThreadPoolExecutor) -> None:
    for outcomes in pool.map(store.commit, groups):
        if not all(isinstance(outcome, Done) for outcome in outcomes):
            raise ValueError("`make` returned an act that is there already")


class _Written:
    """What the docket holds since it was last asked."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._last = dict.fromkeys(_TABLES, -1)
        self._subjects: set[bytes] = set()

    def since_last(self) -> dict[str, list[Row]]:
        rows: dict[str, list[Row]] = {}
        for table, last in self._last.items():
            rows[table] = list(self._db.execute(f"SELECT * FROM {table} WHERE n > ? ORDER BY n", (last,)))  # noqa: S608
            self._last[table] = rows[table][-1][0] if rows[table] else last
        new = {row[_SUBJECT] for row in rows["decision"]} - self._subjects - {None}
        self._subjects |= new
        query = "SELECT subject, wrapped FROM subject_key WHERE subject IN carray(?)"
        rows["subject_key"] = list(self._db.execute(query, (apsw.carray(tuple(new)),))) if new else []
        return rows


def _bare_inserts(db: apsw.Connection, rows: Mapping[str, Sequence[Row]], groups: int) -> float:
    """Insert the rows in that many groups; return the seconds it took."""
    statements = {
        table: f"INSERT INTO {table} VALUES ({','.join('?' * len(of[0]))})"  # noqa: S608 - our tables
        for table, of in rows.items()
        if of
    }
    parts = [
        [
            (one, rows[table][len(rows[table]) * n // groups : len(rows[table]) * (n + 1) // groups])
            for table, one in statements.items()
        ]
        for n in range(groups)
    ]
    started = time.perf_counter()
    for part in parts:
        db.execute("BEGIN IMMEDIATE")
        for statement, of in part:
            db.executemany(statement, of)
        db.execute("COMMIT")
    return time.perf_counter() - started
