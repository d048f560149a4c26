"""Executed documentation: what README and docs show runs as it stands, through the installed command.

Only placeholders in capitals are filled in, and what would serve for ever or needs the whole day is bounded.
"""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from evenhand.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
EVENHAND = Path(sys.executable).with_name("evenhand")
SHIPPED = ROOT / "src" / "evenhand" / "screening" / "shipped"
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")],
    key=lambda page: (page != ROOT / "README.md", page),
)
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_IN_TABLE = re.compile(r"^\|.*?\| `\.venv/bin/(evenhand [^`]+)` \|", re.MULTILINE)
_OURS = re.compile(r"(?:\.venv/bin/)?evenhand |make ")
"""Lines that call what we wrote; what else a page shows (curl, a pipe) needs a reader's own things."""
_DAY = "2026-11-23"
_PLACES = {
    "screen": {"FILE": "posts.ndjson", "DIR": "my-rules"},
    "train": {"FILE": "labelled.ndjson", "DECISIONS": "decisions.ndjson"},
    "rules": {"DIR": "my-rules", "FILE": "posts.ndjson", "RULE": "scam-words", "NAME": "scam-words"},
    "report": {"DIR": "data/log", "D": _DAY},
    "log": {"DIR|URL": "data/log", "DIR": "data/log", "OLDCHECKPOINT": "data/log/checkpoint"},
    "replay": {"CSV": "series.csv"},
    "bench": {},
    "demo": {},
}
"""What stands for the placeholders of each command; a command that is not here is asked for its --help alone."""
_BOUNDED = {
    "demo": ["--no-serve"],
    "docket": ["--decisions", "8192"],
    "backtest": ["--rows", "100000"],
    "screening": [
        *("--posts", "256", "--phrases", "200", "--patterns", "5", "--domains", "100", "--hashes", "1000"),
        *("--pdq", "100", "--texts", "10", "--rules", "10", "--loop-posts", "64"),
    ],
}
"""What keeps a command short that would take its time; by its last word of its own."""


@dataclass(frozen=True)
class Snippet:
    """A piece of a page."""

    page: str
    kind: str
    text: str

    def __str__(self) -> str:
        """Return its name among the tests."""
        return f"{self.page}:{self.text.strip().splitlines()[0][:50]}"


def snippets(*kinds: str) -> Iterator[Snippet]:
    """Yield the fenced snippets of these kinds on all pages, shell lines one by one, and commands in tables."""
    for page in PAGES:
        text, name = page.read_text("utf-8"), page.relative_to(ROOT).as_posix()
        for kind, body in _FENCED.findall(text):
            if kind in kinds:
                parts = [line for line in body.splitlines() if _OURS.match(line)] if kind == "sh" else [body]
                yield from (Snippet(name, kind, part) for part in parts)
        if "sh" in kinds:
            yield from (Snippet(name, "sh", command) for command in _IN_TABLE.findall(text))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a worked-through day, and the files that a reader of the pages would have."""
    place = tmp_path_factory.mktemp("desk")
    posts = (SHIPPED / "demo" / "posts.ndjson").read_text("utf-8").splitlines(keepends=True)[:200]
    for name in ("posts.ndjson", "my-posts.ndjson"):
        (place / name).write_text("".join(posts), "utf-8")
    for kind in ("rules", "lists"):
        (place / f"my-{kind}").mkdir()
        for file in (SHIPPED / kind).iterdir():
            (place / f"my-{kind}" / file.name).write_bytes(file.read_bytes())
    labelled = (SHIPPED / "demo" / "labelled.ndjson").read_text("utf-8").splitlines(keepends=True)[::4]
    for name in ("labelled.ndjson", "messages.ndjson"):
        (place / name).write_text("".join(labelled), "utf-8")
    decided = [json.loads(line) | {"by": "staff-1", "subject": f"a{n}"} for n, line in enumerate(labelled)]
    kept = ("label", "text", "by", "subject")
    lines = [json.dumps({name: one[name] for name in kept}) + "\n" for one in decided]
    (place / "decisions.ndjson").write_text("".join(lines), "utf-8")
    message = {"id": 1, "type": "message", "date_unixtime": "1795515600", "from_id": "user1", "text": "hello"}
    (place / "result.json").write_text(json.dumps({"name": "Chat", "id": 9, "messages": [message]}, indent=1), "utf-8")
    (place / "series.csv").write_text(
        "date,groups_channels_blocked_total,csam_groups_channels_banned\n2024-03-09,40,3\n", "utf-8"
    )
    assert run(place, ["demo", "--no-serve", "--posts", "posts.ndjson"]).returncode == 0
    return place


@pytest.fixture(scope="module")
def ran() -> dict[tuple[str, ...], Any]:
    """What ran already: two pages may show the same command."""
    return {}


def run(place: Path, arguments: list[str], **more: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a place, with its own data directory there."""
    return subprocess.run(
        [str(EVENHAND), *arguments], cwd=place, env=environment(place, **more), capture_output=True, text=True,
        timeout=280, check=False,
    )  # fmt: skip


def environment(place: Path, **more: str) -> dict[str, str]:
    """Return this process's environment with a data directory in a place."""
    return os.environ | {"EVENHAND_DATA": str(place / "data"), "PYTHONPATH": os.pathsep.join(sys.path)} | more


