"""What is shown before a decision is what is sent with it."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.unit.statements.made import decision, particulars, told

from evenhand.flow.statement_check import check_line
from evenhand.flow.statement_made import TO_DATABASE, database_effect, prepare, read_wordings
from evenhand.statements.letter import Redress
from evenhand.statements.rules import Circumstances, Particulars
from evenhand.vocabulary.decision import Action, Decision
from evenhand.vocabulary.errors import InputError

REDRESS = Redress(complaint_link="https://desk.example/a/1", complaint_until=date(2027, 5, 24))
WORDINGS = read_wordings(Path("/nowhere"))


@given(told())
@settings(max_examples=50, deadline=None)
def test_effects_carry_what_was_prepared(made: tuple[Decision, Particulars, list[str]]) -> None:
    """The statement that goes out is accepted by the checker, and is the same when it is made again."""
    what, beside, _ = made
    prepared = prepare(what, beside, Circumstances(), REDRESS, WORDINGS, what.language, "Example Messenger")
    assert prepared.errors == {}
    to_database = database_effect(prepared, what, beside.reference)
    assert to_database is not None
    assert (to_database.kind, to_database.subject) == (TO_DATABASE, None)
    assert json.loads(check_line(to_database.body)) == {"accepted": True, "errors": {}}
    again = prepare(what, beside, Circumstances(), REDRESS, WORDINGS, what.language, "Example Messenger")
    assert database_effect(again, what, beside.reference) == to_database


@pytest.mark.parametrize(
    ("action", "around"),
    [
        (Action.NONE, Circumstances()),
        (Action.RESTORE, Circumstances()),
        (Action.REMOVE, Circumstances(ordered=True)),
        (Action.REMOVE, Circumstances(deceptive_high_volume=True)),
        (Action.REMOVE, Circumstances(contact_known=False)),
    ],
)
def test_nothing_is_sent_where_nothing_is_needed(action: Action, around: Circumstances) -> None:
    """An exemption is told, with its source, and nothing goes out."""
    what = decision(action=action, facts="")
    prepared = prepare(what, particulars(), around, REDRESS, WORDINGS, "de", "Example Messenger")
    assert prepared.need.exemptions
    assert database_effect(prepared, what, "R-1") is None


def test_wordings_come_from_the_data_directory_too(tmp_path: Path) -> None:
    """A platform's own sentence is taken, a broken file stops the start."""
    assert read_wordings(tmp_path).pick("de").say("redress.court") == WORDINGS.pick("de").say("redress.court")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "de.toml").write_text("[redress]\ncourt = 'Klagen Sie.'", "utf-8")
    assert read_wordings(tmp_path).pick("de").say("redress.court") == "Klagen Sie."
    (tmp_path / "letters" / "de.toml").write_text("[redress]\ncourt = '{link}'", "utf-8")
    with pytest.raises(InputError, match=r"de\.toml: redress\.court"):
        read_wordings(tmp_path)
