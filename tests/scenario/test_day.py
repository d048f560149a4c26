"""A day at the desk from the command line: worked through twice it is the same day, on either database."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from postgres import empty_docket
from realdata import real_data

EVENHAND = Path(sys.executable).with_name("evenhand")


def run(data: Path, *arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
    """Run the installed command with a data directory; it must end well."""
    more = {"EVENHAND_DATA": str(data), "EVENHAND_DATABASE_URL": url, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [str(EVENHAND), *arguments], env=os.environ | more, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended


def hashes(data: Path) -> dict[str, str]:
    """Return each file's SHA-256 by path."""
    return {
        file.relative_to(data).as_posix(): sha256(file.read_bytes()).hexdigest()
        for file in sorted(data.rglob("*"))
        if file.is_file()
    }


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.nightly)])
def test_a_day_twice_is_one_day(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The second time nothing is decided and no byte changes; the log verifies, elsewhere the same report comes out."""
    data = tmp_path / "data"
    url = empty_docket(request.getfixturevalue("postgres_server")) if database == "postgres" else ""
    first = run(data, "demo", "--no-serve", url=url)
    assert "New: 0 decisions" not in first.stderr
    before = hashes(data)
    assert ("docket.sqlite3" in before) == (database == "sqlite")
    second = run(data, "demo", "--no-serve", url=url)
    assert "New: 0 decisions, 0 cases" in second.stderr
    assert (hashes(data), second.stdout) == (before, first.stdout)
    copy = tmp_path / "copied" / "log"
    copy.parent.mkdir()
    (data / "log").rename(copy)
    for form, ending in (("text", "txt"), ("json", "json"), ("csv", "csv"), ("html", "html")):
        again = run(
            tmp_path / "other", "report", "daily", "--date", "2026-11-23", "--from-log", str(copy), "--format", form
        )
        assert sha256(again.stdout.encode()).hexdigest() == before[f"reports/2026-11-23.{ending}"]


def test_real_messages_make_the_same_day_everywhere(tmp_path: Path) -> None:
    """Two machines work through the same messages and lists: the same verdicts, decisions and figures."""
    posts, lists = real_data("messages.ndjson"), real_data("ldnoobw")
    said = [
        run(tmp_path / name, "demo", "--no-serve", "--posts", str(posts), "--lists", str(lists)) for name in ("a", "b")
    ]
    assert "Verdicts: " in said[0].stderr
    told = [[line for line in one.stderr.splitlines() if line.startswith(("Verdicts", "New"))] for one in said]
    assert told[0] == told[1]
    a, b = hashes(tmp_path / "a"), hashes(tmp_path / "b")
    assert a["reports/2026-11-23.csv"] == b["reports/2026-11-23.csv"]
