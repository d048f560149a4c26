"""Killed between approval and sending: an answer and its measures are both there or neither; what was said is true."""

import os
import random
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from kill_reply_child import ANNA, AT, incoming, open_office
from killing import told_until_killed

from evenhand.flow.answering import send_reply
from evenhand.flow.intake import accept_request
from evenhand.flow.office import Office
from evenhand.flow.receipts import open_pen
from evenhand.flow.requests import load_matter
from evenhand.settings import Settings
from evenhand.vocabulary.matter import MatterState

KILLS = 30 if os.environ.get("EVENHAND_NIGHTLY") == "1" else 4
A_ROUND = 10_000


@dataclass(frozen=True)
class Said:
    """What a child said before it was killed."""

    approved: list[int]
    sent: list[int]


def killed(data: Path, first: int, mode: str, chance: random.Random) -> Said:
    """Run the child and kill it a moment after one of its approvals."""
    last = f"approved {chance.randrange(1, 6)}"
    told = told_until_killed("kill_reply_child.py", data, first, mode, last, chance)
    words = [line.split() for line in told]
    return Said(
        approved=[int(number) for word, number in words if word == "approved"],
        sent=[int(number) for word, number in words if word == "sent"],
    )


def complaints(office: Office, data: Path, said: Said) -> list[str]:
    """Say what is wrong after a restart; then send what was not, as a person would, and look again."""
    found: list[str] = []
    pen = open_pen(Settings(data=data))
    for number in dict.fromkeys(said.approved):
        taken = accept_request(office, pen, incoming(number))
        if not taken.again:
            found.append(f"{number}: its receipt was given and it is gone")
        file = load_matter(office, taken.stream)
        if number in said.sent and file.state is not MatterState.ANSWERED:
            found.append(f"{number}: said to be sent, and it is {file.state}")
        if (wrong := _torn(office, number, answered=file.state is MatterState.ANSWERED)) is not None:
            found.append(wrong)
        if file.state is MatterState.DRAFTED:
            send_reply(office, pen, ANNA, taken.stream, is_legal=lambda _id: True, at=AT, chance=os.urandom)
            found += [wrong] if (wrong := _torn(office, number, answered=True)) is not None else []
    return found


def _torn(office: Office, number: int, *, answered: bool) -> str | None:
    """Return whether answer, measure and public entry are not all there once, or all not."""
    effects = []
    after = 0
    while rows := office.queries.effects(after=after, limit=1000):
        after = rows[-1].number
        effects += [(row.kind, msgspec.json.decode(row.body)) for row in rows if row.body is not None]
    references = {office.references.format("request", row.number) for row in _received(office, number)}
    replies = sum(kind == "tell.authority" and body["reference"] in references for kind, body in effects)
    measures = sum(kind == "platform.disable" and body["id"] == f"p{number}" for kind, body in effects)
    decided = office.queries.decisions_on(AT.date(), before=None, limit=10_000)
    decisions = sum(row.item_id == f"p{number}" for row in decided)
    entries = sum(row.item_id == f"p{number}" and row.entry is not None for row in decided)
    want = int(answered)
    counts = (replies, measures, decisions, entries)
    return None if counts == (want,) * 4 else f"{number}: reply, measure, decision, entry are {counts}, not {want} each"


def _received(office: Office, number: int) -> list[msgspec.Struct]:
    from evenhand.flow.requests import BY_KEY

    known = office.hashed("request-key", "token:bka", f"k{number}")
    streams = [row.stream for row in office.queries.places(BY_KEY, limit=100_000) if row.sort == known]
    return [office.queries.records(stream, limit=1)[0] for stream in streams]  # type: ignore[misc] # rows


@pytest.mark.timeout(600)
def test_an_answer_and_its_measures_are_one_act(tmp_path: Path) -> None:
    """Whenever the process dies."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    for n in range(KILLS):
        said = killed(tmp_path, n * A_ROUND, "sound", chance)
        office = open_office(tmp_path)
        try:
            assert complaints(office, tmp_path, said) == [], f"kill {n} of seed {seed}"
        finally:
            office.docket.close()  # type: ignore[attr-defined] # a store


def test_the_checker_finds_an_answer_that_was_never_sent(tmp_path: Path) -> None:
    """The control: a process that says "sent" too early is caught."""
    chance, caught = random.Random(1), []
    for n in range(30):  # when a kill falls is chance: the first that is caught ends it
        said = killed(tmp_path, n * A_ROUND, "careless", chance)
        office = open_office(tmp_path)
        caught += complaints(office, tmp_path, said)
        office.docket.close()  # type: ignore[attr-defined] # a store
        if caught:
            break
    assert any("said to be sent" in complaint for complaint in caught)
