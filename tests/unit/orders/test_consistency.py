"""The same request gets the same answer whichever state sends it, unless a named rule says why not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evenhand.flow.assess import parse_line
from evenhand.flow.consistency import differences_of_line
from evenhand.orders import consistency
from evenhand.rulebook.load import load_law

BOOK = load_law()
EXAMPLES = json.loads((Path(__file__).parents[2] / "vectors" / "assess_examples.json").read_text("utf-8"))["examples"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_every_difference_is_explained(example: dict[str, object]) -> None:
    """No example is answered otherwise for another state without a rule that says why."""
    found = list(differences_of_line(json.dumps(example["input"]).encode(), BOOK))
    assert all(difference["explained"] for difference in found), found


def test_keys_differ_nowhere() -> None:
    """A refusal on principle is the same for all 197 states."""
    line = next(example["input"] for example in EXAMPLES if example["name"] == "keys")
    parts = {row["part"] for row in differences_of_line(json.dumps(line).encode(), BOOK)}
    assert not parts & {"outcome", "targets", "disclose"}


def test_grouping_changes_nothing() -> None:
    """Judging each state by itself gives the same answers as judging alike states once: the shortcut is sound."""
    for example in EXAMPLES:
        parsed = parse_line(json.dumps(example["input"]).encode())
        grouped = {
            (state, row.part): row.there
            for row in consistency.differences(parsed.request, parsed.facts, BOOK)
            for state in row.states
        }
        alone = {}
        for state in BOOK.states:
            book = replace(BOOK, states=(state,))
            for row in consistency.differences(parsed.request, parsed.facts, book):
                alone[state, row.part] = row.there
        assert grouped == alone


def test_hidden_country_rule_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: an assessor that treats one state otherwise without a rule is found out."""
    honest = consistency.rule_on

    def partial(request, facts, book):  # type: ignore[no-untyped-def] # stands in for rule_on
        import msgspec

        ruling = honest(request, facts, book)
        return msgspec.structs.replace(ruling, outcome="comply") if request.issuer.country in BOOK.members else ruling

    monkeypatch.setattr(consistency, "rule_on", partial)
    line = next(example["input"] for example in EXAMPLES if example["name"] == "keys")
    found = list(differences_of_line(json.dumps(line).encode(), BOOK))
    assert any(row["part"] == "outcome" and not row["explained"] for row in found)
