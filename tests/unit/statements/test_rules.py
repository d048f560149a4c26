"""When a statement is needed, and that every decision that restricts makes one that the EU database takes."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.statements.made import ENDLESS, decision, particulars, told

from evenhand.statements.attributes import ATTRIBUTES, Kind
from evenhand.statements.judge import judge_statement
from evenhand.statements.measures import measure_of
from evenhand.statements.privacy import LEFT_OUT, without_personal_data
from evenhand.statements.rules import (
    EXEMPTIONS,
    Circumstances,
    Particulars,
    complaint_until,
    statement_needed,
)
from evenhand.statements.statement import judged_statement, statement_of
from evenhand.vocabulary.decision import RESTRICTIVE, Action, Decision
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import EEA_STATES, ContentType, Ground, Source
from evenhand.vocabulary.post import ItemKind

FREE_TEXTS = {attribute.name for attribute in ATTRIBUTES if attribute.kind is Kind.TEXT} - {"puid"}


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize(
    ("around", "exemption"),
    [
        (Circumstances(), None),
        (Circumstances(ordered=True), "ordered"),
        (Circumstances(deceptive_high_volume=True), "deceptive-high-volume"),
        (Circumstances(contact_known=False), "no-contact"),
    ],
)
def test_statement_is_needed_unless_a_row_says_not(
    action: Action, around: Circumstances, exemption: str | None
) -> None:
    """Restrictive decisions need one, but for orders, floods of deceptive advertising, and people nobody can reach."""
    need = statement_needed(decision(action=action), around)
    expected = {exemption} - {None} | (set() if action in RESTRICTIVE else {"nothing-restricted"})
    assert {row.id for row in need.exemptions} == expected
    assert need.needed is not bool(expected)
    assert all("Art. 17" in row.source and row.sentence for row in EXEMPTIONS)


@given(told())
@settings(max_examples=100, deadline=None)
def test_every_decision_makes_a_statement_that_is_accepted_and_names_nobody(
    made: tuple[Decision, Particulars, list[str]],
) -> None:
    """Whatever the action, item, ground, end: the database accepts it, and no id, link or name is in it."""
    what, beside, secrets = made
    statement = statement_of(what, beside)
    assert judged_statement(what, beside) == (statement, judge_statement(statement))
    assert judge_statement(statement) == {}
    assert statement == json.loads(json.dumps(statement))
    # Codes and dates are the database's; all else is words, in which a secret could be.
    words = [str(statement[name]) for name in statement if name in FREE_TEXTS]
    assert len(words) >= 3
    for secret in (*secrets, what.because):
        assert secret.lower() not in "\n".join(words).lower()
    assert "source_identity" not in statement


@given(told())
@settings(max_examples=50, deadline=None)
def test_end_is_told_with_its_measure(made: tuple[Decision, Particulars, list[str]]) -> None:
    """Each kind of decision carries the end, never before the beginning, and none beyond the database's last day."""
    what, beside, _ = made
    ends = [value for name, value in statement_of(what, beside).items() if name.startswith("end_date")]
    known = beside.until is not None and beside.until <= date(2038, 1, 1)
    assert ends
    assert set(ends) == {beside.until.isoformat() if known and beside.until else None}


