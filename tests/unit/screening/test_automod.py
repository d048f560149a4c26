"""AutoModerator's rules: what is translated holds where it must; what is not is listed, never dropped in silence."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.screening.test_signals import table

from evenhand.doors.cli.app import evenhand
from evenhand.main import Desk
from evenhand.screening.automod import translate
from evenhand.screening.lists import load_lists
from evenhand.vocabulary.errors import InputError

FILE = """
# Scam words
type: submission
title+body (includes-word): ["crypto giveaway", "double your money"]
action: remove
action_reason: "Scam words"
---
domain: [spam.example, worse.example]
author:
    account_age: "< 3 days"
action: filter
comment: "Hello {{author}}"
---
~body (includes): please
body_shorter_than: 12
action: report
---
body (regex): "b[a4]d"
action: remove
---
author:
    comment_karma: "< 5"
body: hello
action: spam
---
title: news
action: approve
---
modmail: look
"""


def test_what_can_be_said_is_said() -> None:
    """Phrases, domains, age and length become conditions; the rest is noted with its line."""
    found = translate(FILE, "automod.yaml")
    assert sorted(found.rules) == ["automod-1-scam-words", "automod-2", "automod-3", "automod-4"]
    assert found.lists["automod_4_1"] == "# kind: patterns\n(?:^|\\W|\\b)(?s:b[a4]d)(?:$|\\W|\\b)\n"
    assert 'when = "automod_1_scam_words_1 > 0"' in found.rules["automod-1-scam-words"]
    assert 'when = "automod_2_1 > 0 AND author_age_days < 3.0"' in found.rules["automod-2"]
    assert 'verdict = "review"' in found.rules["automod-2"]
    assert 'when = "automod_3_1 = 0 AND text_length < 12"' in found.rules["automod-3"]
    assert found.lists["automod_3_1"] == "# kind: phrases\n# match: anywhere\nplease\n"
    assert [(note.line, note.rule, note.key) for note in found.notes] == [
        (3, "automod-1-scam-words", "type"),
        (12, "automod-2", "comment"),
        (22, "", "author.comment_karma"),
        (27, "", "action"),
        (29, "", "action"),
    ]


def test_what_is_written_checks_and_only_counts(tmp_path: Path) -> None:
    """The files load, their examples pass, and until somebody approves them they change no verdict."""
    out = tmp_path / "out"
    runner, env = CliRunner(), {"EVENHAND_DATA": str(tmp_path / "data")}
    told = runner.invoke(evenhand, ["rules", "import-automod", "-", "--out", str(out), "--json"], input=FILE)
    assert json.loads(told.stdout)["rules"] == ["automod-1-scam-words", "automod-2", "automod-3", "automod-4"]
    assert len((out / "untranslated.ndjson").read_text("utf-8").splitlines()) == 5
    files = ["--rules", str(out / "rules"), "--lists", str(out / "lists")]
    checked = runner.invoke(evenhand, ["rules", "check", *files], obj=Desk(), env=env)
    assert checked.exit_code == 0, checked.stderr
    assert checked.stdout.count("2 examples") == 4
    post = {
        "id": "p",
        "kind": "post",
        "author_id": "a",
        "posted_at": "2026-11-24T12:00:00Z",
        "text": "crypto giveaway!",
    }
    judged = runner.invoke(evenhand, ["screen", "-", *files], input=json.dumps(post), obj=Desk(), env=env)
    assert json.loads(judged.stdout)["verdict"] == "allow"
    assert json.loads(judged.stdout)["signals"]["automod_1_scam_words_1"] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [("a: [", "is not YAML"), ("a: &x 1\nb: *x", "alias"), ("\t- x: :", "is not YAML"), ("[" * 3000, "f.yaml")],
)
def test_what_is_no_yaml_is_refused(text: str, said: str) -> None:
    """With the line, and without a traceback."""
    with pytest.raises(InputError, match=said):
        translate(text, "f.yaml")


@settings(max_examples=75, deadline=None)
@given(st.text(max_size=80) | st.text("ab:-~#()[]{}&*!|>'\"\n \t<0action remove", max_size=120))
def test_any_text_is_translated_or_refused(text: str) -> None:
    """Nothing that somebody uploads escapes as another kind of error."""
    try:
        translate(text, "f.yaml")
    except InputError:
        return


@pytest.mark.parametrize(
    ("check", "text", "hits"),
    [
        ("body (regex): 'b[a4]d'", "so b4d, really", 1),
        ("body (regex): 'b[a4]d'", "badge", 0),
        ("body (regex, includes): 'b[a4]d'", "BADGE", 1),
        ("body (regex, includes, case-sensitive): 'b[a4]d'", "BADGE", 0),
        ("title+body (includes, regex): ['x.y', 'colou?r']", "x\ny", 1),
        ("body (regex): ['#free', '1\\d{3}']", "win 1500 now", 1),
        ("body (regex): ['#free']", "get #free", 1),
    ],
)
def test_expressions_hit_as_they_did(check: str, text: str, hits: int, tmp_path: Path) -> None:
    """Words and parts, with and without case, dots over line breaks, signs that lists know."""
    found = translate(f"{check}\naction: remove\n", "f")
    assert found.notes == ()
    (name,) = found.lists
    (tmp_path / f"{name}.txt").write_text(found.lists[name], "utf-8")
    assert table([{"text": text}], load_lists(tmp_path))[name].to_list() == [hits]


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (r"body (regex): '(a)\1'", "backreferences"),
        ("body (regex): 'a(?=b)'", "look-around"),
        ("body (regex): 'a)(b'", "'a)(b'"),
        ("body (regex, includes): 'x*'", "found in every text"),
        ("body (regex, starts-with): 'x'", "starts-with"),
        ("body (regex): {a: b}", "needs a text"),
        ('body (regex): "a\\nb"', "one line"),
    ],
)
def test_expressions_that_cannot_be_taken_are_listed(check: str, said: str) -> None:
    """With the reason, and the whole rule with them."""
    found = translate(f"{check}\naction: remove\n", "f")
    assert (dict(found.rules), dict(found.lists)) == ({}, {})
    assert said in found.notes[0].reason
