"""Words of forms in other languages: whole where they are given, said to lack where they are not."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from evenhand.doors.cli.app import evenhand
from evenhand.main import Desk
from evenhand.rulebook.load import load_law
from evenhand.rulebook.wording import form_on, lacking_words, lines_of, say, whole_form
from evenhand.views.regimes import regime_on
from evenhand.vocabulary.errors import InputError

SHIPPED = load_law()
DAY = date(2026, 11, 24)
FORM = """
[[form]]
id = "request-national-order"
language = "en"
title = "Order under the Platform Act"
fields = [" | act_number | Number of the order", "B | act_date | Date of the order"]
holds_from = 2026-07-01
source = "Exampleland Platform Act 2026, s. 7"
checked = "R"
"""
WORDS = """
[form_words.de]
"Number of the order" = "Nummer der Anordnung"
"""
OWN_ROW = """
[[form]]
id = "request-national-order"
language = "de"
title = "Anordnung"
fields = [" | act_date | Tag der Anordnung"]
holds_from = 2026-07-01
source = "Exampleland Platform Act 2026, s. 7"
checked = "V"
"""


def book_of(tmp_path: Path, text: str) -> None:
    """Write a platform's own file."""
    (tmp_path / "own.toml").write_text(text, "utf-8")


def test_every_form_that_comes_with_evenhand_has_words_in_every_language_of_the_house() -> None:
    """Nothing of ours stays in English: neither forms of request nor forms of reply."""
    assert set(SHIPPED.form_words) == {"de", "fr", "ar", "fa"}
    assert lacking_words(SHIPPED) == ()
    for form in SHIPPED.forms:
        for language in SHIPPED.form_words:
            whole = whole_form(SHIPPED, form, language)
            assert whole.language == language, form.id
            assert [line.name for line in lines_of(whole)] == [line.name for line in lines_of(form)]


def test_every_language_has_words_for_the_same_texts() -> None:
    """What the record fills in has words in every language too, and no language has leftovers."""
    first, *others = (set(words) for words in SHIPPED.form_words.values())
    assert all(other == first for other in others)
    assert {"done as ordered", "refused", "legal_basis", "subscriber"} <= first


def test_a_platforms_own_form_falls_back_label_by_label_and_the_check_says_so(tmp_path: Path) -> None:
    """The portal shows what has words; the rest stays English, and is listed."""
    book_of(tmp_path, FORM + WORDS)
    book = load_law(tmp_path)
    shown = regime_on(book, "national-order", DAY, "", "de")
    assert shown is not None
    assert [(line.label, line.language) for line in shown.form] == [
        ("Nummer der Anordnung", "de"),
        ("Date of the order", "en"),
    ]
    assert [line.recorded for line in shown.form] == ["Number of the order", "Date of the order"]
    assert shown.form_recalled
    lacking = {(row.language, row.text) for row in lacking_words(book)}
    assert ("de", "Number of the order") not in lacking
    assert ("de", "Date of the order") in lacking
    assert ("ar", "Number of the order") in lacking
    # A letter is not half in one language.
    form = form_on(book, "request-national-order", DAY, "de")
    assert form is not None
    assert whole_form(book, form, "de") is form


def test_a_row_in_a_language_labels_but_takes_no_field_away(tmp_path: Path) -> None:
    """The English row says which fields there are; a shorter row in German does not hide one."""
    book_of(tmp_path, FORM + OWN_ROW)
    book = load_law(tmp_path)
    shown = regime_on(book, "national-order", DAY, "", "de")
    assert shown is not None
    assert [line.label for line in shown.form] == ["Number of the order", "Tag der Anordnung"]
    assert shown.form_title == "Anordnung"
    assert {(row.language, row.text) for row in lacking_words(book) if row.language == "de"} == {
        ("de", "Number of the order")
    }


def test_a_platforms_words_stand_in_the_place_of_ours(tmp_path: Path) -> None:
    """One text is replaced; the others stay."""
    book_of(tmp_path, '[form_words.de]\n"Our reference" = "Unser Zeichen"\n')
    book = load_law(tmp_path)
    assert say(book, "de", "Our reference") == "Unser Zeichen"
    assert say(book, "de", "Received") == say(SHIPPED, "de", "Received") != "Received"
    assert say(book, "tr", "Received") == "Received"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[form_words.en]\n"a" = "b"', "another language"),
        ('[form_words.DE]\n"a" = "b"', "another language"),
        ('[form_words.de]\n"a" = 7', "a text for each text"),
        ('[form_words.de]\n"a" = " "', "a text for each text"),
        ('[form_words.de]\n"by {name}" = "von"', "something else"),
        ('[form_words.de]\n"by" = "von {contact}"', "something else"),
        ("form_words = 3", "table of words"),
        ('[[form_words]]\nid = "x"', "table of words"),
    ],
    ids=["english", "capitals", "number", "blank", "place-lost", "place-added", "no-table", "rows"],
)
def test_bad_words_stop_the_loader(tmp_path: Path, text: str, reason: str) -> None:
    """A file with words that cannot be used is named with its reason."""
    book_of(tmp_path, text)
    with pytest.raises(InputError, match=reason) as error:
        load_law(tmp_path)
    assert "own.toml" in str(error.value)


def test_the_command_lists_what_lacks_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`evenhand law check`: nothing for what comes with Evenhand, one line a text for a platform's own form."""
    monkeypatch.setenv("EVENHAND_DATA", str(tmp_path))
    plain = CliRunner().invoke(evenhand, ["law", "check", "--json"], obj=Desk())
    assert (plain.exit_code, plain.stdout) == (0, "")
    (tmp_path / "law").mkdir()
    book_of(tmp_path / "law", FORM + WORDS)
    found = CliRunner().invoke(evenhand, ["law", "check", "--json"], obj=Desk())
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    assert {"form": "request-national-order", "language": "de", "text": "Date of the order"} in rows
    assert len(rows) == 3 * 4 - 1
    shown = CliRunner().invoke(evenhand, ["law", "check"], obj=Desk())
    assert shown.exit_code == 0
    assert "Date of the order" in shown.stdout


def test_words_hold_no_row_back(tmp_path: Path) -> None:
    """A form in another language than English alone is that language's form, whoever reads it."""
    book_of(tmp_path, OWN_ROW)
    book = load_law(tmp_path)
    shown = regime_on(book, "national-order", DAY, "", "fr")
    assert shown is not None
    assert [(line.label, line.language) for line in shown.form] == [("Tag der Anordnung", "de")]
    assert replace(book, form_words={}).form_words == {}