@pytest.mark.parametrize(
    ("action", "item", "until", "codes"),
    [
        ("remove", "post", None, ["CONTENT_REMOVED"]),
        ("disable", "post", None, ["CONTENT_DISABLED"]),
        ("demote", "channel", None, ["CONTENT_DEMOTED"]),
        ("label", "post", None, ["CONTENT_LABELLED"]),
        ("age-restrict", "post", None, ["CONTENT_AGE_RESTRICTED"]),
        ("interaction-restrict", "post", None, ["CONTENT_INTERACTION_RESTRICTED"]),
        ("interaction-restrict", "account", None, ["PARTIAL_SUSPENSION"]),
        ("geo-restrict", "post", None, ["CONTENT_DISABLED"]),
        ("hold", "post", None, ["CONTENT_DISABLED"]),
        ("ban", "channel", None, ["CONTENT_REMOVED", "PARTIAL_TERMINATION"]),
        ("ban", "channel", date(2027, 1, 1), ["CONTENT_DISABLED", "PARTIAL_SUSPENSION"]),
        ("ban", "account", None, ["CONTENT_REMOVED", "TERMINATED"]),
        ("ban", "account", date(2027, 1, 1), ["CONTENT_DISABLED", "SUSPENDED"]),
        ("suspend-monetisation", "account", date(2027, 1, 1), ["MONETARY_SUSPENSION"]),
        ("terminate-monetisation", "account", None, ["MONETARY_TERMINATION"]),
        ("suspend-service", "account", date(2027, 1, 1), ["TOTAL_SUSPENSION"]),
        ("terminate-service", "account", None, ["TOTAL_TERMINATION"]),
        ("suspend-account", "account", date(2027, 1, 1), ["ACCOUNT_SUSPENDED"]),
        ("terminate-account", "account", None, ["ACCOUNT_TERMINATED"]),
    ],
)
def test_action_becomes_the_databases_codes(action: str, item: str, until: date | None, codes: list[str]) -> None:
    """Each action on each item is what the law calls it."""
    what = decision(action=Action(action), item=ItemKind(item), territory=("FR",))
    statement = statement_of(what, particulars(until=until))
    told_codes: list[str] = []
    for name in ("decision_visibility", "decision_monetary", "decision_provision", "decision_account"):
        value = statement.get(name, [])
        told_codes += value if isinstance(value, list) else [value]
    assert len(told_codes) == len(codes)
    assert all(found.endswith(code) for found, code in zip(told_codes, codes, strict=True))


def test_every_restrictive_action_has_a_measure_on_every_item() -> None:
    """No action is without its codes; only what terminates refuses an end; what restricts nothing is refused."""
    for action in Action:
        for item in ItemKind:
            for passing in (False, True):
                if action in RESTRICTIVE and not (passing and action in ENDLESS):
                    assert measure_of(action, item, passing=passing).action is action
                else:
                    with pytest.raises(InputError):
                        measure_of(action, item, passing=passing)


def test_statement_says_what_was_decided_where_and_on_which_ground() -> None:
    """A whole statement, as it would be sent."""
    what = decision(
        territory=("GR", "US", "DE"),
        source=Source.TRUSTED_FLAGGER,
        facts="Post-77120 by user-00042 (@somebody) led to https://bank.example.evil/login on 2026-11-23.",
    )
    beside = particulars(
        until=date(2026, 12, 1),
        also_illegal=True,
        reference_url="https://desk.example/terms",
        content_types=(ContentType.TEXT,),
    )
    assert statement_of(what, beside) == {
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "end_date_visibility_restriction": "2026-12-01",
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": "Terms, 4.2",
        "incompatible_content_explanation": "Asking for passwords is fraud.",
        "incompatible_content_illegal": "Yes",
        "decision_ground_reference_url": "https://desk.example/terms",
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "category_specification": ["KEYWORD_PHISHING"],
        "content_type": ["CONTENT_TYPE_TEXT"],
        "content_date": "2026-11-23",
        "content_language": "EN",
        "territorial_scope": ["DE", "GR"],
        "application_date": "2026-11-24",
        "decision_facts": "[…] by […] ([…]) led to […] on 2026-11-23.",
        "source_type": "SOURCE_TRUSTED_FLAGGER",
        "automated_detection": "Yes",
        "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
        "puid": "7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2",
    }
    assert statement_of(decision(), particulars())["territorial_scope"] == list(EEA_STATES)


