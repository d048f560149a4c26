"""Drafts of the reply: every ruling has one, in the regime's own form, filled from the record and nothing else."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.doors.cli.app import evenhand
from evenhand.flow.assess import parse_line
from evenhand.main import Desk
from evenhand.orders.replies import draft_replies
from evenhand.orders.reply_values import VALUES
from evenhand.orders.rules import rule_on
from evenhand.rulebook.load import load_law
from evenhand.vocabulary.reply import Provider, Reply

BOOK = load_law()
VECTORS = Path(__file__).parents[2] / "vectors" / "assess_cases.ndjson"
CASES = {case["name"]: case["input"] for case in map(json.loads, VECTORS.read_text("utf-8").splitlines())}
PROVIDER = Provider(name="Messenger", representative="A Representative, Brussels", contact="law@desk.example")
# What no form is filled with by anything on record: a person writes it, or it is not written.
FOR_PEOPLE = {
    "authority_file", "measure_at", "effect_at", "transmitted_at", "authorised_person", "signed_at", "conflict",
    "preservation", "right_address",
}  # fmt: skip


def drafts(line: dict[str, Any]) -> tuple[Reply, ...]:
    """Return the drafts for a line."""
    read = parse_line(json.dumps(line).encode())
    ruling = rule_on(read.request, read.facts, BOOK)
    return draft_replies(read.request, ruling, BOOK, PROVIDER, "EH-1")


def value(reply: Reply, name: str) -> str:
    """Return what stands in a field."""
    return next(field.value for field in reply.fields if field.name == name)


@pytest.mark.parametrize("name", CASES)
def test_every_ruling_has_a_draft(name: str) -> None:
    """At least one draft; each names the sender and our reference; an open field is a person's."""
    for reply in drafts(CASES[name]):
        assert value(reply, "issuing_authority")
        assert value(reply, "reference") == "EH-1"
        assert all((field.filled_from == "person") == (not field.value) for field in reply.fields)
        assert reply.text.startswith(reply.title)


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("tco-hour", ["tco-annex-ii"]),
        ("tco-without-reasons", ["tco-annex-iii"]),
        ("tco-gone", ["tco-annex-iii", "refusal"]),
        ("tco-gone-and-there", ["tco-annex-ii", "tco-annex-iii"]),
        ("tco-press-police", ["tco-annex-iii", "refusal"]),
        ("dsa9-national", ["dsa-9-effect"]),
        ("dsa9-without-redress", ["clarification"]),
        ("dsa10-subscriber", ["dsa-10-effect"]),
        ("epoc-content-judge", ["e-evidence-delivery"]),
        ("epoc-two-in-one-ask", ["e-evidence-delivery", "e-evidence-form-3"]),
        ("epoc-no-offence", ["e-evidence-form-3"]),
        ("epoc-not-held", ["e-evidence-form-3", "refusal"]),
        ("epocpr", ["e-evidence-delivery"]),
        ("nat-keys", ["refusal"]),
        ("nat-local", ["effect"]),
        ("mlat", ["under-review"]),
        ("dsa10-foreign", ["redirect"]),
        ("epoc-eve", ["under-review"]),
    ],
)
def test_form(name: str, forms: list[str]) -> None:
    """Each regime is answered in its own form."""
    assert [reply.form for reply in drafts(CASES[name])] == forms


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("tco-without-reasons", "[x] insufficient information"),
        ("tco-gone", "[x] de facto impossibility: the content is not held"),
        ("tco-press-police", ""),
        ("epoc-not-held", "[x] data not stored at the time of receipt"),
        ("epoc-traffic-prosecutor", "[x] not issued or validated by a proper authority"),
        ("epoc-threshold-below", "[x] offence not covered"),
        ("epoc-journalist-prosecutor", "[x] immunities, privileges, or rules on press and expression"),
        ("epoc-no-offence", "[x] incomplete, or insufficient information"),
    ],
)
def test_boxes_of_the_non_execution_forms(name: str, reasons: str) -> None:
    """The findings tick the form's own boxes; what it has no box for is said in the grounds."""
    form = next(reply for reply in drafts(CASES[name]) if reply.form in ("tco-annex-iii", "e-evidence-form-3"))
    assert value(form, "reasons") == reasons
    assert value(form, "grounds")


