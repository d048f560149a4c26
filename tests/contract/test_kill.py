"""Killed at any moment: nothing that was acknowledged is missing, nothing is there twice."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import apsw
import pytest
from made import commit

from evenhand.store.docket_file import open_reader
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.commit import Done, Duplicate

KILLS = 50 if os.environ.get("EVENHAND_NIGHTLY") == "1" else 5
A_ROUND = 1_000_000
FIRST_NUMBERS = {"act": 1, "decision": 1, "effect": 1, "entry": 0}


def killed(path: Path, first: int, mode: str, delay_s: float) -> list[int]:
    """Run the child, kill it that long after its first word, and return what it had acknowledged."""
    child = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("kill_child.py")), str(path), str(first), mode],
        stdout=subprocess.PIPE,
        bufsize=0,
    )
    assert child.stdout is not None
    try:
        said = child.stdout.read(1)
        deadline = time.monotonic() + delay_s
        os.set_blocking(child.stdout.fileno(), False)
        while (left := deadline - time.monotonic()) > 0:
            said += child.stdout.read(1 << 16) or b""
            time.sleep(min(left, 0.002))
    finally:
        child.kill()
        os.set_blocking(child.stdout.fileno(), True)
        said += child.stdout.read()
        child.stdout.close()
        child.wait()
    assert said, "the child ended before it committed anything"
    # A line that was cut off was not said.
    return [int(line) for line in said.split(b"\n")[:-1]]


def rows_in(db: apsw.Connection) -> dict[str, tuple[int, int | None, int | None]]:
    """Return count, first and last number of each table."""
    return {
        table: next(db.execute(f"SELECT count(*), min(n), max(n) FROM {table}"))  # noqa: S608
        for table in FIRST_NUMBERS
    }


def complaints(path: Path, acknowledged: list[int]) -> list[str]:
    """Open the docket as a restart does and return what is wrong with it; an empty list: nothing."""
    found = []
    with SqliteStore(path, Vault(bytes(32))) as store:
        db = open_reader(path)
        if (verdict := next(db.execute("PRAGMA integrity_check"))[0]) != "ok":
            found.append(f"the file is damaged: {verdict}")
        before = rows_in(db)
        for table, (count, first, last) in before.items():
            if count and (first, last) != (FIRST_NUMBERS[table], FIRST_NUMBERS[table] + count - 1):
                found.append(f"{table} has gaps: {count} rows from {first} to {last}")
        if len({count for count, _, _ in before.values()}) != 1:
            found.append(f"acts were torn: {before}")
        again = store.commit([commit(f"kill-{n}", subject=f"author-{n % 50}") for n in acknowledged])
        missing = sum(isinstance(outcome, Done) for outcome in again)
        if missing:
            found.append(f"{missing} of {len(acknowledged)} acknowledged acts are missing")
        if len({outcome.act for outcome in again if isinstance(outcome, Duplicate)}) != len(acknowledged) - missing:
            found.append("two acts have one number")
        if not missing and rows_in(db) != before:
            found.append("committing again wrote rows")
        db.close()
    return found


@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """A process that is killed at random moments, again and again on one docket, keeps its word."""
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    path = tmp_path / "docket.sqlite3"
    acknowledged: list[int] = []
    for n in range(KILLS):
        said = killed(path, n * A_ROUND, "sound", moments.uniform(0.0, 0.4))
        acknowledged += said
        # Early rounds are looked at whole once more at the end: that keeps fifty kills quick.
        assert complaints(path, said) == [], f"kill {n} of seed {seed}"
    assert complaints(path, acknowledged) == [], f"seed {seed}"
    assert len(acknowledged) > KILLS


def test_the_checker_finds_a_loss(tmp_path: Path) -> None:
    """The control: a process that acknowledges before it commits is caught."""
    caught: list[str] = []
    for n in range(5):
        path = tmp_path / f"docket-{n}.sqlite3"
        caught += complaints(path, killed(path, 0, "careless", 0.0))
        if caught:
            break
    assert any("are missing" in complaint for complaint in caught)
