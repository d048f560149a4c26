"""Revocation: real certificates and lists, through the sandboxed child, and how a list fails to speak."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from evenhand.doors.mail.list_keeping import keep_list
from evenhand.doors.mail.reader import MailReader
from evenhand.doors.mail.revocation import RevocationLists
from evenhand.doors.mail.revocation_list import LIST_BYTES_MAX, read_list, signer_of
from evenhand.orders.identify_signed import judge_signature
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.letter import SignatureResult, TrustedKeys
from letter_signers import OFFICER, Certified, authority, certified, run
from revocation_lists import DAY, NOW, made_list, serial_of

SECOND = timedelta(seconds=1)
CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign{lists}\n"


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A directory for keys."""
    directory = Path(tempfile.mkdtemp(prefix="crl"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def issuer(place: Path) -> Path:
    """The police's certificate authority."""
    return authority(place, key="ec")


@pytest.fixture(scope="module")
def officer(place: Path, issuer: Path) -> Certified:
    """An officer with a certificate."""
    return certified(place, issuer, key="ec")


@pytest.fixture(scope="module")
def reader() -> Iterator[MailReader]:
    """The child, without lists of its own: each test looks up what the child says."""
    with MailReader() as made:
        yield made


@pytest.fixture(scope="module")
def signed(officer: Certified) -> bytes:
    """A letter that the officer signed."""
    return officer.sign()


@pytest.fixture
def lists(tmp_path: Path) -> RevocationLists:
    """An empty directory of lists."""
    (tmp_path / "crl").mkdir()
    return RevocationLists(tmp_path / "crl")


def put(lists: RevocationLists, name: str, raw: bytes) -> None:
    """Put a file among the lists."""
    (lists.directory / name).write_bytes(raw)


def judged(reader: MailReader, raw: bytes, keys: TrustedKeys, lists: RevocationLists) -> tuple[SignatureResult, str]:
    """Return what a letter's signature is worth under the lists, and why."""
    with_lists = MailReader(revoked=lists)
    with_lists._ask = reader._ask  # type: ignore[method-assign] # one child for all tests of this page
    seen = with_lists.look_at_signature(raw, keys, NOW)
    result, why = judge_signature(seen, OFFICER, NOW)
    return result, " ".join(why)


def trusted(by: Certified) -> TrustedKeys:
    """Return the registry's trust in whoever certified somebody."""
    return TrustedKeys(issuers=(by.issuer,))


def test_without_a_directory_nothing_is_looked_up(
    reader: MailReader, signed: bytes, officer: Certified, tmp_path: Path
) -> None:
    """A desk that feeds no lists is as it was; one that fetches them expects them from the first letter."""
    missing = tmp_path / "none"
    assert judged(reader, signed, trusted(officer), RevocationLists(missing))[0] == "valid"
    result, why = judged(reader, signed, trusted(officer), RevocationLists(missing, expected=True))
    assert result == "unproven"
    assert "No revocation list" in why


@pytest.mark.parametrize("pem", [False, True], ids=["der", "pem"])
def test_a_revoked_certificate_is_invalid_and_another_ones_is_not(
    reader: MailReader, signed: bytes, officer: Certified, issuer: Path, lists: RevocationLists, *, pem: bool
) -> None:
    """The reason and the day stand in the sentence; the list of others' numbers leaves this one valid."""
    serial = serial_of(officer.certificate)
    put(lists, "police.crl", made_list(issuer, [serial + 1], pem=pem))
    assert judged(reader, signed, trusted(officer), lists)[0] == "valid"
    put(lists, "police.crl", made_list(issuer, [serial + 1, serial], pem=pem))
    result, why = judged(reader, signed, trusted(officer), lists)
    assert result == "invalid"
    assert "revoked by its issuer" in why
    assert f"revoked on {NOW - DAY:%Y-%m-%d} (keyCompromise)" in why


def test_the_newest_list_speaks_whatever_the_files_are_called(
    reader: MailReader, signed: bytes, officer: Certified, issuer: Path, lists: RevocationLists
) -> None:
    """A superseded list that is still current does not hide a revocation, nor keep one that was taken back."""
    serial = serial_of(officer.certificate)
    put(lists, "z-old.crl", made_list(issuer, [], issued_at=NOW - 2 * DAY))
    put(lists, "a-new.crl", made_list(issuer, [serial], issued_at=NOW - DAY))
    assert judged(reader, signed, trusted(officer), lists)[0] == "invalid"
    put(lists, "m-newest.crl", made_list(issuer, [], issued_at=NOW - DAY / 2))
    assert judged(reader, signed, trusted(officer), lists)[0] == "valid"
    # Of two of one second, the number says which is the later one.
    at = {"issued_at": NOW - DAY / 4}
    put(lists, "y.crl", made_list(issuer, [], extensions=[(x509.CRLNumber(7), False)], **at))  # type: ignore[arg-type]
    put(lists, "x.crl", made_list(issuer, [serial], extensions=[(x509.CRLNumber(8), False)], **at))  # type: ignore[arg-type]
    assert judged(reader, signed, trusted(officer), lists)[0] == "invalid"


@pytest.mark.parametrize(
    ("first", "last", "result"),
    [
        (-DAY, timedelta(), "valid"),
        (-DAY, -SECOND, "unproven"),
        (timedelta(), DAY, "valid"),
        (DAY, 2 * DAY, "valid"),
        (DAY + SECOND, 2 * DAY, "unproven"),
    ],
    ids=["last-second", "a-second-after", "first-second", "a-day-before", "more-than-a-day-before"],
)
def test_a_list_speaks_between_its_days_to_the_second(
    reader: MailReader,
    signed: bytes,
    officer: Certified,
    issuer: Path,
    lists: RevocationLists,
    first: timedelta,
    last: timedelta,
    result: SignatureResult,
) -> None:
    """Its last instant is one of them; a day's grace for clocks before its first, none after its last."""
    put(lists, "police.crl", made_list(issuer, issued_at=NOW + first, ends_at=NOW + last))
    found, why = judged(reader, signed, trusted(officer), lists)
    assert found == result
    assert ("Whether the certificate is revoked is not known" in why) is (result == "unproven")
    assert ("ended on" in why) is (last < timedelta())


def test_a_revoked_certificate_stays_so_when_the_list_has_ended(
    reader: MailReader, signed: bytes, officer: Certified, issuer: Path, lists: RevocationLists
) -> None:
    """An outdated list cannot clear anybody, but what it revoked is not valid again."""
    old = made_list(issuer, [serial_of(officer.certificate)], issued_at=NOW - 9 * DAY, ends_at=NOW - 8 * DAY)
    put(lists, "police.crl", old)
    assert judged(reader, signed, trusted(officer), lists)[0] == "invalid"


def test_a_list_that_somebody_else_signed_says_nothing(
    reader: MailReader, place: Path, signed: bytes, officer: Certified, issuer: Path, lists: RevocationLists
) -> None:
    """The name alone is no issuer: neither does a forged list clear, nor does it revoke."""
    (place / "twin").mkdir()
    twin = authority(place / "twin", key="ec")
    serial = serial_of(officer.certificate)
    for revoked in ([], [serial]):
        put(lists, "police.crl", made_list(issuer, revoked, key=twin))
        result, why = judged(reader, signed, trusted(officer), lists)
        assert result == "unproven"
        assert "signed by it" in why
    put(lists, "police.crl", made_list(authority(place, "Other CA", "ec"), [serial]))
    assert judged(reader, signed, trusted(officer), lists)[0] == "unproven"
    # The real one beside a forged one, later in time, is not disturbed.
    put(lists, "forged.crl", made_list(issuer, [serial], key=twin, issued_at=NOW))
    put(lists, "police.crl", made_list(issuer))
    assert judged(reader, signed, trusted(officer), lists)[0] == "valid"


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x30\x80", b"-----BEGIN X509 CRL-----\n", b"-----BEGIN CERTIFICATE-----\nAAAA", bytes(range(256)) * 16],
    ids=["empty", "der-cut", "pem-cut", "certificate", "noise"],
)
def test_a_file_that_is_no_list_leaves_it_unknown(
    reader: MailReader, signed: bytes, officer: Certified, lists: RevocationLists, raw: bytes
) -> None:
    """Rubbish among the lists is said, and clears nobody."""
    put(lists, "police.crl", raw)
    assert judged(reader, signed, trusted(officer), lists)[0] == "unproven"
    (only,) = lists.files()
    assert only.found is None
    assert only.why_not


def test_a_list_of_a_hundred_megabytes_is_not_read(
    reader: MailReader, signed: bytes, officer: Certified, issuer: Path, lists: RevocationLists
) -> None:
    """A file beyond the limit is known by its size alone; a smaller one beside it still speaks."""
    with (lists.directory / "huge.crl").open("wb") as huge:
        huge.truncate(100 << 20)
    assert judged(reader, signed, trusted(officer), lists)[0] == "unproven"
    assert "more than 32 MiB" in lists.files()[0].why_not
    put(lists, "police.crl", made_list(issuer))
    assert judged(reader, signed, trusted(officer), lists)[0] == "valid"
    with pytest.raises(InputError, match="32 MiB"):
        keep_list(lists, "https://ca.example/a.crl", bytes(LIST_BYTES_MAX + 1), (officer.issuer,), NOW)


@pytest.mark.parametrize(
    ("extension", "result"),
    [
        (x509.DeltaCRLIndicator(3), "unproven"),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), "unproven"),
        ("user-certs", "valid"),
        ("ca-certs", "unproven"),
        ("some-reasons", "unproven"),
        ("indirect", "unproven"),
        ("elsewhere", "unproven"),
    ],
    ids=["delta", "unknown-critical", "of-users", "of-authorities", "of-some-reasons", "indirect", "of-another-point"],
)
def test_a_list_of_a_part_clears_only_that_part(
    reader: MailReader,
    signed: bytes,
    officer: Certified,
    issuer: Path,
    lists: RevocationLists,
    extension: x509.ExtensionType | str,
    result: SignatureResult,
) -> None:
    """What a list does not speak of, it does not clear."""
    put(lists, "police.crl", made_list(issuer, extensions=[(_scope(extension), True)]))
    assert judged(reader, signed, trusted(officer), lists)[0] == result


