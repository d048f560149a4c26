"""Tests' names are the same in every process: two workers that collect other names refuse to start."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_NUMBER = re.compile(r"(?<![0-9a-fA-F])1\d{9,18}(?![0-9a-fA-F])")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")
_LEEWAY = timedelta(days=1)
"""How far from the clock a number of seconds may lie that was reckoned from it, e.g. the end of a token."""
_ABOUT_NOW = timedelta(minutes=10)


def changing(names: Iterable[str], now: datetime) -> list[str]:
    """Return the names that hold the present moment or an object's address. Chance is seen by the workers themselves.

    Args:
        names: Of collected tests.
        now: Aware UTC.
    """
    return [name for name in names if _ADDRESS.search(name) or _holds_a_moment(name, now)]


def _holds_a_moment(name: str, now: datetime) -> bool:
    seconds = (float(digits[:10]) for digits in _NUMBER.findall(name))
    return any(abs(one - now.timestamp()) < _LEEWAY.total_seconds() for one in seconds) or any(
        _is_about(one, now) for one in _INSTANT.findall(name)
    )


def _is_about(instant: str, now: datetime) -> bool:
    try:
        return abs(datetime.fromisoformat(instant).replace(tzinfo=UTC) - now) < _ABOUT_NOW
    except ValueError:  # tests of bad input are named by it
        return False


def test_no_name_holds_the_moment(request: pytest.FixtureRequest) -> None:
    """Of all the tests that were collected with this one."""
    assert changing((item.nodeid for item in request.session.items), datetime.now(UTC)) == []  # noqa: TID251 - asked for


def test_a_moment_in_a_name_is_found() -> None:
    """The control: seconds, milliseconds, an instant and an address are found; days and keys that are fixed are not."""
    now = datetime(2026, 11, 25, 5, tzinfo=UTC)
    second = int(now.timestamp())
    wrong = [f"t[exp-{second + 3600}]", f"t[{second}123]", "t[2026-11-25 04:59:58]", "t[<object at 0x7f10deadbeef>]"]
    right = ["t[2026-11-25]", "t[1764043200000]", "t[a1764043200b]", "t[1280]", "t[2026-11-24T12:00:00Z]"]
    right.append("t[2026-02-30T12:00:00Z]")
    assert changing([*wrong, *right], now) == wrong


@pytest.mark.skipif(os.environ.get("EVENHAND_NIGHTLY") != "1", reason="collects everything twice: by night")
def test_two_collections_are_the_same() -> None:
    """Another second and another order of sets and dictionaries change no name and no place."""
    asked = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    first, second = (
        subprocess.run(
            asked, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=False
        )
        for seed in ("1", "2")
    )
    assert (first.returncode, second.returncode) == (0, 0), first.stdout[-2000:] + second.stdout[-2000:]
    names, again = ([line for line in one.stdout.splitlines() if "::" in line] for one in (first, second))
    assert len(names) > 4000
    assert names == again
