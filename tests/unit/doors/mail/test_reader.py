"""Messages read in the sandboxed child: what comes out, and that nothing a stranger sends stops it."""

import contextlib
import hashlib
import os
import signal
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from evenhand.doors.mail import reader as reader_module
from evenhand.doors.mail.contents import clean_file_name, type_by_content
from evenhand.doors.mail.reader import MailReader
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.letter import Letter
from mail_hostile import hostile_messages


@pytest.fixture(scope="module")
def reader() -> Iterator[MailReader]:
    """One reader for the module."""
    with MailReader() as one:
        yield one


def made() -> bytes:
    """Return a message with text, a page, a picture that is a program, and an encoded subject."""
    message = EmailMessage()
    message["From"] = "Officer <officer@police.example>"
    message["Subject"] = "Ordonnance n° 4 — retrait"
    message.set_content("Bonjour,\nveuillez trouver l'ordonnance.\n")
    message.add_alternative("<p onclick='x()'>Bonjour <img src='https://t.test/p.gif'><script>x()</script></p>", "html")
    message.add_attachment(b"MZ\x90\x00program", maintype="image", subtype="png", filename="../../ordre\u202egnp.exe")
    return message.as_bytes()


def test_letter_has_words_cleaned_html_and_typed_files(reader: MailReader) -> None:
    """Subject and text are decoded, HTML is clean, files are typed by content and named harmlessly."""
    raw = made()
    letter = reader.read_letter(raw)
    assert letter.raw_sha256 == hashlib.sha256(raw).hexdigest()
    assert letter.values("from") == ("Officer <officer@police.example>",)
    assert letter.subject == "Ordonnance n° 4 — retrait"
    assert letter.text == "Bonjour,\nveuillez trouver l'ordonnance.\n"
    assert "<p>Bonjour" in letter.html
    assert not any(word in letter.html for word in ("script", "img", "onclick"))
    (file,) = letter.attachments
    assert (file.name, file.declared_type, file.type) == ("ordregnp.exe", "image/png", "application/x-msdownload")
    assert file.content == b"MZ\x90\x00program"
    assert file.sha256 == hashlib.sha256(file.content).hexdigest()


def test_html_alone_gives_text(reader: MailReader) -> None:
    """A message that is only HTML is still read as text."""
    page = b"<p>One<br>two &amp; three<style>x</style>"
    letter = reader.read_letter(b"From: a@b.example\nContent-Type: text/html\n\n" + page)
    assert letter.text == "One\ntwo & three"


def test_raw_headers_are_kept_as_they_came(reader: MailReader) -> None:
    """Folds, doubles and odd spacing are not repaired: the sender check must see them."""
    letter = reader.read_letter(b"From: a\r\n <a@b.example>\r\nFROM : x@y.test\r\n\r\n")
    assert letter.values("from") == ("a\r\n <a@b.example>", "x@y.test")


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"", "headers"),
        (b"no field here", "headers"),
        (b"X: y\r\n" * 1001 + b"\r\n", "headers"),
        (b"X: " + b"y" * (300 << 10) + b"\r\n\r\n", "headers"),
        (b"From: a\r\n\r\n" + b"x" * (32 << 20), "message"),
    ],
)
def test_message_over_a_limit_is_refused(reader: MailReader, raw: bytes, field: str) -> None:
    """Over a limit the message is refused with the part named, and the child goes on."""
    with pytest.raises(InputError) as caught:
        reader.read_letter(raw)
    assert caught.value.field == field
    assert reader.read_letter(made()).subject


def test_hostile_messages_never_stop_it(reader: MailReader) -> None:
    """Each of many malformed messages becomes a letter or a refusal; a good one is read after each."""
    before = reader.restarts
    for raw in hostile_messages(400):
        with contextlib.suppress(InputError):
            letter = reader.read_letter(raw)
            assert letter.raw_sha256 == hashlib.sha256(raw).hexdigest()
            assert all(file.name and "/" not in file.name for file in letter.attachments)
    assert reader.read_letter(made()).subject
    assert reader.restarts == before


def test_dead_child_costs_its_message_only() -> None:
    """A child that is killed gives an InputError; the next message has a new child."""
    with MailReader() as one:
        one.read_letter(made())
        child = one._child
        assert child is not None
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        with pytest.raises(InputError, match="its reader ended"):
            one.read_letter(made())
        assert one.read_letter(made()).subject
        assert one.restarts == 1


CONTROL = "import sys, time; sys.path.insert(0, sys.argv[1]); time.sleep(60)"


def test_hanging_child_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that never answers is killed with its group, in time."""
    monkeypatch.setattr(reader_module, "_CODE", CONTROL)
    with MailReader(time_s=0.5) as one:
        with pytest.raises(InputError, match=r"took longer than 0\.5 s"):
            one.read_letter(made())
        assert one._child is None


@pytest.mark.parametrize(
    "deed",
    [
        "open('/etc/passwd')",
        "open('/tmp/evenhand-escape', 'w')",
        "__import__('socket').socket()",
        "bytearray(2 << 30)",
        "__import__('resource').setrlimit(__import__('resource').RLIMIT_NOFILE, (99, 99))",
    ],
)
def test_child_can_do_nothing_else(monkeypatch: pytest.MonkeyPatch, deed: str) -> None:
    """Inside the child files, sockets and memory are shut: code that a message would smuggle in gets nothing."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import evenhand.doors.mail.child as child, socket\n"
        f"def parse(raw):\n    if raw == b'try': {deed}\n    raise child.InputError('', 'done')\n"
        "child.parse_message = parse; child.serve()"
    )
    if "setrlimit" in deed and os.geteuid() == 0:
        pytest.skip("root may raise its own limits; the service does not run as root")
    monkeypatch.setattr(reader_module, "_CODE", code)
    with MailReader() as one:
        with pytest.raises(InputError, match="done"):
            one.read_letter(b"control")
        with pytest.raises(InputError, match="cannot be read"):
            one.read_letter(b"try")


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("", "attachment-7"),
        ("..", "attachment-7"),
        ("/etc/passwd", "passwd"),
        ("C:\\x\\y.pdf", "y.pdf"),
        ("a\0b\r\nc.pdf", "abc.pdf"),
        ("CON.txt", "_CON.txt"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("ordre <1>.pdf", "ordre _1_.pdf"),
    ],
)
def test_file_name_is_cleaned(name: str, cleaned: str) -> None:
    """No name leads anywhere or hides anything."""
    assert clean_file_name(name, 7) == cleaned


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04....word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"RIFF....WEBP", "image/webp"),
        (b"12345678WEBP", "text/plain"),
        (b"<html><script>", "text/html"),
        (b"  <?xml version='1.0'?><svg >", "image/svg+xml"),
        (b"\x00\x01", "application/octet-stream"),
        (b"", "application/octet-stream"),
        ("Ordonnance à exécuter".encode(), "text/plain"),
    ],
)
def test_type_is_told_by_content(content: bytes, kind: str) -> None:
    """The first bytes tell the type, whatever the sender says."""
    assert type_by_content(content) == kind


def test_letter_is_a_value(reader: MailReader) -> None:
    """The same bytes give the same letter."""
    assert isinstance(reader.read_letter(made()), Letter)
    assert reader.read_letter(b"From: a@b.example\n\nx") == reader.read_letter(b"From: a@b.example\n\nx")