def _scope(wanted: x509.ExtensionType | str) -> x509.ExtensionType:
    if isinstance(wanted, x509.ExtensionType):
        return wanted
    elsewhere = [x509.UniformResourceIdentifier("http://ca.example/7.crl")]
    reasons = frozenset({x509.ReasonFlags.key_compromise})
    return x509.IssuingDistributionPoint(
        full_name=elsewhere if wanted == "elsewhere" else None,
        relative_name=None,
        only_contains_user_certs=wanted == "user-certs",
        only_contains_ca_certs=wanted == "ca-certs",
        only_some_reasons=reasons if wanted == "some-reasons" else None,
        indirect_crl=wanted == "indirect",
        only_contains_attribute_certs=False,
    )


def test_an_intermediate_needs_a_list_too_and_a_revoked_one_takes_its_officers_with_it(
    reader: MailReader, place: Path, issuer: Path, lists: RevocationLists
) -> None:
    """Every certificate of the path is looked up, each on its own issuer's list."""
    between = certified(place, issuer, key="ec", extensions=CA.format(lists=",cRLSign"))
    officer = certified(place, between.certificate, key="ec")
    raw = officer.sign(b"Content-Type: text/plain\r\n\r\nhello\r\n", "-certfile", between.certificate)
    keys = TrustedKeys(issuers=(issuer.read_text(),))
    put(lists, "police.crl", made_list(issuer))
    assert judged(reader, raw, keys, lists)[0] == "unproven"
    put(lists, "between.crl", made_list(between.certificate))
    assert judged(reader, raw, keys, lists)[0] == "valid"
    put(lists, "police.crl", made_list(issuer, [serial_of(between.certificate)]))
    assert judged(reader, raw, keys, lists)[0] == "invalid"


