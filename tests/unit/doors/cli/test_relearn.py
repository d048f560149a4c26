"""`evenhand train --from-decisions`: what it learns serves only if it is better, and poison is set aside."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evenhand.doors.cli.app import evenhand
from evenhand.flow.relearn import sign_test
from evenhand.screening.classifier import load_model

WORDS = ["alpha", "bravo", "delta", "gamma", "kilo", "lima", "oscar", "tango"]


def line(n: int, spam: bool, kind: str, by: str = "", ham: str = "see you at home") -> str:
    """Return one decision; each kind of spam has words of its own."""
    tail = " ".join(WORDS[(n >> shift) % 8] for shift in (0, 3, 6))
    text = f"{tail} {kind} {n}" if spam else f"{tail} {ham} {n}"
    return json.dumps({"label": "spam" if spam else "ham", "text": text, "source": "made up", "by": by})


def write(path: Path, lines: list[str]) -> str:
    """Write lines; return the path."""
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


def run(*words: str) -> tuple[int, dict[str, Any]]:
    """Run the command; return exit code and its JSON."""
    result = CliRunner().invoke(evenhand, ["train", *words, "--json"])
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Give a base of labelled messages and a directory with a model that was trained on them, once."""
    directory = tmp_path_factory.mktemp("trained")
    file = write(directory / "base.ndjson", [line(n, n % 2 == 0, "free prize call now") for n in range(120)])
    assert run(file, "--out", str(directory / "models"))[0] == 0
    return file, directory / "models"


@pytest.fixture
def base(trained: tuple[str, Path], tmp_path: Path) -> tuple[str, Path]:
    """Give the base and a copy of its model."""
    shutil.copytree(trained[1], tmp_path / "models")
    return trained[0], tmp_path / "models"


def test_it_serves_once_it_is_better(base: tuple[str, Path], tmp_path: Path) -> None:
    """A kind of spam that the serving model takes for ham: learnt, promoted, and the old model stays beside it."""
    file, models = base
    old = load_model(models / "spam.npz").version
    new = [line(n, n % 2 == 0, "see you at home", ham="the bus is late again") for n in range(1000, 1120)]
    words = (file, "--from-decisions", write(tmp_path / "d.ndjson", new), "--out", str(models))
    code, told = run(*words, "--promote")
    assert (code, told["better"], told["promoted"]) == (0, True, str(models / "spam.npz"))
    assert told["serving"] == old
    assert load_model(models / "spam.npz").version == told["version"] != old
    assert load_model(models / f"spam-{old}.npz").version == old
    assert told["tested"]["candidate"]["recall"]["share"] > told["tested"]["serving"]["recall"]["share"]


def test_it_does_not_serve_where_it_is_no_better(base: tuple[str, Path], tmp_path: Path) -> None:
    """More of what is known already: exit code 1, and the serving model stays."""
    file, models = base
    before = (models / "spam.npz").read_bytes()
    known = [line(n, n % 2 == 0, "free prize call now") for n in range(2000, 2120)]
    code, told = run(file, "--from-decisions", write(tmp_path / "d.ndjson", known), "--out", str(models), "--promote")
    assert (code, told["better"], told["promoted"]) == (1, False, None)
    assert (models / "spam.npz").read_bytes() == before


def test_poison_is_set_aside(base: tuple[str, Path], tmp_path: Path) -> None:
    """A moderator who calls known spam ham is named, and what they said is not learnt."""
    file, models = base
    honest = [line(n, n % 2 == 0, "free prize call now", by=f"m{n % 5}") for n in range(3000, 3120)]
    lies = [
        line(n, spam=True, kind="free prize call now", by="mallory").replace('"spam"', '"ham"')
        for n in range(4000, 4040)
    ]
    copies = [honest[0]] * 5
    decisions = write(tmp_path / "d.ndjson", honest + lies + copies)
    before = (models / "spam.npz").read_bytes()
    code, told = run(file, "--from-decisions", decisions, "--out", str(models))
    assert code == 0
    assert [(each["role"], each["account"]) for each in told["suspects"]] == [("by", "mallory")]
    assert told["left_out"]["suspicious"] == 40
    assert told["left_out"]["copies"] >= 5
    assert (models / "spam.npz").read_bytes() == before  # nothing serves without --promote


def test_too_little_to_tell_is_refused(base: tuple[str, Path], tmp_path: Path) -> None:
    """A handful of decisions proves nothing; nothing to learn from is no input."""
    file, models = base
    few = write(tmp_path / "d.ndjson", [line(n, n % 2 == 0, "x") for n in range(20)])
    result = CliRunner().invoke(evenhand, ["train", file, "--from-decisions", few, "--out", str(models)])
    assert "at least 30 are needed" in str(result.exception)
    assert "is needed" in str(CliRunner().invoke(evenhand, ["train"]).exception)
    assert "goes with" in str(CliRunner().invoke(evenhand, ["train", file, "--promote"]).exception)


def test_the_sign_test() -> None:
    """Against a coin: 5 of 5 is 1 in 32; as many lost as gained is no gain."""
    assert sign_test(5, 0) == 1 / 32
    assert sign_test(0, 0) == 1
    assert sign_test(3, 3) > 0.5
