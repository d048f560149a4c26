"""Whether a decision needs a statement of reasons, what the EU database is told of it, and until when one may complain.

Pure: no clock, no I/O. The tables are EXEMPTIONS here, MEASURES beside it and ATTRIBUTES of the judge.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from types import MappingProxyType
from typing import Any

from evenhand.statements.attributes import ATTRIBUTES
from evenhand.statements.judge import is_url, trimmed
from evenhand.statements.measures import Measure, measure_of
from evenhand.statements.privacy import without_links, without_personal_data
from evenhand.vocabulary.decision import RESTRICTIVE, Action, Decision
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import CONTENT_LANGUAGES, EEA_STATES, YES_NO, AccountType, ContentType, Ground
from evenhand.vocabulary.post import ItemKind

COMPLAINT_MONTHS = 6
"""At least as long an internal complaint is open. Source: Regulation (EU) 2022/2065, Art. 20."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known around a decision when one asks whether it needs a statement.

    Attributes:
        ordered: It carries out an order of an authority (Art. 9); its recipient is told under Art. 9(5).
        deceptive_high_volume: The content is deceptive commercial content in high volume.
        contact_known: An electronic way to reach the person concerned is known.
    """

    ordered: bool = False
    deceptive_high_volume: bool = False
    contact_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """One row: a reason for which no statement is needed."""

    id: str
    source: str
    sentence: str
    holds: Callable[[Decision, Circumstances], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Whether a statement is needed, with every row that says it is not."""

    needed: bool
    exemptions: tuple[Exemption, ...]


EXEMPTIONS = (
    Exemption(
        id="nothing-restricted",
        source="Regulation (EU) 2022/2065, Art. 17",
        sentence="The decision restricts nothing.",
        holds=lambda decision, _: decision.action not in RESTRICTIVE,
    ),
    Exemption(
        id="no-contact",
        source="Regulation (EU) 2022/2065, Art. 17",
        sentence="No electronic contact details of the person concerned are known.",
        holds=lambda _, around: not around.contact_known,
    ),
    Exemption(
        id="deceptive-high-volume",
        source="Regulation (EU) 2022/2065, Art. 17",
        sentence="The content is deceptive commercial content in high volume.",
        holds=lambda _, around: around.deceptive_high_volume,
    ),
    Exemption(
        id="ordered",
        source="Regulation (EU) 2022/2065, Art. 17(5)",
        sentence="An authority ordered it; its recipient is told under Art. 9(5).",
        holds=lambda _, around: around.ordered,
    ),
)


def statement_needed(decision: Decision, around: Circumstances) -> Need:
    """Say whether Art. 17 asks for a statement of reasons, and if not, why not."""
    found = tuple(row for row in EXEMPTIONS if row.holds(decision, around))
    return Need(needed=not found, exemptions=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What a statement says beyond the decision itself.

    Attributes:
        reference: The decision's public reference; becomes the PUID.
        explanation: Why the content falls under the ground, in words for the person concerned.
        content_date: UTC day on which the content was posted.
        content_types: What it is made of; empty: the kind of item is said in words.
        until: Last UTC day of the restriction; None: no end.
        also_illegal: On the ground of the terms, whether the content is held to be illegal too; None: not looked at.
        reference_url: Where the law or the terms can be read; "" for nowhere.
        names: What must not be told in public beside the item's and the subject's id: handles, names.
    """

    reference: str
    explanation: str
    content_date: date
    content_types: tuple[ContentType, ...] = ()
    until: date | None = None
    also_illegal: bool | None = None
    account_type: AccountType | None = None
    reference_url: str = ""
    names: tuple[str, ...] = ()


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
    applied = decision.decided_at.astimezone(UTC).date()
    if particulars.until is not None and particulars.until < applied:
        raise InputError("until", "the restriction ends before it begins")
    if not _REFERENCE.fullmatch(particulars.reference):
        raise InputError("reference", "must be 1 to 500 letters, digits, hyphens and underscores")
    measure = measure_of(decision.action, decision.item, passing=particulars.until is not None)
    return {
        **_decisions(measure, particulars.until),
        **_grounds(decision, particulars),
        **_content(decision, particulars),
        "territorial_scope": _territory(decision),
        "application_date": _day("decided_at", "application_date", applied),
        "decision_facts": _public("facts", "decision_facts", decision.facts, decision, particulars),
        "source_type": decision.source.value,
        "automated_detection": YES_NO[not decision.automated_detection],
        "automated_decision": decision.automation.value,
        "puid": particulars.reference,
    }


def complaint_until(informed_on: date) -> date:
    """Return the last day of the six months in which the person may complain.

    A day that the sixth month lacks becomes the first of the next: never shorter than the law says.

    Args:
        informed_on: Day on which the person was told of the decision.

    Source:
        Regulation (EU) 2022/2065, Art. 20.
    """
    months = informed_on.month - 1 + COMPLAINT_MONTHS
    year, month = informed_on.year + months // 12, months % 12 + 1
    days = monthrange(year, month)[1]
    if informed_on.day <= days:
        return date(year, month, informed_on.day)
    return date(year, month, days) + timedelta(days=1)


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


def _grounds(decision: Decision, particulars: Particulars) -> dict[str, Any]:
    policy = decision.policy
    where, why = _GROUND_FIELDS[policy.ground]
    told: dict[str, Any] = {
        "decision_ground": policy.ground.value,
        where: _cut("policy.reference", where, without_links(policy.reference, _names(decision, particulars))),
        why: _public("explanation", why, particulars.explanation, decision, particulars),
        "category": policy.category.value,
    }
    if policy.keyword is not None:
        told["category_specification"] = [policy.keyword.value]
    if policy.ground is Ground.INCOMPATIBLE_CONTENT and particulars.also_illegal is not None:
        told["incompatible_content_illegal"] = YES_NO[not particulars.also_illegal]
    if particulars.reference_url:
        if len(particulars.reference_url) > (_BY_NAME["decision_ground_reference_url"].characters_max or 0):
            raise InputError("reference_url", "is too long")
        if not is_url(particulars.reference_url):
            raise InputError("reference_url", "must be a URL with its scheme, as in https://desk.example/terms")
        told["decision_ground_reference_url"] = particulars.reference_url
    return told


def _content(decision: Decision, particulars: Particulars) -> dict[str, Any]:
    types = particulars.content_types or (ContentType.OTHER,)
    told: dict[str, Any] = {
        "content_type": sorted({kind.value for kind in types}),
        "content_date": _day("content_date", "content_date", particulars.content_date),
    }
    if ContentType.OTHER in types:
        told["content_type_other"] = _ITEM_WORDS[decision.item]
    if decision.language in CONTENT_LANGUAGES:
        told["content_language"] = decision.language
    if particulars.account_type is not None:
        told["account_type"] = particulars.account_type.value
    return told


def _territory(decision: Decision) -> list[str]:
    """The database knows the European Economic Area: everywhere is all of it, other states are not told."""
    if decision.action is Action.GEO_RESTRICT and not decision.territory:
        raise InputError("territory", "a restriction in some states names them")
    return [state for state in EEA_STATES if not decision.territory or state in decision.territory]


def _names(decision: Decision, particulars: Particulars) -> tuple[str, ...]:
    return (decision.item_id, decision.subject or "", *particulars.names)


def _public(field: str, attribute: str, text: str, decision: Decision, particulars: Particulars) -> str:
    return _cut(field, attribute, without_personal_data(text, _names(decision, particulars)))


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
