"""Letters reach people: a real SMTP server fails, refuses, encrypts; nothing is lost, nobody holds others up."""

import json
import logging
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scenario.couriers.relay import Keeper, Server, certificate, lets_in

from evenhand.couriers.smtp import SIZE_MAX, SmtpRelay, mailbox, message_of
from evenhand.flow.outbox import MAIL, MAIL_FIRST, dead_of, revived, sort_effects
from evenhand.flow.post import CALL_AFTER, GIVE_UP_AFTER, deliver_mail
from evenhand.settings import Settings
from evenhand.store.memory import MemoryStore
from evenhand.vocabulary.commit import Commit, Effect, commit_key
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.mail import Enclosure, Mail, Posted

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CONTACTS = Settings().contacts


@pytest.fixture
def server() -> Iterator[Server]:
    """A relay that speaks plainly."""
    made = Server(Keeper())
    made.start()
    yield made
    made.stop()


def plain(server: Server) -> SmtpRelay:
    """Return the courier to a relay on this machine."""
    return SmtpRelay(host="127.0.0.1", port=server.at, security="plain", timeout_s=5)


def tell(docket: Any, *to: str, kind: str = "tell.notifier", **more: Any) -> None:
    """Commit a letter to each address."""
    letter = {"direction": "ltr", "language": "en", "subject": "Your notice", "text": "We looked.\n"}
    docket.commit(
        [
            Commit(
                key=commit_key(NOW.date(), kind.encode(), one.encode()),
                effects=(
                    Effect(
                        kind=kind,
                        key=commit_key(NOW.date(), b"effect", kind.encode(), one.encode()),
                        body=json.dumps({"to": one, "letter": letter, **more}).encode(),
                        subject=one,
                    ),
                ),
            )
            for one in to
        ]
    )


def deliver(docket: Any, relay: SmtpRelay, now: datetime = NOW) -> int:
    """Sort and send as the clock does."""
    sort_effects(docket, now)
    return deliver_mail(docket, relay, CONTACTS, now)


def calls(docket: Any) -> list[str]:
    """Return why persons were called."""
    rows = docket.effects(after=0, limit=1000)
    return [json.loads(row.body)["why"] for row in rows if row.kind == "page.person"]


def test_letters_arrive_once_as_they_were_committed(docket: Any, server: Server) -> None:
    """From the people's contact, marked as automatic, with an id that a second delivery would have too."""
    tell(docket, "a@example.org", "b@example.org", in_reply_to="<one@example.org>")
    assert deliver(docket, plain(server)) == 2
    assert deliver(docket, plain(server)) == 0
    first, _ = server.keeper.messages()
    assert server.keeper.recipients() == ["a@example.org", "b@example.org"]
    assert first["From"] == "people@desk.example"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["In-Reply-To"] == "<one@example.org>"
    assert first["Content-Language"] == "en"
    key = commit_key(NOW.date(), b"effect", b"tell.notifier", b"a@example.org")
    assert first["Message-ID"] == f"<{key.hex()}@desk.example>"
    assert first.get_content_charset() == "utf-8"
    assert first.get_content() == "We looked.\r\n"
    assert docket.tallies("out/") == {"out/mail/sent/2026-11-24": 2}


def test_a_bad_address_holds_up_nobody(docket: Any, server: Server) -> None:
    """What will never arrive is laid aside where somebody sees it; what waits for its own server waits alone."""
    server.keeper.bad = {"gone@example.org": "550 no such user", "full@example.org": "452 4.2.2 mailbox full"}
    server.keeper.bad["grey@example.org"] = "450 come again"
    tell(docket, "gone@example.org", "grey@example.org", "not an address", "", "z@example.org")
    assert deliver(docket, plain(server)) == 1
    assert server.keeper.recipients() == ["z@example.org"]
    assert [one.label.why for one in dead_of(docket, MAIL, 10)] == ["550", "address", "no address"]
    server.keeper.bad = {}
    assert deliver(docket, plain(server)) == 0  # its pause
    assert deliver(docket, plain(server), NOW + timedelta(minutes=2)) == 1
    assert server.keeper.recipients()[-1] == "grey@example.org"
    assert calls(docket) == []
    dead = dead_of(docket, MAIL, 1)[0]
    docket.commit([revived(dead, NOW)])
    assert deliver(docket, plain(server), NOW + timedelta(minutes=3)) == 1
    assert server.keeper.recipients()[-1] == "gone@example.org"


