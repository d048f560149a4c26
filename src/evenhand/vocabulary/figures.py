"""Figures: what the public log says of a day. Made by `reports` from entries, shown by the doors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.eu import Keyword
from evenhand.vocabulary.post import ItemKind


class FigureKey(NamedTuple):
    """The public attributes by which decisions are counted; codes as in the log entries, "" where absent."""

    item: str
    action: str
    ground: str
    category: str
    keyword: str
    source: str
    automated_detection: str
    automation: str
    rule: str
    language: str
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """One UTC day.

    Attributes:
        decisions: Number of decision entries by their public attributes.
        posts: Items screened that day.
        by_kind: Of these, by kind.
        by_language: By language, ISO 639-1 or "und".
        by_verdict: By verdict.
    """

    day: date
    decisions: Mapping[FigureKey, int] = field(default_factory=dict)
    posts: int = 0
    by_kind: Mapping[str, int] = field(default_factory=dict)
    by_language: Mapping[str, int] = field(default_factory=dict)
    by_verdict: Mapping[str, int] = field(default_factory=dict)


TAKEN_DOWN = frozenset({Action.REMOVE.value, Action.BAN.value})
"""Actions that take an item away from everyone."""


class Counted(NamedTuple):
    """What a bulletin counts: items of some kinds that were taken down under a keyword."""

    keyword: str
    items: frozenset[str]


TERRORISM = Counted(Keyword.TERRORIST_CONTENT.value, frozenset({ItemKind.CHANNEL.value, ItemKind.ACCOUNT.value}))
"""Terrorist bots and channels; bots are accounts."""
CHILD_ABUSE = Counted(Keyword.CHILD_SEXUAL_ABUSE_MATERIAL.value, frozenset({ItemKind.CHANNEL.value}))
"""Groups and channels related to child abuse; groups are channels."""


def number_of(day: DayFigures, what: Counted) -> int:
    """Return how many items a bulletin counts for a day."""
    return sum(
        number
        for key, number in day.decisions.items()
        if key.keyword == what.keyword and key.item in what.items and key.action in TAKEN_DOWN
    )
