"""A decision → its statement of reasons, as the EU database takes it. Pure.

What the statements of a machine's rule have in common is made and judged once: machines decide by the million.
The tables are MEASURES and the judge's ATTRIBUTES.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from evenhand.statements.attributes import ATTRIBUTES
from evenhand.statements.judge import Errors, is_url, judge_statement, trimmed
from evenhand.statements.measures import Measure, measure_of
from evenhand.statements.privacy import may_hold_names, without_links, without_personal_data
from evenhand.statements.rules import Particulars
from evenhand.vocabulary.decision import BY_PERSON, Action, Decision, Policy
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import (
    CONTENT_LANGUAGES,
    EEA_STATES,
    YES_NO,
    AccountType,
    Automation,
    ContentType,
    Ground,
    Source,
)
from evenhand.vocabulary.post import ItemKind

FORMS_MAX = 2048
"""How many of a machine's statements are remembered, without their references: one a rule, language and post's day."""

_ANY_REFERENCE = "-"
_BY_NAME = MappingProxyType({attribute.name: attribute for attribute in ATTRIBUTES})
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,500}")
_ITEM_WORDS = MappingProxyType({ItemKind.POST: "post", ItemKind.CHANNEL: "channel", ItemKind.ACCOUNT: "account"})
_GROUND_FIELDS = MappingProxyType(
    {
        Ground.ILLEGAL_CONTENT: ("illegal_content_legal_ground", "illegal_content_explanation"),
        Ground.INCOMPATIBLE_CONTENT: ("incompatible_content_ground", "incompatible_content_explanation"),
    }
)


def statement_of(decision: Decision, particulars: Particulars) -> dict[str, Any]:
    """Return the statement of reasons for the EU database: JSON values that `judge` accepts, without personal data.

    The notifier is never named: the database asks for it only where that is strictly necessary (Art. 17).
    An end after the database's last day (2038-01-01) is told as no end.

    Raises:
        InputError: Something is missing or cannot be told so: names the field, as in a Decision or in Particulars.
    """
    return judged_statement(decision, particulars)[0]


def judged_statement(decision: Decision, particulars: Particulars) -> tuple[dict[str, Any], Errors]:
    """Return the statement (`statement_of`), and what the database has against it (`judge_statement`).

    What the statements of a machine's rule have in common is made and judged once. It is remembered only as long as
    nothing in it depends on whom a decision concerns: no id or name of theirs may stand in the rule's own texts.

    Raises:
        InputError: As `statement_of`.
    """
    applied = decision.decided_at.astimezone(UTC).date()
    if particulars.until is not None and particulars.until < applied:
        raise InputError("until", "the restriction ends before it begins")
    if not _REFERENCE.fullmatch(particulars.reference):
        raise InputError("reference", "must be 1 to 500 letters, digits, hyphens and underscores")
    texts = (decision.policy.reference, decision.facts, particulars.explanation)
    names = _names(decision, particulars)
    of_one = decision.rule == BY_PERSON or may_hold_names(texts, names)
    form = (
        _form(_fields(decision, particulars, applied, names))
        if of_one
        else _remembered(_fields(decision, particulars, applied, ()))
    )
    # The lists are copied, so that nobody who is given a statement can change the next one.
    told = {name: list(value) if isinstance(value, list) else value for name, value in form.told.items()}
    told["puid"] = particulars.reference
    return told, {name: list(reasons) for name, reasons in form.errors.items()}


class _Fields(Struct, frozen=True):
    """All that a statement is made of, but for its reference."""

    action: Action
    item: ItemKind
    policy: Policy
    source: Source
    automated_detection: bool
    automation: Automation
    language: str | None
    territory: tuple[str, ...]
    facts: str
    explanation: str
    applied: date
    content_date: date
    content_types: tuple[ContentType, ...]
    until: date | None
    also_illegal: bool | None
    account_type: AccountType | None
    reference_url: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement that lacks its reference alone, and what the database has against it."""

    told: Mapping[str, Any]
    errors: Errors


def _fields(decision: Decision, particulars: Particulars, applied: date, names: tuple[str, ...]) -> _Fields:
    return _Fields(
        decision.action,
        decision.item,
        decision.policy,
        decision.source,
        decision.automated_detection,
        decision.automation,
        decision.language,
        decision.territory,
        decision.facts,
        particulars.explanation,
        applied,
        particulars.content_date,
        particulars.content_types,
        particulars.until,
        particulars.also_illegal,
        particulars.account_type,
        particulars.reference_url,
        names,
    )


