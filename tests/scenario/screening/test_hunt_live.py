"""A partner's hash at 3 a.m.: live in two processes within seconds, and yesterday's post is decided, too."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evenhand.doors.cli.app import evenhand
from evenhand.main import Desk

BAD = "ab" * 32
LATER = "cd" * 32
LIVE_S = 5.0
"""The promise, on a machine that is not busy with other tests; a busy one is given more."""
PATIENCE_S = 60.0


class Up:
    """One desk in a process of its own, its list files shared with others."""

    def __init__(self, data: Path, lists: Path) -> None:
        data.mkdir()
        (data / "lists").symlink_to(lists)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        listen = f"127.0.0.1:{self.port}"
        self.data, self.env = data, {"EVENHAND_DATA": str(data), "EVENHAND_LISTEN": listen}
        made = CliRunner().invoke(
            evenhand,
            ["token", "create", "platform", "--scope", "posts", "--scope", "actions"],
            obj=Desk(),
            env=self.env,
        )
        self.token = made.stdout.strip()
        with (data / "stderr").open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from evenhand.main import run; run()", "up"],
                env=os.environ | self.env,
                stderr=stderr,
            )

    def ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        """Return an answer's body."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body or None, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        request.add_header("Content-Type", "application/x-ndjson")
        with urllib.request.urlopen(request, timeout=10) as answer:
            said: bytes = answer.read()
        return said

    def ready(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + 120
        while True:
            try:
                self.ask("GET", "/healthz")
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < until, (self.data / "stderr").read_text()
                time.sleep(0.2)
            else:
                return

    def verdict(self, name: str, sha256: str) -> str:
        """Screen a post with a picture; return its verdict."""
        post = {
            "id": name,
            "kind": "post",
            "channel_id": "c1",
            "author_id": "u1",
            "posted_at": "2026-11-23T18:00:00Z",
            "text": "holiday",
            "media": [{"sha256": sha256}],
        }
        answer = self.ask("POST", "/api/v1/posts", json.dumps(post).encode() + b"\n")
        said: str = json.loads(answer)["verdict"]
        return said

    def removed(self) -> list[str]:
        """Return the posts that the platform is asked to remove."""
        answer: dict[str, Any] = json.loads(self.ask("GET", "/api/v1/actions"))
        return [one["data"]["id"] for one in answer["actions"] if "id" in one["data"]]  # others are letters


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Path, Up, Up]]:
    """Give a list's file and two desks that read it."""
    lists = tmp_path / "lists"
    lists.mkdir()
    file = lists / "child_abuse_hashes.txt"
    file.write_text("# kind: hashes\n" + "00" * 32 + "\n", "utf-8")
    desks = (Up(tmp_path / "one", lists), Up(tmp_path / "two", lists))
    try:
        for desk in desks:
            desk.ready()
        yield file, *desks
    finally:
        for desk in desks:
            desk.process.terminate()
        for desk in desks:
            desk.process.wait(30)


def test_a_hash_is_live_everywhere_and_finds_what_was_kept(two: tuple[Path, Up, Up]) -> None:
    """Posts kept before the entry are decided by its list's policy; new ones are judged with it, in each process."""
    file, one, other = two
    assert [desk.verdict("kept", BAD) for desk in (one, other)] == ["allow", "allow"]
    time.sleep(2.5)  # the first look at the lists is over: what comes now is new
    began = time.monotonic()
    file.write_text("# kind: hashes\n" + "00" * 32 + "\n" + BAD + "\n", "utf-8")
    waiting = {one: "x0", other: "y0"}
    live: dict[Up, float] = {}
    hunted: dict[Up, float] = {}
    n = 0
    while len(hunted) < 2 or len(live) < 2:
        took = time.monotonic() - began
        assert took < PATIENCE_S, (live, hunted, (one.data / "stderr").read_text(), (other.data / "stderr").read_text())
        for desk in waiting:
            n += 1
            if desk not in live and desk.verdict(f"new{n}", BAD) != "allow":
                live[desk] = time.monotonic() - began
            if desk not in hunted and "kept" in desk.removed():
                hunted[desk] = time.monotonic() - began
        time.sleep(0.1)
    print(sorted(live.values()), sorted(hunted.values()))  # noqa: T201
    if os.getloadavg()[0] < 1.5:
        assert max(*live.values(), *hunted.values()) < LIVE_S
    assert all(desk.verdict(f"other{n}", LATER) == "allow" for desk in waiting)