def arguments_of(line: str, place: Path) -> list[str]:
    """Return a shown command's arguments, placeholders filled in, long ones bounded."""
    made = re.fullmatch(r"make (demo)(?: ARGS=(.*))?", line)
    if made:
        line = f"evenhand demo {' '.join(shlex.split(made.group(2) or ''))}"
    line = line.replace("[--promote]", "")  # ends with 1 where the new classifier is not better
    words = shlex.split(line.replace("[", "").replace("]", "").replace("|", "\\|"))[1:]
    command = words[0]
    if command not in _PLACES:
        known = [word for word in words if re.fullmatch("[a-z][a-z-]*", word)]
        return [*known, "--help"]
    if "KEY" in words:
        words[words.index("KEY")] = run(place, ["log", "key"]).stdout.strip()
    filled = [_PLACES[command].get(word, word) for word in words]
    own = words[1] if command == "bench" else command
    return filled + (_BOUNDED.get(own, []) if command in ("bench", "demo") and "--no-serve" not in filled else [])


@pytest.mark.parametrize("snippet", [s for s in snippets("sh") if s.text != "make test"], ids=str)
def test_shell(snippet: Snippet, desk: Path, ran: dict[tuple[str, ...], Any]) -> None:
    """Every command that a page shows ends well."""
    arguments = arguments_of(snippet.text, desk)
    if tuple(arguments) not in ran:
        ran[tuple(arguments)] = run(desk, arguments)
    ended = ran[tuple(arguments)]
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("snippet", list(snippets("json")), ids=str)
def test_json(snippet: Snippet, tmp_path: Path) -> None:
    """JSON is JSON; a post is one that `screen` takes."""
    shown = json.loads(snippet.text)
    if "posted_at" in shown:
        (tmp_path / "post.ndjson").write_text(snippet.text, "utf-8")
        ended = run(tmp_path, ["screen", "post.ndjson"])
        assert (ended.returncode, json.loads(ended.stdout)["id"]) == (0, shown["id"])


@pytest.mark.parametrize("snippet", list(snippets("toml")), ids=str)
def test_toml(snippet: Snippet, tmp_path: Path) -> None:
    """A rule holds what its examples promise; settings are settings."""
    shown = tomllib.loads(snippet.text)
    if "when" in shown:
        (tmp_path / "rules").mkdir()
        (tmp_path / "rules" / f"{shown['name']}.toml").write_text(snippet.text, "utf-8")
        ended = run(tmp_path, ["rules", "check", "--rules", "rules"])
        assert ended.returncode == 0, ended.stdout + ended.stderr
    elif snippet.page.endswith("settings.md"):
        (tmp_path / "evenhand.toml").write_text(snippet.text, "utf-8")
        load_settings(tmp_path / "evenhand.toml", {})


@pytest.mark.parametrize("snippet", list(snippets("python")), ids=str)
def test_python(snippet: Snippet, desk: Path) -> None:
    """Python runs."""
    subprocess.run([sys.executable, "-c", snippet.text], cwd=desk, env=environment(desk), check=True, timeout=60)


def test_shown_list_and_shown_error(tmp_path: Path) -> None:
    """The list on the rules' page is read and hit; the refusal there is what a reader gets, word for word."""
    shown_error, shown_list = (s.text for s in snippets("text") if s.page == "docs/reference/rules.md")
    for name in ("lists", "rules"):
        (tmp_path / name).mkdir()
    (tmp_path / "lists" / "my_phrases.txt").write_text(shown_list, "utf-8")
    post = {"id": "p", "kind": "post", "posted_at": f"{_DAY}T09:30:00Z", "channel_id": "c", "text": "Send Me A Deposit"}
    (tmp_path / "post.ndjson").write_text(json.dumps(post), "utf-8")
    ended = run(tmp_path, ["screen", "post.ndjson", "--lists", "lists"])
    assert json.loads(ended.stdout)["signals"]["my_phrases"] == 1
    (rule,) = (s.text for s in snippets("toml") if "giveaway-scam" in s.text)
    (tmp_path / "rules" / "giveaway-scam.toml").write_text(rule.replace("spam_score", "spam_scor"), "utf-8")
    ended = run(tmp_path, ["rules", "check", "--rules", "rules"])
    assert ended.returncode == 2
    assert shown_error.strip() in ended.stderr


def test_up_serves_and_ends_when_asked(desk: Path) -> None:
    """`evenhand up` answers at the address of the settings until it is told to stop, and its log verifies by URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    site = f"http://{address.replace('127.0.0.1', 'localhost')}"
    settings = environment(desk, EVENHAND_LISTEN=address)
    with subprocess.Popen([str(EVENHAND), "up"], cwd=desk, stderr=subprocess.DEVNULL, env=settings) as process:
        try:
            wait_for(f"{site}/healthz", process)
            key = run(desk, ["log", "key"]).stdout.strip()
            kept = str(desk / "data" / "log" / "checkpoint")
            verified = run(desk, ["log", "verify", f"{site}/log", "--vkey", key, "--since", kept])
            assert (verified.returncode, verified.stderr) == (0, "")
            reports = [
                run(desk, ["report", "daily", "--date", _DAY, "--format", "csv", "--from-log", where]).stdout
                for where in (f"{site}/log", "data/log")
            ]
            assert reports[0] == reports[1] != ""
        finally:
            process.terminate()
        assert process.wait(20) == 0


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers."""
    for _ in range(600):
        assert process.poll() is None, "the server ended"
        try:
            with urlopen(url, timeout=2) as answer:
                assert answer.status == 200
                return
        except URLError:
            time.sleep(0.1)
    pytest.fail("no answer within 60 s")
