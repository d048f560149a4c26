"""The sender of a letter: address and DKIM together, with a control for each trick that a plain verifier accepts."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from evenhand.doors.mail.reader import MailReader
from evenhand.flow.identify import Identifier
from evenhand.flow.letter import Checks, check_sender
from evenhand.orders.identify_dkim import parse_tags
from evenhand.orders.identify_sender import VERDICTS
from evenhand.orders.registry import Registry, parse_registry
from evenhand.vocabulary.letter import SenderCheck

NOW = datetime.now(UTC)  # noqa: TID251 - dkimpy dates signatures by the real clock
KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - short to be fast
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
_DER = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def record(more: str = "") -> str:
    """Return the key's DNS record."""
    return f"v=DKIM1; k=rsa; {more}p={base64.b64encode(_DER).decode()}"


HEAD = (
    b"From: Officer <officer@police.example>\r\nTo: authorities@desk.example\r\nSubject: Order 4\r\n"
    b"Date: %b\r\nMessage-ID: <1@police.example>\r\n" % format_datetime(NOW).encode()
)
BODY = b"\r\nPlease see the order.\r\n"
ALL = [b"from", b"to", b"subject", b"date", b"message-id"]


def signed(
    raw: bytes = HEAD + BODY, *, headers: list[bytes] = ALL, length: bool = False, domain: bytes = b"police.example"
) -> bytes:
    """Return the message signed by the domain."""
    return dkim.sign(raw, b"s1", domain, PEM, include_headers=headers, length=length) + raw


@pytest.fixture(scope="module")
def reader() -> Iterator[MailReader]:
    """One reader for the module."""
    with MailReader() as one:
        yield one


LIST = parse_registry(b'["police.example", "gov.example"]')


def check(
    reader: MailReader, raw: bytes, known: str | None = "", at: datetime = NOW, registry: Registry = LIST
) -> SenderCheck:
    """Return the check of a message; `known` is the record that name servers would give ("": the genuine one)."""
    answer = record() if known == "" else known
    checks = Checks(identifier=Identifier(registry), look_up=lambda _selector, _domain: answer)
    return check_sender(reader.read_letter(raw), checks, lambda index, key: reader.verify_dkim(raw, index, key), at)


def test_signed_by_a_registered_domain_is_accepted(reader: MailReader) -> None:
    """The genuine article: accepted, and the assessor may take it for the registry's."""
    found = check(reader, signed())
    assert (found.verdict, found.verified, found.dkim) == ("accept", "registry", "pass")
    assert found.address == "officer@police.example"


ADDED = signed() + b"PS: forget the order.\r\n"


@pytest.mark.parametrize(
    ("raw", "dkim_result", "verdict", "word"),
    [
        (HEAD + BODY, "none", "review", "not signed"),
        (ADDED, "fail", "reject", "does not verify"),
        (signed(length=True) + b"PS: forget the order.\r\n", "weak", "review", "part of the body"),
        (signed(headers=[b"from", b"to", b"date", b"message-id"]), "weak", "review", "does not cover subject"),
        (signed(headers=[b"from", b"to", b"subject", b"date"]), "weak", "review", "does not cover message-id"),
        (b"Subject: Other\r\n" + signed(), "weak", "review", "2 subject fields"),
        (signed(domain=b"other.example"), "none", "review", "not signed"),
        (signed(b"Reply-To: x@police.example\r\n" + HEAD + BODY), "weak", "review", "does not cover reply-to"),
        (signed().replace(b"Order 4", b"Order 5"), "fail", "reject", "does not verify"),
        (signed().replace(b"officer@police", b"captain@police"), "fail", "reject", "does not verify"),
    ],
)
def test_trick_is_told(reader: MailReader, raw: bytes, dkim_result: str, verdict: str, word: str) -> None:
    """Each change, gap or addition keeps the message from being accepted, and the reason says which."""
    found = check(reader, raw)
    assert (found.dkim, found.verdict) == (dkim_result, verdict), found.reasons
    assert any(word in reason for reason in found.reasons), found.reasons


@pytest.mark.parametrize("raw", [signed(length=True) + b"PS.\r\n", b"Subject: Other\r\n" + signed()])
def test_plain_verifier_accepts_the_trick(reader: MailReader, raw: bytes) -> None:
    """The control: dkimpy alone says that these verify."""
    assert reader.verify_dkim(raw, 0, record()) == "pass"


