"""`evenhand mail` as a program calls it: one message, an mbox, a Maildir, and boxes full of malformed messages."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from evenhand.doors.mail.boxes import mbox_messages
from mail_hostile import hostile_messages

ORDER = (
    "From: Adjudant Morel <morel@gendarmerie.example>\nTo: abuse@desk.example\nSubject: Réquisition\n"
    "Content-Type: text/plain; charset=utf-8\n\nVu le code de procédure pénale, merci de communiquer l'identité et "
    "l'adresse IP du titulaire du compte. Réquisition jointe, brigade de recherches.\n"
).encode()
FAN = b"From: fan@mail.test\nTo: people@desk.example\nSubject: stickers\n\nI love your app, greetings from Texas!\n"


def run(*args: str, given: bytes = b"", data: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Run the command; return its answers, its errors and the exit code."""
    done = subprocess.run(
        [sys.executable, "-c", "from evenhand.main import run; run()", "mail", "--describe", *args],
        input=given,
        capture_output=True,
        check=False,
        env={**os.environ, "EVENHAND_DATA": str(data)},
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return answers, [json.loads(line) for line in done.stderr.splitlines()], done.returncode


@pytest.fixture
def registry(tmp_path: Path) -> str:
    """A registry of one domain."""
    path = tmp_path / "registry.json"
    path.write_text('["gendarmerie.example"]', "utf-8")
    return str(path)


def test_message_from_a_pipe(tmp_path: Path, registry: str) -> None:
    """A delivered message, with its "From " line, is described: letter, sender, door and reasons."""
    given = b"From morel@gendarmerie.example Tue Nov 24 10:00:00 2026\n" + ORDER
    answers, errors, code = run("--to", "abuse+4@desk.example", "--registry", registry, given=given, data=tmp_path)
    assert (errors, code) == ([], 0)
    (answer,) = answers
    assert answer["letter"]["subject"] == "Réquisition"
    assert answer["sender"]["verdict"] == "review"
    assert answer["door"]["came_to"] == "notice"
    assert answer["door"]["belongs_to"] == "authority-request"
    assert answer["door"]["wrong_door"] is True
    assert answer["door"]["addressed"] == "abuse@desk.example"


def test_unknown_sender_is_proposed_by_the_text(tmp_path: Path) -> None:
    """Without a registry the text alone proposes it; a fan stays where they wrote to."""
    box = tmp_path / "box"
    box.write_bytes(b"From a Tue\n" + ORDER + b"\nFrom b Tue\n" + FAN)
    answers, errors, code = run(str(box), data=tmp_path)
    assert (errors, code) == ([], 0)
    assert [answer["door"]["belongs_to"] for answer in answers] == ["authority-request", "conversation"]
    assert [answer["sender"]["verdict"] for answer in answers] == ["reject", "reject"]


def test_maildir_with_malformed_messages(tmp_path: Path) -> None:
    """Every message of a Maildir is answered or reported with its number; the good ones among them are read."""
    new = tmp_path / "Maildir" / "new"
    new.mkdir(parents=True)
    for number, raw in enumerate(hostile_messages(60)):
        (new / f"{number:03}").write_bytes(raw)
    (new / "999").write_bytes(FAN)
    answers, errors, code = run(str(tmp_path / "Maildir"), data=tmp_path)
    assert code == 2
    assert sorted([one["message"] for one in answers] + [one["line"] for one in errors]) == list(range(1, 62))
    assert all(one["reason"] for one in errors)
    assert answers[-1]["letter"]["subject"] == "stickers"


def test_directory_that_is_no_maildir(tmp_path: Path) -> None:
    """Another directory is refused in one line."""
    done = subprocess.run(
        [sys.executable, "-c", "from evenhand.main import run; run()", "mail", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "is not a Maildir" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_mbox_is_split_and_unquoted(end: bytes) -> None:
    """Messages come out as they went in: quoted From lines unquoted, the box's blank line gone."""
    one = end.join([b"Subject: a", b"", b"x", b">From here", b">>From there", b""])
    two = end.join([b"Subject: b", b"", b"y", b""])
    box = b"From a Tue" + end + one + end + b"From b Tue" + end + two + end
    assert list(mbox_messages(io.BytesIO(box))) == [one.replace(b">From", b"From"), two]
    assert list(mbox_messages(io.BytesIO(b""))) == []
