"""The process that test_kill kills: commits groups from two threads, says on standard output what is acknowledged.

A third thread of a sound one publishes the log all the while.
Arguments: the docket's path or postgresql:// URL, the log's directory, the first act's number, "sound" or "careless".
One act number a line; "log" and a size for each published head.
"careless" is the control: it says that a group is done before it commits it.
"""

import itertools
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from made import commit

from evenhand.ledger.log import LogDirectory
from evenhand.store.postgres import PostgresStore
from evenhand.store.sql_store import SqlStore
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault

SIZES = {"sound": (1, 200, 17, 60, 3, 120), "careless": (2000,)}
ORIGIN, SEED = "desk.example/log", bytes(32)


def open_store(where: str) -> SqlStore:
    """Open the docket as a start does."""
    vault = Vault(bytes(32))
    return PostgresStore(where, vault) if "://" in where else SqliteStore(Path(where), vault)


def open_log(directory: str) -> LogDirectory:
    """Open the log as a start does."""
    return LogDirectory(Path(directory), ORIGIN, SEED)


def groups_from(first: int, sizes: Sequence[int]) -> Iterator[range]:
    """Yield groups of act numbers, without end."""
    for size in itertools.cycle(sizes):
        yield range(first, first + size)
        first += size


def acknowledge(numbers: range) -> None:
    """Say it past every buffer of ours."""
    os.write(1, "".join(f"{n}\n" for n in numbers).encode())


def work(store: SqlStore, groups: Iterator[range], turn: threading.Lock, *, careless: bool) -> None:
    """Commit group after group until the process is killed."""
    while True:
        with turn:
            numbers = next(groups)
        acts = [commit(f"kill-{n}", subject=f"author-{n % 50}") for n in numbers]
        if careless:
            acknowledge(numbers)
        store.commit(acts)
        if not careless:
            acknowledge(numbers)


def publish(store: SqlStore, log: LogDirectory) -> None:
    """Publish head after head until the process is killed."""
    while True:
        size = log.publish(store)
        os.write(1, f"log {size}\n".encode())


if __name__ == "__main__":
    where, directory, first, mode = sys.argv[1:]
    groups, turn = groups_from(int(first), SIZES[mode]), threading.Lock()
    with open_store(where) as docket:
        for _ in range(2):
            threading.Thread(
                target=work, args=(docket, groups, turn), kwargs={"careless": mode == "careless"}, daemon=True
            ).start()
        if mode == "sound":
            threading.Thread(target=publish, args=(docket, open_log(directory)), daemon=True).start()
        threading.Event().wait()