def test_second_from_is_rejected(reader: MailReader) -> None:
    """Of two From fields programs show different ones."""
    found = check(reader, b"From: boss@evil.test\r\n" + signed())
    assert (found.verdict, found.verified) == ("reject", "none")
    assert "2 From fields" in found.reasons[0]


def test_key_decides(reader: MailReader) -> None:
    """An unknown key leaves it to people, one on trial or revoked does not count, another's fails."""
    assert check(reader, signed(), None).dkim == "no-key"
    assert check(reader, signed(), record("t=y; ")).dkim == "weak"
    assert check(reader, signed(), "v=DKIM1; p=").dkim == "fail"
    assert check(reader, signed(), "nonsense").dkim == "fail"


def test_times_decide(reader: MailReader) -> None:
    """A signature from the future does not count."""
    assert check(reader, signed(), at=NOW - timedelta(days=2)).dkim == "weak"


def dated(value: bytes) -> bytes:
    """Return a genuine letter with another Date, signed."""
    return signed(HEAD.replace(format_datetime(NOW).encode(), value) + BODY)


def test_an_old_letter_sent_again_does_not_count(reader: MailReader) -> None:
    """Who kept a genuine letter cannot have it done once more: a week after its signed date a person looks."""
    week = timedelta(days=7)
    for ago, result in ((week - timedelta(minutes=1), "pass"), (week + timedelta(minutes=1), "weak")):
        assert check(reader, dated(format_datetime(NOW - ago).encode())).dkim == result
    assert check(reader, dated(format_datetime(NOW + week + timedelta(minutes=1)).encode())).dkim == "weak"
    found = check(reader, dated(format_datetime(NOW - 9 * week).encode()))
    assert (found.verdict, found.verified) == ("review", "address")
    assert any("more than 7 days" in reason for reason in found.reasons)


@pytest.mark.parametrize(
    "value",
    [b"yesterday", b"Tue, 99 Nov 2026 10:00:00 +0000", b"Tue, 24 Nov 99999999 10:00:00", b"0", b"29 Feb 2026 99:00"],
    ids=["word", "day-99", "year", "zero", "hour-99"],
)
def test_a_date_that_nobody_can_read_does_not_count(reader: MailReader, value: bytes) -> None:
    """And it stops nothing."""
    assert check(reader, dated(value)).dkim == "weak"


def test_answers_elsewhere_go_to_a_person(reader: MailReader) -> None:
    """A Reply-To at another domain is not accepted, though all is signed."""
    raw = signed(b"Reply-To: officer@police-help.test\r\n" + HEAD + BODY, headers=[*ALL, b"reply-to"])
    found = check(reader, raw)
    assert (found.dkim, found.verdict) == ("pass", "review")
    assert any("police-help.test" in reason for reason in found.reasons)


def test_look_alike_is_named(reader: MailReader) -> None:
    """The domain that was imitated is told to people, in Cyrillic or with a digit."""
    for domain in ("pol1ce.example", "рolice.example"):
        raw = f"From: Officer <officer@{domain}>\r\n\r\nx".encode()
        found = check(reader, raw)
        assert (found.verdict, found.lookalike) == ("reject", "police.example")


def test_registry_key_comes_before_name_servers(reader: MailReader) -> None:
    """A key that the authority gave is taken, whatever the name servers say."""
    seen = {"source": "letter", "date": "2026-01-02"}
    key = {"use": "dkim", "domain": "police.example", "selector": "s1", "record": record(), **seen}
    one = {"id": "p", "name": "P", "state": "FR", "kind": "police", "competence": [], "keys": [key], **seen}
    one["domains"] = [{"domain": "police.example", **seen}]
    registry = parse_registry(json.dumps({"authorities": [one]}).encode())
    found = check(reader, signed(), "v=DKIM1; p=", registry=registry)
    assert (found.verdict, found.authorities) == ("accept", ("p",))


def test_table_is_whole_and_careful() -> None:
    """Every pair has a verdict; only a plain address with a strict signature is accepted."""
    assert len(VERDICTS) == 3 * 5
    assert [pair for pair, (verdict, _) in VERDICTS.items() if verdict == "accept"] == [("accept", "pass")]
    assert all(verdict == "reject" for (_, dkim_result), (verdict, _) in VERDICTS.items() if dkim_result == "fail")


@pytest.mark.parametrize("text", ["a=1; a=2", "nonsense", ";", "=1", "a"])
def test_bad_tags_are_none(text: str) -> None:
    """A tag twice or a part that is no tag: no list."""
    assert parse_tags(text) is None
