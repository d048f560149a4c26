"""Letters pulled from a real IMAP server, and from servers that lie: nothing twice, nothing lost, never a loop."""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dovecot import Server, running_dovecot, self_signed
from evenhand.doors.mail import imap as imap_door
from evenhand.doors.mail import imap_line
from evenhand.doors.mail.imap import MARK, ImapPull, read_password, verifying
from evenhand.doors.mail.imap_line import ImapLine
from evenhand.doors.mail.reader import MailReader
from evenhand.flow.authorities import RegistryFile
from evenhand.flow.mailroom import LETTERS, Mailroom
from evenhand.flow.office import Office
from evenhand.flow.receipts import open_pen
from evenhand.flow.wrong_door import shipped_door_model
from evenhand.rulebook.load import load_law
from evenhand.settings import Imap, Settings
from evenhand.store.memory import MemoryStore
from evenhand.vocabulary.errors import Conflict, Fatal, InputError
from evenhand.vocabulary.reference import References

NOW = datetime(2026, 11, 24, 23, 59, 58, tzinfo=UTC)
LETTER = b"From: a@b.example\r\nTo: abuse@desk.example\r\nSubject: spam\r\n\r\nt.me/spam sells fakes.\r\n\x01\xff.\r\n"


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Server]:
    """One real server for these tests."""
    with running_dovecot() as server:
        yield server


@pytest.fixture
def server(dovecot: Server) -> Server:
    """It with an empty mailbox."""
    for part in ("new", "cur"):
        for path in (dovecot.maildir / part).iterdir():
            path.unlink()
    for path in dovecot.maildir.glob("dovecot*"):
        path.unlink()
    return dovecot


def settings(server: Server, **changed: object) -> Imap:
    """Return settings for a server."""
    values = {"host": "localhost", "port": server.port, "user": "desk", "address": "abuse@desk.example", "every_s": 1}
    return Imap(**{**values, **changed})  # type: ignore[arg-type] # names of settings


def pull(server: Server, take: Callable[[bytes, str], object], **changed: object) -> ImapPull:
    """Return a pull that has remembered nothing, as after a start."""
    return ImapPull(settings(server, **changed), "secret", take, verifying(str(server.ca_file)))


def flags(server: Server) -> dict[int, set[bytes]]:
    """Return the flags of each letter in the mailbox, as another program sees them."""
    line = ImapLine("localhost", server.port, verifying(str(server.ca_file)))
    with line:
        line.login("desk", "secret")
        line.select_folder("INBOX", readonly=True)
        return {uid: set(found) for uid, found in line.get_flags(line.search()).items()}


def test_letters_are_taken_once_and_marked(server: Server) -> None:
    """Byte for byte, in their order, unread as before; a second look takes nothing."""
    for n in range(5):
        server.put(str(n), LETTER.replace(b"spam", b"spam%d" % n))
    took: list[tuple[bytes, str]] = []
    assert pull(server, lambda raw, to: took.append((raw, to)))(NOW) == 5
    assert took == [(LETTER.replace(b"spam", b"spam%d" % n), "abuse@desk.example") for n in range(5)]
    assert all(MARK in found and b"\\Seen" not in found for found in flags(server).values())
    assert pull(server, lambda raw, to: took.append((raw, to)))(NOW) == 0
    server.put("late", LETTER)
    assert pull(server, lambda raw, to: took.append((raw, to)))(NOW) == 1


def test_a_crash_between_durable_and_mark_makes_no_second_letter(server: Server, tmp_path: Path) -> None:
    """Also when it comes again after midnight, at a desk that has started anew."""
    server.put("notice", LETTER)
    server.put("question", b"From: c@d.example\r\nSubject: hi\r\n\r\nHow do I change my picture?\r\n")
    server.put("broken", b"\0\xff no mail at all")
    store = MemoryStore()
    office = Office(docket=store, queries=store, references=References(bytes(16)), index_key=bytes(32))
    own = Settings(data=tmp_path)
    at = [NOW]
    with MailReader() as reader:
        room = Mailroom(
            office=office,
            pen=open_pen(own),
            settings=own,
            law=load_law(),
            identifier=RegistryFile(tmp_path).identifier,
            model=shipped_door_model(),
            reader=reader,
        )
        references: list[str] = []

        def take(raw: bytes, to: str) -> object:
            references.append(room.receive(raw, envelope_to=to, at=at[0]).reference)
            if len(references) <= 3:
                raise Fatal("the power goes out")
            return None

        for _ in range(3):
            with pytest.raises(Fatal):
                pull(server, take, address="")(at[0])
            at[0] += timedelta(seconds=5)
        assert all(MARK not in found for found in flags(server).values())
        assert pull(server, take, address="")(at[0]) == 3
    assert len(set(references)) == 3
    assert len(store.places(LETTERS)) == 2
    assert sum(row.kind == "notice.raw" for row in _records(store)) == 1


