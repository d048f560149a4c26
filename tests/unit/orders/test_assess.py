"""Rulings on requests: the worked examples, and cases of our own around them."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.flow.assess import assess_line
from evenhand.rulebook.load import load_law
from evenhand.vocabulary.errors import InputError

BOOK = load_law()
VECTORS = Path(__file__).parents[2] / "vectors"
EXAMPLES = json.loads((VECTORS / "assess_examples.json").read_text("utf-8"))["examples"]
BY_NAME = {example["name"]: example["input"] for example in EXAMPLES}


def answer(line: dict[str, Any], as_of: date | None = None) -> dict[str, Any]:
    """Return the ruling on a line, as a program would read it."""
    ruling = json.loads(assess_line(json.dumps(line).encode(), BOOK, as_of))
    assert isinstance(ruling, dict)
    return ruling


def changed(name: str, *, request: dict[str, Any] | None = None, facts: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return an example with some fields of its request or facts replaced."""
    line = json.loads(json.dumps(BY_NAME[name]))
    line["request"].update(request or {})
    line["facts"].update(facts or {})
    return dict(line)


def flagged(name: str, flags: list[str] | None) -> dict[str, Any]:
    """Return an example whose targets carry these recorded flags."""
    line = changed(name)
    for target in line["facts"]["targets"].values():
        target["flags"] = flags
    return line


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_worked_example(example: dict[str, Any]) -> None:
    """Every part that a worked example fixes is so."""
    got = answer(example["input"])
    for part, expected in example["expect"].items():
        if part == "targets":
            assert [{key: row[key] for key in ("ask", "target", "outcome")} for row in got[part]] == expected
        elif part == "notify_user":
            assert got[part]["when"] == expected["when"]
        else:
            assert got[part] == expected, part


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        (flagged("protest-channel", ["violence"]), "escalate"),
        (flagged("protest-channel", ["assembly", "violence"]), "escalate"),
        (flagged("protest-channel", None), "escalate"),
        (flagged("protest-channel", ["press"]), "refuse"),
        (changed("epoc-emergency-content", request={"emergency": None}), "clarify"),
        (changed("epoc-emergency-content", facts={"verified": "registry"}), "comply"),
        (changed("epoc-emergency-content", request={"signature": "none"}), "comply"),
        (changed("tco-complete", request={"signature": "none"}), "clarify"),
        (changed("tco-complete", request={"signature": "invalid"}), "escalate"),
        (changed("tco-complete", facts={"verified": "address"}), "escalate"),
        (changed("emergency-by-mail-only", facts={"verified": "called-back"}), "comply"),
        (changed("epoc-prosecutor-two-categories", request={"validated_by": "judge"}), "comply"),
        (changed("epoc-emergency-content", request={"offence": "insult, maximum 2 years"}), "refuse"),
        (changed("epoc-emergency-content", request={"offence": "kidnapping"}), "escalate"),
        (changed("epoc-emergency-content", request={"offence": None}), "clarify"),
        (changed("epoc-emergency-content", request={"received_at": "2026-08-17T23:59:59Z"}), "escalate"),
        (changed("dsa-9-national-law", request={"language": "pl"}), "clarify"),
        (changed("dsa-9-national-law", request={"redress": None}), "clarify"),
    ],
)
def test_variation_of_an_example(line: dict[str, Any], outcome: str) -> None:
    """A changed fact or field changes the outcome as the law says."""
    assert answer(line)["outcome"] == outcome


def test_held_categories_narrow_a_disclosure() -> None:
    """What is not held is withheld, the rest goes; the target itself is then `partly`."""
    line = changed("epoc-emergency-content")
    line["request"]["asks"][0]["data"] = ["content", "traffic"]
    line["facts"]["targets"]["account:881"]["held"] = ["traffic"]
    got = answer(line)
    assert got["targets"][0]["outcome"] == "partly"
    assert got["disclose"] == {"allowed": ["traffic"], "withheld": ["content"]}


def test_old_request_gets_the_old_deadline() -> None:
    """A request is judged by the regime of its day: India's 36 hours became 3 on 20 February 2026."""
    line = changed("protest-channel", request={"received_at": "2026-02-19T10:00:00Z"})
    line["request"]["issuer"]["country"] = "IN"
    line["facts"]["markets"] = ["IN"]
    next(iter(line["facts"]["targets"].values()))["flags"] = []
    assert answer(line)["deadline"] == "2026-02-20T22:00:00Z"
    assert answer(line, as_of=date(2026, 2, 20))["deadline"] == "2026-02-19T13:00:00Z"


def test_keys_are_refused_whoever_asks() -> None:
    """The same answer with any country and kind in its place."""
    answers = set()
    for country in ("RU", "DE", "US", "IR", "FR"):
        for kind in ("court", "police", "administrative"):
            line = changed("keys")
            line["request"]["issuer"].update(country=country, kind=kind)
            line["facts"]["markets"] = [country]
            answers.add(answer(line)["outcome"])
    assert answers == {"refuse"}


def test_same_inputs_give_the_same_bytes() -> None:
    """A ruling is a function of its inputs."""
    for line in BY_NAME.values():
        data = json.dumps(line).encode()
        assert assess_line(data, BOOK, None) == assess_line(data, BOOK, None)


