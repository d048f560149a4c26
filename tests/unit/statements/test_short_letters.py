"""What else people get: every language words it, links stand alone, what a person wrote passes for no line of ours."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.statements.made import decision

from evenhand.flow.statement_made import read_wordings
from evenhand.statements.letter import Redress
from evenhand.statements.sentences import CALLS
from evenhand.statements.short_letters import (
    alarm_letter,
    call_letter,
    carried_letter,
    enclosing_letter,
    misuse_letter,
    question_letter,
    sanction_letter,
)
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.post import ItemKind

WORDINGS = read_wordings(Path("/nowhere"))
LANGUAGES = sorted(WORDINGS.by_language)
LINK = "https://desk.example/matter/R-1"
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
REDRESS = Redress(complaint_link=LINK, complaint_until=date(2027, 5, 24))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_words_everything(language: str) -> None:
    """In its direction, on one line of a subject, ending with a line feed, with nothing left to fill in."""
    wording = WORDINGS.pick(language)
    against = replace(decision(), item=ItemKind.ACCOUNT, action=Action.SUSPEND_ACCOUNT)
    letters = [
        question_letter(wording, "R-1", "Which sentence?", LINK, "M"),
        misuse_letter(wording, None, "M"),
        misuse_letter(wording, date(2026, 12, 24), "M"),
        sanction_letter(wording, None, None, AT.date(), REDRESS, "M"),
        sanction_letter(wording, against, date(2026, 12, 1), AT.date(), REDRESS, "M"),
        sanction_letter(wording, against, None, AT.date(), REDRESS, "M"),
        *(enclosing_letter(wording, kind, "R-1", "text") for kind in ("received", "reply", "question", "vouching")),
        carried_letter(wording, "R-1"),
        alarm_letter(wording, "Police", Snapshot(kind=ItemKind.POST, item_id="p", author="a"), "He says so.", AT, "M"),
        *(call_letter(wording, [why], LINK, "M") for why in (*CALLS, "unheard of")),
    ]
    for letter in letters:
        assert (letter.language, letter.direction) == (language, wording.direction)
        assert letter.subject
        assert "\n" not in letter.subject
        assert letter.text.endswith("\n")
        assert not {"{", "}"} & set(letter.subject + letter.text)
    assert f"\n  {LINK}\n" in letters[0].text
    assert "2026-12-24" in letters[2].text


@given(st.text(), st.text(), st.text())
@settings(max_examples=50, deadline=None)
def test_what_a_person_wrote_stays_indented(text: str, name: str, author: str) -> None:
    """It begins no line of its own at the margin, where ours begin."""
    wording = WORDINGS.pick("en")
    item = Snapshot(kind=ItemKind.POST, item_id="p", author=author, text=text)
    for letter, plain in (
        (question_letter(wording, "R-1", text, LINK, "M"), question_letter(wording, "R-1", "x", LINK, "M")),
        (alarm_letter(wording, name, item, text, AT, "M"), alarm_letter(wording, "x", item, "x", AT, "M")),
    ):
        ours = [line for line in plain.text.split("\n") if not line.startswith("  ")]
        theirs = [line for line in letter.text.split("\n") if not line.startswith("  ")]
        assert len(theirs) == len(ours)


def test_a_link_is_a_url() -> None:
    """Else the letter is not made."""
    with pytest.raises(InputError, match="follow_link"):
        question_letter(WORDINGS.pick("en"), "R-1", "x", "no link", "M")


def test_a_replys_words_are_its_own() -> None:
    """They stand below ours, line for line."""
    letter = enclosing_letter(WORDINGS.pick("en"), "reply", "R-1", "One.\n\n  Two.\n")
    assert letter.text.endswith("\n\nOne.\n\n  Two.\n")
    assert enclosing_letter(WORDINGS.pick("en"), "received", "R-1", "One.").text == "One.\n"