def test_a_list_by_a_key_that_may_not_sign_lists_clears_nobody(
    reader: MailReader, place: Path, issuer: Path, lists: RevocationLists
) -> None:
    """A certificate says what its key may do; an operator may name a signer of lists in a file of its own."""
    between = certified(place, issuer, key="ec", extensions=CA.format(lists=""))
    officer = certified(place, between.certificate, key="ec")
    raw = officer.sign(b"Content-Type: text/plain\r\n\r\nhello\r\n", "-certfile", between.certificate)
    keys = TrustedKeys(issuers=(issuer.read_text(),))
    put(lists, "police.crl", made_list(issuer))
    put(lists, "between.crl", made_list(between.certificate))
    assert judged(reader, raw, keys, lists)[0] == "unproven"
    put(lists, "between.crt", between.certificate.read_bytes())
    assert judged(reader, raw, keys, lists)[0] == "valid"


def test_a_certificate_that_the_registry_names_is_looked_up_where_a_list_of_its_issuer_is(
    reader: MailReader, signed: bytes, officer: Certified, issuer: Path, lists: RevocationLists
) -> None:
    """Whoever stole its key cannot leave the issuer out to hide that the certificate was revoked."""
    keys = TrustedKeys(certificates=(officer.fingerprint,))
    assert judged(reader, signed, keys, lists)[0] == "valid"
    put(lists, "police.crl", made_list(issuer, [serial_of(officer.certificate)]))
    alone = judged(reader, signed, keys, lists)
    assert alone[0] == "unproven"
    whole = officer.sign(b"Content-Type: text/plain\r\n\r\nhello\r\n", "-certfile", issuer)
    assert judged(reader, whole, keys, lists)[0] == "invalid"
    put(lists, "police.crt", issuer.read_bytes())
    assert judged(reader, signed, keys, lists)[0] == "invalid"


