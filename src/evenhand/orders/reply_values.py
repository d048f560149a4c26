"""What the record says for each field that a form of reply may have. Pure.

A form (law/forms.toml) names its fields; a name that is not here, or that the record says nothing for, is for a person.
Nothing here repeats what the sender wrote as reasons: the reply says what was done, not what was alleged.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from msgspec import Struct

from evenhand.rulebook.tables import LawBook
from evenhand.rulebook.wording import FIRST, say
from evenhand.vocabulary.reply import FilledFrom, Provider
from evenhand.vocabulary.request import Request, RequestFinding, Ruling

_DONE = {"comply": "done as ordered", "geo-restrict": "restricted ({states})", "partly": "done in part"}
_NOT_DONE = {
    "refuse": "refused",
    "redirect": "not on this service",
    "clarify": "waiting for the clarification",
    "escalate": "under review by a person",
}


_UNCLARIFIED = "not executed: the information that was asked for did not come"


class Answered(Struct, frozen=True, kw_only=True):
    """Everything that a reply may be filled from.

    Attributes:
        asked_at: When our question left of which a person found that its answer never came; None: none lapsed.
    """

    request: Request
    ruling: Ruling
    book: LawBook
    provider: Provider
    reference: str
    language: str = FIRST
    asked_at: datetime | None = None

    def say(self, text: str, **filled: str) -> str:
        """Return our words for a text in the reply's language, with what is filled in."""
        said = say(self.book, self.language, text)
        for name, value in filled.items():
            said = said.replace(f"{{{name}}}", value)
        return said


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _authority(case: Answered) -> str:
    issuer = case.request.issuer
    return f"{_one_line(issuer.name)} ({issuer.kind}, {issuer.country})"


def _one_line(text: str) -> str:
    """What a sender wrote stays on its line of the form."""
    return " ".join(text.split())


def _outcomes(case: Answered, outcomes: dict[str, str]) -> str:
    """One line a target; where no answer came, nothing waits for one any more."""
    if case.asked_at is None:
        return _targets(case, outcomes)
    return _targets(case, outcomes | {name: _UNCLARIFIED for name in ("clarify",) if name in outcomes})


def _targets(case: Answered, outcomes: dict[str, str]) -> str:
    """One line a target with one of these outcomes."""
    lines = [
        f"{_one_line(row.target)}: {case.say(outcomes[row.outcome], states=_states(case))}"
        for row in case.ruling.targets
        if row.outcome in outcomes
    ]
    return "\n".join(dict.fromkeys(lines))


def _states(case: Answered) -> str:
    return ", ".join(case.ruling.territory)


def _measure(case: Answered) -> str:
    if case.ruling.territory == ("EU",):
        return case.say("access disabled in all Member States; the content is kept and can be put back")
    return case.say("access restricted ({states})", states=_states(case)) if case.ruling.territory else ""


def _failing(case: Answered) -> list[RequestFinding]:
    """Return what was not kept and had an effect, of the request and of its targets, each once."""
    every = [*case.ruling.findings, *(finding for row in case.ruling.targets for finding in row.findings)]
    return list(dict.fromkeys(finding for finding in every if not finding.kept and finding.effect != "none"))


def _grounds(case: Answered) -> str:
    return "\n".join(f"{finding.explanation} [{finding.article}]" for finding in _failing(case))


# Why something is not executed, in each regime's own words; what a regime has no box for is said in the grounds alone.
_BOXES: dict[str, dict[str, str]] = {
    "tco": {
        "incomplete": "insufficient information",
        "not-held": "de facto impossibility: the content is not held",
        "elsewhere": "de facto impossibility: the content is not on this service",
    },
    "e-evidence": {
        "incomplete": "incomplete, or insufficient information",
        "not-held": "data not stored at the time of receipt",
        "elsewhere": "service not covered",
        "protected": "immunities, privileges, or rules on press and expression",
        "authority": "not issued or validated by a proper authority",
        "offence": "offence not covered",
        "principle": "other: refused to everyone on principle",
    },
}


