"""Tests' names are the same in every process: two workers that collect other names refuse to start.

What runs while tests are collected asks neither the clock nor chance. Found in the source, so that the day on which the
tests run changes nothing.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_ASKING = {
    *("time.time", "time.time_ns", "time.monotonic", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("uuid.uuid4", "uuid4", "os.urandom", "os.getpid"),
}
_CHANCE = ("random.", "secrets.")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def _called(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_called(node.value)}.{node.attr}".removeprefix("datetime.datetime.")
    return node.id if isinstance(node, ast.Name) else ""


def _run_at_collection(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is run when a module is imported: everything but the bodies of functions."""
    yield node
    if isinstance(node, _FUNCTIONS):
        inside = [] if isinstance(node, ast.Lambda) else node.decorator_list
        inside = [*inside, *node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)]
    else:
        inside = list(ast.iter_child_nodes(node))
    for one in inside:
        yield from _run_at_collection(one)


def _parametrizes(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _called(node.func) in {"pytest.mark.parametrize", "pytest.param"}


def changing(source: str) -> list[str]:
    """Return the calls below `parametrize` and `pytest.param` that ask the clock or chance, as `line: name`."""
    found = set()
    for mark in filter(_parametrizes, _run_at_collection(ast.parse(source))):
        for node in _run_at_collection(mark):
            name = _called(node.func) if isinstance(node, ast.Call) else ""
            if name in _ASKING or name.startswith(_CHANCE):
                found.add(f"{node.lineno}: {name}")  # type: ignore[attr-defined] # a call has a line
    return sorted(found)


def test_no_name_asks_the_clock_or_chance() -> None:
    """In every test there is."""
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if (found := changing(path.read_text("utf-8")))
    }
    assert wrong == {}


def test_a_name_that_asks_is_found() -> None:
    """The control: calls are found where they would name a test; what runs later, or names none, is not."""
    source = """
import time
KEY = secrets.token_bytes(16)
@pytest.mark.parametrize("claims", [{"exp": int(time.time())}, {"iat": 1764043200}, {"nbf": datetime.now(UTC)}])
@pytest.mark.parametrize("call", [lambda: time.time(), "2026-11-25T09:00:00Z"])
def test_one(claims, call):
    assert time.time() > 0
"""
    assert changing(source) == ["4: datetime.now", "4: time.time"]
    named = 'pytest.mark.parametrize("x", [pytest.param(1, id=str(uuid.uuid4()))])\n'
    assert changing(named) == ["1: uuid.uuid4"]


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
