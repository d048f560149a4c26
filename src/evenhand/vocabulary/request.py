"""A request of an authority or anyone else who asks for something in law's name, and what we know about it.

These are the words of `evenhand assess`; their JSON Schema is docs/reference/assess.schema.json.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Instrument = Literal[
    "dsa-9",
    "dsa-10",
    "tco-removal",
    "epoc",
    "epoc-emergency",
    "epoc-pr",
    "national-order",
    "court-order",
    "emergency-disclosure",
    "preservation",
    "regulator-question",
    "mlat",
    "legal-action",
    "private-demand",
    "referral",
]
IssuerKind = Literal[
    "court", "judge", "investigating-judge", "prosecutor", "police", "administrative", "regulator", "private", "other"
]
AskKind = Literal["remove", "geo-restrict", "disclose", "preserve", "keys", "backdoor", "monitor", "bulk", "inform"]
DataCategory = Literal["subscriber", "identification", "traffic", "content"]
Signature = Literal["valid", "invalid", "none"]
Verification = Literal["none", "address", "registry", "called-back"]
TargetKind = Literal["post", "channel", "account", "service"]
Flag = Literal["press", "assembly", "opposition", "violence"]
Effect = Literal["none", "refuse", "principle", "clarify", "escalate", "geo-restrict", "withhold", "redirect"]
RequestOutcome = Literal["comply", "partly", "geo-restrict", "clarify", "refuse", "redirect", "escalate"]

Country = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2, or EU for an institution.")]

DATA_CATEGORIES: tuple[DataCategory, ...] = ("subscriber", "identification", "traffic", "content")


class Issuer(Struct, frozen=True, forbid_unknown_fields=True):
    """Who says that they ask."""

    name: str
    country: Country
    kind: IssuerKind
    address: str | None = None


class Ask(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is asked for, of one or more targets."""

    id: str
    kind: AskKind
    data: tuple[DataCategory, ...] = ()
    targets: tuple[str, ...] = ()


class Request(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was asked, as the sender says it; `received_at` is ours."""

    instrument: Instrument
    issuer: Issuer
    received_at: datetime
    asks: tuple[Ask, ...]
    legal_basis: str | None = None
    offence: str | None = None
    validated_by: IssuerKind | None = None
    territory: tuple[str, ...] = ()
    emergency: str | None = None
    reasons: str | None = None
    redress: str | None = None
    signature: Signature = "none"
    language: str | None = None
    confidential_until: datetime | None = None


class TargetFacts(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What we know of a target. `flags` null: nobody has looked yet."""

    held: bool | tuple[DataCategory, ...]
    on_service: bool
    kind: TargetKind
    flags: tuple[Flag, ...] | None


class RequestFacts(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What we know, never the sender's word."""

    verified: Verification
    targets: dict[str, TargetFacts]
    establishment: Country
    languages: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()


class RequestFinding(Struct, frozen=True, kw_only=True, gc=False):
    """One rule looked at: kept or not, and what follows from it."""

    rule: str
    edition: str
    article: str
    kept: bool
    effect: Effect
    explanation: str


class TargetRuling(Struct, frozen=True, kw_only=True):
    """The outcome for one target of one ask."""

    ask: str
    target: str
    outcome: RequestOutcome
    findings: tuple[RequestFinding, ...]


class Disclosure(Struct, frozen=True, kw_only=True):
    """Categories of data that would leave, and that would not."""

    allowed: tuple[DataCategory, ...]
    withheld: tuple[DataCategory, ...]


class UserNotice(Struct, frozen=True, kw_only=True):
    """When the person concerned is told, and why then."""

    when: Literal["at-effect", "delayed", "by-issuing-authority", "never"]
    why: str


class Ruling(Struct, frozen=True, kw_only=True):
    """The whole answer of the assessor."""

    outcome: RequestOutcome
    targets: tuple[TargetRuling, ...]
    deadline: datetime | None
    latest: datetime | None
    clock: dict[str, str]
    findings: tuple[RequestFinding, ...]
    missing: tuple[str, ...]
    approvals: tuple[str, ...]
    disclose: Disclosure
    notify_user: UserNotice
    territory: tuple[str, ...]
    regime_version: str
