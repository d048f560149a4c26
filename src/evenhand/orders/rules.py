"""What the law says of a request: `rule_on(request, facts, book) -> Ruling`. Pure and total.

Steps, numbered again in the body:
 1. the regime in force on the day of receipt (or the day asked for); none: a person decides
 2. findings about the whole request: fields that must be there, who sends it, from where
 3. findings about every target by itself: ours, principles, held, who may ask for what
 4. the outcome, computed from findings in one order
 5. deadline, approvals, disclosure, notice, territory
"""

import re
from datetime import UTC, date, datetime

from evenhand.orders.clock import due_at, latest_at
from evenhand.orders.target_rules import Context, Judged, judge_target
from evenhand.rulebook.tables import Deadline, LawBook, Mark, Regime
from evenhand.vocabulary.request import (
    DATA_CATEGORIES,
    DataCategory,
    Disclosure,
    Request,
    RequestFacts,
    RequestFinding,
    RequestOutcome,
    Ruling,
    TargetRuling,
    UserNotice,
)

_STRENGTH = {"none": 0, "address": 1, "registry": 2, "called-back": 3}
_FIELD_NAMES = {"issuer.name": "issuer", "asks.targets": "targets", "asks.data": "data"}
_UNION_ACT = re.compile(r"\((?:EU|EC|EEC|Euratom)\)|\b(?:Regulation|Directive)\b[^.;]*/(?:EU|EC|EEC)\b", re.IGNORECASE)
_PERSON = "A person decides."


def rule_on(request: Request, facts: RequestFacts, book: LawBook, as_of: date | None = None) -> Ruling:
    """Judge a request by the law in force when it was received.

    Args:
        request: As the sender says it; `received_at` aware.
        facts: What we know.
        book: The law's tables.
        as_of: Judge by the regime of this day instead.

    Returns:
        Every finding, kept or failed, for every target; never raises for anything a stranger can send.
    """
    received_at = request.received_at.astimezone(UTC)
    day = as_of or received_at.date()
    # 1. the regime
    regime = next((row for row in book.regimes if row.instrument == request.instrument and row.holds(day)), None)
    if regime is None:
        return _without_regime(request, facts, day)
    union = regime.law == "union" or (regime.law == "national" and _names_union_act(request, regime))
    context = Context(request=request, facts=facts, book=book, regime=regime, day=day, union=union)
    # 2. the whole request
    missing, demands = _required(context)
    gates, waiting = _gates(context)
    # 3. each target by itself
    judged = [judge_target(context, ask, target) for ask in request.asks for target in ask.targets]
    # 4. the outcome
    outcome = _outcome(
        [j.outcome for j in judged], [j.ours for j in judged], [j.principle for j in judged], missing, gates
    )
    carried = tuple(
        TargetRuling(ask=j.ask, target=j.target, outcome=_carried(outcome, j), findings=j.findings) for j in judged
    )
    needs = tuple(dict.fromkeys([*missing, *waiting, *(name for j in judged for name in j.missing)]))
    # 5. what follows
    granted = {
        data for j, c in zip(judged, carried, strict=True) if c.outcome in ("comply", "partly") for data in j.granted
    }
    findings = (*demands, *gates)
    due = None if outcome in ("redirect", "clarify") else _deadline(context)
    return Ruling(
        outcome=outcome,
        targets=carried,
        deadline=None if due is None else due_at(received_at, due.limit),
        latest=None if due is None else latest_at(received_at, due.limit),
        clock=_clock(regime, due),
        findings=findings,
        missing=needs,
        approvals=_approvals(context, outcome, carried),
        disclose=_disclosure(request, granted),
        notify_user=_notice(context, outcome),
        territory=_territory(context, carried),
        regime_version=f"{regime.id}@{regime.holds_from.isoformat()}",
    )


def _names_union_act(request: Request, regime: Regime) -> bool:
    return regime.issuer_area == "EU" and bool(_UNION_ACT.search(request.legal_basis or ""))