def _ticked(case: Answered) -> str:
    """Return the boxes that the findings tick on a form of non-execution."""
    version = case.ruling.regime_version
    reply = next((row.reply for row in case.book.regimes if f"{row.id}@{row.edition}" == version), "")
    boxes = _BOXES.get(reply, {})
    codes = dict.fromkeys(_code(case, finding) for finding in _failing(case))
    return "\n".join(f"[x] {case.say(boxes[code])}" for code in codes if code in boxes)


def _code(case: Answered, finding: RequestFinding) -> str:
    """Return what kind of reason a finding is, or "" where it is none of them."""
    if finding.effect == "clarify":
        return "incomplete"
    if finding.effect == "redirect":
        return "elsewhere"
    kinds = {row.kind for row in case.book.principles if row.id == finding.rule}
    if "held" in kinds:
        return "not-held"
    if finding.effect == "withhold":
        issuers = {who for row in case.book.may_issue if row.id == finding.rule for who in row.issuers}
        proper = not issuers.isdisjoint((case.request.issuer.kind, case.request.validated_by))
        return "offence" if proper else "authority"
    if "flags" in kinds and finding.effect == "principle":
        return "protected"
    return "principle" if finding.effect == "principle" else ""


_REDRESS = (
    "You may ask {name} to review this answer, with further reasons, at {contact}; somebody else will look at it. "
    "Courts and supervisors are open to you as your law provides."
)
_UNCONFIRMED = (
    "An emergency is confirmed over a number that our registry of authorities had before the day of the request. "
    "Nobody there has confirmed this one. Nothing was disclosed."
)


def _redress(case: Answered) -> str:
    return case.say(_REDRESS, name=case.provider.name, contact=case.provider.contact)


def _addressee(case: Answered) -> str:
    provider = case.provider
    return case.say(
        "{name}, represented by {representative}", name=provider.name, representative=provider.representative
    )


def _codes(case: Answered, codes: Iterable[str]) -> str:
    return ", ".join(case.say(code) for code in codes)


# Name of a field -> where its value comes from, and the value.
VALUES: dict[str, tuple[FilledFrom, Callable[[Answered], str]]] = {
    "addressee": ("platform", _addressee),
    "provider": ("platform", lambda case: f"{case.provider.name}, {case.provider.contact}"),
    "representative": ("platform", lambda case: case.provider.representative),
    "contact": ("platform", lambda case: case.provider.contact),
    "reference": ("platform", lambda case: case.reference),
    "issuing_authority": ("request", _authority),
    "issuing_address": ("request", lambda case: _one_line(case.request.issuer.address or "")),
    "validating_authority": ("request", lambda case: case.request.validated_by or ""),
    "received_at": ("request", lambda case: _instant(case.request.received_at)),
    "legal_basis": ("request", lambda case: _one_line(case.request.legal_basis or "")),
    "certificate": ("request", lambda case: case.request.instrument),
    "targets": ("request", lambda case: "\n".join(dict.fromkeys(_one_line(row.target) for row in case.ruling.targets))),
    "done": ("ruling", lambda case: _targets(case, _DONE)),
    "not_done": ("ruling", lambda case: _outcomes(case, _NOT_DONE)),
    "effect": ("ruling", lambda case: _outcomes(case, _DONE | _NOT_DONE)),
    "measure": ("ruling", _measure),
    "territory": ("ruling", _states),
    "reasons": ("ruling", _ticked),
    "grounds": ("ruling", _grounds),
    "missing": ("ruling", lambda case: _codes(case, case.ruling.missing)),
    "delivered": ("ruling", lambda case: _codes(case, case.ruling.disclose.allowed)),
    "withheld": ("ruling", lambda case: _codes(case, case.ruling.disclose.withheld)),
    "deadline": ("ruling", lambda case: _instant(case.ruling.deadline) if case.ruling.deadline else ""),
    "asked_at": ("ruling", lambda case: _instant(case.asked_at) if case.asked_at else ""),
    "user_notice": ("ruling", lambda case: f"{case.ruling.notify_user.when}: {case.ruling.notify_user.why}"),
    "redress": ("platform", _redress),
    "unconfirmed": ("platform", lambda case: case.say(_UNCONFIRMED)),
}
