"""How the real command ends: one line a reason, no traceback, whatever becomes of its input, output and patience."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

EVENHAND = str(Path(sys.executable).with_name("evenhand"))
POST = {"kind": "post", "channel_id": "c", "posted_at": "2026-11-24T10:00:00Z", "text": "hello"}


def command(data: Path, *words: str) -> tuple[list[str], dict[str, str]]:
    """Return the command line and its environment."""
    return [EVENHAND, *words], os.environ | {"EVENHAND_DATA": str(data)}


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """More posts than a pipe holds verdicts."""
    file = tmp_path / "posts.ndjson"
    file.write_text("".join(json.dumps(POST | {"id": str(n)}) + "\n" for n in range(3000)), "utf-8")
    return file


def test_reader_that_goes_away_ends_it_in_silence(tmp_path: Path, posts: Path) -> None:
    """`evenhand screen FILE | head -1` shows a verdict and nothing else."""
    words, env = command(tmp_path, "screen", str(posts))
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert json.loads(running.stdout.readline())["verdict"] == "allow"
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_full_disk_is_told_in_a_line(tmp_path: Path, posts: Path) -> None:
    """Standard output that takes nothing is our failure, told without a traceback."""
    words, env = command(tmp_path, "screen", str(posts))
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, env=env, check=False)
    assert (ended.returncode, ended.stderr) == (1, b"evenhand: No space left on device\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["screen", "nowhere"], "'nowhere'"),
        (["screen", "."], "'.'"),
        (["screen"], "FILE"),
        (["screen", "-", "--format", "x"], "--format"),
        (["report", "daily", "--date", "2026-02-30"], "--date"),
        (["nothing"], "nothing"),
        (["token", "create", "a"], "--scope"),
    ],
)
def test_wrong_call_is_told_in_a_line(tmp_path: Path, words: list[str], told: str) -> None:
    """Exit code 2 and one line that names what is wrong, as every page promises."""
    line, env = command(tmp_path, *words)
    ended = subprocess.run(line, capture_output=True, env=env, check=False, text=True, cwd=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert ended.stderr.startswith("evenhand: ")
    assert told in ended.stderr


def test_help_is_no_failure(tmp_path: Path) -> None:
    """`--help` and `--version` go to standard output with exit code 0."""
    for words in (["--help"], ["screen", "--help"], ["--version"]):
        line, env = command(tmp_path, *words)
        ended = subprocess.run(line, capture_output=True, env=env, check=False, text=True)
        assert (ended.returncode, ended.stderr) == (0, "")


def test_help_brings_nothing_heavy_with_it() -> None:
    """What every command loads stays small: each start would pay for it, and a mail server starts one for a letter."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, evenhand.main, evenhand.doors.cli.house as h; print(*sys.modules)"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()
    assert "evenhand.doors.cli.house" in loaded
    assert not {"numpy", "pyarrow", "polars", "scipy", "sklearn", "django", "hyperscan"} & set(loaded)


def test_interrupt_ends_it_in_silence(tmp_path: Path) -> None:
    """Ctrl-C at a command that waits for input: the shell's own exit code, no traceback."""
    words, env = command(tmp_path, "screen", "-")
    # A shell's background job ignores the signal, and so would what it starts: give it back.
    given_back = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stderr=pipe, env=env, text=True, preexec_fn=given_back) as running:  # noqa: PLW1509
        assert running.stderr is not None
        _wait_until_it_reads(running.pid)
        running.send_signal(signal.SIGINT)
        assert (running.stderr.read().strip(), running.wait()) == ("", 130)


def _wait_until_it_reads(pid: int) -> None:
    """Wait until a process sleeps in reading from a pipe, or for four seconds where the kernel does not say so."""
    state = Path(f"/proc/{pid}/wchan")
    for _turn in range(80):
        time.sleep(0.05)
        if state.exists() and "pipe" in state.read_text("ascii"):
            return
