"""Who sends a request, and from where: what only a person may settle if it is not as it should be. Pure."""

from evenhand.orders.context import Context, of_row
from evenhand.rulebook.tables import Regime
from evenhand.vocabulary.request import RequestFinding

_STRENGTH = {"none": 0, "address": 1, "registry": 2, "called-back": 3}
_PERSON = "A person decides."


def sender_findings(context: Context) -> tuple[tuple[str, ...], tuple[RequestFinding, ...]]:
    """Return what is missing about the sender, and a finding for each look at them; one not kept goes to a person."""
    regime = context.edition.regime
    if regime is None:
        text = f"No regime for {context.request.instrument} is in force on {context.day.isoformat()}. {_PERSON}"
        return (), (context.own("no-regime", kept=False, effect="escalate", text=text),)
    findings = [
        context.own(rule, kept=True, effect="none", text="As it should be.")
        if kept
        else context.own(rule, kept=False, effect="escalate", text=f"{_sentence(context, regime, rule)} {_PERSON}")
        for rule, kept in _looks(context, regime)
    ]
    findings += [
        of_row(row, kept=False, effect="escalate", text=f"{row.sentence} {_PERSON}")
        for row in context.edition.exclusions
    ]
    missing: tuple[str, ...] = ()
    if not _is_verified(context, regime):
        missing = ("call-back" if regime.verified == "called-back" else "verified",)
    return missing, tuple(findings)


def _looks(context: Context, regime: Regime) -> tuple[tuple[str, bool], ...]:
    issuer = context.request.issuer
    return (
        ("decides", regime.decides == "rules"),
        ("verified", _is_verified(context, regime)),
        ("signature", context.request.signature != "invalid"),
        ("issuer-area", regime.issuer_area == "any" or issuer.country in context.book.members),
        ("issuer-kind", not regime.issuers or issuer.kind in regime.issuers),
        ("market", _is_market(context, regime)),
    )


def _sentence(context: Context, regime: Regime, rule: str) -> str:
    issuer = context.request.issuer
    match rule:
        case "decides":
            return f"{regime.id} is settled by people, not by tables."
        case "verified":
            return f"The sender is verified by {context.facts.verified}, {regime.verified} is needed."
        case "signature":
            return "The signature does not verify."
        case "issuer-area":
            return f"{issuer.country} is not a Member State."
        case "issuer-kind":
            return f"{issuer.kind} is not an authority under this regime."
        case _:
            return f"{issuer.country} is not a state where the service is offered."


def _is_verified(context: Context, regime: Regime) -> bool:
    return _STRENGTH[context.facts.verified] >= _STRENGTH[regime.verified]


def _is_market(context: Context, regime: Regime) -> bool:
    country, markets = context.request.issuer.country, context.facts.markets
    if regime.law == "none" or not markets:
        return True
    return country in markets or ("EU" in markets and country in context.book.members)