def _form(said: _Fields) -> _Form:
    measure = measure_of(said.action, said.item, passing=said.until is not None)
    told = {
        **_decisions(measure, said.until),
        **_grounds(said),
        **_content(said),
        "territorial_scope": _territory(said),
        "application_date": _day("decided_at", "application_date", said.applied),
        "decision_facts": _public("facts", "decision_facts", said.facts, said.names),
        "source_type": said.source.value,
        "automated_detection": YES_NO[not said.automated_detection],
        "automated_decision": said.automation.value,
        "puid": _ANY_REFERENCE,
    }
    return _Form(told, judge_statement(told))


_remembered = lru_cache(FORMS_MAX)(_form)


def _decisions(measure: Measure, until: date | None) -> dict[str, Any]:
    told: dict[str, Any] = {}
    last = _BY_NAME["end_date_account_restriction"].latest
    end = None if until is None or (last is not None and until > last) else until.isoformat()
    if measure.visibility is not None:
        told |= {"decision_visibility": [measure.visibility.value], "end_date_visibility_restriction": end}
    if measure.monetary is not None:
        told |= {"decision_monetary": measure.monetary.value, "end_date_monetary_restriction": end}
    if measure.provision is not None:
        told |= {"decision_provision": measure.provision.value, "end_date_service_restriction": end}
    if measure.account is not None:
        told |= {"decision_account": measure.account.value, "end_date_account_restriction": end}
    return told


def _grounds(said: _Fields) -> dict[str, Any]:
    policy = said.policy
    where, why = _GROUND_FIELDS[policy.ground]
    told: dict[str, Any] = {
        "decision_ground": policy.ground.value,
        where: _cut("policy.reference", where, without_links(policy.reference, said.names)),
        why: _public("explanation", why, said.explanation, said.names),
        "category": policy.category.value,
    }
    if policy.keyword is not None:
        told["category_specification"] = [policy.keyword.value]
    if policy.ground is Ground.INCOMPATIBLE_CONTENT and said.also_illegal is not None:
        told["incompatible_content_illegal"] = YES_NO[not said.also_illegal]
    if said.reference_url:
        if len(said.reference_url) > (_BY_NAME["decision_ground_reference_url"].characters_max or 0):
            raise InputError("reference_url", "is too long")
        if not is_url(said.reference_url):
            raise InputError("reference_url", "must be a URL with its scheme, as in https://desk.example/terms")
        told["decision_ground_reference_url"] = said.reference_url
    return told


def _content(said: _Fields) -> dict[str, Any]:
    types = said.content_types or (ContentType.OTHER,)
    told: dict[str, Any] = {
        "content_type": sorted({kind.value for kind in types}),
        "content_date": _day("content_date", "content_date", said.content_date),
    }
    if ContentType.OTHER in types:
        told["content_type_other"] = _ITEM_WORDS[said.item]
    if said.language in CONTENT_LANGUAGES:
        told["content_language"] = said.language
    if said.account_type is not None:
        told["account_type"] = said.account_type.value
    return told


def _territory(said: _Fields) -> list[str]:
    """The database knows the European Economic Area: everywhere is all of it, other states are not told."""
    if said.action is Action.GEO_RESTRICT and not said.territory:
        raise InputError("territory", "a restriction in some states names them")
    return [state for state in EEA_STATES if not said.territory or state in said.territory]


def _names(decision: Decision, particulars: Particulars) -> tuple[str, ...]:
    return (decision.item_id, decision.subject or "", *particulars.names)


def _public(field: str, attribute: str, text: str, names: tuple[str, ...]) -> str:
    return _cut(field, attribute, without_personal_data(text, names))


def _cut(field: str, attribute: str, text: str) -> str:
    told, most = trimmed(text), _BY_NAME[attribute].characters_max
    if not told:
        raise InputError(field, "a statement of reasons cannot do without it")
    if most is not None and len(told) > most:
        told = trimmed(told[: most - 1]) + "…"
    return told


def _day(field: str, attribute: str, day: date) -> str:
    bounds = _BY_NAME[attribute]
    if (bounds.earliest and day < bounds.earliest) or (bounds.latest and day > bounds.latest):
        raise InputError(field, f"must be a day from {bounds.earliest} to {bounds.latest}")
    return day.isoformat()
