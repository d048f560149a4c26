"""From what somebody sends to what reaches them: the journeys' own letters through the couriers, by real servers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from tests.scenario.couriers.eu_server import TOKEN, EuServer
from tests.scenario.couriers.relay import Keeper, Server

from evenhand.couriers.eu_database import EuDatabase
from evenhand.couriers.smtp import SmtpRelay
from evenhand.flow.actions import Action as Message
from evenhand.flow.actions import read_actions
from evenhand.flow.alarm import raise_alarm
from evenhand.flow.appeals import receive_appeal
from evenhand.flow.cases import next_case
from evenhand.flow.conversation import write_message
from evenhand.flow.deciding import close_proposals, propose_decision
from evenhand.flow.notices import receive_notice
from evenhand.flow.office import Office
from evenhand.flow.outbox import sort_effects
from evenhand.flow.post import deliver_mail
from evenhand.flow.statement_made import read_wordings
from evenhand.flow.telling import confirm_receipts
from evenhand.flow.transparency import deliver_statements
from evenhand.settings import Settings
from evenhand.store.memory import MemoryStore
from evenhand.vocabulary.addressee import Addressee
from evenhand.vocabulary.appeal import Appeal
from evenhand.vocabulary.case import AppealOutcome, Proposal
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.reference import References
from scenario.desk.scene import ANNA, BORIS, NOON, REMOVE, chance, later, notice

RAW = b"From: nora@example.org\r\nMessage-ID: <first@example.org>\r\nSubject: report\r\n\r\nMessage-ID: <fake@x>\r\n"
PRIVATE = ("nora", "Nora", "author-1", "channel-1")


class Desk:
    """A desk with its couriers and what they reached."""

    def __init__(self, server: Server, eu: EuServer, data: Path) -> None:
        self.store: Any = MemoryStore()
        self.server, self.eu = server, eu
        self.token = data / "token"
        self.token.write_text(TOKEN)
        self.office = Office(
            docket=self.store,
            queries=self.store,
            references=References(bytes(16)),
            index_key=bytes(range(32)),
            wordings=read_wordings(data),
            public_url="https://desk.example",
            alarm_table=(
                Addressee(
                    id="de",
                    name="Bundeskriminalamt",
                    country="DE",
                    address="duty@police.example",
                    holds_from=NOON.date(),
                    source="own",
                ),
            ),
        )

    def post(self, now: datetime) -> list[EmailMessage]:
        """Have everything delivered that is due; return the letters that arrived now."""
        before = len(self.server.keeper.raw)
        sort_effects(self.store, now)
        relay = SmtpRelay(host="127.0.0.1", port=self.server.at, security="plain", timeout_s=5)
        deliver_mail(self.store, relay, Settings().contacts, now)
        deliver_statements(self.store, EuDatabase(self.eu.url, self.token), now)
        return self.server.keeper.messages()[before:]

    def to_platform(self) -> list[Message]:
        """Return what the platform's stream has."""
        return read_actions(self.store, 0, 100)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk of its own."""
    server, eu = Server(Keeper()), EuServer()
    server.start()
    yield Desk(server, eu, tmp_path)
    server.stop()
    eu.close()


def text_of(message: EmailMessage) -> str:
    """Return a letter's words."""
    body = message.get_body()
    assert body is not None
    return str(body.get_content())