def _without_regime(request: Request, facts: RequestFacts, day: date) -> Ruling:
    finding = RequestFinding(
        rule="no-regime",
        edition=day.isoformat(),
        article="",
        kept=False,
        effect="escalate",
        explanation=f"No regime for {request.instrument} is in force on {day.isoformat()}. {_PERSON}",
    )
    pairs = [(ask, target) for ask in request.asks for target in ask.targets]
    ours = [target not in facts.targets or facts.targets[target].on_service for _, target in pairs]
    outcome: RequestOutcome = "escalate" if any(ours) or not pairs else "redirect"
    targets = tuple(
        TargetRuling(
            ask=ask.id,
            target=target,
            outcome=outcome if outcome == "redirect" or mine else "refuse",
            findings=(finding,),
        )
        for (ask, target), mine in zip(pairs, ours, strict=True)
    )
    return Ruling(
        outcome=outcome,
        targets=targets,
        deadline=None,
        latest=None,
        clock={},
        findings=(finding,),
        missing=(),
        approvals=() if outcome == "redirect" else _people(request),
        disclose=_disclosure(request, set()),
        notify_user=UserNotice(when="never", why="Nothing takes effect."),
        territory=(),
        regime_version="none",
    )


def _required(context: Context) -> tuple[list[str], list[RequestFinding]]:
    """Return what is missing for the regime, and a finding for every field it asks for."""
    missing: list[str] = []
    findings: list[RequestFinding] = []
    asked = {data for ask in context.request.asks for data in ask.data}
    for row in context.book.required:
        if row.instrument != context.request.instrument or not row.holds(context.day):
            continue
        if row.data and not asked & set(row.data):
            continue
        kept = _present(context, row.field) or (bool(row.unless) and _present(context, row.unless))
        name = _FIELD_NAMES.get(row.field, row.field)
        # A recalled row may not hold anything up by itself: it only shows.
        blocks = not kept and row.checked is not Mark.RECALLED
        if blocks:
            missing.append(name)
        recalled = " (recalled)" if row.checked is Mark.RECALLED else ""
        findings.append(
            RequestFinding(
                rule=row.id,
                edition=row.holds_from.isoformat(),
                article=row.source,
                kept=kept,
                effect="clarify" if blocks else "none",
                explanation=f"{name} is {'there' if kept else 'missing'}{recalled}.",
            )
        )
    return missing, findings


def _present(context: Context, field: str) -> bool:
    request = context.request
    match field:
        case "issuer.name":
            return bool(request.issuer.name.strip())
        case "asks.targets":
            return bool(request.asks) and all(
                ask.targets and all(target.strip() for target in ask.targets) for ask in request.asks
            )
        case "asks.data":
            return all(ask.data for ask in request.asks if ask.kind == "disclose")
        case "signature":
            return request.signature != "none"
        case "language":
            known = {language.lower() for language in context.facts.languages}
            return bool(request.language) and (not known or str(request.language).lower() in known)
        case "legal_basis" | "offence" | "emergency" | "reasons" | "redress":
            value = getattr(request, field)
            return isinstance(value, str) and bool(value.strip())
    return False


def _gates(context: Context) -> tuple[list[RequestFinding], list[str]]:
    """Return findings about the sender that only a person may settle, and what is missing for them."""
    request, regime, facts = context.request, context.regime, context.facts
    waiting: list[str] = []
    checks = [
        ("decides", regime.decides == "rules", f"{regime.id} is settled by people, not by tables. {_PERSON}"),
        (
            "sender",
            _STRENGTH[facts.verified] >= _STRENGTH[regime.verified],
            f"The sender is verified by: {facts.verified}; {regime.verified} is needed. {_PERSON}",
        ),
        ("signature", request.signature != "invalid", f"The signature does not verify. {_PERSON}"),
        (
            "issuer-area",
            regime.issuer_area == "any" or request.issuer.country in context.book.members,
            f"{request.issuer.country} is not a Member State. {_PERSON}",
        ),
        (
            "issuer-kind",
            not regime.issuers or request.issuer.kind in regime.issuers,
            f"{request.issuer.kind} is not an authority under this regime. {_PERSON}",
        ),
        (
            "market",
            _is_market(context),
            f"{request.issuer.country} is not a state where the service is offered. {_PERSON}",
        ),
    ]
    if not checks[1][1]:
        waiting.append("call-back" if regime.verified == "called-back" else "verified")
    findings = [
        RequestFinding(
            rule=name,
            edition=regime.holds_from.isoformat(),
            article=regime.source,
            kept=kept,
            effect="none" if kept else "escalate",
            explanation="As it should be." if kept else sentence,
        )
        for name, kept, sentence in checks
    ]
    return findings, waiting