@settings(max_examples=75, deadline=None)
@given(
    name=st.sampled_from(sorted(BY_NAME)),
    request=st.fixed_dictionaries(
        {},
        optional={
            "instrument": st.sampled_from(
                [
                    "dsa-9",
                    "dsa-10",
                    "tco-removal",
                    "epoc",
                    "epoc-pr",
                    "court-order",
                    "referral",
                    "mlat",
                    "private-demand",
                ]
            ),
            "reasons": st.none() | st.text(max_size=20),
            "offence": st.none() | st.text(max_size=20),
            "territory": st.lists(st.sampled_from(["EU", "PL", "US", ""]), max_size=3),
            "signature": st.sampled_from(["valid", "invalid", "none"]),
            "asks": st.lists(
                st.fixed_dictionaries(
                    {
                        "id": st.uuids().map(str),
                        "kind": st.sampled_from(
                            ["remove", "disclose", "preserve", "keys", "bulk", "inform", "monitor"]
                        ),
                        "data": st.lists(st.sampled_from(["subscriber", "traffic", "content"]), max_size=3),
                        "targets": st.lists(st.sampled_from(["account:881", "service", "x"]), max_size=3),
                    }
                ),
                max_size=3,
            ),
        },
    ),
)
def test_every_request_gets_an_answer(name: str, request: dict[str, Any]) -> None:
    """Judging is total, and nothing leaves that was not asked for, nor without two approvals."""
    line = changed(name, request=request)
    got = answer(line)
    asked = {data for ask in line["request"]["asks"] for data in ask["data"]}
    assert set(got["disclose"]["allowed"]) <= asked
    if got["disclose"]["allowed"]:
        assert got["approvals"] == ["legal", "second-person"]
    if got["outcome"] in ("clarify", "redirect", "escalate", "refuse"):
        assert got["disclose"]["allowed"] == []


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b"[]", ""),
        (b"{", ""),
        (b'{"request": {}, "facts": {}}', "request"),
        (json.dumps(changed("keys", request={"instrument": "letter"})).encode(), "request.instrument"),
        (json.dumps(changed("keys", request={"received_at": "2026-11-25T10:00:00"})).encode(), "request.received_at"),
        (json.dumps(changed("keys", request={"surprise": 1})).encode(), "request"),
    ],
)
def test_bad_line_names_its_field(line: bytes, field: str) -> None:
    """A line that cannot be read is refused with the field's path."""
    with pytest.raises(InputError) as caught:
        assess_line(line, BOOK, None)
    assert caught.value.field.startswith(field)
    assert caught.value.reason


@pytest.mark.parametrize("name", ["epoc-emergency-content", "epoc-prosecutor-two-categories"])
def test_an_unsigned_emergency_needs_a_call_back_whatever_the_regime(name: str) -> None:
    """Mail authentication never proves the officer: emergency disclosure needs a call-back."""
    unsigned = {"signature": "none", "emergency": "hostage, threat to life tonight"}
    got = answer(changed(name, request=unsigned, facts={"verified": "registry"}))
    assert (got["outcome"], got["missing"]) == ("escalate", ["call-back"])
    assert got["disclose"]["allowed"] == []
    got = answer(changed(name, request=unsigned, facts={"verified": "called-back"}))
    assert got["missing"] == []


@pytest.mark.parametrize("instrument", ["regulator-question", "epoc", "epoc-emergency", "mlat", "private-demand"])
def test_a_request_that_names_no_target_says_why_a_person_decides(instrument: str) -> None:
    """Assessment, pure and explained: also where there is nothing to judge one by one."""
    line = changed("epoc-emergency-content", request={"instrument": instrument})
    line["request"]["asks"] = [{"id": "a1", "kind": "inform", "data": [], "targets": []}]
    got = answer(line)
    assert got["outcome"] == "escalate"
    assert "target-named" in {finding["rule"] for finding in got["findings"] if finding["effect"] == "escalate"}


@pytest.mark.parametrize("instrument", ["preservation", "regulator-question"])
def test_a_private_person_uses_no_authoritys_instrument(instrument: str) -> None:
    """Anything else that only a person may settle: escalate."""
    line = changed("epoc-emergency-content", request={"instrument": instrument})
    kind = "preserve" if instrument == "preservation" else "inform"
    line["request"]["asks"] = [{"id": "a1", "kind": kind, "data": [], "targets": ["account:881"]}]
    line["request"]["issuer"]["kind"] = "regulator"
    assert answer(line)["outcome"] == "comply"
    line["request"]["issuer"]["kind"] = "private"
    assert answer(line)["outcome"] == "escalate"


@pytest.mark.parametrize("kind", ["bulk", "monitor"])
def test_data_asked_for_in_bulk_are_data_asked_for(kind: str) -> None:
    """Approvals: both where data are asked for; disclose names what is withheld."""
    line = changed("keys")
    line["request"]["asks"][0].update(kind=kind, data=["subscriber", "content"])
    got = answer(line)
    assert (got["outcome"], got["approvals"]) == ("refuse", ["legal", "second-person"])
    assert got["disclose"] == {"allowed": [], "withheld": ["subscriber", "content"]}