def test_a_notice_by_mail_from_its_receipt_to_its_reversal(desk: Desk) -> None:
    """Its sender is written to in their language, in their thread; the author by the platform; Brussels once."""
    received = receive_notice(desk.office, notice(raw=RAW, channel="mail", language="DE"))
    confirm_receipts(desk.office, at=NOON)
    [confirmation] = desk.post(NOON)
    assert confirmation["Subject"] == f"Wir haben Ihre Meldung {received.reference} bekommen"
    assert confirmation["In-Reply-To"] == confirmation["References"] == "<first@example.org>"
    assert f"https://desk.example/matter/{received.reference}" in text_of(confirmation)

    file = next_case(desk.office, ANNA, at=NOON)
    assert file is not None
    write_message(desk.office, ANNA, file.stream, "notifier", "Welcher Satz?", notice=received.number, at=NOON)
    write_message(desk.office, ANNA, file.stream, "affected", "What did you mean?", at=NOON)
    [question] = desk.post(NOON)
    assert question["Subject"] == f"Eine Frage zu {received.reference}"
    assert "  Welcher Satz?" in text_of(question)
    propose_decision(desk.office, ANNA, file.stream, REMOVE, at=NOON)
    close_proposals(desk.office, at=later(minutes=2), chance=chance)
    [answer] = desk.post(later(minutes=2))
    assert answer["To"] == "nora@example.org"
    assert answer["In-Reply-To"] == "<first@example.org>"
    assert not any(word in text_of(answer) for word in PRIVATE)

    stream = desk.to_platform()
    letters = [one.data for one in stream if one.type == "person.letter" and one.data]
    assert [one.type for one in stream] == ["person.letter", "platform.remove", "person.letter", "person.letter"]
    assert [one["what"] for one in letters] == ["question", "decision", "warning"]
    assert all(one["to"] == "author-1" and one["subject"] and one["text"] for one in letters)
    assert set(letters[0]) == {"direction", "item", "language", "subject", "text", "to", "what"}
    assert not any("nora" in str(one).lower() for one in letters)
    assert REMOVE.facts in letters[1]["text"]
    assert len(desk.eu.stored) == 1

    link = letters[1]["text"].split("https://desk.example/matter/")[1].split()[0]
    receive_appeal(desk.office, Appeal(key="a", received_at=later(days=1), reference=link, text="A joke.", raw=b"joke"))
    appeal = next_case(desk.office, BORIS, at=later(days=1))
    assert appeal is not None
    restore = Proposal(action=Action.RESTORE, policy=REMOVE.policy, outcome=AppealOutcome.REVERSED, facts="A joke.")
    propose_decision(desk.office, BORIS, appeal.stream, restore, at=later(days=1))
    close_proposals(desk.office, at=later(days=1, minutes=1), chance=chance)
    after = [one.type for one in desk.to_platform()[len(stream) :]]
    assert after[0] == "platform.restore"
    assert set(after[1:]) == {"person.letter"}


def test_an_alarm_reaches_the_authority_in_its_language(desk: Desk) -> None:
    """With all that is known of the item, and nothing of who reported it."""
    receive_notice(desk.office, notice())
    file = next_case(desk.office, ANNA, at=NOON)
    assert file is not None
    raise_alarm(desk.office, ANNA, file.stream, "Names a place and an hour.", states=("DE",), at=NOON)
    [letter] = [one for one in desk.post(NOON) if one["To"] == "duty@police.example"]
    assert letter["From"] == "authorities@desk.example"
    assert letter["Content-Language"] == "de"
    text = text_of(letter)
    for known in ("Names a place and an hour.", "author-1", "https://example.org/post-1", "I will kill you"):
        assert known in text
    assert "nora" not in text.lower()


def test_who_misuses_notices_is_told_in_their_language(desk: Desk) -> None:
    """A warning first, then that their notices are not looked at for a time."""
    for n in range(10):
        receive_notice(
            desk.office,
            notice(
                f"n-{n}",
                replace(
                    notice().items[0],
                    item_id=f"i{n}",
                    url=f"https://x/{n}",
                    text=f"text {n}",
                    content_sha256=f"{n:064x}",
                ),
                language="FR",
                received_at=later(minutes=n),
            ),
        )
        file = next_case(desk.office, ANNA, at=later(minutes=n))
        assert file is not None
        unfounded = replace(REMOVE, action=Action.NONE, facts="", unfounded=True)
        propose_decision(desk.office, ANNA, file.stream, unfounded, at=later(minutes=n))
        close_proposals(desk.office, at=later(minutes=n, seconds=40), chance=chance)
    subjects = [str(one["Subject"]) for one in desk.post(later(hours=1))]
    assert sum("avertissement" in one for one in subjects) == 1
    assert sum("ne sont pas examinées" in one for one in subjects) == 1
