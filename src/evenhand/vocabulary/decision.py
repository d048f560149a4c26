"""A decision, and a case that waits for one. Never updated: a reversal is a new decision that names the old one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evenhand.vocabulary.eu import Automation, Category, Ground, Keyword, Source
from evenhand.vocabulary.post import ItemKind


class Action(StrEnum):
    """What a decision does to an item, in our own word; `statements` maps it to the EU's codes."""

    REMOVE = "remove"
    BAN = "ban"  # a channel with its posts, or an account
    DISABLE = "disable"
    DEMOTE = "demote"
    LABEL = "label"
    AGE_RESTRICT = "age-restrict"
    INTERACTION_RESTRICT = "interaction-restrict"
    GEO_RESTRICT = "geo-restrict"  # in the decision's territory, nowhere else
    HOLD = "hold"  # kept from sight until a person has looked
    SUSPEND_MONETISATION = "suspend-monetisation"
    TERMINATE_MONETISATION = "terminate-monetisation"
    SUSPEND_SERVICE = "suspend-service"
    TERMINATE_SERVICE = "terminate-service"
    SUSPEND_ACCOUNT = "suspend-account"
    TERMINATE_ACCOUNT = "terminate-account"
    RESTORE = "restore"
    NONE = "none"  # looked at, fine


BY_PERSON = "person"
"""The rule of what a person decided: its texts are that person's words, about this item alone."""

RESTRICTIVE = frozenset(Action) - {Action.RESTORE, Action.NONE}
"""Actions that take something from the person concerned (Regulation (EU) 2022/2065, Art. 17(1))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The law or term that a decision applies.

    Attributes:
        reference: Where it is written: article, or clause of the terms.
    """

    ground: Ground
    category: Category
    keyword: Keyword | None
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision about one item.

    Attributes:
        item_id: The platform's id; private.
        subject: The person concerned (author or account id, else channel id), for the key that encrypts
            the private part; None where nothing in it is about a person (replayed figures).
        content_sha256: 32 bytes over the item's content as it was judged.
        decided_at: Aware UTC.
        language: ISO 639-1, upper case, or None.
        territory: ISO 3166-1 alpha-2 codes; empty: everywhere.
        rule: Name of the rule, or "person".
        edition: Edition of rules and lists that judged, 16 hex digits.
        because: The sentence for the moderator; private.
        facts: The sentence for the statement of reasons; private.
        replayed: Made from published figures, not from content.
        reverses: Number of the decision that this one reverses.
        salt: 16 random bytes that open the public entry's commitment; private.
    """

    item: ItemKind
    item_id: str
    subject: str | None
    content_sha256: bytes
    decided_at: datetime
    action: Action
    policy: Policy
    source: Source
    automated_detection: bool
    automation: Automation
    language: str | None
    territory: tuple[str, ...]
    rule: str
    edition: str
    because: str
    facts: str
    salt: bytes
    replayed: bool = False
    reverses: int | None = None