def test_a_letter_is_given_up_in_the_end(docket: Any, server: Server) -> None:
    """After some days; one to an authority calls a person when it is late and when it is dead."""
    server.keeper.bad = {"grey@example.org": "450 come again", "court@example.org": "450 come again"}
    tell(docket, "grey@example.org")
    tell(docket, "court@example.org", kind="tell.authority")
    now = NOW
    while now < NOW + GIVE_UP_AFTER + timedelta(hours=12):
        deliver(docket, plain(server), now)
        now += timedelta(hours=1)
    assert len(dead_of(docket, MAIL, 9)) == len(dead_of(docket, MAIL_FIRST, 9)) == 1
    assert calls(docket) == ["letter-late", "letter-dead"]


def test_a_relay_that_fails_for_an_hour(docket: Any, server: Server) -> None:
    """Nobody's letter is lost or counted against them; somebody is called after half an hour; then all is delivered."""
    names = [f"p{n}@example.org" for n in range(120)]
    server.keeper.sender = "421 shutting down"
    tell(docket, *names)
    now = NOW
    while now < NOW + timedelta(hours=1):
        assert deliver(docket, plain(server), now) == 0
        now += timedelta(seconds=60)
        assert bool(calls(docket)) == (now - NOW > CALL_AFTER + timedelta(minutes=5)) or now - NOW > CALL_AFTER
    assert calls(docket)
    assert len(calls(docket)) <= 2
    server.keeper.sender = ""
    sent = 0
    while now < NOW + timedelta(minutes=70):
        sent += deliver(docket, plain(server), now)
        now += timedelta(seconds=30)
    assert sent == 120
    assert sorted(server.keeper.recipients()) == sorted(names)
    assert dead_of(docket, MAIL, 9) == []


def test_a_letter_over_which_the_relay_hangs_up(docket: Any, server: Server) -> None:
    """It waits alone, too: the next round begins with another."""
    server.keeper.bad = {"poison@example.org": "421 closing"}
    tell(docket, "poison@example.org", "a@example.org", "b@example.org")
    assert deliver(docket, plain(server)) == 0
    assert deliver(docket, plain(server), NOW + timedelta(seconds=10)) == 2
    assert server.keeper.recipients() == ["a@example.org", "b@example.org"]
    assert dead_of(docket, MAIL, 9) == []


def test_a_late_letter_that_was_revived_calls_again(docket: Any, server: Server) -> None:
    """On the same day: one call does not stand in the other's way."""
    server.keeper.bad = {"court@example.org": "450 come again"}
    tell(docket, "court@example.org", kind="tell.authority")
    for hours in (0, 1, 2):
        deliver(docket, plain(server), NOW + timedelta(hours=hours))
    server.keeper.bad = {"court@example.org": "550 unknown"}
    deliver(docket, plain(server), NOW + timedelta(hours=3))
    docket.commit([revived(dead_of(docket, MAIL_FIRST, 1)[0], NOW + timedelta(hours=3))])
    server.keeper.bad = {"court@example.org": "450 come again"}
    for hours in (3, 8, 11):
        deliver(docket, plain(server), NOW + timedelta(hours=hours))
    assert calls(docket) == ["letter-late", "letter-dead", "letter-late"]


