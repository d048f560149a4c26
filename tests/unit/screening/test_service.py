"""Screening a batch: verdicts in the batch's order, sentences filled in, the gravest rule first."""

from pathlib import Path

import pyarrow as pa
import pytest
from tests.unit.screening.test_rulefiles import RULE, write
from tests.unit.screening.test_signals import POST, model

from evenhand.screening.counts import Window
from evenhand.screening.examples import check_examples
from evenhand.screening.lists import Lists, load_lists
from evenhand.screening.rulefiles import load_rules
from evenhand.screening.service import NO_RULE, Screener
from evenhand.screening.signals import signal_table
from evenhand.vocabulary.post import POST_SCHEMA, VERDICT_SCHEMA


@pytest.fixture
def screener(tmp_path: Path) -> Screener:
    """Give a screener with two lists, one of which no rule names, and three rules."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "scams").write_text("free money\nсрочно перевод\n", "utf-8")
    (tmp_path / "lists" / "oaths").write_text("dash it\n", "utf-8")
    lists = load_lists(tmp_path / "lists")
    return Screener(lists, model(), load_rules([_rules(tmp_path)], signal_table(lists)))


def _rules(directory: Path) -> Path:
    rules = directory / "rules"
    rules.mkdir()
    for name, verdict, when, because in (
        ("scam", "remove", "scams > 0 AND link_count > 0", "It has {scams} hits and {link_count} links."),
        ("scam-words", "review", "scams > 0", "It has {scams} hits; forwarded: {forwarded}; country {country}."),
        ("oaths-anywhere", "label", "unclaimed_list_hits > 0", "Strong words."),
    ):
        text = RULE.replace("spam-sure", name).replace('"remove"', f'"{verdict}"')
        text = text.replace("\nspam_score >= 0.9\nAND link_count > 0\n", when)
        write(rules, text.replace("The classifier gives it {spam_score}.", because), name)
    return rules


def _batch(*texts: str) -> pa.RecordBatch:
    posts = [{**POST, "id": f"p{n}", "text": text, "forwarded_from": "x"} for n, text in enumerate(texts)]
    return pa.RecordBatch.from_pylist(posts, schema=POST_SCHEMA)


def test_verdicts_come_in_order_with_their_sentences(screener: Screener) -> None:
    """One row a post; because names the values; a list that no rule names still counts as unclaimed."""
    found = screener.screen(
        _batch("hello", "Free m\u200boney: https://x.example", "dash it", "FREE MONEY", "free money dash it"),
        Window(),
    )
    assert found.verdicts.schema == VERDICT_SCHEMA
    assert found.verdicts.select(["id", "verdict", "rule", "because"]).to_pylist() == [
        {"id": "p0", "verdict": "allow", "rule": None, "because": NO_RULE},
        {"id": "p1", "verdict": "remove", "rule": "scam", "because": "It has 1 hits and 1 links."},
        {"id": "p2", "verdict": "label", "rule": "oaths-anywhere", "because": "Strong words."},
        {
            "id": "p3",
            "verdict": "review",
            "rule": "scam-words",
            "because": "It has 1 hits; forwarded: yes; country unknown.",
        },
        {
            "id": "p4",
            "verdict": "review",
            "rule": "scam-words",
            "because": "It has 1 hits; forwarded: yes; country unknown.",
        },
    ]
    assert found.verdicts.column("category").to_pylist()[1] == "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"
    assert found.signals["unclaimed_list_hits"].to_list() == [0, 0, 1, 0, 1]


def test_an_empty_batch_gives_no_verdicts(screener: Screener) -> None:
    """No posts is no error."""
    found = screener.screen(_batch(), Window())
    assert found.verdicts.schema == VERDICT_SCHEMA
    assert found.verdicts.num_rows == 0


def test_a_screener_without_rules_allows(screener: Screener) -> None:
    """Nothing is decided where nothing is asked."""
    found = Screener(Lists(()), screener.model, ()).screen(_batch("free money"), Window())
    assert found.verdicts.column("verdict").to_pylist() == ["allow"]


def test_edition_follows_rules_lists_and_classifier(screener: Screener) -> None:
    """Another rule set or other lists are another edition."""
    fewer = Screener(screener.lists, screener.model, screener.rules[1:])
    bare = Screener(Lists(()), screener.model, screener.rules)
    assert len({screener.edition, fewer.edition, bare.edition}) == 3


def test_examples_that_come_out_wrong_are_named(screener: Screener) -> None:
    """The example of spam is none of this rule's: its line and the reason are told; bad posts likewise."""
    rule = next(rule for rule in screener.rules if rule.name == "scam")
    assert [(each.line, each.reason.split(",")[0]) for each in check_examples(screener, rule)] == [(14, "must match")]


def test_hits_name_list_and_category(tmp_path: Path, screener: Screener) -> None:
    """Each hit gives the post, the list, its kind and its category."""
    (tmp_path / "lists" / "scams").write_text("# category: scams_and_fraud\nfree money\n", "utf-8")
    lists = load_lists(tmp_path / "lists")
    found = Screener(lists, screener.model, screener.rules)
    signals = found.measure(_batch("hello", "free money, FREE MONEY", "dash it, free money"), Window())
    assert found.hits(signals).rows() == [
        (1, "scams", "phrases", "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", 2),
        (2, "oaths", "phrases", None, 1),
        (2, "scams", "phrases", "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", 1),
    ]
    assert Screener(Lists(()), screener.model, ()).hits(signals).height == 0
