"""The decision form: what a person fills in, as a proposal, and the other way round."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from evenhand.vocabulary.case import AppealOutcome, CaseFile, Origin, Proposal
from evenhand.vocabulary.decision import Action, Policy
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category, Ground, Keyword

_STATE = re.compile(r"[A-Za-z]{2}\Z")
DAYS_MAX = 3650
_Code = TypeVar("_Code", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionForm:
    """The form's fields as text, as they are shown again."""

    action: str = ""
    outcome: str = ""
    ground: str = Ground.INCOMPATIBLE_CONTENT
    category: str = ""
    keyword: str = ""
    reference: str = ""
    facts: str = ""
    explanation: str = ""
    because: str = ""
    territory: str = ""
    days: str = ""
    unfounded: bool = False
    manifest: bool = False
    spam: bool = False


_TEXTS = (
    "action",
    "outcome",
    "ground",
    "category",
    "keyword",
    "reference",
    "facts",
    "explanation",
    "because",
    "territory",
    "days",
)
_TICKS = ("unfounded", "manifest", "spam")


def form_for(file: CaseFile, written: tuple[Policy, str] | None) -> DecisionForm:
    """Return the form as it is first shown: filled from the last words, else from the rule, else from the case.

    Args:
        file: The case.
        written: The policy and the sentence of the rule that sent it here, if a rule did.
    """
    policy, sentence = written or (None, "")
    last = file.proposed.proposal if file.proposed else None
    words = file.words if file.proposed or file.is_open else None
    return DecisionForm(
        action=last.action.value if last else "",
        outcome=last.outcome.value if last and last.outcome else "",
        ground=policy.ground if policy else Ground.INCOMPATIBLE_CONTENT,
        category=policy.category if policy else file.opened.category,
        keyword=(policy.keyword if policy else file.opened.keyword) or "",
        reference=policy.reference if policy else "",
        facts=words.facts if words else sentence,
        explanation=words.explanation if words else "",
        because=words.because if words else "",
    )


def form_from(post: Mapping[str, str]) -> DecisionForm:
    """Return the form as it was sent."""
    texts: dict[str, Any] = {name: post.get(name, "").replace("\r\n", "\n") for name in _TEXTS}
    ticks: dict[str, Any] = {name: bool(post.get(name)) for name in _TICKS}
    return DecisionForm(**texts, **ticks)


def proposal_of(form: DecisionForm, file: CaseFile, at: datetime) -> Proposal:
    """Return what the form means.

    Raises:
        InputError: A field has no such value; its name is the form's.
    """
    return Proposal(
        action=_one(Action, "action", form.action, "choose what is to be done"),
        policy=Policy(
            ground=_one(Ground, "ground", form.ground, "choose a ground"),
            category=_one(Category, "category", form.category, "choose a category"),
            keyword=_one(Keyword, "keyword", form.keyword, "is no keyword") if form.keyword else None,
            reference=form.reference.strip(),
        ),
        facts=form.facts.strip(),
        explanation=form.explanation.strip(),
        because=form.because.strip(),
        territory=_states(form.territory),
        until=_until(form.days, at),
        outcome=_outcome(form, file),
        unfounded=form.unfounded,
        manifest=form.manifest,
        spam=form.spam,
    )


def _outcome(form: DecisionForm, file: CaseFile) -> AppealOutcome | None:
    if file.opened.origin is not Origin.APPEAL:
        return None
    return _one(AppealOutcome, "outcome", form.outcome, "an appeal is upheld, partly granted or reversed")


def _one(kind: type[_Code], field: str, value: str, reason: str) -> _Code:
    try:
        return kind(value)
    except ValueError as error:
        raise InputError(field, reason) from error


def _states(text: str) -> tuple[str, ...]:
    codes = [code.upper() for code in re.split(r"[\s,;]+", text.strip()) if code]
    if wrong := [code for code in codes if not _STATE.match(code)]:
        raise InputError("territory", f"{wrong[0][:20]!r} is no two-letter code of a state")
    return tuple(sorted(set(codes)))


def _until(days: str, at: datetime) -> datetime | None:
    if not days.strip():
        return None
    if not (days.isascii() and days.strip().isdigit() and 0 < int(days) <= DAYS_MAX):
        raise InputError("days", f"is a whole number of days from 1 to {DAYS_MAX}")
    end = at.astimezone(UTC).date() + timedelta(days=int(days))
    return datetime.combine(end, time(23, 59, 59), UTC)