def test_nobody_listens(docket: Any) -> None:
    """A closed port is a relay that takes nothing: the letter waits."""
    tell(docket, "a@example.org")
    relay = SmtpRelay(host="127.0.0.1", port=9, security="plain", timeout_s=2)
    assert deliver(docket, relay) == 0
    assert docket.tallies("out/") == {"out/mail/waiting": 1}


def test_an_authoritys_letter_goes_first(docket: Any, server: Server) -> None:
    """However many receipts wait; with what was approved, byte for byte, and from the authorities' contact."""
    tell(docket, *(f"p{n}@example.org" for n in range(150)))
    tell(docket, "court@example.org", kind="tell.authority", what="acknowledgement", receipt="note\n", reference="R-1")
    tell(docket, "portal@example.org", kind="tell.authority", entrance="portal")
    assert deliver(docket, plain(server)) == 99  # one of a hundred is fetched at the portal
    first = server.keeper.messages()[0]
    assert (first["To"], first["From"]) == ("court@example.org", "authorities@desk.example")
    [receipt] = first.iter_attachments()
    assert (receipt.get_filename(), receipt.get_content()) == ("receipt-R-1.txt", "note\n")


def test_what_was_erased_is_not_sent(docket: Any, server: Server) -> None:
    """Its words are gone; its line goes too."""
    tell(docket, "a@example.org")
    docket.erase_subject("a@example.org")
    assert deliver(docket, plain(server)) == 0
    assert server.keeper.raw == []
    assert docket.tallies("out/") == {"out/mail/erased/2026-11-24": 1}


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encrypted_with_a_checked_certificate(tmp_path: Path, security: Any) -> None:
    """The password is said only then; a certificate that nobody vouches for, or for another host, gets nothing."""
    theirs, ours = certificate(tmp_path)
    more: dict[str, Any] = {"authenticator": lets_in("desk", "secret"), "auth_required": True}
    more |= {"tls_context": theirs, "require_starttls": True} if security == "starttls" else {"ssl_context": theirs}
    more |= {} if security == "starttls" else {"auth_require_tls": False}
    server = Server(Keeper(), **more)
    server.start()
    letter = Mail(key="00" * 20, sender="a@b.example", recipient="c@d.example", subject="s", text="t\n", language="en")
    try:
        base: dict[str, Any] = {"port": server.at, "security": security, "user": "desk", "timeout_s": 5}
        good = SmtpRelay(host="localhost", password="secret", context=ours, **base)
        assert list(good.send([letter])) == [Posted("taken")]
        for bad in (
            SmtpRelay(host="localhost", password="secret", **base),
            SmtpRelay(host="127.0.0.1", password="secret", context=ours, **base),
            SmtpRelay(host="localhost", password="wrong", context=ours, **base),
        ):
            assert [one.what for one in bad.send([letter, letter])] == ["down"]
    finally:
        server.stop()
    assert len(server.keeper.raw) == 1


def test_starttls_is_not_optional(server: Server) -> None:
    """A relay that does not offer it, or in whose way somebody took the offer out, gets no letter."""
    letter = Mail(key="00" * 20, sender="a@b.example", recipient="c@d.example", subject="s", text="t\n", language="en")
    relay = SmtpRelay(host="127.0.0.1", port=server.at, timeout_s=5)
    assert [one.what for one in relay.send([letter])] == ["down"]
    assert server.keeper.raw == []
    with pytest.raises(InputError, match="in the clear"):
        SmtpRelay(host="127.0.0.1", port=25, security="plain", user="desk")


HOSTILE = [
    "a@example.org\r\nBcc: evil@example.net",
    "a@example.org\nSubject: x",
    "a@example.org, b@example.org",
    "a@example.org>\r\nRCPT TO:<evil@example.net",
    '"a\r\nb"@example.org',
    "Name <a@example.org>",
    "a@example.org\0",
    "a@[127.0.0.1]",
    "a b@example.org",
    "@example.org",
    "a@",
    "a" * 65 + "@example.org",
    "ä@example.org",
    "a@example..org",
    "a@localhost",
]


