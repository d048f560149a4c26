"""Local files that posts name: hashed below the root, and refused with their post wherever the path would lead out."""

import json
import os
from collections.abc import Iterator
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image
from tests.unit.screening.media.test_hasher import EXPECTED, PICTURE

from evenhand.doors.cli.app import evenhand
from evenhand.flow.media_root import MediaRoot
from evenhand.main import Desk
from evenhand.screening.media.pdq import distance
from evenhand.vocabulary.errors import InputError


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, MediaRoot]]:
    """Give a directory with a picture, a text, and what must not be read."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.txt").write_text("secret", "utf-8")
    here = tmp_path_factory.mktemp("root")
    (here / "in").mkdir()
    Image.fromarray(PICTURE).save(here / "in" / "cat.png")
    Image.new("RGB", (300, 300), "red").save(here / "flat.png")
    (here / "note.txt").write_text("a note", "utf-8")
    (here / "link.txt").symlink_to(outside / "secret.txt")
    (here / "linked").symlink_to(outside)
    (here / "gone").symlink_to(outside / "nothing")
    os.mkfifo(here / "pipe")
    with (here / "large").open("wb") as large:
        large.truncate((64 << 20) + 1)
    with MediaRoot(here) as made:
        yield here, made


def test_files_are_hashed(root: tuple[Path, MediaRoot]) -> None:
    """SHA-256 and MD5 of the bytes, PDQ of the picture; none of one colour, none of a text."""
    data = (root[0] / "in" / "cat.png").read_bytes()
    found = root[1].hashes("in/cat.png")
    assert (found["sha256"], found["md5"]) == (sha256(data).hexdigest(), md5(data, usedforsecurity=False).hexdigest())
    assert distance(found["pdq"] or "0", EXPECTED.hash) <= 10
    assert set(found["turned"]) == set(EXPECTED.hashes[1:])
    assert root[1].hashes("flat.png")["turned"] is None
    assert (root[1].hashes("flat.png")["pdq"], root[1].hashes("note.txt")["pdq"]) == (None, None)


@pytest.mark.parametrize(
    "name",
    [
        *("../outside0/secret.txt", "in/../../x", "/etc/passwd", "link.txt", "linked/secret.txt", "gone", "pipe", "in"),
        *("large", "nothing", "", ".", "in//cat.png", "a\0b", "\ud800", "x" * 5000, "/".join("a" * 70), "in/cat.png/x"),
    ],
)
def test_what_leads_out_or_is_no_file_is_refused(root: tuple[Path, MediaRoot], name: str) -> None:
    """With a reason, and nothing of it is read."""
    with pytest.raises(InputError):
        root[1].hashes(name)


def test_posts_name_files_on_the_command_line(root: tuple[Path, MediaRoot], tmp_path: Path) -> None:
    """A listed picture is found; a post whose path leads out is refused by line, and the rest goes on."""
    lists = tmp_path / "lists"
    lists.mkdir()
    digest = sha256((root[0] / "note.txt").read_bytes()).hexdigest()
    (lists / "child_abuse_hashes.txt").write_text(f"# kind: hashes\n{digest}\n", "utf-8")
    post = {"kind": "post", "channel_id": "c", "posted_at": "2026-11-24T09:30:00Z"}
    media: list[dict[str, Any]] = [
        {"file": "note.txt"},
        {"file": "link.txt"},
        {"file": "in/cat.png"},
        {"file": "note.txt", "sha256": "0" * 64},
    ]
    lines = "\n".join(json.dumps({**post, "id": f"p{n}", "media": [each]}) for n, each in enumerate(media))
    words = ["screen", "-", "--lists", str(lists)]
    env = {"EVENHAND_DATA": str(tmp_path / "data")}
    told = CliRunner().invoke(evenhand, [*words, "--media-root", str(root[0])], input=lines, obj=Desk(), env=env)
    said = [(one["id"], one["verdict"]) for one in map(json.loads, told.stdout.splitlines())]
    assert said == [("p0", "remove"), ("p2", "allow")]
    refused = [json.loads(line) for line in told.stderr.splitlines() if line.startswith("{")]
    assert [(one["line"], one["field"]) for one in refused] == [(2, "media[0].file"), (4, "media[0].sha256")]
    assert told.exit_code == 2
    without = CliRunner().invoke(evenhand, words, input=lines, obj=Desk(), env=env)
    assert without.stderr.count("only evenhand screen --media-root reads those") == 4
