"""Demands in the forms of many states, from their letter to our answer: what is proposed, what a person must add.

The letters (tests/vectors/demand_letters.json) were written for this; none is real.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from evenhand.doors.mail.reader import MailReader
from evenhand.flow.answering import send_reply
from evenhand.flow.authorities import RegistryFile
from evenhand.flow.legal import first_request
from evenhand.flow.mailroom import Mailroom
from evenhand.flow.office import Office
from evenhand.flow.proposing import proposals_of, proposed_asks, proposed_values
from evenhand.flow.receipts import open_pen
from evenhand.flow.requests import OPEN, approve_reply, assess_matter, draft_reply, load_matter
from evenhand.flow.statement_made import read_wordings
from evenhand.flow.wrong_door import shipped_door_model
from evenhand.orders.replies import draft_replies
from evenhand.rulebook.load import load_law
from evenhand.settings import Settings
from evenhand.store.memory import MemoryStore
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.matter import MatterState
from evenhand.vocabulary.reference import References
from evenhand.vocabulary.reply import Provider
from evenhand.vocabulary.request import Issuer, RequestFacts, TargetFacts

LETTERS = json.loads((Path(__file__).parents[1] / "vectors" / "demand_letters.json").read_text("utf-8"))["letters"]
BOOK = load_law()
ANNA, BELA = (Actor(id=f"staff-{n}", roles=frozenset({Role.LEGAL})) for n in (1, 2))
WHO = Provider(
    name="Example Messenger", representative="A Representative, Brussels", contact="authorities@desk.example"
)


NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def reader() -> Iterator[MailReader]:
    """The child that parses mail."""
    with MailReader() as made:
        yield made


@pytest.fixture
def room(tmp_path: Path, reader: MailReader) -> Mailroom:
    """A desk's mail room that knows one authority's address."""
    row = {"source": "police.example", "date": "2026-01-02"}
    known = {"id": "pol", "name": "Police", "state": "DE", "kind": "police", "competence": ["crime"], **row}
    entry = {**known, "domains": [{"domain": "police.example", **row}], "call_back": []}
    (tmp_path / "registry.json").write_text(json.dumps({"authorities": [entry]}), "utf-8")
    store, settings = MemoryStore(), Settings(data=tmp_path)
    office = Office(
        docket=store,
        queries=store,
        references=References(bytes(16)),
        index_key=bytes(32),
        wordings=read_wordings(tmp_path),
    )
    return Mailroom(
        office=office,
        pen=open_pen(settings),
        settings=settings,
        law=load_law(),
        identifier=RegistryFile(tmp_path).identifier,
        model=shipped_door_model(),
        reader=reader,
    )


def mail_of(demand: dict[str, Any]) -> bytes:
    """Return a demand as a mail server hands it over."""
    head = f"From: Officer <officer@police.example>\r\nTo: authorities@desk.example\r\nSubject: {demand['name']}\r\n"
    date = f"Date: Wed, 25 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{demand['name']}@police.example>\r\n"
    body = demand["text"].replace("\n", "\r\n")
    return f"{head}{date}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode()


@pytest.mark.parametrize("demand", LETTERS, ids=lambda demand: demand["name"])
def test_from_the_letter_to_the_answer(room: Mailroom, demand: dict[str, Any]) -> None:
    """Received by mail, read into proposals, completed by hand, assessed, drafted, approved by two, sent."""
    room.receive(mail_of(demand), envelope_to="authorities@desk.example", at=NOW)
    office = room.office
    [place] = office.queries.places(OPEN)
    stream = place.stream
    file = load_matter(office, stream)
    read = proposals_of(file)
    values, asks = proposed_values(read), proposed_asks(read)
    if "ask" not in demand["by_hand"]:
        assert asks, "what is wanted is proposed"
    # By hand: who it is, what the letter gives as reasons, and whatever the words did not name.
    asks = tuple(replace(ask, data=("subscriber",)) if ask.kind == "disclose" else ask for ask in asks)
    if "ask" not in demand["by_hand"] and demand["expect"]["outcome"] in ("geo-restrict", "comply"):
        asks = tuple(ask for ask in asks if ask.kind == "remove")
    request = replace(
        first_request(file),
        instrument=demand["instrument"],
        issuer=Issuer(name="As the letter's head says", country=demand["state"], kind=demand["kind"]),
        asks=asks,
        legal_basis=values.get("legal_basis", "as the letter says"),
        reasons="As the letter says.",
        redress="As the letter says.",
        language="en",
        signature="valid",
    )
    known = {
        target: TargetFacts(held=True, on_service=True, kind="post", flags=tuple(demand["flags"]))
        for ask in asks
        for target in ask.targets
    }
    markets = ("EU", demand["state"])
    facts = RequestFacts(verified="registry", targets=known, establishment="NL", languages=("en",), markets=markets)
    after = assess_matter(office, BOOK, ANNA, stream, request, facts, at=NOW)
    assert after.assessed is not None
    ruling = after.assessed.ruling
    assert ruling.outcome == demand["expect"]["outcome"]
    if demand["expect"]["deadline"] is None and demand["instrument"] == "national-order" and demand["state"] != "RU":
        assert ruling.deadline is None
    elif demand["expect"]["deadline"] is not None:
        hours = {"13:00": 3, "14:00": 4, "11:00": 1}.get(demand["expect"]["deadline"][11:16], 24)
        assert ruling.deadline is not None
        assert (ruling.deadline - NOW).total_seconds() == hours * 3600
    reply = draft_replies(request, ruling, BOOK, WHO, "REF")[0]
    interim = ruling.outcome == "escalate"
    draft = draft_reply(office, ANNA, stream, reply.text, interim=interim, at=NOW).draft
    assert draft is not None
    for person in (ANNA, BELA):
        approve_reply(office, person, stream, draft.bound, at=NOW)
    send_reply(office, room.pen, ANNA, stream, is_legal=lambda _id: True, at=NOW, chance=bytes)
    expected = MatterState.ASSESSED if interim else MatterState.ANSWERED
    assert load_matter(office, stream).state is expected


def test_how_much_a_person_must_add() -> None:
    """Of seven fields that are read, the words of all letters name what they name; who asks is always by hand."""
    assert all("issuer" in demand["by_hand"] for demand in LETTERS)
    assert sum("state" in demand["by_hand"] for demand in LETTERS) <= 2
