"""Who sends a request, and from where: what only a person may settle if it is not as it should be. Pure."""

from functools import lru_cache

from msgspec import Struct

from evenhand.orders.context import Context, of_row
from evenhand.orders.emergency import is_emergency
from evenhand.rulebook.tables import Edition, Regime
from evenhand.vocabulary.request import IssuerKind, RequestFinding, Signature, Verification

_STRENGTH = {"none": 0, "address": 1, "registry": 2, "called-back": 3}
_PERSON = "A person decides."


def sender_findings(context: Context) -> tuple[tuple[str, ...], tuple[RequestFinding, ...]]:
    """Return what is missing about the sender, and a finding for each look at them; one not kept goes to a person."""
    regime, request = context.edition.regime, context.request
    if regime is None:
        text = f"No regime for {request.instrument} is in force on {context.day.isoformat()}. {_PERSON}"
        return (), (context.own("no-regime", kept=False, effect="escalate", text=text),)
    member = request.issuer.country in context.book.members
    sender = Sender(
        kind=request.issuer.kind,
        country=request.issuer.country,
        member=member,
        market=_is_market(context, regime, member=member),
        verified=context.facts.verified,
        signature=request.signature,
        hasty=is_emergency(request, signed=request.signature == "valid"),
    )
    return _findings(context.edition, regime, sender)


class Sender(Struct, frozen=True, kw_only=True):
    """All that is looked at of a sender.

    Attributes:
        member: The country is a Member State of the Union.
        market: The service is offered there.
        hasty: They want data in an emergency, and nothing but a mailbox says that it is they.
    """

    kind: IssuerKind
    country: str
    member: bool
    market: bool
    verified: Verification
    signature: Signature
    hasty: bool


@lru_cache(maxsize=8192)
def _findings(edition: Edition, regime: Regime, sender: Sender) -> tuple[tuple[str, ...], tuple[RequestFinding, ...]]:
    needed: Verification = "called-back" if sender.hasty else regime.verified  # type: ignore[assignment] # the loader checks it
    verified = _STRENGTH[sender.verified] >= _STRENGTH[needed]
    looks = (
        ("decides", regime.decides == "rules", f"{regime.id} is settled by people, not by tables."),
        ("verified", verified, f"The sender is verified by {sender.verified}, {needed} is needed."),
        ("signature", sender.signature != "invalid", "The signature does not verify."),
        ("issuer-area", regime.issuer_area == "any" or sender.member, f"{sender.country} is not a Member State."),
        (
            "issuer-kind",
            not regime.issuers or sender.kind in regime.issuers,
            f"{sender.kind} is not an authority under this regime.",
        ),
        ("market", sender.market, f"{sender.country} is not a state where the service is offered."),
    )
    findings = [
        RequestFinding(
            rule=rule,
            edition=regime.edition,
            article=regime.source,
            kept=kept,
            effect="none" if kept else "escalate",
            explanation="As it should be." if kept else f"{sentence} {_PERSON}",
        )
        for rule, kept, sentence in looks
    ]
    findings += [
        of_row(row, kept=False, effect="escalate", text=f"{row.sentence} {_PERSON}") for row in edition.exclusions
    ]
    missing = "call-back" if needed == "called-back" else "verified"
    return () if verified else (missing,), tuple(findings)


def _is_market(context: Context, regime: Regime, *, member: bool) -> bool:
    markets = context.facts.markets
    if regime.law == "none" or not markets:
        return True
    return context.request.issuer.country in markets or (member and "EU" in markets)
