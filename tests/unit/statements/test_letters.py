"""Letters say what the law asks for, in every language, and nothing of a stranger's breaks out of its place."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.statements.made import ENDLESS, decision, particulars, told

from evenhand.statements.judge import is_url
from evenhand.statements.letter import (
    Letter,
    Redress,
    answer_letter,
    appeal_letter,
    changed_letter,
    link_line,
    receipt_letter,
    statement_letter,
)
from evenhand.statements.plain import isolated, one_line, paragraphs
from evenhand.statements.rules import Particulars
from evenhand.statements.sentences import SENTENCES
from evenhand.statements.wording import load_wordings
from evenhand.vocabulary.decision import RESTRICTIVE, Action, Decision
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Automation, Ground, Source
from evenhand.vocabulary.post import ItemKind

ALL = load_wordings()
LANGUAGES = sorted(ALL.by_language)
REDRESS = Redress(
    complaint_link="https://desk.example/a/7ZQ4K1M",
    complaint_until=date(2027, 5, 24),
    bodies_link="https://bodies.example/list",
)
PLATFORM = "Example Messenger"
HOSTILE = "one\r\nBcc: x@y.example\n\nWhat you can do\u2028pay\u202e here\u2066\x00\x1b[31m {reference} \ud800\u200b"
OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u200e\u200f\u061c\u200b\ufeff")


def letters(wording: Any, text: str) -> list[Letter]:
    """Return every kind of letter, with one text wherever a stranger's text can come in."""
    what = decision(item_id=text, facts=text or "x", territory=("FR", text), subject=text)
    beside = particulars(reference=text, explanation=text)
    none = decision(action=Action.NONE, facts=text)
    at = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    return [
        statement_letter(wording, what, beside, REDRESS, text),
        answer_letter(wording, text, what, REDRESS, text),
        answer_letter(wording, text, none, REDRESS, text, silences=True),
        changed_letter(wording, text, decision(action=Action.RESTORE), REDRESS, text),
        appeal_letter(wording, text, "partly", text or "x", date(2026, 11, 24), REDRESS, text),
        receipt_letter(wording, text, at, "https://desk.example/n/1", text),
    ]


