"""Killed at any moment: nothing that was acknowledged is missing, nothing is there twice, the log verifies."""

import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from kill_child import open_log, open_store
from made import commit

from evenhand.ledger.reader import open_log as log_reader
from evenhand.ledger.verify import verify_log
from evenhand.store.sql_store import SqlStore
from evenhand.vocabulary.commit import Done, Duplicate
from evenhand.vocabulary.errors import Fatal, InputError
from postgres import empty_docket

KILLS = 50 if os.environ.get("EVENHAND_NIGHTLY") == "1" else 5
A_ROUND = 1_000_000
FIRST_NUMBERS = {"act": 1, "decision": 1, "effect": 1, "entry": 0}


@dataclass(frozen=True)
class Desk:
    """Where a docket (path or URL) and its log lie."""

    docket: str
    log: Path


@dataclass(frozen=True)
class Said:
    """What a child said before it was killed: acknowledged acts, and the largest head that it published."""

    acts: list[int]
    head: int


@pytest.fixture(params=["sqlite", "postgres"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    """An empty docket of each kind."""
    if request.param == "sqlite":
        return Desk(str(tmp_path / "docket.sqlite3"), tmp_path / "log")
    return Desk(empty_docket(request.getfixturevalue("postgres_server")), tmp_path / "log")


def killed(desk: Desk, first: int, mode: str, delay_s: float) -> Said:
    """Run the child, kill it that long after its first word, and return what it had said."""
    child = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("kill_child.py")), desk.docket, str(desk.log), str(first), mode],
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
    lines = said.split(b"\n")[:-1]
    return Said(
        [int(line) for line in lines if line.isdigit()],
        max((int(line[4:]) for line in lines if line.startswith(b"log ")), default=0),
    )


def rows_in(store: SqlStore) -> dict[str, tuple[int, int | None, int | None]]:
    """Return count, first and last number of each table."""
    return {
        table: tuple(store._rows(f"SELECT count(*), min(n), max(n) FROM {table}")[0])  # type: ignore[misc] # noqa: S608
        for table in FIRST_NUMBERS
    }


def complaints(desk: Desk, acknowledged: list[int]) -> list[str]:
    """Open the docket as a restart does and return what is wrong with it; an empty list: nothing."""
    found = []
    with open_store(desk.docket) as store:
        if "://" not in desk.docket and (verdict := store._rows("PRAGMA integrity_check")[0][0]) != "ok":
            found.append(f"the file is damaged: {verdict}")
        before = rows_in(store)
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
        if not missing and rows_in(store) != before:
            found.append("committing again wrote rows")
    return found


def log_complaints(desk: Desk, head: int) -> list[str]:
    """Verify the log as it was left, finish it as a restart does, and verify that it goes on from there."""
    log = open_log(str(desk.log))
    left = desk.log / "checkpoint"
    older = left.read_bytes() if left.exists() else None
    try:
        if older is not None and verify_log(log_reader(str(desk.log)), log.vkey).size < head:
            return [f"the log lost its head of {head} entries"]
        with open_store(desk.docket) as store:
            size = log.publish(store)
            count = store.entry_count()
        found = verify_log(log_reader(str(desk.log)), log.vkey, older)
    except (InputError, Fatal) as error:
        return [f"the log is wrong: {error}"]
    return [] if found.size == size == count else [f"the log holds {found.size} of {count} entries"]


@pytest.mark.timeout(900)
def test_nothing_acknowledged_is_lost(desk: Desk) -> None:
    """A process that is killed at random moments, again and again on one docket, keeps its word."""
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    acknowledged: list[int] = []
    heads = 0
    for n in range(KILLS):
        said = killed(desk, n * A_ROUND, "sound", moments.uniform(0.0, 0.4))
        acknowledged += said.acts
        heads += said.head > 0
        # Early rounds are looked at whole once more at the end: that keeps fifty kills quick.
        assert log_complaints(desk, said.head) == [], f"kill {n} of seed {seed}"
        assert complaints(desk, said.acts) == [], f"kill {n} of seed {seed}"
    assert complaints(desk, acknowledged) == [], f"seed {seed}"
    assert len(acknowledged) > KILLS
    assert heads, "no head was published before a kill"


def test_the_checker_finds_a_loss(desk: Desk) -> None:
    """The control: a process that acknowledges before it commits is caught."""
    caught: list[str] = []
    for n in range(5):
        said = killed(desk, n * A_ROUND, "careless", 0.0)
        caught += complaints(desk, said.acts)
        if caught:
            break
    assert any("are missing" in complaint for complaint in caught)


def test_the_checker_finds_a_wrong_log(desk: Desk) -> None:
    """The control: a log that fell back to an older head, or lacks a tile, is caught."""
    said = killed(desk, 0, "sound", 0.3)
    assert log_complaints(desk, said.head) == []
    size = verify_log(log_reader(str(desk.log)), open_log(str(desk.log)).vkey).size
    assert log_complaints(desk, size + 1) == [f"the log lost its head of {size + 1} entries"]
    shutil.rmtree(desk.log / "tile" / "0")
    assert any("the log is wrong" in complaint for complaint in log_complaints(desk, size))