def _records(store: MemoryStore) -> Iterator[object]:
    number = 1
    while (row := store.record(number)) is not None:
        yield row
        number += 1


def test_one_letter_that_is_refused_holds_nothing_up(server: Server) -> None:
    """It stays unmarked, is tried again, and the others go their way."""
    for n in range(3):
        server.put(str(n), LETTER.replace(b"spam", b"spam%d" % n))
    took: list[bytes] = []

    def take(raw: bytes, _to: str) -> None:
        if b"spam1" in raw and len(took) < 3:
            raise Conflict("not now")
        took.append(raw)

    assert pull(server, take)(NOW) == 2
    took.append(b"")
    assert pull(server, take)(NOW) == 1


def test_a_letter_over_the_limit_is_cut_and_bounded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """So much of it comes that the reader refuses it; the mailbox keeps it whole."""
    monkeypatch.setattr(imap_door, "MESSAGE_BYTES_MAX", 10_000)
    server.put("large", LETTER + b"x" * 50_000)
    took: list[bytes] = []
    assert pull(server, lambda raw, _to: took.append(raw))(NOW) == 1
    assert [len(raw) for raw in took] == [10_001]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"host": "127.0.0.1"}, "its certificate is not good"),
        ({"folder": "Nowhere"}, "no letters from localhost"),
        ({"user": "desk", "port": 1}, "Connection refused"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    server: Server, changed: dict[str, object], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A name that the certificate lacks, a folder that is not there, nobody there: a line each, and later again."""
    door = pull(server, lambda _raw, _to: pytest.fail("nothing may be taken"), **changed)
    with caplog.at_level(logging.WARNING, "evenhand.mail"):
        assert door(NOW) == 0
        assert door(NOW) == 0
    [line] = caplog.messages
    assert said in line


def test_a_certificate_of_strangers_is_refused(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """With the system's certificates a self-signed server gets no password."""
    door = ImapPull(settings(server), "secret", lambda _raw, _to: None, verifying(""))
    with caplog.at_level(logging.WARNING, "evenhand.mail"):
        assert door(NOW) == 0
    assert "certificate" in caplog.text


def test_settings_that_cannot_work_stop_the_start(tmp_path: Path) -> None:
    """A password file that is not there, certificates that are none."""
    with pytest.raises(InputError, match="password_file"):
        read_password(tmp_path / "imap.password")
    (tmp_path / "imap.password").write_text("\n", "utf-8")
    with pytest.raises(InputError, match="empty"):
        read_password(tmp_path / "imap.password")
    with pytest.raises(InputError, match="ca_file"):
        verifying(str(tmp_path / "nothing.pem"))


# --- Servers that lie ---------------------------------------------------------------------------------------------

SELECTED = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n%s OK [READ-WRITE] x\r\n"
Script = dict[bytes, Callable[[bytes], bytes]]


def honest() -> Script:
    """Return a protocol-true server with one letter that forgets every mark."""
    return {
        b"CAPABILITY": lambda tag: b"* CAPABILITY IMAP4rev1\r\n%s OK x\r\n" % tag,
        b"LOGIN": lambda tag: b"%s OK x\r\n" % tag,
        b"SELECT": lambda tag: SELECTED % tag,
        b"UID SEARCH": lambda tag: b"* SEARCH 5\r\n%s OK x\r\n" % tag,
        b"UID FETCH": lambda tag: b"* 1 FETCH (UID 5 BODY[]<0> {%d}\r\n%s)\r\n%s OK x\r\n" % (len(LETTER), LETTER, tag),
        b"UID STORE": lambda tag: b"%s OK x\r\n" % tag,
        b"LOGOUT": lambda tag: b"* BYE x\r\n%s OK x\r\n" % tag,
    }


@contextmanager
def lying(directory: Path, script: Script, greeting: bytes = b"* OK ready\r\n") -> Iterator[Server]:
    """Run a TLS server that answers as scripted; b"" ends the connection."""
    ca_file = self_signed(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_file, directory / "server.key")
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                plain, _ = listening.accept()
                with context.wrap_socket(plain, server_side=True) as line, line.makefile("rb") as asked:
                    line.sendall(greeting)
                    for command in asked:
                        tag, _, rest = command.strip().partition(b" ")
                        answer = next((one(tag) for name, one in script.items() if rest.upper().startswith(name)), b"")
                        if not answer:
                            break
                        line.sendall(answer)
            except OSError:
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Server(port=listening.getsockname()[1], ca_file=ca_file, maildir=directory)
    finally:
        over.set()
        with socket.create_connection(listening.getsockname(), timeout=5):
            pass
        listening.close()
        thread.join(timeout=10)


LIES: dict[str, Script] = {
    "a literal of terabytes": {b"UID FETCH": lambda _: b"* 1 FETCH (UID 5 BODY[]<0> {9999999999999}\r\nx"},
    "no bytes": {b"UID FETCH": lambda tag: b"* 1 FETCH (UID 5 BODY[]<0> NIL)\r\n%s OK x\r\n" % tag},
    "nested brackets": {b"UID FETCH": lambda tag: b"* 1 FETCH " + b"(" * 50_000 + b"\r\n%s OK x\r\n" % tag},
    "an endless line": {b"UID SEARCH": lambda _: b"* SEARCH" + b" 5" * 2_000_000},
    "endless answers": {b"UID SEARCH": lambda _: b"* SEARCH 5\r\n" * 1_000_000},
    "no numbers": {b"UID SEARCH": lambda tag: b"* SEARCH a b \xff\r\n%s OK x\r\n" % tag},
    "no UIDVALIDITY": {b"SELECT": lambda tag: b"* 1 EXISTS\r\n%s OK x\r\n" % tag},
    "a folder that may only be read": {b"SELECT": lambda tag: SELECTED.replace(b"READ-WRITE", b"READ-ONLY") % tag},
    "a refusal with a terminal's codes": {b"LOGIN": lambda tag: b"%s NO \x1b[2Jsecret letter\r\n" % tag},
    "hanging up": {b"UID FETCH": lambda _: b""},
    "a wrong tag": {b"UID SEARCH": lambda _: b"ZZZZ9 OK x\r\n"},
    "a refused mark": {b"UID STORE": lambda tag: b"%s NO x\r\n" % tag},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lying_server_ends_in_a_line_and_a_later_try(
    tmp_path: Path, lie: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Bounded, said without its words, tried again later and later; what is durable is not taken twice."""
    took: list[bytes] = []
    with lying(tmp_path, honest() | LIES[lie]) as server:
        door = pull(server, lambda raw, _to: took.append(raw), every_s=1)
        with caplog.at_level(logging.WARNING, "evenhand.mail"):
            assert door(NOW) == 0
            assert door(NOW) == 0  # not yet
    [line] = caplog.messages
    assert "tried again in 2 s" in line
    assert "secret" not in line
    assert "\x1b" not in line
    assert took == ([LETTER] if lie == "a refused mark" else [])


def test_a_server_that_forgets_every_mark_brings_a_letter_once(tmp_path: Path) -> None:
    """A mark that does not hold is no reason to take it again, as long as this process lives."""
    took: list[bytes] = []
    with lying(tmp_path, honest()) as server:
        door = pull(server, lambda raw, _to: took.append(raw), every_s=1)
        assert door(NOW) == 1
        time.sleep(1.1)
        assert door(NOW) == 0
    assert took == [LETTER]


def test_a_server_that_drips_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Silence never lasts long enough for a timeout; the watchdog ends it."""
    monkeypatch.setattr(imap_line.ImapLine.within.__wrapped__, "__defaults__", (0.5, 1 << 20))
    monkeypatch.setattr(imap_line, "COMMAND_S", 0.5)
    dripping = threading.Event()

    def drip(_tag: bytes) -> bytes:
        dripping.wait(3)
        return b"* SEARCH 5\r\n"

    with lying(tmp_path, honest() | {b"UID SEARCH": drip}) as server, caplog.at_level(logging.WARNING, "evenhand.mail"):
        begun = time.monotonic()
        assert pull(server, lambda _raw, _to: None)(NOW) == 0
        assert time.monotonic() - begun < 3
        dripping.set()
    assert len(caplog.messages) == 1
