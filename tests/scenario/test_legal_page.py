"""The walk-through for the legal team, as it is written: the regime it adds is read and judged by."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "roles" / "legal.md").read_text("utf-8")


def block(language: str) -> str:
    """Return what the page has in this language: its only block, or all of them as one file."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return "\n".join(found)


def assess(data: Path, line: dict[str, Any]) -> dict[str, Any]:
    """Run `evenhand assess` with this data directory."""
    done = subprocess.run(
        [sys.executable, "-c", "from evenhand.main import run; run()", "assess", "-"],
        input=json.dumps(line),
        env=os.environ | {"EVENHAND_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data directory with the page's file in it."""
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "exampleland.toml").write_text(block("toml"), "utf-8")
    return tmp_path


def test_the_page_adds_a_regime(data: Path) -> None:
    """The order is answered as the page says, with the rows that it wrote."""
    line = json.loads(block("json"))
    got = assess(data, line)
    assert (got["outcome"], got["territory"], got["deadline"]) == ("geo-restrict", ["XE"], "2026-11-25T22:00:00Z")
    assert {"xe-redress", "xe-12-hours", "xe-keep-90-days"} <= {finding["rule"] for finding in got["findings"]}
    assert got["regime_version"] == "xe-platform-act@2026-07-01"
    line["request"]["redress"] = None
    got = assess(data, line)
    assert (got["outcome"], got["missing"]) == ("clarify", ["redress"])
    line["request"]["received_at"] = "2026-06-30T10:00:00Z"
    got = assess(data, line)
    assert (got["outcome"], got["deadline"], got["regime_version"]) == (
        "geo-restrict", None, "national-order@2024-01-01",
    )  # fmt: skip


def test_without_the_file_nothing_of_it_holds(tmp_path: Path) -> None:
    """Control: the answer comes from the file."""
    got = assess(tmp_path, json.loads(block("json")))
    assert (got["outcome"], got["deadline"]) == ("geo-restrict", None)
