"""Everything that stays the same for all targets of a request, worked out once. Pure."""

import re
from datetime import date
from functools import lru_cache

from msgspec import Struct

from evenhand.orders.asked import Asked, read_asks
from evenhand.orders.clock import in_utc
from evenhand.rulebook.policy import Rule
from evenhand.rulebook.tables import Edition, LawBook, Regime, Row
from evenhand.vocabulary.request import Effect, IssuerKind, Request, RequestFacts, RequestFinding

_COMMUNITY = r"EU|EC|EEC|Euratom|UE|CE|CEE|EG|EWG|WE|EWG|JHA|CFSP|JI|PESC|GASP"
_UNION_ACT = re.compile(
    rf"\((?:{_COMMUNITY})(?:, Euratom)?\)\s*(?:No\.?|Nr\.?|n[°ºo.]*)?\s*\d{{1,4}}/\d{{1,4}}"
    rf"|\b\d{{1,4}}/\d{{1,4}}/(?:{_COMMUNITY})\b"
    r"|\bRegulation\s+(?:No\.?\s*)?\d{1,4}/\d{1,4}\b",
    re.IGNORECASE | re.ASCII,
)
_YEARS = re.compile(r"\bmaximum[ \t]+([0-9]{1,3})[ \t]+years?(?![\w-])", re.IGNORECASE)
# Findings repeat: the same row says the same of most requests. Those made last are kept ready.
FINDINGS_READY = 16384
_EVERYWHERE = frozenset({"WORLD", "WORLDWIDE", "GLOBAL", "*"})


class Situation(Struct, frozen=True, kw_only=True):
    """All that a target's outcome may depend on beside the ask and what we know of the target.

    It holds no name, no state and no text of the sender's but what "maximum N years" says.

    Attributes:
        edition: Rows in force; its regime may be missing.
        day: What findings cite where no regime holds.
        union: Union law governs the effect.
        territory: Where an effect applies: never more than the law reaches, never more than the order asks.
        maxima: Every N of the offence's "maximum N years".
    """

    edition: Edition
    day: str
    union: bool
    territory: tuple[str, ...]
    issuer_kind: IssuerKind
    validated_by: IssuerKind | None
    maxima: tuple[int, ...]

    def own(self, rule: str, *, kept: bool, effect: Effect, text: str) -> RequestFinding:
        """Return a finding of the assessor's own rules (`named.OWN_RULES`)."""
        regime = self.edition.regime
        if regime is None:
            return _own(rule, self.day, "", kept, effect, text)
        return _own(rule, regime.edition, regime.source, kept, effect, text)


class Context(Struct, frozen=True, kw_only=True):
    """A request, what we know, and the rows in force for it.

    Attributes:
        day: The day whose law is applied (UTC).
        edition: Rows in force; its regime may be missing.
        union: Union law governs the effect.
        asked: What the asks come to.
    """

    request: Request
    facts: RequestFacts
    book: LawBook
    day: date
    edition: Edition
    union: bool
    situation: Situation
    asked: Asked

    @classmethod
    def of(cls, request: Request, facts: RequestFacts, book: LawBook, day: date) -> "Context":
        """Return it for the law of `day`."""
        edition = book.edition(request.instrument, request.issuer.country, day)
        regime = edition.regime
        union = regime is not None and (
            regime.law == "union"
            or (regime.issuer_area == "EU" and names_union_act(request.legal_basis or "", book.union_acts))
        )
        situation = Situation(
            edition=edition,
            day=day.isoformat(),
            union=union,
            territory=_reach(request, regime, book, union=union),
            issuer_kind=request.issuer.kind,
            validated_by=request.validated_by,
            maxima=stated_maxima(request.offence or ""),
        )
        return cls(
            request=request,
            facts=facts,
            book=book,
            day=day,
            edition=edition,
            union=union,
            situation=situation,
            asked=read_asks(request.asks, edition.refused),
        )

    def own(self, rule: str, *, kept: bool, effect: Effect, text: str) -> RequestFinding:
        """Return a finding of the assessor's own rules (`named.OWN_RULES`)."""
        return self.situation.own(rule, kept=kept, effect=effect, text=text)


def _reach(request: Request, regime: Regime | None, book: LawBook, *, union: bool) -> tuple[str, ...]:
    if regime is None or regime.law == "none":
        return ()
    if union:
        return _in_the_union(request.territory, book.members)
    country = request.issuer.country
    return _in_the_state(request.territory, country, member=country in book.members)


def reach_of(request: Request, facts: RequestFacts, book: LawBook) -> tuple[str, ...]:
    """Return where a measure for this request may apply at most, when a person settles it.

    A private party's demand has no reach by itself: the law that it names has, where the claimant is.
    """
    context = Context.of(request, facts, book, in_utc(request.received_at).date())
    if context.situation.territory or request.instrument != "private-demand":
        return context.situation.territory
    country = request.issuer.country
    member = country in book.members
    if member and names_union_act(request.legal_basis or "", book.union_acts):
        return _in_the_union(request.territory, book.members)
    return _in_the_state(request.territory, country, member=member)


@lru_cache(maxsize=1024)
def _in_the_union(territory: tuple[str, ...], members: tuple[str, ...]) -> tuple[str, ...]:
    asked = _places(territory)
    if not asked or "EU" in asked or not _EVERYWHERE.isdisjoint(asked):
        return ("EU",)
    return tuple(state for state in asked if state in members)


@lru_cache(maxsize=4096)
def _in_the_state(territory: tuple[str, ...], country: str, *, member: bool) -> tuple[str, ...]:
    asked = _places(territory)
    covered = not asked or country in asked or (member and "EU" in asked) or not _EVERYWHERE.isdisjoint(asked)
    return (country,) if covered else ()


def _places(territory: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(where.strip().upper() for where in territory))


@lru_cache(maxsize=FINDINGS_READY)
def _own(rule: str, edition: str, article: str, kept: bool, effect: Effect, text: str) -> RequestFinding:
    return RequestFinding(rule=rule, edition=edition, article=article, kept=kept, effect=effect, explanation=text)


@lru_cache(maxsize=FINDINGS_READY)
def of_row(row: Row | Rule, *, kept: bool, effect: Effect, text: str) -> RequestFinding:
    """Return a finding that cites a row of the tables; a recalled one says so."""
    recalled = " (recalled)" if isinstance(row, Row) and row.recalled else ""
    return RequestFinding(
        rule=row.id, edition=row.edition, article=row.source, kept=kept, effect=effect, explanation=text + recalled
    )


@lru_cache(maxsize=4096)
def names_union_act(legal_basis: str, names: tuple[str, ...]) -> bool:
    """Tell whether a legal basis names an act of the Union, by its number or by one of `names`."""
    text = legal_basis.casefold()
    return bool(_UNION_ACT.search(legal_basis)) or any(name.casefold() in text for name in names)


@lru_cache(maxsize=4096)
def stated_maxima(offence: str) -> tuple[int, ...]:
    """Return every N of "maximum N years", in order."""
    return tuple(int(years) for years in _YEARS.findall(offence))


def is_blank(text: str | None) -> bool:
    """Tell whether a text says nothing: no letter and no digit in it."""
    return not text or not (text[0].isalnum() or any(character.isalnum() for character in text))
