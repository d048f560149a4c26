"""The table of legal cases (tests/vectors/assess_cases.ndjson): expectations written by hand from the law's text."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evenhand.flow.assess import assess_line
from evenhand.rulebook.load import load_law

BOOK = load_law()
VECTORS = Path(__file__).parents[2] / "vectors" / "assess_cases.ndjson"
CASES = [json.loads(line) for line in VECTORS.read_text("utf-8").splitlines()]


def deviations(case: dict[str, Any]) -> list[str]:
    """Return every part of the answer that is not as the case expects."""
    as_of = date.fromisoformat(case["as_of"]) if "as_of" in case else None
    got = json.loads(assess_line(json.dumps(case["input"]).encode(), BOOK, as_of))
    findings = got["findings"] + [finding for row in got["targets"] for finding in row["findings"]]
    parts = dict(got)
    parts["targets"] = [row["outcome"] for row in got["targets"]]
    parts["notify_user"] = {"when": got["notify_user"]["when"]}
    wrong = [f"{name}: {parts[name]}, not {value}" for name, value in case["expect"].items() if parts[name] != value]
    rules = {finding["rule"] for finding in findings}
    wrong += [f"does not cite {rule}" for rule in case.get("cites", []) if rule not in rules]
    if not any(case.get("article", "") in finding["article"] for finding in findings):
        wrong.append(f"does not name {case['article']}")
    return wrong


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    """The answer is the lawful one, with its deadline, what is missing, who approves, and the rules it cites."""
    assert deviations(case) == [], case["why"]


def test_a_wrong_expectation_is_noticed() -> None:
    """Control: a case that expects something else fails."""
    case = json.loads(json.dumps(CASES[0]))
    case["expect"]["outcome"] = "comply"
    case["cites"] = ["no-such-rule"]
    assert len(deviations(case)) == 2


def test_every_instrument_and_outcome_has_cases() -> None:
    """All fifteen instruments and all seven outcomes are tried."""
    instruments = Counter(case["input"]["request"]["instrument"] for case in CASES)
    assert len(instruments) == 15
    assert {case["expect"]["outcome"] for case in CASES} == {
        "comply", "partly", "geo-restrict", "clarify", "refuse", "redirect", "escalate",
    }  # fmt: skip


def test_checked_rows_are_cited_by_some_case() -> None:
    """Every row that can decide something has a case that meets it."""
    cited: set[str] = set()
    for case in CASES:
        got = json.loads(assess_line(json.dumps(case["input"]).encode(), BOOK, None))
        cited |= {finding["rule"] for finding in got["findings"]}
        cited |= {finding["rule"] for row in got["targets"] for finding in row["findings"]}
    deciding = {row.id for row in (*BOOK.required, *BOOK.may_issue, *BOOK.exclusions)}
    assert deciding - cited == {
        # The same rows once more for another kind of request or state.
        "epoc-emergency-denmark", "epoc-pr-denmark", "us-court-order-content", "us-court-order-traffic",
        "us-court-order-subscriber", "us-national-order-traffic", "us-national-order-subscriber",
    }  # fmt: skip
