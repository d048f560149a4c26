"""Killed between the EU database's answer and the commit: nothing is created twice, nothing is lost.

The database is loose: it would store an identifier twice, so that sending one again shows.
"""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from kill_statements_child import AT, courier, open_docket
from tests.scenario.couriers.eu_server import EuServer

from evenhand.flow.outbox import sort_effects
from evenhand.flow.transparency import FLIGHT, deliver_statements

KILLS = 60 if os.environ.get("EVENHAND_NIGHTLY") == "1" else 6
A_ROUND = 10_000
ROOT = Path(__file__).parents[2]


@pytest.fixture
def eu() -> Iterator[EuServer]:
    """A database that does not mind storing twice."""
    made = EuServer(loose=True)
    yield made
    made.close()


def killed(data: Path, eu: EuServer, first: int, mode: str, chance: random.Random) -> list[int]:
    """Run the child, kill it once the database stored one more batch; return what it said was durable."""
    stored = len(eu.stored)
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    child = subprocess.Popen(
        [
            sys.executable,
            str(Path(__file__).with_name("kill_statements_child.py")),
            str(data),
            eu.url,
            str(first),
            mode,
        ],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert child.stdout is not None
    try:
        until = time.monotonic() + 60
        while len(eu.stored) <= stored + 10 * chance.randrange(3):
            assert child.poll() is None, "the child ended by itself"
            assert time.monotonic() < until, "the child sends nothing"
            time.sleep(0.0005)
        # The answer is on its way or just there; the commit follows within milliseconds.
        time.sleep(chance.choice((0.0, 0.0, 0.001, 0.002)))
    finally:
        child.kill()
        said = child.stdout.read().splitlines(keepends=True)
        child.stdout.close()
        child.wait()
    return [int(line.split()[1]) for line in said if line.endswith(b"\n")]


def finish(data: Path, eu: EuServer) -> None:
    """Start again and send the rest."""
    docket = open_docket(data)
    try:
        now = AT + timedelta(days=400)
        sort_effects(docket, now)
        deliver_statements(docket, courier(data, eu.url), now)
        assert docket.places(FLIGHT) == []
        assert "out/statements/waiting" not in docket.tallies("out/")
    finally:
        docket.close()


@pytest.mark.timeout(600)
def test_each_statement_is_created_once(tmp_path: Path, eu: EuServer) -> None:
    """Whenever the process dies."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    committed: list[int] = []
    for n in range(KILLS):
        committed += killed(tmp_path, eu, n * A_ROUND, "sound", chance)
        if n % 2:  # else the next child is the one that starts again
            finish(tmp_path, eu)
    finish(tmp_path, eu)
    twice = [puid for puid, times in Counter(eu.stored).items() if times > 1]
    assert twice == [], f"seed {seed}"
    assert {f"p-{n}" for n in committed} <= set(eu.stored), f"seed {seed}"


@pytest.mark.timeout(600)
def test_a_courier_that_does_not_ask_is_caught(tmp_path: Path, eu: EuServer) -> None:
    """The control: it creates statements twice."""
    chance = random.Random(1)
    for n in range(40):
        killed(tmp_path, eu, n * A_ROUND, "careless", chance)
        if max(Counter(eu.stored).values()) > 1:
            return
    pytest.fail("no statement was created twice: this test would not notice one")