def test_only_one_plain_mailbox_is_an_address(server: Server) -> None:
    """Whatever else it is, it becomes no header and no recipient."""
    docket: Any = MemoryStore()
    assert [mailbox(address) for address in HOSTILE] == [None] * len(HOSTILE)
    tell(docket, *HOSTILE)
    assert deliver(docket, plain(server)) == 0
    assert server.keeper.raw == []
    assert {one.label.why for one in dead_of(docket, MAIL, 99)} == {"address"}


def test_domains_of_other_letters_are_taken() -> None:
    """They are sent as what they stand for."""
    assert mailbox("a@bücher.example") == "a@xn--bcher-kva.example"
    assert mailbox(" a@example.org ") == "a@example.org"


@given(st.text(), st.text(), st.text(), st.text())
def test_nothing_that_somebody_wrote_becomes_a_header(subject: str, text: str, reply: str, language: str) -> None:
    """The message has our headers, once each, whatever stands in its parts, and its text is what was given."""
    from email import message_from_bytes
    from email.policy import default

    letter = Mail(
        key="ab" * 20,
        sender="people@desk.example",
        recipient="a@example.org",
        subject=f"Bcc\r\nX-Evil: 1\r\n\r\n{subject}",
        text=text,
        language=language,
        in_reply_to=reply,
        enclosures=(Enclosure(name=subject, content=b"exact \r\n bytes \n"),),
    )
    raw = message_of(letter)
    assert isinstance(raw, bytes)
    message = message_from_bytes(raw, policy=default)
    names = [name.lower() for name in message]
    allowed = ["from", "to", "subject", "message-id", "auto-submitted", "content-language", "mime-version"]
    assert set(names) <= {*allowed, "content-type", "in-reply-to", "references"}
    assert len(names) == len(set(names))
    assert (message["to"], message["from"]) == ("a@example.org", "people@desk.example")
    [enclosure] = message.iter_attachments()  # type: ignore[attr-defined] # its policy
    assert enclosure.get_payload(decode=True) == b"exact \r\n bytes \n"


def test_a_letter_that_is_too_large_is_refused_here() -> None:
    """The relay is not asked."""
    letter = Mail(
        key="00", sender="a@b.example", recipient="c@d.example", subject="s", text="x" * SIZE_MAX, language=""
    )
    assert message_of(letter) == Posted("refused", "too large")


def test_a_second_delivery_is_recognisable(docket: Any, server: Server) -> None:
    """A process that dies between the relay's answer and the commit sends the same letter under the same id."""

    class Died(Exception):
        pass

    class Dying:
        def __getattr__(self, name: str) -> Any:
            return getattr(docket, name)

        def commit(self, _commits: Any) -> Any:
            raise Died

    tell(docket, "a@example.org")
    sort_effects(docket, NOW)
    with pytest.raises(Died):
        deliver_mail(Dying(), plain(server), CONTACTS, NOW)  # type: ignore[arg-type] # stands for a docket
    assert deliver(docket, plain(server)) == 1
    assert len({message["Message-ID"] for message in server.keeper.messages()}) == 1
    assert len(server.keeper.raw) == 2


def test_the_log_names_nobody(docket: Any, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Neither an address nor a subject, and not what the relay says: it quotes both."""
    caplog.set_level(logging.DEBUG)
    server.keeper.bad = {"secret.name@example.org": "550 secret.name@example.org unknown"}
    tell(docket, "secret.name@example.org", "other.name@example.org")
    deliver(docket, plain(server))
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("evenhand")]
    assert ours
    assert not any("name@" in line or "notice" in line for line in ours)


def test_smtplib_says_nothing_by_itself() -> None:
    """Its debugging would print letters to standard error."""
    assert smtplib.SMTP.debuglevel == 0
