"""From a day at the desk to a backtest of it, through the command line and the real docket."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from evenhand.doors.cli.app import evenhand
from evenhand.main import Desk


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data directory in which the demo's day was worked through."""
    return tmp_path_factory.mktemp("data")


def run(data: Path, *words: str) -> tuple[int, str, str]:
    """Run a command over the data; return exit code, output and errors."""
    result = CliRunner().invoke(evenhand, list(words), obj=Desk(), env={"EVENHAND_DATA": str(data)})
    said = result.stderr or (str(result.exception) if result.exception else "")
    return result.exit_code, result.stdout, said


def test_the_demo_day_can_be_backtested(data: Path) -> None:
    """The demo keeps its signals; a shipped rule's hits are told by day, as JSON and as text, while the desk is up."""
    up = Desk()  # stays alive, as a service that owns the docket
    result = CliRunner().invoke(evenhand, ["demo", "--no-serve"], obj=up, env={"EVENHAND_DATA": str(data)})
    assert result.exit_code == 0
    code, out, said = run(data, "backtest", "spam-possible", "--since", "9999d", "--json")
    assert code == 0, said
    found = json.loads(out)
    assert found["hits"] == sum(day["hits"] for day in found["days"]) > 0
    assert found["screened"] > found["hits"]
    assert len(found["examples"]) == 5
    assert set(found["examples"][0]["signals"]) == {"spam_score", "word_count"}
    code, out, said = run(data, "backtest", "spam-possible", "--since", "9999d", "--examples", "1")
    assert code == 0, said
    assert "hits in" in out
    up._docket.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no-such-rule",), "there is no rule 'no-such-rule'"),
        (("nowhere.toml",), "there is no file"),
        (("spam-possible", "--since", "yesterday"), "is no time span"),
    ],
)
def test_bad_words_are_refused(data: Path, words: tuple[str, ...], said: str) -> None:
    """What cannot be asked is refused in a line."""
    code, _, told = run(data, "backtest", *words)
    assert code != 0
    assert said in told


def test_a_bad_time_in_the_settings_stops_the_start(data: Path) -> None:
    """signals_kept must be a number of days."""
    env = {"EVENHAND_DATA": str(data), "EVENHAND_SIGNALS_KEPT": "a month"}
    result = CliRunner().invoke(evenhand, ["backtest", "spam-possible"], obj=Desk(), env=env)
    assert "signals_kept" in str(result.exception)