def _is_market(context: Context) -> bool:
    country, markets = context.request.issuer.country, context.facts.markets
    if context.regime.law == "none" or not markets:
        return True
    return country in markets or ("EU" in markets and country in context.book.members)


def _outcome(
    outcomes: list[RequestOutcome],
    ours: list[bool],
    principle: list[bool],
    missing: list[str],
    gates: list[RequestFinding],
) -> RequestOutcome:
    """Compute the request's outcome in the one order that the issue of the regimes fixes."""
    if outcomes and not any(ours):
        return "redirect"
    mine = [refused for refused, is_ours in zip(principle, ours, strict=True) if is_ours]
    if mine and all(mine):
        return "refuse"
    if missing:
        return "clarify"
    if any(not finding.kept for finding in gates) or "escalate" in outcomes or not outcomes:
        return "escalate"
    return outcomes[0] if len(set(outcomes)) == 1 else "partly"


def _carried(whole: RequestOutcome, judged: Judged) -> RequestOutcome:
    if not judged.ours:
        return "redirect" if whole == "redirect" else "refuse"
    if judged.principle:
        return "refuse"
    return whole if whole in ("clarify", "escalate") else judged.outcome


def _deadline(context: Context) -> Deadline | None:
    request = context.request
    kinds = {ask.kind for ask in request.asks}
    rows = [
        row
        for row in context.book.deadlines
        if row.instrument == request.instrument
        and row.holds(context.day)
        and row.country in ("", request.issuer.country)
        and (not row.asks or kinds & set(row.asks))
        and (not row.issuers or request.issuer.kind in row.issuers)
    ]
    now = request.received_at.astimezone(UTC)
    return min(rows, key=lambda row: due_at(now, row.limit), default=None)


def _clock(regime: Regime, due: Deadline | None) -> dict[str, str]:
    clock = dict(regime.clock)
    if due is not None:
        recalled = " (recalled)" if due.checked is Mark.RECALLED else ""
        clock["limit"] = f"{due.limit} from receipt, {due.source}{recalled}"
    return clock


def _asks_data(request: Request) -> bool:
    return any(ask.kind == "disclose" or ask.data for ask in request.asks)


def _people(request: Request) -> tuple[str, ...]:
    return ("legal", "second-person") if _asks_data(request) else ("legal",)


def _approvals(context: Context, outcome: RequestOutcome, targets: tuple[TargetRuling, ...]) -> tuple[str, ...]:
    if outcome in ("clarify", "redirect"):
        return ()
    acting = [ruling.target for ruling in targets if ruling.outcome == "comply"]
    automatic = (
        context.regime.automatic
        and outcome in ("comply", "partly")
        and bool(acting)
        and context.request.signature == "valid"
        and all(context.facts.targets[target].kind in ("post", "channel") for target in acting)
    )
    return () if automatic else _people(context.request)


def _disclosure(request: Request, granted: set[DataCategory]) -> Disclosure:
    asked = {data for ask in request.asks if ask.kind == "disclose" for data in ask.data}
    return Disclosure(
        allowed=tuple(data for data in DATA_CATEGORIES if data in granted),
        withheld=tuple(data for data in DATA_CATEGORIES if data in asked - granted),
    )


def _notice(context: Context, outcome: RequestOutcome) -> UserNotice:
    regime, until = context.regime, context.request.confidential_until
    if outcome == "redirect":
        return UserNotice(when="never", why="Nothing of it is on our service.")
    if regime.notify == "at-effect" and until is not None:
        return UserNotice(when="delayed", why=f"The authority set the time: {_utc(until)}.")
    if regime.notify == "at-effect":
        return UserNotice(when="at-effect", why=regime.notify_why)
    if regime.notify == "delayed":
        return UserNotice(when="delayed", why=regime.notify_why)
    if regime.notify == "by-issuing-authority":
        return UserNotice(when="by-issuing-authority", why=regime.notify_why)
    return UserNotice(when="never", why=regime.notify_why)


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _territory(context: Context, targets: tuple[TargetRuling, ...]) -> tuple[str, ...]:
    if not any(ruling.outcome in ("comply", "partly", "geo-restrict") for ruling in targets):
        return ()
    return context.territory
