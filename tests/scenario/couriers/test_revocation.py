"""Revocation lists over real TLS: only what the operator listed is asked, and no answer can hold the desk up."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from evenhand.couriers.revocation import fetch_list
from evenhand.doors.cli.app import evenhand
from evenhand.doors.mail.reader import MailReader
from evenhand.doors.mail.revocation import RevocationLists
from evenhand.flow.identify import Identifier
from evenhand.main import Desk
from evenhand.main.revocation import fetching
from evenhand.orders.registry import Authority, Registry, SmimeIssuer
from evenhand.settings import Settings, load_settings
from evenhand.vocabulary.errors import InputError, Retryable
from evenhand.vocabulary.letter import TrustedKeys
from letter_signers import LEAF, Certified, authority, certified, run
from revocation_lists import DAY, NOW, made_list, serial_of

Answer = Callable[[ssl.SSLSocket], None]
MIB = 1 << 20


@contextmanager
def server(place: Path, answer: Answer) -> Iterator[tuple[str, list[bytes]]]:
    """Serve one answer over TLS at localhost; give its address and the request lines that came."""
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    pair = (place / "tls.key", place / "tls.pem")
    curve = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    run("openssl", "req", "-x509", "-newkey", *curve, "-nodes", *names, "-keyout", pair[0], "-out", pair[1])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair[1], pair[0])
    came: list[bytes] = []
    listening = socket.create_server(("localhost", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as stream:
                    came.append(stream.recv(65_536).partition(b"\r\n")[0])
                    answer(stream)
            except OSError:
                continue

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"https://localhost:{listening.getsockname()[1]}/police.crl", came
    finally:
        listening.shutdown(socket.SHUT_RDWR)  # whoever waits for a visitor would still get the next one
        listening.close()


@pytest.fixture
def trusting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory whose server's certificate this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls.pem"))
    return tmp_path


def whole(body: bytes) -> Answer:
    """Answer with these bytes."""
    return lambda stream: stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


def endless(stream: ssl.SSLSocket) -> None:
    """Answer with more and more."""
    stream.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        stream.sendall(bytes(MIB))


def dripping(stream: ssl.SSLSocket) -> None:
    """Answer a byte now and then, each before any timeout of a single read."""
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 10_000:
        stream.sendall(bytes([byte]))
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda s: s.sendall(b"HTTP/1.1 302 Found\r\nLocation: https://localhost:1/\r\n\r\n"), "answered 302"),
        (lambda s: s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n"), "more than 1 MiB"),
        (endless, "more than 1 MiB"),
        (dripping, "https://localhost"),
        (lambda s: s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nabc"), "IncompleteRead|ended early"),
        (lambda s: s.sendall(b"nonsense\r\n\r\n"), "BadStatusLine"),
        (lambda s: s.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"), "answered 404"),
    ],
    ids=["elsewhere", "hundred-mib", "endless", "dripping", "cut-off", "nonsense", "not-there"],
)
def test_no_answer_holds_the_desk_up(trusting: Path, answer: Answer, reason: str) -> None:
    """Whatever the other side does ends in seconds, in a fault that is tried again, and nobody else is asked."""
    with server(trusting, answer) as (url, came):
        began = time.monotonic()
        with pytest.raises(Retryable, match=reason):
            fetch_list(url, MIB, whole_s=1.0)
        assert time.monotonic() - began < 5
        assert came == [b"GET /police.crl HTTP/1.1"]


def test_a_server_that_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    """Without a certificate that this machine trusts there is no list."""
    with server(tmp_path, whole(b"x")) as (url, _), pytest.raises(Retryable, match="SSLCertVerificationError"):
        fetch_list(url, MIB)


def test_the_command_fetches_what_the_settings_list(trusting: Path) -> None:
    """From the address to a revoked officer: kept, shown, and exit code 1 when it cannot be had."""
    issuer = authority(trusting, key="ec")
    officer = certified(trusting, issuer, key="ec")
    known = {"certificate": issuer.read_text(), "use": "smime-issuer", "source": "letter", "date": "2026-01-05"}
    domain = {"domain": "police.example", "source": "letter", "date": "2026-01-05"}
    police = {"id": "p", "name": "P", "state": "FR", "kind": "police", "competence": [], "source": "letter"}
    police |= {"date": "2026-01-05", "domains": [domain], "keys": [known]}
    (trusting / "registry.json").write_text(json.dumps({"authorities": [police]}), "utf-8")
    raw = made_list(issuer, [serial_of(officer.certificate)], issued_at=NOW - DAY)
    with server(trusting, whole(raw)) as (url, _):
        desk = Desk()
        desk.__dict__["settings"] = Settings(data=trusting, crl_urls=url)
        found = CliRunner().invoke(evenhand, ["authority", "revocation", "--fetch", "--json"], obj=desk)
        assert found.exit_code == 0, found.output
        (line,) = found.stdout.splitlines()
        assert json.loads(line) | {"file": ""} == {
            "file": "",
            "issuer": "CN=Police CA",
            "issued_at": (NOW - DAY).isoformat(),
            "ends_at": (NOW + DAY).isoformat(),
            "revoked": 1,
            "wrong": "",
        }
    with MailReader(revoked=RevocationLists(trusting / "crl")) as reader:
        seen = reader.look_at_signature(officer.sign(), TrustedKeys(issuers=(officer.issuer,)), NOW)
    assert "certificate-revoked" in seen.flaws
    again = CliRunner().invoke(evenhand, ["authority", "revocation", "--fetch"], obj=desk)
    assert again.exit_code == 1
    assert "is not kept" in again.stderr
    assert "1 revoked" in again.stdout


def test_the_clock_fetches_beside_the_desk(trusting: Path) -> None:
    """As `evenhand up` does it; an address that does not answer keeps none of the others from being fetched."""
    issuer = authority(trusting, key="ec")
    known = SmimeIssuer(certificate=issuer.read_text(), source="letter", date=NOW.date())
    police = Authority(
        id="p", name="P", state="FR", kind="police", competence=(), source="letter", date=NOW.date(), keys=(known,)
    )
    identifier = Identifier(Registry(authorities=(police,)))
    with server(trusting, whole(made_list(issuer))) as (url, _):
        settings = Settings(data=trusting, crl_urls=f"https://localhost:1/never.crl {url}")
        clock = fetching(settings, lambda: identifier)
        assert clock is not None
        with clock:
            until = time.monotonic() + 10
            while not list(trusting.glob("crl/*.crl")) and time.monotonic() < until:
                time.sleep(0.02)
    assert len(list(trusting.glob("crl/*.crl"))) == 1
    assert fetching(Settings(data=trusting), lambda: identifier) is None


def test_no_address_in_a_certificate_is_ever_asked(tmp_path: Path) -> None:
    """Whoever writes a letter cannot make the desk look anywhere: the certificate names a server, and nobody comes."""
    with socket.create_server(("localhost", 0)) as listening:
        listening.settimeout(0.3)
        points = f"crlDistributionPoints=URI:http://localhost:{listening.getsockname()[1]}/own.crl\n"
        officer: Certified = certified(tmp_path, authority(tmp_path, key="ec"), key="ec", extensions=LEAF + points)
        (tmp_path / "crl").mkdir()
        with MailReader(revoked=RevocationLists(tmp_path / "crl")) as reader:
            seen = reader.look_at_signature(officer.sign(), TrustedKeys(issuers=(officer.issuer,)), NOW)
        assert seen.flaws == ("revocation-unknown",)
        assert seen.path[0].points == (f"http://localhost:{listening.getsockname()[1]}/own.crl",)
        with pytest.raises(TimeoutError):
            listening.accept()


@pytest.mark.parametrize(
    "urls",
    ["http://ca.example/a.crl", "ftp://ca.example/a", "https://", "https://user@ca.example/a", "https://ca.example/#a",
     "https://ca.example/a http://ca.example/b", "https://ca.example:0/", "https://ca.example:x/", "https://cä.example/",
     "file:///etc/passwd"],
    ids=["plain", "ftp", "no-host", "user", "fragment", "second", "port-0", "port-x", "not-ascii", "file"],
)  # fmt: skip
def test_only_plain_https_addresses_are_settings(urls: str) -> None:
    """A wrong address stops the start."""
    with pytest.raises(InputError, match="crl_urls"):
        load_settings(environ={"EVENHAND_CRL_URLS": urls})


def test_addresses_are_listed_once() -> None:
    """Spaces and line ends stand between them; what stands there twice is fetched once."""
    settings = load_settings(
        environ={"EVENHAND_CRL_URLS": " https://a.example/1\nhttps://b.example/ https://a.example/1"}
    )
    assert settings.crl_addresses == ("https://a.example/1", "https://b.example/")
