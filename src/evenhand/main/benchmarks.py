"""The benchmarks, each wired over a directory or a docket of its own that goes when the measurement ends."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from evenhand.settings import Settings

if TYPE_CHECKING:
    from evenhand.desk.ports import Docket
    from evenhand.flow.office import Office
    from evenhand.store.sql_store import SqlStore
    from evenhand.store.vault import Vault

Note = Callable[[str], None]
Progress = Callable[[int], None]

DOCKET = "docket.sqlite3"
_DECIDED = 1_000_000
"""Decisions that are made one by one; more are copies of theirs."""


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """What `evenhand bench` measures (`doors.cli.house.Benchmarks`); each imports what it needs when it runs."""

    settings: Settings

    def docket(self, decisions: int, progress: Progress) -> dict[str, Any]:
        """Measure durable decisions against bare inserts."""
        from evenhand.flow.bench import made_commits
        from evenhand.store.bench import bench_docket

        with self._directory() as directory:
            return bench_docket(directory, decisions, made_commits, progress)

    def notices(self, rate: int, seconds: int, per_call: int, progress: Progress) -> dict[str, Any]:
        """Measure notices through the HTTP door at a rate, the journey alone, and its stages."""
        from evenhand.doors.http.bench_notices import bench_notice_door, bench_stages
        from evenhand.flow.bench_notices import bench_notices
        from evenhand.flow.receipts import open_pen
        from evenhand.store.sqlite import SqliteStore

        with self._directory() as directory:
            door = bench_notice_door(directory, rate, seconds, per_call, progress)
            pen = open_pen(replace(self.settings, data=directory))
        with self._directory() as directory, SqliteStore(directory / DOCKET, _new_vault()) as store:
            stages = bench_stages(_office_over(store, store), pen, per_call * 20, per_call)
        with self._directory() as directory, _office(directory / DOCKET, _new_vault()) as (office, _):
            journey = bench_notices(office, rate, seconds, progress)
        return {"offered_per_s": rate, **door, "stages": stages, "journey": journey}

    def desk(self, cases: int, decisions: int, rounds: int, progress: Progress) -> dict[str, Any]:
        """Time what a moderator does among many cases."""
        from evenhand.flow.bench_desk import bench_desk, fill_decisions
        from evenhand.store.copied import copy_decisions
        from evenhand.store.sqlite import SqliteStore

        with self._directory() as directory:
            path, vault = directory / DOCKET, _new_vault()
            with SqliteStore(path, vault) as store:
                fill_decisions(store, min(decisions, _DECIDED), progress)
            if decisions > _DECIDED:
                copy_decisions(path, decisions, progress)
            with _office(path, vault) as (office, store):
                return {"decisions": decisions, **bench_desk(office, store, cases, rounds, progress)}

    def backtest(self, rows: int, progress: Progress) -> dict[str, Any]:
        """Measure backtests over made signals."""
        from evenhand.flow.bench_backtest import bench_backtest

        with self._directory() as directory:
            return bench_backtest(directory, rows, progress)

    def screening(self, load: Mapping[str, int], loop_posts: int, messages: Path | None, note: Note) -> dict[str, Any]:
        """Measure the screening kernel against a plain loop."""
        from evenhand.flow.bench_lists import Load
        from evenhand.flow.bench_screening import bench_screening

        with self._directory() as directory:
            return bench_screening(directory, Load(**load), loop_posts, messages, note)

    def door(self, load: Mapping[str, int], clients: int, note: Note) -> dict[str, Any]:
        """Measure posts through the HTTP door of a server process."""
        from evenhand.doors.http.bench import bench_door
        from evenhand.flow.bench_lists import Load

        with self._directory() as directory:
            return bench_door(directory, Load(**load), clients, note)

    @contextmanager
    def _directory(self) -> Iterator[Path]:
        """Make a directory beside the data, not in /tmp: that may be memory, which flushes nothing."""
        self.settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryDirectory(prefix="bench-", dir=self.settings.data) as directory:
            yield Path(directory)


@contextmanager
def _office(path: Path, vault: "Vault") -> "Iterator[tuple[Office, SqlStore]]":
    """Open a desk over a docket's file, and that docket."""
    from evenhand.store.committer import Committer
    from evenhand.store.sqlite import SqliteStore

    with SqliteStore(path, vault) as store, Committer(store) as committer:
        yield _office_over(store, committer), store


def _new_vault() -> "Vault":
    from evenhand.store.vault import KEY_BYTES, Vault

    return Vault(os.urandom(KEY_BYTES))


def _office_over(store: "SqlStore", docket: "Docket") -> "Office":
    from evenhand.flow.office import Office
    from evenhand.vocabulary.reference import References

    return Office(docket=docket, queries=store, references=References(os.urandom(16)), index_key=os.urandom(32))
