"""`evenhand mail` takes letters in: alone, beside a running desk, and not at all while nobody can write."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from evenhand.doors.mail.hand_over import SLOT, LetterSlot, running_desk
from evenhand.flow.mailroom import Delivered
from evenhand.main import Desk
from evenhand.vocabulary.errors import Retryable
from evenhand.vocabulary.notice import KeptNotice
from evenhand.vocabulary.reference import References

PICTURE = b"\x89PNG\r\n\x1a\n\x00\x01\x02\xff From \n"
NOTICE = (
    b"From: =?utf-8?q?Zo=C3=AB?= Reporter <zoe@home.example>\nTo: abuse@desk.example\nSubject: illegal shop\n"
    b"Message-ID: <1@home.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
    b"Content-Type: text/plain; charset=utf-8\n\nThis channel sells stolen cards: https://t.me/cards_shop/17.\n"
    b"I write in good faith.\n--b\nContent-Type: image/png\nContent-Disposition: attachment; filename=a.png\n"
    b"Content-Transfer-Encoding: base64\n\niVBORw0KGgoAAQL/IEZyb20gCg==\n--b--\n"
)
ORDER = (
    b"From: Officer <officer@ministry.example>\nTo: jane.doe@desk.example\nSubject: order\n\nYou are ordered to "
    b"disclose the subscriber data of @example, section 100j. Public prosecutor, case 12 Js 345/26.\n"
)


def mail(data: Path, *args: str, given: bytes = b"") -> tuple[list[dict[str, Any]], str, int]:
    """Run the command; return what it said of each message, its errors and the exit code."""
    done = subprocess.run(
        [sys.executable, "-c", "from evenhand.main import run; run()", "mail", "--json", *args],
        input=given,
        capture_output=True,
        check=False,
        env={**os.environ, "EVENHAND_DATA": str(data)},
    )
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode(), done.returncode


def kept(data: Path, reference: str) -> tuple[KeptNotice, list[bytes | None]]:
    """Return a notice as it was kept, with its bytes and those of its files."""
    os.environ["EVENHAND_DATA"] = str(data)
    desk = Desk()
    docket = desk._docket
    key = (data / "keys" / "references.key").read_bytes()
    row = docket.record(References(key).parse("notice", reference))
    assert row is not None
    assert row.body is not None
    bodies = [one.body for one in docket.records_of_act(row.act) if one.kind in ("notice.raw", "notice.file")]
    docket.close()
    return msgspec.json.decode(row.body, type=KeptNotice), bodies


def test_a_notice_from_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a whole notice under Art. 16, its bytes and its files as they came; sent twice it is one."""
    monkeypatch.setenv("EVENHAND_DATA", str(tmp_path))
    [said], errors, code = mail(tmp_path, "--to", "abuse+7@desk.example", given=NOTICE)
    assert (errors, code, said["went"]) == ("", 0, "notice")
    assert said["reference"] in said["receipt"]
    [again], _, _ = mail(tmp_path, "--to", "abuse+7@desk.example", given=NOTICE)
    assert again == said
    notice, bodies = kept(tmp_path, said["reference"])
    assert (notice.name, notice.email, notice.good_faith) == ("Zoë Reporter", "zoe@home.example", True)
    assert (notice.location, notice.channel, notice.missing) == ("https://t.me/cards_shop/17", "mail", ())
    assert bodies == [NOTICE, PICTURE]
    assert [(name, kind) for name, _digest, kind in notice.attachments] == [("a.png", "image/png")]


def test_a_box_of_all_kinds(tmp_path: Path) -> None:
    """Each message of a Maildir has its own fate and reference, also what nobody can read."""
    (tmp_path / "box" / "new").mkdir(parents=True)
    question = b"From: b@home.example\nTo: people@desk.example\nSubject: hi\n\nHow do I change my picture?\n"
    for name, raw in (("1", NOTICE), ("2", ORDER), ("3", b"\0\xff no mail"), ("4", question)):
        (tmp_path / "box" / "new" / name).write_bytes(raw)
    said, errors, code = mail(tmp_path / "data", str(tmp_path / "box"))
    assert (errors, code) == ("", 0)
    assert [one["went"] for one in said] == ["notice", "request", "unreadable", "kept"]
    assert len({one["reference"] for one in said}) == 4


def test_a_held_docket_leaves_the_letter_with_the_mail_server(tmp_path: Path) -> None:
    """Somebody else owns it and takes no letters: EX_TEMPFAIL, nothing is lost; then it goes."""
    with (tmp_path / "docket.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said, errors, code = mail(tmp_path, given=NOTICE)
        assert (said, code) == ([], 75)
        assert len(errors.splitlines()) == 1
    assert mail(tmp_path, given=NOTICE)[2] == 0


def test_beside_a_running_desk(tmp_path: Path) -> None:
    """The desk that owns the docket takes the letter, from several processes at once; bytes that LMTP would change."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "EVENHAND_DATA": str(tmp_path), "EVENHAND_LISTEN": f"127.0.0.1:{port}"}
    up = subprocess.Popen(
        [sys.executable, "-c", "from evenhand.main import run; run()", "up"], env=env, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 90
        while not (tmp_path / SLOT).exists() and time.monotonic() < until:
            time.sleep(0.2)
        [said], errors, code = mail(tmp_path, "--to", "abuse@desk.example", given=NOTICE)
        assert (errors, code, said["went"]) == ("", 0, "notice")
        assert mail(tmp_path, "--to", "abuse@desk.example", given=NOTICE)[0] == [said]
        assert (tmp_path / SLOT).stat().st_mode & 0o077 == 0
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(timeout=60)
    assert not (tmp_path / SLOT).exists()


def test_the_slot_takes_letters_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nonsense, a frame too long, a refusal: told, and the next letter goes its way; also at a long path."""
    data = tmp_path / ("d" * 120)
    data.mkdir()
    monkeypatch.chdir(data)
    took: list[tuple[bytes, str]] = []

    def take(raw: bytes, to: str) -> Delivered:
        if to == "refused":
            raise Retryable("not now")
        took.append((raw, to))
        return Delivered(went="kept", reference="R")

    with LetterSlot(data, take, on_fatal=lambda: None), running_desk(data) as hand_over:
        for nonsense in (b"\xff" * 8, (5).to_bytes(8, "big") + b"xxxxx", b"abc"):
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(SLOT)
                line.sendall(nonsense)
        assert hand_over is not None
        with pytest.raises(Retryable, match="not now"):
            hand_over(b"x", "refused")
        assert hand_over(b"bare\nline\r\n.dots\r\n", "a@b").reference == "R"
    assert took == [(b"bare\nline\r\n.dots\r\n", "a@b")]
    with running_desk(data) as nobody:
        assert nobody is None