def test_strangers_are_not_looked_up(
    reader: MailReader, place: Path, officer: Certified, lists: RevocationLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate that nobody trusts, under the real authority's name, costs no list's check: it is untrusted."""
    (place / "stranger").mkdir()
    stranger = certified(place / "stranger", authority(place / "stranger", key="ec"), key="ec")
    asked: list[object] = []
    monkeypatch.setattr(lists, "look", lambda *found, **_more: asked.append(found))
    result, why = judged(reader, stranger.sign(), trusted(officer), lists)
    assert (result, asked) == ("unproven", [])
    assert "no authority of the registry's certifies it" in why


def test_lists_that_cannot_be_read_clear_nobody(
    reader: MailReader, signed: bytes, officer: Certified, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory that the system refuses, and a list that is a directory itself."""
    (tmp_path / "crl" / "police.crl").mkdir(parents=True)
    assert judged(reader, signed, trusted(officer), RevocationLists(tmp_path / "crl"))[0] == "unproven"

    def refused(_self: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refused)
    result, why = judged(reader, signed, trusted(officer), RevocationLists(tmp_path / "crl"))
    assert result == "unproven"
    assert "cannot be read" in why


def test_weak_lists_do_not_count(place: Path) -> None:
    """A list under a key that can be broken is no list."""
    (place / "small").mkdir()
    small = authority(place / "small", key="small")
    assert not read_list(made_list(small)).signed_by(signer_of(small.read_bytes())[1])
    strong = authority(place / "small", "Strong CA", "ec")
    assert read_list(made_list(strong)).signed_by(signer_of(strong.read_bytes())[1])
    assert not read_list(made_list(strong)).signed_by(b"no key")


def test_openssl_reads_the_lists_as_we_do(officer: Certified, issuer: Path, place: Path) -> None:
    """The oracle: openssl, given the same list, refuses the same certificate and takes the other one."""
    for revoked, good in (([], True), ([serial_of(officer.certificate)], False)):
        (place / "oracle.pem").write_bytes(made_list(issuer, revoked, pem=True, issued_at=NOW - DAY, ends_at=NOW + DAY))
        asked = ("openssl", "verify", "-crl_check", "-CAfile", issuer, "-CRLfile", place / "oracle.pem")
        try:
            run(*asked, officer.certificate)
            said = True
        except AssertionError:
            said = False
        assert said is good


def test_what_is_fetched_is_kept_only_if_it_tells_more(
    officer: Certified, issuer: Path, place: Path, lists: RevocationLists
) -> None:
    """Signed by somebody known, not of a day to come, never older than what is kept; each address has its place."""
    url, known = "https://ca.example/police.crl", ("-----BEGIN CERTIFICATE-----\nrubbish", officer.issuer)
    (place / "liar").mkdir()
    liar = authority(place / "liar", key="ec")
    first = made_list(issuer, [5], issued_at=NOW - DAY)
    keep_list(lists, url, first, known, NOW)
    for raw, reason in (
        (made_list(issuer, issued_at=NOW - 2 * DAY), "older than"),
        (made_list(issuer, key=liar, issued_at=NOW), "signed by no authority"),
        (made_list(issuer, issued_at=NOW + DAY + SECOND, ends_at=NOW + 3 * DAY), "still to come"),
        (b"<html>sign in</html>", "not a revocation list"),
    ):
        with pytest.raises(InputError, match=reason):
            keep_list(lists, url, raw, known, NOW)
    (kept,) = lists.files()
    assert kept.found is not None
    assert kept.found.revoked("5")
    keep_list(lists, url, made_list(issuer, [5, 6], issued_at=NOW), known, NOW)
    (kept,) = lists.files()
    assert kept.found is not None
    assert kept.found.revoked("6")
    assert kept.found.issued_at.tzinfo is UTC
    keep_list(lists, url + "?2", first, known, NOW)
    assert len(lists.files()) == 2


def test_an_intermediates_list_is_kept_once_its_certificate_lies_there(
    place: Path, issuer: Path, lists: RevocationLists
) -> None:
    """The registry knows roots; whose certificate an operator puts beside the lists may sign them, and nothing else."""
    between = certified(place, issuer, key="ec", extensions=CA.format(lists=",cRLSign"))
    raw = made_list(between.certificate)
    with pytest.raises(InputError, match="signed by no authority"):
        keep_list(lists, "https://ca.example/2", raw, (issuer.read_text(),), NOW)
    put(lists, "rubbish.crt", b"rubbish")
    put(lists, "between.crt", between.certificate.read_bytes())
    keep_list(lists, "https://ca.example/2", raw, (issuer.read_text(),), NOW)
