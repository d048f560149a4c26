"""The desk's own lists and rules, below the data directory, are what commands read unless others are named."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from evenhand.doors.cli.app import evenhand
from evenhand.main import Desk

RULE = """
name = "no-zebras"
verdict = "review"
when = "zebra_words >= 1"
because = "Zebras: {zebra_words}."
statement = "Your post sells what is not yours."

[policy]
ground = "DECISION_GROUND_INCOMPATIBLE_CONTENT"
category = "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"
reference = "Terms, 5.1"

[[must_match]]
text = "A striped horse for sale"

[[must_not_match]]
text = "A horse for sale"
"""
POST = json.dumps(
    {"id": "p", "kind": "post", "author_id": "a", "posted_at": "2026-11-24T12:00:00Z", "text": "a striped horse"}
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with a list and a rule of its own."""
    for name in ("lists", "rules"):
        (tmp_path / "data" / name).mkdir(parents=True)
    (tmp_path / "data/lists/zebra_words.txt").write_text("striped horse\n", "utf-8")
    (tmp_path / "data/rules/no-zebras.toml").write_text(RULE, "utf-8")
    return tmp_path / "data"


def ask(data: Path, *words: str, given: str = "") -> Result:
    """Run a command on the data directory."""
    env = {"EVENHAND_DATA": str(data)}
    return CliRunner().invoke(evenhand, list(words), input=given, obj=Desk(), env=env)


def test_the_desks_own_rules_are_checked_and_explained(data: Path) -> None:
    """Not those that come along, which the running desk would not read either."""
    checked = ask(data, "rules", "check", "--json")
    assert [json.loads(line)["rule"] for line in checked.stdout.splitlines()] == ["no-zebras"]
    assert "zebra_words" in ask(data, "rules", "signals").stdout
    assert "zebra_words" in ask(data, "rules", "query", "no-zebras").stdout
    explained = ask(data, "rules", "explain", "-", "no-zebras", "--json", given=POST)
    assert explained.exit_code == 0, explained.stderr
    assert "zebra_words" in explained.stdout


def test_the_desks_own_rules_judge_posts_and_the_past(data: Path) -> None:
    """`screen` and `backtest` say what the running desk would say."""
    judged = ask(data, "screen", "-", given=POST)
    assert json.loads(judged.stdout)["rule"] == "no-zebras"
    assert ask(data, "backtest", "no-zebras", "--json").exit_code == 0
    assert "no-zebras" in str(ask(data, "backtest", "spam-classifier").exception)


def test_others_are_read_where_they_are_named(data: Path, tmp_path: Path) -> None:
    """A directory that is named is read instead of the desk's own, for lists and rules each by itself."""
    (tmp_path / "new").mkdir()
    (tmp_path / "new/fewer-zebras.toml").write_text(RULE.replace("no-zebras", "fewer-zebras"), "utf-8")
    checked = ask(data, "rules", "check", "--rules", str(tmp_path / "new"), "--json")
    assert [json.loads(line)["rule"] for line in checked.stdout.splitlines()] == ["fewer-zebras"]