def test_refusals_name_grounds_and_redress() -> None:
    """A refusal says which rule, and what the sender can do."""
    (refusal,) = drafts(CASES["nat-keys"])
    assert "Encryption keys are handed to nobody." in value(refusal, "grounds")
    assert PROVIDER.contact in value(refusal, "redress")


def test_forms_have_fields_that_somebody_fills() -> None:
    """Every field of every form of reply is filled from the record or is known to be a person's."""
    for form in (one for one in BOOK.forms if not one.id.startswith("request-")):
        names = {line.split("|")[1].strip() for line in form.fields}
        assert names <= VALUES.keys() | FOR_PEOPLE, form.id


@pytest.mark.parametrize("language", ["de", "fr-BE", "AR", "fa"])
def test_a_reply_is_in_the_senders_language(language: str) -> None:
    """Title, labels and what we say are in it; the fields, what the sender wrote and the codes' places are the same."""
    line = json.loads(json.dumps(CASES["nat-keys"]))
    (plain,) = drafts(line)
    line["request"]["language"] = language
    (said,) = drafts(line)
    assert said.language == language[:2].lower()
    assert said.title != plain.title
    assert [field.name for field in said.fields] == [field.name for field in plain.fields]
    assert all(field.label != other.label for field, other in zip(said.fields, plain.fields, strict=True))
    assert "You may ask" not in value(said, "redress")
    assert PROVIDER.contact in value(said, "redress")
    # A line of the other direction stays together, and no isolate is left open.
    assert ("\u2068" in said.text) is (said.language in ("ar", "fa"))
    assert said.text.count("\u2068") == said.text.count("\u2069")


def test_a_reply_in_a_language_without_words_is_in_english() -> None:
    """Never half in one language and half in another: without words for all of the form, it stays as its row has it."""
    line = json.loads(json.dumps(CASES["nat-keys"]))
    (plain,) = drafts(line)
    line["request"]["language"] = "tr"
    (said,) = drafts(line)
    assert (said.language, said.title) == ("en", plain.title)
    half = {"de": {text: words for text, words in BOOK.form_words["de"].items() if text != "Review"}}
    read = parse_line(json.dumps(CASES["nat-keys"] | {"request": line["request"] | {"language": "de"}}).encode())
    book = replace(BOOK, form_words=half)
    (half_said,) = draft_replies(read.request, rule_on(read.request, read.facts, book), book, PROVIDER, "EH-1")
    assert (half_said.language, value(half_said, "redress")[:11]) == ("en", "You may ask")


def test_recalled_forms_say_so() -> None:
    """A form that was not checked against its source shows it to whoever approves."""
    assert [reply.recalled for reply in drafts(CASES["tco-hour"])] == [True]
    assert [reply.recalled for reply in drafts(CASES["dsa9-national"])] == [False]


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(sorted(CASES)), text=st.text(min_size=1, max_size=40))
def test_reasons_are_not_repeated(name: str, text: str) -> None:
    """What the sender alleges does not come back under our name: the drafts are the same whatever it is."""
    line = json.loads(json.dumps(CASES[name]))
    before = drafts(line)
    for field in ("reasons", "redress", "emergency"):
        if any(c.isalnum() for c in line["request"][field] or ""):
            line["request"][field] = f"{text} a"
    assert drafts(line) == before


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(CASES)), text=st.text(min_size=1, max_size=30).filter(lambda text: text.strip()))
def test_text_cannot_be_broken_by_a_name(name: str, text: str) -> None:
    """Control and direction characters in the sender's name do not reach the text."""
    line = json.loads(json.dumps(CASES[name]))
    line["request"]["issuer"]["name"] = f"{text}\u202e\x1b[2J a"
    for reply in drafts(line):
        assert all(character.isprintable() or character == "\n" for character in reply.text)


def test_command_adds_drafts() -> None:
    """`evenhand assess --replies` writes the drafts with the answer, as JSON and as text."""
    line = json.dumps(CASES["tco-hour"])
    done = CliRunner().invoke(evenhand, ["assess", "--replies", "-"], input=line, obj=Desk())
    assert done.exit_code == 0, done.output
    (reply,) = json.loads(done.stdout)["replies"]
    assert reply["form"] == "tco-annex-ii"
    assert "A. Time and date of receipt: 2026-11-25 10:00:00 UTC" in reply["text"]
    assert "Measure: access disabled in all Member States" in reply["text"]
