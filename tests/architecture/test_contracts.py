"""The import contracts hold, and each catches the bad import that it is there for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PLANTS = [
    ("newroom/__init__.py", "", "1."),
    ("vocabulary/planted.py", "import evenhand.orders", "1."),
    ("desk/planted.py", "import evenhand.screening", "1."),
    ("views/planted.py", "import evenhand.desk", "1."),
    ("desk/rules.py", "import evenhand.desk.ports", "2."),
    ("desk/rules.py", "import time", "3."),
    ("desk/rules.py", "import apsw", "3."),
    ("vocabulary/planted.py", "import django", "3."),
    ("ledger/tree.py", "import secrets", "3."),
    ("desk/planted.py", "import django", "7."),
    ("doors/cli/planted.py", "import evenhand.store", "6."),
    ("doors/cli/planted.py", "import evenhand.ledger", "4."),
    ("store/planted.py", "import evenhand.desk.rules", "5."),
    ("couriers/planted.py", "import evenhand.flow", "5."),
    ("couriers/planted.py", "import evenhand.doors", "1."),
    ("flow/planted.py", "import evenhand.store", "6."),
    ("desk/planted.py", "import evenhand.rulebook.load", "6."),
    ("vocabulary/planted.py", "import evenhand.flow", "8."),
]


def _lint(directory: Path) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(tool), "--no-cache", "--config", str(directory / "pyproject.toml")],
        cwd=directory,
        env={"PYTHONPATH": str(directory / "src"), "PATH": "/usr/bin:/bin", "PYTHONSAFEPATH": "", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources to plant bad imports in."""
    target = tmp_path_factory.mktemp("plants")
    shutil.copytree(ROOT / "src", target / "src", ignore=shutil.ignore_patterns("__pycache__", "*.ndjson", "*.npz"))
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def test_sources_keep_every_contract(copy: Path) -> None:
    """The sources as they stand break nothing."""
    done = _lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("file", "line", "contract"), PLANTS)
def test_planted_import_breaks_its_contract(copy: Path, file: str, line: str, contract: str) -> None:
    """A planted bad import breaks the contract that is meant for it: the gate can fail."""
    path = copy / "src" / "evenhand" / file
    before = path.read_text("utf-8") if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text((before or '"""Planted."""\n') + f"\n{line}\n", encoding="utf-8")
    try:
        done = _lint(copy)
        assert done.returncode != 0
        broken = [text for text in done.stdout.splitlines() if text.startswith(contract) and "BROKEN" in text]
        assert broken, done.stdout
    finally:
        if before is None:
            path.unlink()
            if path.name == "__init__.py":
                shutil.rmtree(path.parent)
        else:
            path.write_text(before, encoding="utf-8")
