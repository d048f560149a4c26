"""Whether a From header names one mailbox of a registered authority: accept, review or reject. Pure and total.

What is accepted has the address of a registered domain, no more: mail authentication and a call-back come after it,
and nothing here says that the officer wrote.

    1. one plain mailbox              else reject, with the flaw
    2. its domain is registered       accept, unless 4 or 5
    3. a sub-domain of a registered   review
       any other                      reject; told when it looks like a registered one
    4. the name beside it holds another address, cannot be decoded, or hides control characters     review
    5. the local part routes elsewhere ("user%host", "host!user")                                  review
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from evenhand.orders.identify_lookalike import LookAlikes, look_alikes
from evenhand.orders.identify_mailbox import DOMAIN_CHARACTERS_MAX, Flaw, Mailbox, parse_mailbox
from evenhand.orders.identify_words import Beside, look_beside

Result = Literal["accept", "review", "reject"]
Ground = (
    Flaw
    | Literal[
        "registered",
        "sub-domain",
        "unlisted",
        "look-alike",
        "name-holds-address",
        "name-unreadable",
        "name-deceives",
        "routed-local-part",
    ]
)

REASONS: Mapping[Ground, str] = {
    "registered": "One mailbox at the registered domain {domain}.",
    "sub-domain": "{domain} is a sub-domain of the registered {registered}, but not registered itself.",
    "unlisted": "{domain} is not a registered domain.",
    "look-alike": "{domain} is not a registered domain; it looks like {registered}.",
    "name-holds-address": "The name beside the address holds another address: {other}.",
    "name-unreadable": "The name beside the address has an encoded word that cannot be decoded.",
    "name-deceives": "The name beside the address hides control characters or marks that turn the writing direction.",
    "routed-local-part": "The part before the @ names another host, as old mail routes do.",
    "too-long": "The header is too long.",
    "empty": "The header names nobody.",
    "not-text": "The header has half of a surrogate pair: it is not text.",
    "line-break": "The header has a line break that is not a fold.",
    "control-characters": "The header has control characters.",
    "unbalanced": "A quote, comment, bracket or backslash is not closed or stands alone.",
    "no-address": "The header has no address.",
    "several-mailboxes": "The header names several mailboxes.",
    "group": "The header is a group or list, not a mailbox.",
    "source-route": "The address has a source route.",
    "address-in-name": "An address stands unquoted before the address.",
    "name-malformed": "The name has characters that must be quoted.",
    "text-after-address": "Something stands after the address.",
    "several-at-signs": "The address has several @ signs.",
    "quoted-local-part": "The part before the @ is quoted.",
    "address-literal": "The address has brackets, as for a number instead of a domain.",
    "encoded-address": "The address is hidden in an encoded word.",
    "space-in-address": "A space or comment stands inside the address.",
    "not-ascii": "The address has letters outside ASCII.",
    "local-part-malformed": "The part before the @ is not a plain one.",
    "domain-malformed": "The part after the @ is not a host name.",
}
"""Sentences for people, one a ground."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """What a From header says.

    Attributes:
        ground: The first of the grounds for the result.
        reason: It in a sentence.
        address: The one mailbox's address, "" if there is none.
        registered: Registered domain that the address has, lies under or looks like; "" for none.
    """

    result: Result
    ground: Ground
    reason: str
    address: str = ""
    registered: str = ""


@dataclass(frozen=True, slots=True)
class KnownDomains:
    """Registered domains, in ASCII and lower case, and what looks like them."""

    domains: frozenset[str]
    alike: LookAlikes


def known_domains(domains: Iterable[str]) -> KnownDomains:
    """Return the index over the exact domains of a registry, in ASCII and lower case."""
    exact = frozenset(domains)
    return KnownDomains(exact, look_alikes(sorted(exact)))


def identify(header: str, known: KnownDomains) -> Identification:
    """Say whether the raw value of a From header is one mailbox at a registered domain."""
    mailbox = parse_mailbox(header)
    if isinstance(mailbox, str):
        alike = _disguised(header, known) if mailbox == "not-ascii" else ""
        return Identification(result="reject", ground=mailbox, reason=REASONS[mailbox], registered=alike)
    parent = registered_parent(mailbox.domain, known.domains)
    if parent is None:
        return _foreign(mailbox, known)
    ground, other = _doubt(mailbox, parent)
    return Identification(
        result="accept" if ground == "registered" else "review",
        ground=ground,
        reason=REASONS[ground].format(domain=mailbox.domain, registered=parent, other=other),
        address=mailbox.address,
        registered=parent,
    )


def registered_parent(domain: str, domains: frozenset[str]) -> str | None:
    """Return the registered domain that this one is or lies under, the longest first; None if there is none."""
    labels = domain.split(".")
    parents = (".".join(labels[start:]) for start in range(len(labels)))
    return next((parent for parent in parents if parent in domains), None)


def _foreign(mailbox: Mailbox, known: KnownDomains) -> Identification:
    alike = known.alike.registered_like(mailbox.domain)
    ground: Ground = "look-alike" if alike else "unlisted"
    reason = REASONS[ground].format(domain=mailbox.domain, registered=alike)
    return Identification(
        result="reject", ground=ground, reason=reason, address=mailbox.address, registered=alike or ""
    )


def _disguised(header: str, known: KnownDomains) -> str:
    """Return the registered domain that one with foreign letters looks like; a hint for people."""
    domain = header.rpartition("@")[2].strip(" \t>").lower()
    return known.alike.registered_like(domain[:DOMAIN_CHARACTERS_MAX]) or ""


def _doubt(mailbox: Mailbox, parent: str) -> tuple[Ground, str]:
    """Return the first reason for a person to look, and the other address if that is it; "registered" for none."""
    beside: Beside = look_beside(mailbox.beside)
    other = next((found for found in beside.addresses if found != mailbox.address.lower()), "")
    doubts: tuple[tuple[Ground, bool], ...] = (
        ("name-holds-address", bool(other)),
        ("name-unreadable", beside.unreadable),
        ("name-deceives", beside.deceiving),
        ("routed-local-part", "%" in mailbox.local or "!" in mailbox.local),
        ("sub-domain", mailbox.domain != parent),
    )
    return next((ground for ground, met in doubts if met), "registered"), other