def test_statement_in_english_is_whole() -> None:
    """The content that Art. 17 lists, in its order, as the person reads it."""
    what = decision(item=ItemKind.CHANNEL, action=Action.BAN, territory=("GR", "FR", "US"), source=Source.ARTICLE_16)
    beside = particulars(until=date(2027, 1, 31), reference_url="https://desk.example/terms", also_illegal=True)
    letter = statement_letter(ALL.pick("en"), what, beside, REDRESS, PLATFORM)
    assert (letter.language, letter.direction) == ("en", "ltr")
    assert letter.subject == "Our decision 7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2"
    assert letter.text == (
        "This is Example Messenger. On 2026-11-24 we took the decision 7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2, "
        "which concerns you. Here are our reasons.\n"
        "\n"
        "What was decided\n"
        "  The channel and its posts cannot be seen for a time.\n"
        "  It is about your channel post-77120.\n"
        "\n"
        "Where it applies\n"
        "  In these states: France, Greece, US.\n"
        "\n"
        "Until when\n"
        "  Until the end of 2027-01-31 (UTC).\n"
        "\n"
        "Facts and circumstances\n"
        "  The post asks for a bank password.\n"
        "\n"
        "How we came to look at it\n"
        "  Somebody sent us a notice (Article 16 of Regulation (EU) 2022/2065).\n"
        "\n"
        "Automated means\n"
        "  The content was found by automated means.\n"
        "  The decision was taken by a person with the help of automated means.\n"
        "\n"
        "On which ground\n"
        "  We hold the content to be against our terms: Terms, 4.2\n"
        "  Asking for passwords is fraud.\n"
        "  We hold it to be illegal as well.\n"
        "  It can be read here:\n"
        "  https://desk.example/terms\n"
        "\n"
        "What you can do\n"
        "  You can complain to us, free of charge, until the end of 2027-05-24 (UTC). Somebody else than who decided "
        "looks at it again; a machine never decides alone. Your link:\n"
        "  https://desk.example/a/7ZQ4K1M\n"
        "  You can turn to any certified body for out-of-court dispute settlement (Article 21 of Regulation (EU) "
        "2022/2065). Its decision does not bind either side.\n"
        "  The certified bodies:\n"
        "  https://bodies.example/list\n"
        "  You can go to court at any time.\n"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_there_in_every_language_and_none_is_another_s(language: str) -> None:
    """Nothing falls back unseen: languages other than English share no sentence with it, names and codes aside."""
    assert {"en", "de", "fr", "ar", "fa"} <= set(LANGUAGES)
    found, english = ALL.by_language[language].sentences, ALL.by_language["en"].sentences
    assert found.keys() == SENTENCES.keys()
    if language != "en":
        same = {name for name in found if found[name] == english[name]}
        assert {name for name in same if not name.startswith("state.")} <= {"direction", "territory.comma"}


@given(told(), st.sampled_from(LANGUAGES))
@settings(max_examples=60, deadline=None)
def test_every_decision_has_its_letter_in_every_language(
    made: tuple[Decision, Particulars, list[str]], language: str
) -> None:
    """What, where, until when, facts, source, means, ground and redress stand in it, whatever was decided."""
    what, beside, _ = made
    wording = ALL.pick(language)
    letter = statement_letter(wording, what, beside, REDRESS, PLATFORM)
    for name in ("decision", "territory", "until", "facts", "source", "automation", "ground", "redress"):
        assert letter.text.count(f"\n\n{wording.say(f'heading.{name}')}\n") == 1
    assert f"\n  {REDRESS.complaint_link}\n" in letter.text
    assert f"\n  {REDRESS.bodies_link}\n" in letter.text
    assert wording.say("redress.court") in letter.text
    assert str(beside.until or wording.say("until.open")) in letter.text
    answer = answer_letter(wording, "N-1", what, REDRESS, PLATFORM)
    assert wording.say("redress.court") in answer.text


@pytest.mark.parametrize("action", sorted(RESTRICTIVE))
@pytest.mark.parametrize("item", ItemKind)
def test_no_two_actions_read_alike(action: Action, item: ItemKind) -> None:
    """A reader can tell what was decided; a ban of one post alone is its removal."""
    wording, said = ALL.pick("en"), set()
    for passing in (False, True) if action not in ENDLESS else (False,):
        until = date(2027, 1, 1) if passing else None
        text = statement_letter(
            wording, decision(action=action, item=item), particulars(until=until), REDRESS, PLATFORM
        ).text
        said.add(text.split("What was decided\n  ")[1].split("\n")[0])
    others = {
        statement_letter(wording, decision(action=other, item=item), particulars(), REDRESS, PLATFORM)
        .text.split("What was decided\n  ")[1]
        .split("\n")[0]
        for other in RESTRICTIVE - {action}
    }
    if (action, item) not in {
        (Action.BAN, ItemKind.POST),
        (Action.REMOVE, ItemKind.POST),
        (Action.DISABLE, ItemKind.POST),
    }:
        assert not said & others


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("source", Source)
def test_no_party_is_told_of_the_other(language: str, source: Source) -> None:
    """The notifier reads neither facts nor ids nor reasons about the author; moderators' notes reach nobody."""
    what = decision(source=source, facts="SECRET-FACTS", item_id="SECRET-ITEM", subject="SECRET-AUTHOR")
    wording = ALL.pick(language)
    for action in (Action.REMOVE, Action.NONE):
        acted = decision(**{f: getattr(what, f) for f in ("source", "facts", "item_id", "subject")}, action=action)
        answer = answer_letter(wording, "N-1", acted, REDRESS, PLATFORM, silences=True)
        changed = changed_letter(wording, "N-1", acted, REDRESS, PLATFORM)
        assert "SECRET" not in answer.text + answer.subject + changed.text + changed.subject
    mine = statement_letter(wording, what, particulars(), REDRESS, PLATFORM)
    assert "SECRET-AUTHOR" not in mine.text
    for letter in (mine, answer):
        assert "for-moderators-only" not in letter.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_letters_say_what_they_must(language: str) -> None:
    """Looked at, fine; outcome of a complaint; receipt; change: each with its own sentence, reference and way on."""
    wording = ALL.pick(language)
    fine, silent = (
        answer_letter(wording, "N-1", decision(action=Action.NONE), REDRESS, PLATFORM, silences=silences)
        for silences in (False, True)
    )
    assert wording.say("fine.looked") in fine.text
    assert wording.say("fine.silence") not in fine.text
    assert wording.say("fine.silence") in silent.text
    assert REDRESS.complaint_link in fine.text
    outcomes = set()
    for outcome in ("upheld", "partly", "reversed"):
        letter = appeal_letter(wording, "A-1", outcome, "Because.", date(2026, 11, 24), REDRESS, PLATFORM)
        assert "\n  Because.\n" in letter.text
        assert REDRESS.complaint_link not in letter.text
        assert REDRESS.bodies_link in letter.text
        outcomes.add(letter.text)
    assert len(outcomes) == 3
    at = datetime(2026, 11, 25, 1, 30, tzinfo=timezone(timedelta(hours=3)))
    receipt = receipt_letter(wording, "N-1", at, "https://desk.example/n/1", PLATFORM)
    assert "2026-11-24 22:30 UTC" in receipt.text
    assert receipt.text.endswith("\n  https://desk.example/n/1\n")
    assert (
        wording.say("action.restore")
        in changed_letter(wording, "N-1", decision(action=Action.RESTORE), REDRESS, PLATFORM).text
    )
    for letter in (fine, receipt):
        assert "N-1" in letter.subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_stays_in_its_place(language: str) -> None:
    """No control character, no override, no line of ours forged, no heading added, no placeholder filled twice."""
    wording = ALL.pick(language)
    for letter, calm in zip(letters(wording, HOSTILE), letters(wording, "calm"), strict=True):
        assert "\n" not in letter.subject
        assert not [c for c in letter.subject + letter.text if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"]
        assert not OVERRIDES & set(letter.subject + letter.text)
        for line in (letter.subject, *letter.text.split("\n")):
            assert line.count("\u2068") == line.count("\u2069")
        headings = [line for line in letter.text.split("\n") if line and not line.startswith("  ")]
        # The first is the opening, in which names of strangers stand; the rest are headings.
        assert headings[1:] == [line for line in calm.text.split("\n") if line and not line.startswith("  ")][1:]
        assert "{reference}" in letter.text


@given(st.text())
def test_any_text_becomes_harmless(text: str) -> None:
    """One line is one line, paragraphs hold no breaks, and doing it twice changes nothing."""
    line = one_line(text)
    assert line == one_line(line)
    assert len(line) <= 1000
    assert not set(line) & (OVERRIDES | {"\n", "\r", "\x00"})
    for part in paragraphs(text):
        assert part == " ".join(part.split())
        assert part
        assert paragraphs(part) == [part]
    assert re.sub("[\u2068\u2069]", "", isolated(line, "rtl")) == re.sub("[\u2068\u2069]", "", line)


def test_letters_of_persian_and_arabic_stay() -> None:
    """Joiners that words need are no hostile characters; right to left stands by itself in a sentence that does not."""
    assert one_line("می‌خواهم 👩‍💻") == "می‌خواهم 👩‍💻"
    assert isolated("متن", "ltr") == "\u2068متن\u2069"
    assert isolated("text", "ltr") == "text"
    assert isolated("2026-11-24", "rtl") == "\u20682026-11-24\u2069"
    assert one_line("x" * 2000).endswith("…")


def test_names_of_states_keep_their_order_in_a_sentence_from_right_to_left() -> None:
    """Each member of a list stands by itself, so that "US" does not turn an Arabic list around."""
    arabic = ALL.pick("ar")
    listed = arabic.say("territory.states", states=["US", arabic.state("GR")])
    assert "\u2068US\u2069، \u2068اليونان\u2069" in listed


@pytest.mark.parametrize(
    ("language", "found"),
    [("de", "de"), ("DE", "de"), ("de-AT", "de"), ("fa_IR", "fa"), ("xx", "en"), ("", "en"), (None, "en"), ("-", "en")],
)
def test_language_falls_back_to_english(language: str | None, found: str) -> None:
    """A language that has no letters reads English rather than nothing."""
    assert ALL.pick(language).language == found


@pytest.mark.parametrize(
    ("name", "text", "field", "reason"),
    [
        ("de.toml", "[action]\nremove = ''", "de.toml: action.remove", "not empty"),
        ("de.toml", "[action]\nremove = 5", "de.toml: action.remove", "must be a text"),
        ("de.toml", "[action]\nvanish = 'x'", "de.toml: action.vanish", "not a sentence of ours"),
        ("de.toml", "[action]\nremove = '{item} weg'", "de.toml: action.remove", "fills in {item}"),
        ("de.toml", "[until]\nday = 'bald'", "de.toml: until.day", "must fill in {day}"),
        ("de.toml", "[until]\nday = '{day} {day!r}'", "de.toml: until.day", "brace"),
        ("de.toml", "[until]\nday = '{day} {'", "de.toml: until.day", "brace"),
        ("de.toml", '[statement]\nsubject = "x {reference}\\nBcc: y"', "de.toml: statement.subject", "one line"),
        ("de.toml", "direction = 'up'", "de.toml: direction", "ltr or rtl"),
        ("de.toml", "[heading.deep]\nx = 1", "de.toml: heading.deep", "not a sentence of ours"),
        ("de.toml", "direction", "de.toml", "is not TOML"),
        ("nl.toml", "direction = 'ltr'", "nl.toml: action.age-restrict", "is missing"),
        ("german.toml", "", "german.toml", "a language's code"),
    ],
)
def test_bad_wording_is_refused_with_file_and_sentence(
    tmp_path: Path, name: str, text: str, field: str, reason: str
) -> None:
    """An edited file that would send nonsense stops at the reader."""
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        load_wordings(tmp_path)
    assert caught.value.field == field
    assert reason in caught.value.reason


def test_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    """Foreign exceptions stop at the reader."""
    (tmp_path / "de.toml").write_bytes(b"[action]\nremove = '\xff'")
    with pytest.raises(InputError, match="is not TOML"):
        load_wordings(tmp_path)


def test_own_files_replace_sentences_and_add_languages(tmp_path: Path) -> None:
    """One sentence changed leaves the others as they come along; a whole file is a new language."""
    (tmp_path / "de.toml").write_text("[redress]\ncourt = 'Der Rechtsweg steht offen.'", "utf-8")
    (tmp_path / "README.txt").write_text("not a language", "utf-8")
    shipped = Path(__file__).parents[3] / "src" / "evenhand" / "statements" / "letters" / "en.toml"
    (tmp_path / "eo.toml").write_text(shipped.read_text("utf-8").replace("Everywhere.", "Ĉie."), "utf-8")
    own = load_wordings(tmp_path)
    assert own.pick("de").say("redress.court") == "Der Rechtsweg steht offen."
    assert own.pick("de").say("redress.bodies") == ALL.pick("de").say("redress.bodies")
    assert own.pick("eo").say("territory.everywhere") == "Ĉie."


@pytest.mark.parametrize(
    ("write", "field"),
    [
        (lambda w: statement_letter(w, decision(action=Action.NONE), particulars(), REDRESS, PLATFORM), "action"),
        (lambda w: answer_letter(w, "N", decision(action=Action.RESTORE), REDRESS, PLATFORM), "action"),
        (lambda w: appeal_letter(w, "A", "upheld", " \u200b\n", date(2026, 1, 1), REDRESS, PLATFORM), "reasons"),
        (lambda w: receipt_letter(w, "N", datetime(2026, 1, 1, tzinfo=UTC), "javascript:x", PLATFORM), "follow_link"),
        (
            lambda w: statement_letter(w, decision(), particulars(reference_url="https://a b"), REDRESS, PLATFORM),
            "reference_url",
        ),
        (
            lambda w: answer_letter(
                w, "N", decision(), Redress(complaint_link="x\ny", complaint_until=date(2027, 1, 1)), PLATFORM
            ),
            "complaint_link",
        ),
    ],
)
def test_letter_that_makes_no_sense_is_refused(write: Callable[[Any], Letter], field: str) -> None:
    """What cannot be said is refused with the field, not sent half."""
    with pytest.raises(InputError) as caught:
        write(ALL.pick("en"))
    assert caught.value.field == field


def test_codes_all_have_sentences() -> None:
    """A new member of an enumeration fails here until every language has a word for it."""
    for enum, section in ((Source, "source"), (Automation, "automation"), (Ground, "ground")):
        assert {f"{section}.{member.value}" for member in enum} <= SENTENCES.keys()


@given(st.text(alphabet="htps:/?#[]@.a1-_%é ", max_size=14), st.text(alphabet="AZ09-_/é", max_size=4))
@example("https:/", "/A-1")
@example("https://desk.example/matter", "A-1")
@example("https://[::1", "1")
def test_a_link_is_a_url_by_the_short_way_too(before: str, last: str) -> None:
    """What is remembered of a link's beginning never says more than the expression says of the whole link."""
    for link in (f"{before}/{last}", f"https://{before}/{last}", f"https:/{before}/{last}"):
        try:
            found = link_line("link", link) == link
        except InputError:
            found = False
        assert found == is_url(link)
