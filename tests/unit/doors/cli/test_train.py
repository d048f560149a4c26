"""`evenhand train`: figures on messages that it has not seen, a model file, and bad lines told."""

import json
from pathlib import Path

from click.testing import CliRunner
from tests.realdata import real_data

from evenhand.doors.cli.app import evenhand
from evenhand.screening.classifier import load_model


def lines(count: int) -> list[str]:
    """Return made-up labelled messages, no two of them near-copies."""
    words = ["alpha", "bravo", "delta", "gamma", "kilo", "lima", "oscar", "tango"]
    made = []
    for i in range(count):
        tail = " ".join(words[(i >> shift) % 8] for shift in (0, 3, 6))
        label, text = ("spam", f"{tail} free prize call now 0900{i}") if i % 2 else ("ham", f"{tail} see you at home")
        made.append(json.dumps({"label": label, "text": text, "source": "made up"}))
    return made


def test_training_reports_writes_and_tells_bad_lines(tmp_path: Path) -> None:
    """Bad lines go to standard error, the rest trains a model that loads; the exit code says that lines were bad."""
    file = tmp_path / "in.ndjson"
    file.write_text("\n".join([*lines(120), '{"label":"spam"}', "nonsense"]), "utf-8")
    result = CliRunner().invoke(evenhand, ["train", str(file), "--out", str(tmp_path / "out"), "--json"])
    assert result.exit_code == 2
    assert [json.loads(line)["line"] for line in result.stderr.splitlines()] == [121, 122]
    summary = json.loads(result.stdout)
    assert load_model(Path(summary["model"])).version == summary["version"]
    tested = summary["tested"]["made up"]
    assert summary["trained_on"] + tested["texts"] == 120
    assert tested["precision"]["low"] <= tested["precision"]["share"] <= tested["precision"]["high"]
    good = tmp_path / "good.ndjson"
    good.write_text("\n".join(lines(120)), "utf-8")
    text = CliRunner().invoke(evenhand, ["train", str(good), "--out", str(tmp_path / "out")])
    assert text.exit_code == 0
    assert "made up" in text.stdout


def test_too_little_to_learn_from_is_refused(tmp_path: Path) -> None:
    """No model is written of a handful of messages, or of none."""
    file = tmp_path / "in.ndjson"
    for content in ("", "\n".join(lines(6))):
        file.write_text(content, "utf-8")
        result = CliRunner().invoke(evenhand, ["train", str(file), "--out", str(tmp_path / "out")])
        assert result.exit_code == 2
        assert "evenhand train:" in result.stderr
    assert not (tmp_path / "out").exists()


def test_real_messages_meet_the_aims(tmp_path: Path) -> None:
    """On real messages kept back: SMS precision 0.98 at recall 0.90, Telegram 0.90 at 0.80."""
    file = real_data("messages.ndjson")
    result = CliRunner().invoke(evenhand, ["train", str(file), "--out", str(tmp_path), "--json"])
    assert result.exit_code == 0
    tested = json.loads(result.stdout)["tested"]
    for source, precision, recall in (("sms_spam_collection", 0.98, 0.90), ("telegram_groups", 0.90, 0.80)):
        assert tested[source]["precision"]["share"] >= precision
        assert tested[source]["recall"]["share"] >= recall
