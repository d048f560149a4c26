"""The judge against worked cases, and against properties that hold for every statement."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.statements.attributes import ATTRIBUTES, Kind
from evenhand.statements.judge import judge_batch, judge_statement

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "statements.json").read_text("utf-8"))
BASE: dict[str, Any] = VECTORS["base"]
PUID = "The platform identifier is not unique within this call."


def made(change: dict[str, Any], without: list[str]) -> dict[str, Any]:
    """Return the base statement with some attributes replaced and some taken out."""
    return {name: value for name, value in (BASE | change).items() if name not in without}


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    """Each case has errors under exactly its keys, alone and in a batch, and every error has a reason."""
    statement = made(case["change"], case["without"])
    before = json.dumps(statement)
    found = judge_statement(statement)
    assert sorted(found) == case["errors"]
    assert all(reasons and all(reasons) for reasons in found.values())
    expected = {f"statement_1.{name}" for name in case["errors"] if name != "content_id_ean"}
    assert set(judge_batch([BASE | {"puid": "another"}, statement])) == expected
    assert json.dumps(statement) == before


def test_every_attribute_has_a_case_that_is_refused() -> None:
    """A rule of the table that no case breaks could be wrong unseen."""
    broken = {name for case in VECTORS["cases"] for name in case["errors"]}
    assert {attribute.name for attribute in ATTRIBUTES} == broken


@pytest.mark.parametrize("attribute", [a for a in ATTRIBUTES if a.codes], ids=lambda a: a.name)
def test_every_code_is_accepted_and_no_other(attribute: Any) -> None:
    """Each code of an attribute stands; changed in case or by a letter it does not."""
    for code in attribute.codes:
        for value, accepted in ((code, True), (code.swapcase(), False), (code + "X", False), (code[:-1], False)):
            held = [value] if attribute.kind is Kind.CODES else value
            found = judge_statement({attribute.name: held})
            wrong = [reason for reason in found.get(attribute.name, []) if "invalid" in reason]
            if attribute.name != "incompatible_content_illegal":  # dropped here, with no ground of the terms
                assert bool(wrong) != (accepted or value in attribute.codes), value


@pytest.mark.parametrize(
    ("statements", "keys"),
    [
        ([], {"statements"}),
        (None, {"statements"}),
        ("x", {"statements"}),
        ({"a": BASE}, {"statements"}),
        ([BASE | {"puid": f"p{n}"} for n in range(100)], set()),
        ([BASE | {"puid": f"p{n}"} for n in range(101)], {"statements"}),
        ([BASE, BASE], {"statement_1.puid"}),
        ([BASE, BASE | {"puid": f" {BASE['puid']}\n"}], {"statement_1.puid"}),
        ([BASE, BASE | {"puid": BASE["puid"].lower()}], set()),
        ([BASE, "x", None, []], {"statement_1", "statement_2", "statement_3"}),
        ([{}, BASE | {"puid": None}, BASE | {"puid": None}], None),
        ([BASE, BASE | {"puid": "b", "content_id": {"EAN-13": 5}}], {"statement_1.content_id.EAN-13"}),
    ],
)
def test_batch(statements: object, keys: set[str] | None) -> None:
    """A batch has 1 to 100 statements, each judged for itself; PUIDs are compared within it, once trimmed."""
    found = judge_batch(statements)
    if keys is None:
        assert PUID not in [reason for reasons in found.values() for reason in reasons]
    else:
        assert set(found) == keys


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(BASE["content_type"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([a.name for a in ATTRIBUTES]) | st.text(max_size=5), JUNK, max_size=12))
def test_anything_is_judged(change: dict[str, Any]) -> None:
    """Judging is total, and what it refuses it refuses under known names."""
    found = judge_statement(BASE | change)
    assert found.keys() <= {attribute.name for attribute in ATTRIBUTES}
    assert judge_statement(change)


@given(st.sampled_from(VECTORS["cases"]), st.text(" \t\n\r\v\f\x00\xa0\u200b\ufeff\u3000", max_size=5))
def test_white_space_around_a_text_changes_nothing(case: dict[str, Any], space: str) -> None:
    """Texts are trimmed before they are judged."""
    statement = made(case["change"], case["without"])
    padded = {name: space + value + space if isinstance(value, str) else value for name, value in statement.items()}
    assert judge_statement(padded) == judge_statement(statement)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=8))
def test_only_repeated_identifiers_are_refused(puids: list[str]) -> None:
    """The first with an identifier stands, each later one is named."""
    again = {f"statement_{n}.puid" for n, puid in enumerate(puids) if puid in puids[:n]}
    assert set(judge_batch([BASE | {"puid": puid} for puid in puids])) == again
