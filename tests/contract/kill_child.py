"""The process that test_kill kills: commits groups from two threads, says on standard output what is acknowledged.

Arguments: the docket's path, the first act's number, "sound" or "careless". One act number a line.
"careless" is the control: it says that a group is done before it commits it.
"""

import itertools
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from made import commit

from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault

SIZES = {"sound": (1, 200, 17, 60, 3, 120), "careless": (2000,)}


def groups_from(first: int, sizes: Sequence[int]) -> Iterator[range]:
    """Yield groups of act numbers, without end."""
    for size in itertools.cycle(sizes):
        yield range(first, first + size)
        first += size


def acknowledge(numbers: range) -> None:
    """Say it past every buffer of ours."""
    os.write(1, "".join(f"{n}\n" for n in numbers).encode())


def work(store: SqliteStore, groups: Iterator[range], turn: threading.Lock, *, careless: bool) -> None:
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


if __name__ == "__main__":
    path, first, mode = sys.argv[1:]
    groups, turn = groups_from(int(first), SIZES[mode]), threading.Lock()
    with SqliteStore(Path(path), Vault(bytes(32))) as docket:
        for _ in range(2):
            threading.Thread(
                target=work, args=(docket, groups, turn), kwargs={"careless": mode == "careless"}, daemon=True
            ).start()
        threading.Event().wait()
