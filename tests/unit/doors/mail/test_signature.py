"""S/MIME and OpenPGP signatures made by openssl and gpg, genuine and not, through the sandboxed child."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evenhand.doors.mail.dkim import verify
from evenhand.doors.mail.reader import MailReader
from evenhand.orders.identify_signed import FLAW_SENTENCES, judge_signature
from evenhand.vocabulary.letter import SignatureFlaw, SignatureSeen, TrustedKeys
from letter_signers import (
    LEAF,
    OFFICER,
    WORDS,
    Certified,
    KeyHolder,
    authority,
    certified,
    exported,
    key_holder,
    letter,
    run,
)

NOW = datetime.now(UTC) + timedelta(hours=1)  # noqa: TID251 - openssl and gpg date by the real clock


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A directory with a short name: gpg's sockets need one."""
    directory = Path(tempfile.mkdtemp(prefix="sig"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def issuer(place: Path) -> Path:
    """The police's certificate authority."""
    return authority(place)


@pytest.fixture(scope="module")
def officer(place: Path, issuer: Path) -> Certified:
    """An officer with a certificate."""
    return certified(place, issuer)


@pytest.fixture(scope="module")
def holder(place: Path) -> KeyHolder:
    """An officer with an OpenPGP key."""
    return key_holder(place)


@pytest.fixture(scope="module")
def reader() -> Iterator[MailReader]:
    """The child."""
    with MailReader() as made:
        yield made


def trusted(by: Certified | KeyHolder) -> TrustedKeys:
    """Return what the registry knows of somebody."""
    if isinstance(by, Certified):
        return TrustedKeys(issuers=(by.issuer,))
    return TrustedKeys(pgp=((by.fingerprint, by.key),))


def oracle(raw: bytes, by: Certified, place: Path) -> bool:
    """Tell whether openssl verifies it under the issuer."""
    (place / "ca.pem").write_text(by.issuer, "utf-8")
    try:
        run("openssl", "cms", "-verify", "-CAfile", place / "ca.pem", "-purpose", "smimesign", given=raw)
    except AssertionError:
        return False
    return True


# --- S/MIME -------------------------------------------------------------------------------------------------------

GENUINE: dict[str, tuple[str, tuple[str, ...]]] = {
    "RSA": ("rsa", ("-md", "sha256")),
    "RSA-PSS": ("rsa", ("-md", "sha384", "-keyopt", "rsa_padding_mode:pss")),
    "ECDSA": ("ec", ("-md", "sha512")),
    "without attributes": ("rsa", ("-noattr", "-md", "sha256")),
    "named by its key": ("rsa", ("-keyid", "-md", "sha256")),
    "opaque": ("rsa", ("-nodetach", "-md", "sha256")),
}


@pytest.mark.parametrize("way", GENUINE)
def test_genuine_certificates_verify(place: Path, issuer: Path, reader: MailReader, way: str) -> None:
    """Under the registry's authority, with the officer's address; openssl agrees; one changed letter is told."""
    key, args = GENUINE[way]
    by = certified(place, issuer, key=key, extensions="subjectKeyIdentifier=hash\n" + LEAF)
    raw = by.sign(WORDS, *args)
    seen = reader.look_at_signature(raw, trusted(by), NOW)
    assert oracle(raw, by, place)
    assert (seen.kind, seen.verified, seen.flaws, seen.fingerprint) == ("smime", True, (), by.fingerprint)
    assert judge_signature(seen, OFFICER, NOW)[0] == "valid"
    assert "subscriber data" in reader.read_letter(raw).text
    if way != "opaque":
        changed = raw.replace(b"@example.", b"@exampla.")
        assert not oracle(changed, by, place)
        assert reader.look_at_signature(changed, trusted(by), NOW).flaws == ("tampered",)


def test_bare_line_feeds_are_the_same_letter(officer: Certified, reader: MailReader) -> None:
    """A mailbox file holds letters so; they were signed with the line ends of mail."""
    raw = officer.sign(WORDS).replace(b"\r\n", b"\n")
    assert judge_signature(reader.look_at_signature(raw, trusted(officer), NOW), OFFICER, NOW)[0] == "valid"


def test_a_pinned_certificate_needs_no_authority(officer: Certified, reader: MailReader) -> None:
    """Its fingerprint in the registry is enough; another's is not."""
    raw = officer.sign(WORDS)
    pinned = TrustedKeys(certificates=(officer.fingerprint,))
    assert judge_signature(reader.look_at_signature(raw, pinned, NOW), OFFICER, NOW)[0] == "valid"
    other = TrustedKeys(certificates=("0" * 64,))
    assert reader.look_at_signature(raw, other, NOW).flaws == ("untrusted",)


def wrapped(raw: bytes, before: bytes) -> bytes:
    """Return a letter in which a signed one is only a part."""
    body = raw[raw.index(b"MIME-Version") :]
    outer = b"Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n" + before + b"\r\n--outer\r\n"
    return letter(outer + body + b"\r\n--outer--\r\n")


def twice(by: Certified, place: Path) -> bytes:
    """Return a letter with two signers."""
    other = certified(place, authority(place, "Other CA"))
    return by.sign(WORDS, "-signer", other.certificate, "-inkey", other.key)


def another_type(raw: bytes) -> bytes:
    """Return a letter whose first Content-Type names another boundary, under which other words stand."""
    inner = b"Content-Type: multipart/mixed; boundary=evil\r\n"
    evil = b"\r\n--evil\r\nContent-Type: text/plain\r\n\r\nDelete it all.\r\n--evil--\r\n"
    return letter(inner + raw[raw.index(b"MIME-Version") :] + evil)


FLAWED: dict[str, tuple[SignatureFlaw, Callable[[Certified, Path, Path], bytes]]] = {
    "signature over a part": (
        "part-only",
        lambda by, _issuer, _place: wrapped(by.sign(WORDS), b"Content-Type: text/plain\r\n\r\nDelete all."),
    ),
    "a signed letter in a signed one": (
        "nested",
        lambda by, _issuer, _place: by.sign(by.sign(WORDS)[by.sign(WORDS).index(b"MIME-Version") :]),
    ),
    "words behind it": ("unsigned-text", lambda by, _issuer, _place: by.sign(WORDS) + b"\r\nDelete it all.\r\n"),
    "two signers": ("several-signers", lambda by, _issuer, place: twice(by, place)),
    "an old digest": ("weak", lambda by, _issuer, _place: by.sign(WORDS, "-md", "sha1")),
    "a small key": ("weak", lambda _by, issuer, place: certified(place, issuer, key="small").sign(WORDS)),
    "for servers": ("not-for-mail", lambda _by, issuer, place: certified(place, issuer, use="serverAuth").sign(WORDS)),
    "another authority": (
        "untrusted",
        lambda _by, _issuer, place: certified(place, authority(place, "Evil CA")).sign(WORDS),
    ),
    "certified by an officer": ("untrusted", lambda by, _issuer, place: certified(place, by.certificate).sign(WORDS)),
    "no certificate": ("unknown-key", lambda by, _issuer, _place: by.sign(WORDS, "-nocerts")),
    "half a signature": ("malformed", lambda by, _issuer, _place: by.sign(WORDS).replace(b"MII", b"MIA", 1)),
    "encrypted": (
        "encrypted",
        lambda by, _issuer, _place: letter(run("openssl", "cms", "-encrypt", "-aes256", by.certificate, given=WORDS)),
    ),
}


@pytest.mark.parametrize("trick", FLAWED)
def test_what_does_not_count_is_named(
    officer: Certified, issuer: Path, place: Path, reader: MailReader, trick: str
) -> None:
    """Never valid, and the finding says why."""
    flaw, make = FLAWED[trick]
    seen = reader.look_at_signature(make(officer, issuer, place), trusted(officer), NOW)
    assert flaw in seen.flaws
    result, sentences = judge_signature(seen, OFFICER, NOW)
    assert result in ("invalid", "unproven")
    assert any(FLAW_SENTENCES[flaw] in one for one in sentences)


def test_two_content_types_are_no_signature(officer: Certified, reader: MailReader) -> None:
    """What one program shows and another verifies are not the same: it is never valid."""
    seen = reader.look_at_signature(another_type(officer.sign(WORDS)), trusted(officer), NOW)
    assert judge_signature(seen, OFFICER, NOW)[0] != "valid"


def test_times_addresses_and_replays(officer: Certified, reader: MailReader) -> None:
    """Judged by when the letter came, and by whom From names."""
    raw = officer.sign(WORDS)
    later = reader.look_at_signature(raw, trusted(officer), NOW + timedelta(days=25))
    assert later.flaws[0] == "expired"
    earlier = reader.look_at_signature(raw, trusted(officer), NOW - timedelta(days=2))
    assert earlier.flaws[0] == "not-yet-valid"
    seen = reader.look_at_signature(raw, trusted(officer), NOW)
    assert judge_signature(seen, "chief@police.example", NOW)[0] == "unproven"
    assert judge_signature(seen, OFFICER, NOW + timedelta(days=31))[0] == "unproven"
    assert judge_signature(seen, OFFICER.upper(), NOW)[0] == "valid"


# --- OpenPGP ------------------------------------------------------------------------------------------------------


def test_a_genuine_key_verifies(holder: KeyHolder, reader: MailReader) -> None:
    """Detached and in the text; one changed letter is told; so is a mailbox's line end no change."""
    raw = holder.sign()
    seen = reader.look_at_signature(raw, trusted(holder), NOW)
    assert (seen.kind, seen.verified, seen.flaws, seen.fingerprint) == ("pgp", True, (), holder.fingerprint)
    assert judge_signature(seen, OFFICER, NOW)[0] == "valid"
    assert reader.look_at_signature(raw.replace(b"\r\n", b"\n"), trusted(holder), NOW).verified
    changed = raw.replace(b"@example.", b"@exampla.")
    assert reader.look_at_signature(changed, trusted(holder), NOW).flaws == ("tampered",)
    assert judge_signature(reader.look_at_signature(changed, trusted(holder), NOW), OFFICER, NOW)[0] == "invalid"


def test_a_text_signed_in_itself(holder: KeyHolder, reader: MailReader) -> None:
    """The whole text counts; words around it, or a changed one, do not."""
    clear = holder.gpg("--clear-sign", given=b"Please disclose.\n- a list\n")
    head = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    seen = reader.look_at_signature(letter(head + clear), trusted(holder), NOW)
    assert (seen.verified, seen.flaws) == (True, ())
    around = reader.look_at_signature(letter(head + b"Delete it all.\r\n" + clear), trusted(holder), NOW)
    assert around.flaws == ("part-only",)
    changed = reader.look_at_signature(letter(head + clear.replace(b"disclose", b"destroy!")), trusted(holder), NOW)
    assert not changed.verified


def test_keys_that_do_not_count(place: Path, holder: KeyHolder, reader: MailReader) -> None:
    """Unknown, another's under a known fingerprint, expired, revoked: each is named."""
    raw = holder.sign()
    stranger = key_holder(place, "x@evil.test")
    assert reader.look_at_signature(raw, TrustedKeys(), NOW).flaws == ("unknown-key",)
    assert reader.look_at_signature(raw, trusted(stranger), NOW).flaws == ("unknown-key",)
    swapped = TrustedKeys(pgp=((holder.fingerprint, stranger.key),))
    assert reader.look_at_signature(stranger.sign(), swapped, NOW).flaws == ("unknown-key",)
    assert "expired" in reader.look_at_signature(raw, trusted(holder), NOW + timedelta(days=40)).flaws
    seen = reader.look_at_signature(stranger.sign(), trusted(stranger), NOW)
    assert judge_signature(seen, OFFICER, NOW)[0] == "unproven"
    gone = key_holder(place)
    signed = gone.sign()
    revocation = (gone.home / "openpgp-revocs.d" / f"{gone.fingerprint.upper()}.rev").read_text("utf-8")
    gone.gpg("--import", given=revocation.replace(":-----BEGIN", "-----BEGIN").encode())
    assert reader.look_at_signature(signed, trusted(exported(gone.home)), NOW).flaws == ("revoked",)


def test_unsigned_letters_have_no_signature(reader: MailReader) -> None:
    """And nothing is made of it."""
    assert reader.look_at_signature(letter(WORDS), TrustedKeys(), NOW) == SignatureSeen()
    assert judge_signature(SignatureSeen(), OFFICER, NOW) == ("none", ())


# --- DKIM with Ed25519 ----------------------------------------------------------------------------------------------

ED25519_LETTER = b"""DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
""".replace(b"\n", b"\r\n")
ED25519_RECORD = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def test_ed25519_dkim() -> None:
    """The vector of RFC 8463 (appendix A) verifies; a changed word, another key, or a key of another kind do not."""
    assert verify(ED25519_LETTER, 0, ED25519_RECORD) == "pass"
    assert verify(ED25519_LETTER.replace(b"hungry", b"angry!"), 0, ED25519_RECORD) != "pass"
    assert verify(ED25519_LETTER.replace(b"dinner", b"supper"), 0, ED25519_RECORD) == "fail"
    assert verify(ED25519_LETTER, 0, ED25519_RECORD.replace("11qY", "12qY")) != "pass"
    assert verify(ED25519_LETTER, 0, ED25519_RECORD.replace("k=ed25519; ", "")) == "fail"
    assert verify(ED25519_LETTER, 0, "v=DKIM1; k=ed25519; p=short") != "pass"
