"""What the law and the principles say of one target of one ask. Pure; `rules.py` puts the targets together."""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from evenhand.rulebook.tables import LawBook, MayIssue, Regime
from evenhand.vocabulary.request import (
    Ask,
    DataCategory,
    Request,
    RequestFacts,
    RequestFinding,
    RequestOutcome,
    TargetFacts,
)

_YEARS = re.compile(r"\bmaximum\s+(?:of\s+)?(\d{1,3})\s+years?\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Context:
    """Everything that stays the same for all targets of a request."""

    request: Request
    facts: RequestFacts
    book: LawBook
    regime: Regime
    day: date
    union: bool

    @cached_property
    def territory(self) -> tuple[str, ...]:
        """Where an effect applies: never more than the law reaches, never more than the order asks."""
        asked = self.request.territory
        if self.regime.law == "none":
            return ()
        if not self.union:
            country = self.request.issuer.country
            return (country,) if not asked or country in asked or "EU" in asked else ()
        if not asked or "EU" in asked:
            return ("EU",)
        return tuple(state for state in asked if state in self.book.members)


@dataclass(kw_only=True)
class Judged:
    """One target's result while it is being built.

    Attributes:
        ours: It is on our service.
        principle: A principle refuses it.
        granted: Data that may leave for it.
        missing: Fact fields that a person has to fill.
    """

    ask: str
    target: str
    ours: bool = True
    principle: bool = False
    outcome: RequestOutcome = "comply"
    granted: tuple[DataCategory, ...] = ()
    missing: tuple[str, ...] = ()
    findings: tuple[RequestFinding, ...] = field(default_factory=tuple)


def judge_target(context: Context, ask: Ask, target: str) -> Judged:
    """Judge one target: ours?, principles, known to the regime?, held?, who may ask, where it acts."""
    judged = Judged(ask=ask.id, target=target)
    facts = context.facts.targets.get(target)
    if facts is None:
        _note(context, judged, "known", "", kept=False, effect="escalate", text="Nobody has looked this target up yet.")
        judged.missing, judged.outcome = ("targets",), "escalate"
        return judged
    if not facts.on_service:
        judged.ours, judged.outcome = False, "refuse"
        _note(context, judged, "on-service", "", kept=False, effect="redirect", text="This is not on our service.")
        return judged
    _note(context, judged, "on-service", "", kept=True, effect="none", text="This is on our service.")
    if _principles(context, judged, ask, facts):
        return judged
    if ask.kind not in context.regime.asks:
        text = f"{context.regime.id} does not know the ask {ask.kind}. A person decides."
        _note(context, judged, "ask-known", context.regime.source, kept=False, effect="escalate", text=text)
        judged.outcome = "escalate"
    elif ask.kind == "disclose":
        _disclose(context, judged, ask, facts)
    elif ask.kind in ("remove", "geo-restrict"):
        _restrict(context, judged, ask)
    elif ask.kind == "preserve":
        _preserve(context, judged, ask)
    return judged


def _note(
    context: Context, judged: Judged, rule: str, article: str, *, kept: bool, effect: str, text: str, edition: str = ""
) -> None:
    judged.findings = (
        *judged.findings,
        RequestFinding(
            rule=rule,
            edition=edition or context.regime.holds_from.isoformat(),
            article=article or context.regime.source,
            kept=kept,
            effect=effect,  # type: ignore[arg-type] # literals of this module
            explanation=text,
        ),
    )


def _principles(context: Context, judged: Judged, ask: Ask, facts: TargetFacts) -> bool:
    """Apply what no request overrides; tell whether the target is settled by it."""
    for row in context.book.principles:
        if ask.kind in row.asks:
            _refuse_on_principle(context, judged, row.id, row.source, row.sentence)
            return True
    if ask.kind != "inform" and _flagged(context, judged, facts):
        return True
    if ask.kind in ("remove", "disclose", "preserve", "geo-restrict") and not facts.held:
        text = "Nothing is given or done that the platform does not hold (catalogue of what is held)."
        _refuse_on_principle(context, judged, "not-held", "Platform principle 7", text)
        return True
    return False


def _refuse_on_principle(context: Context, judged: Judged, rule: str, source: str, text: str) -> None:
    _note(context, judged, rule, source, kept=False, effect="principle", text=text)
    judged.principle, judged.outcome = True, "refuse"


def _flagged(context: Context, judged: Judged, facts: TargetFacts) -> bool:
    if facts.flags is None:
        text = "Nobody has looked whether this is press, assembly or opposition. A person decides."
        _note(context, judged, "flags-known", "", kept=False, effect="escalate", text=text)
        judged.missing, judged.outcome = ("flags",), "escalate"
        return True
    for row in context.book.principles:
        if not row.flags:
            continue
        protected = sorted(set(row.flags) & set(facts.flags))
        court = context.request.issuer.kind in row.courts or context.request.validated_by in row.courts
        if "violence" in facts.flags or (protected and court):
            text = f"{row.sentence} Recorded: {', '.join(sorted(facts.flags))}. A person weighs it."
            _note(context, judged, row.id, row.source, kept=False, effect="escalate", text=text)
            judged.outcome = "escalate"
            return True
        if protected:
            text = f"{row.sentence} Recorded: {', '.join(protected)}."
            _refuse_on_principle(context, judged, row.id, row.source, text)
            return True
        _note(context, judged, row.id, row.source, kept=True, effect="none", text=row.sentence)
    return False


def _restrict(context: Context, judged: Judged, ask: Ask) -> None:
    where = context.territory
    if not where:
        text = "The order names no territory that it may act on. A person decides."
        _note(context, judged, "territory", "", kept=False, effect="escalate", text=text)
        judged.outcome = "escalate"
    elif where == ("EU",) and ask.kind == "remove":
        _note(context, judged, "territory", "", kept=True, effect="none", text="Union law acts in the whole Union.")
    else:
        text = f"Local law acts locally: the effect is limited to {', '.join(where)}."
        article = context.regime.source if context.union else "Platform principle 6"
        _note(context, judged, "local-law-acts-locally", article, kept=True, effect="geo-restrict", text=text)
        judged.outcome = "geo-restrict"


def _rows(context: Context, data: DataCategory) -> list[MayIssue]:
    return [
        row
        for row in context.book.may_issue
        if row.instrument == context.request.instrument and data in row.data and row.holds(context.day)
    ]


def _competent(context: Context, row: MayIssue) -> bool:
    return context.request.issuer.kind in row.issuers or context.request.validated_by in row.issuers


def _disclose(context: Context, judged: Judged, ask: Ask, facts: TargetFacts) -> None:
    results = [_category(context, judged, data, facts) for data in ask.data]
    judged.granted = tuple(data for data, result in zip(ask.data, results, strict=True) if result == "comply")
    if not results or "escalate" in results:
        judged.outcome, judged.granted = "escalate", ()
    elif len(set(results)) == 1:
        judged.outcome = results[0]
    else:
        judged.outcome = "partly"


def _category(context: Context, judged: Judged, data: DataCategory, facts: TargetFacts) -> RequestOutcome:
    """Judge one category of data of one target: held, issued by who may, above the threshold."""
    if isinstance(facts.held, tuple) and data not in facts.held:
        text = f"{data}: the platform does not hold it (catalogue of what is held)."
        _note(context, judged, "not-held", "Platform principle 7", kept=False, effect="withhold", text=text)
        return "refuse"
    rows = _rows(context, data)
    if not rows:
        text = f"{data}: no row of {context.regime.id} settles who may ask for it. A person decides."
        _note(context, judged, "who-may-ask", "", kept=False, effect="escalate", text=text)
        return "escalate"
    row = rows[0]
    edition = row.holds_from.isoformat()
    if not _competent(context, row):
        who = " or ".join(row.issuers)
        if context.request.instrument == "epoc-emergency" and data in ("subscriber", "identification"):
            text = f"{data}: issued without validation in an emergency, to be validated within 48 h. A person decides."
            _note(context, judged, row.id, row.source, kept=False, effect="escalate", text=text, edition=edition)
            return "escalate"
        text = f"{data}: may be asked for by {who}, not by {context.request.issuer.kind} without their validation."
        _note(context, judged, row.id, row.source, kept=False, effect="withhold", text=text, edition=edition)
        return "refuse"
    return _threshold(context, judged, data, row)


def _threshold(context: Context, judged: Judged, data: DataCategory, row: MayIssue) -> RequestOutcome:
    edition = row.holds_from.isoformat()
    if not row.threshold_years:
        _note(
            context,
            judged,
            row.id,
            row.source,
            kept=True,
            effect="none",
            text=f"{data}: who asks may.",
            edition=edition,
        )
        return "comply"
    found = _YEARS.search(context.request.offence or "")
    if found is None:
        text = f"{data}: the offence's maximum sentence is not stated as 'maximum N years'. A person decides."
        _note(context, judged, row.id, row.source, kept=False, effect="escalate", text=text, edition=edition)
        return "escalate"
    reached = int(found[1]) >= row.threshold_years
    text = f"{data}: the maximum is {int(found[1])} years, the threshold {row.threshold_years}."
    effect = "none" if reached else "withhold"
    _note(context, judged, row.id, row.source, kept=reached, effect=effect, text=text, edition=edition)
    return "comply" if reached else "refuse"


def _preserve(context: Context, judged: Judged, ask: Ask) -> None:
    for data in ask.data:
        rows = _rows(context, data)
        if rows and not _competent(context, rows[0]):
            text = f"{data}: {context.request.issuer.kind} may not order its preservation without validation."
            _note(context, judged, rows[0].id, rows[0].source, kept=False, effect="refuse", text=text)
            judged.outcome = "refuse"
            return
    _note(context, judged, "preserve", "", kept=True, effect="none", text="Preserving discloses nothing.")