@pytest.mark.parametrize(
    ("change", "beside", "field"),
    [
        ({"facts": " \u200b\n"}, {}, "facts"),
        ({}, {"explanation": ""}, "explanation"),
        ({"policy": None}, {}, "policy.reference"),
        ({"action": Action.RESTORE}, {}, "action"),
        ({"action": Action.NONE}, {"until": date(2027, 1, 1)}, "action"),
        ({"action": Action.TERMINATE_ACCOUNT}, {"until": date(2027, 1, 1)}, "until"),
        ({}, {"until": date(2026, 11, 23)}, "until"),
        ({"action": Action.GEO_RESTRICT}, {}, "territory"),
        ({}, {"reference": "post 77120"}, "reference"),
        ({}, {"reference": ""}, "reference"),
        ({}, {"content_date": date(1999, 12, 31)}, "content_date"),
        ({}, {"reference_url": "desk.example/terms"}, "reference_url"),
        ({}, {"reference_url": "https://desk.example/" + "x" * 500}, "reference_url"),
    ],
)
def test_what_cannot_be_stated_is_refused_with_its_field(
    change: dict[str, Any], beside: dict[str, Any], field: str
) -> None:
    """A statement is made whole or not at all."""
    if "policy" in change:
        policy = decision().policy
        change = {
            "policy": type(policy)(ground=Ground.ILLEGAL_CONTENT, category=policy.category, keyword=None, reference="")
        }
    with pytest.raises(InputError) as caught:
        statement_of(decision(**change), particulars(**beside))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Art. 14 of Regulation (EU) 2022/2065, clause 4.2.1", None),
        ("seen 12 times on 2026-11-23 10:00:00", None),
        ("e.g. this, i.e. that. The end", None),
        ("write to a.b+c@mail.example.", f"write to {LEFT_OUT}"),
        ("see t.me/somebody!", f"see {LEFT_OUT}"),
        ("请看https://x.example/页 然后", f"请看{LEFT_OUT} 然后"),
        ("call +49 170 1234567", f"call {LEFT_OUT}"),
        ("id 4", f"id {LEFT_OUT}"),
        ("Somebody else", f"{LEFT_OUT} else"),
        ("NOBODY42x", f"{LEFT_OUT}x"),
    ],
)
def test_personal_data_is_left_out_and_law_is_not(text: str, left: str | None) -> None:
    """Links, addresses, numbers and given names go; articles, dates and small numbers stay."""
    assert without_personal_data(text, ("4", "nobody42", "somebody", " ")) == (left or text)


def test_long_texts_take_time_in_proportion() -> None:
    """No expression goes astray on a megabyte that almost matches."""
    for part in ("a", "a.", "1 ", "-", "a@", "1:", "http:/", "@"):
        without_personal_data(part * 50_000, ("nobody",))


@pytest.mark.parametrize(
    ("told_on", "until"),
    [
        (date(2026, 11, 24), date(2027, 5, 24)),
        (date(2026, 8, 31), date(2027, 3, 1)),
        (date(2027, 8, 31), date(2028, 3, 1)),
        (date(2026, 12, 31), date(2027, 7, 1)),
        (date(2026, 1, 31), date(2026, 7, 31)),
    ],
)
def test_six_months_are_calendar_months(told_on: date, until: date) -> None:
    """A day that the month lacks becomes the next one: never shorter than the law says."""
    assert complaint_until(told_on) == until


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_six_months_never_shrink(day: date) -> None:
    """Told a day later, one may complain at least as long."""
    assert complaint_until(day) <= complaint_until(day + timedelta(days=1))
    assert 181 <= (complaint_until(day) - day).days <= 184


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("on 2026-11-23 0049 (170) 1234567", "on 2026-11-23 […]"),
        ("2026-11-23 to 2026-11-24", "2026-11-23 to 2026-11-24"),
        ("2026-11-23 2026-11-24 +49 170 1234567", "2026-11-23 2026-11-24 […]"),
        ("1234-56-7890123", "[…]"),
        ("2026-11-23 " * 3000, "2026-11-23 " * 3000),
    ],
)
def test_a_day_hides_no_number(text: str, kept: str) -> None:
    """Days stay, however many; a number behind one goes like any other."""
    assert without_personal_data(text, ()) == kept
