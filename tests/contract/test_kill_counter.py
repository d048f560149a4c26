"""Killed while a counter-notice is taken in, decided or told: each of its acts is there whole or not at all."""

import os
import random
from pathlib import Path

import msgspec
import pytest
from kill_counter_child import AT, open_office, step
from killing import told_until_killed

from evenhand.flow.concerned import counters_of
from evenhand.flow.counter import COUNTER
from evenhand.flow.office import Office
from evenhand.flow.requests import BY_KEY
from evenhand.rulebook.load import load_law
from evenhand.rulebook.tables import LawBook
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.concerned import Counter

KILLS = 30 if os.environ.get("EVENHAND_NIGHTLY") == "1" else 2
A_ROUND = 10_000
HALF = "half"
ORDER = ("told", "taken", "agreed", "restored")
BOOK = load_law()


def killed(data: Path, first: int, mode: str, chance: random.Random) -> dict[int, str]:
    """Run the child, kill it a moment after one of the things that it said; return the last that it said, by number."""
    last = f"{HALF} 1" if mode == "torn" else f"{chance.choice(ORDER)} {chance.randrange(1, 4)}"
    told = told_until_killed("kill_counter_child.py", data, first, mode, last, chance)
    words = [line.split() for line in told]
    return {int(number): word for word, number in words if word != HALF}


def complaints(office: Office, book: LawBook, said: dict[int, str]) -> list[str]:
    """Say what is wrong after a restart; then do what is left to do, as people would, and look again."""
    found: list[str] = []
    for number, word in said.items():
        stream = _stream(office, number)
        [counter] = counters_of(office, stream)
        if ORDER.index(word) > _reached(counter):
            found.append(f"{number}: said to be {word}, and it is not")
        found += _torn(office, stream, counter, number)
        while step(office, book, stream):
            [counter] = counters_of(office, stream)
            found += _torn(office, stream, counter, number)
        if counter.state != "restored":
            found.append(f"{number}: it cannot be brought to its end")
    return found


def _stream(office: Office, number: int) -> Stream:
    known = office.hashed("request-key", "token:film", f"k{number}")
    return office.queries.at([(BY_KEY, known)])[BY_KEY, known].stream


def _reached(counter: Counter) -> int:
    """Return how far a counter-notice is, as a place in ORDER; -1: nobody was told yet."""
    if counter.restored_at is not None:
        return 3
    if counter.agreed:
        return 2
    return 1 if counter.countered_at is not None else int(counter.told) - 1


def _torn(office: Office, stream: Stream, counter: Counter, number: int) -> list[str]:
    """Return what of the acts so far is not there once, or is there too early."""
    reached, target = _reached(counter), f"p{number}"
    letters = _letters(office, stream, target)
    decided = [
        row for row in office.queries.decisions_on(AT.date(), before=None, limit=10_000) if row.item_id == target
    ]
    restoring = [row for row in decided if row.action == "restore"]
    waiting = sum(line.stream == stream for line in office.queries.places(COUNTER, limit=10_000))
    there = {
        "told": letters["order"],
        "counter-notice": letters["counter-notice"],
        "restore": letters["platform.restore"],
        "decision": len(restoring),
        "entry": sum(row.entry is not None for row in restoring),
        "person told": letters["reversal"],
        "demander told": letters["taken-back"],
        "waits": waiting,
    }
    ends = int(reached == 3)
    wanted = {"told": int(reached >= 0), "counter-notice": int(reached >= 1), "waits": int(1 <= reached < 3)}
    wanted |= dict.fromkeys(("restore", "decision", "entry", "person told", "demander told"), ends)
    return [] if there == wanted else [f"{number}, {counter.state}: there is {there}, not {wanted}"]


def _letters(office: Office, stream: Stream, target: str) -> dict[str, int]:
    """Return how many letters and orders of each kind there are about a measure."""
    counts = dict.fromkeys(("order", "counter-notice", "reversal", "taken-back", "platform.restore"), 0)
    after = 0
    while rows := office.queries.effects(after=after, limit=1000):
        after = rows[-1].number
        for row in rows:
            body = msgspec.json.decode(row.body or b"{}")
            if target not in (body.get("item"), body.get("id")) and body.get("matter") != stream.hex():
                continue
            what = row.kind if row.kind.startswith("platform.") else body.get("what")
            if what in counts:
                counts[what] += 1
    return counts


@pytest.mark.timeout(600)
def test_the_acts_of_a_counter_notice_are_whole(tmp_path: Path) -> None:
    """Whenever the process dies, and whoever goes on afterwards."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    for n in range(KILLS):
        said = killed(tmp_path, n * A_ROUND, "sound", chance)
        office = open_office(tmp_path)
        try:
            assert complaints(office, BOOK, said) == [], f"kill {n} of seed {seed}"
        finally:
            office.docket.close()  # type: ignore[attr-defined] # a store


def test_the_checker_finds_an_act_in_two_halves(tmp_path: Path) -> None:
    """The control: what is taken back in two writes is caught between them."""
    said = killed(tmp_path, 0, "torn", random.Random(1))
    office = open_office(tmp_path)
    caught = complaints(office, BOOK, said)
    office.docket.close()  # type: ignore[attr-defined] # a store
    assert any("restored: there is" in complaint for complaint in caught)
