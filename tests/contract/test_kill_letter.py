"""Killed at any moment between a machine's decision and its letter: whoever it concerns is told, and once."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from kill_reply_child import open_office

from evenhand.flow.telling_machine import tell_machine_decisions
from scenario.desk.scene import later


def killed(data: Path, first: int, mode: str, delay_s: float) -> set[str]:
    """Run the child, kill it that long after its first word, and return the posts that it said were decided."""
    child = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("kill_letter_child.py")), str(data), str(first), mode],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert child.stdout is not None
    try:
        said = child.stdout.readline()
        assert said, "the child ended before it decided anything"
        time.sleep(delay_s)
    finally:
        child.kill()
        said += child.stdout.read()
        child.stdout.close()
        child.wait()
    return {line.decode() for line in said.split(b"\n")[:-1]}


def told(data: Path) -> Counter[str]:
    """Start again, tell what waits, and return how often somebody was told of each post."""
    office = open_office(data)
    tell_machine_decisions(office, at=later(minutes=2))
    found: Counter[str] = Counter()
    after = 0
    while rows := office.queries.effects(after=after, limit=1000):
        after = rows[-1].number
        bodies = [json.loads(row.body or b"{}") for row in rows if row.kind == "tell.affected"]
        found.update(body["item"] for body in bodies if body["what"] == "decision")
    office.docket.close()  # type: ignore[attr-defined] # a store
    return found


def test_nothing_acknowledged_loses_its_letter(tmp_path: Path) -> None:
    """However often it is killed: every acknowledged decision has one letter."""
    said: set[str] = set()
    for start in range(2):
        said |= killed(tmp_path, start * 100_000, "sound", random.uniform(0, 0.4))
    letters = told(tmp_path)
    assert said <= set(letters)
    assert set(letters.values()) == {1}


def test_the_control_loses_letters_and_is_caught(tmp_path: Path) -> None:
    """A desk that forgets what waits is found out by the same look."""
    said = killed(tmp_path, 0, "careless", 0.1)
    assert not said <= set(told(tmp_path))
