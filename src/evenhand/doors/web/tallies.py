"""Sums over published figures, as pages show them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from evenhand.vocabulary.figures import CHILD_ABUSE, TAKEN_DOWN, TERRORISM, DayFigures, FigureKey, number_of


class Tally(NamedTuple):
    """What the counters show.

    `removed` counts items removed or banned; the next two are among them, counted as the bulletins count.
    """

    removed: int = 0
    child_abuse: int = 0
    terrorist: int = 0
    posts: int = 0
    decisions: int = 0
    replayed: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """A row of a table: a code, its number, and its part of the largest row in per cent."""

    code: str
    number: int
    percent: float


def tally(days: Iterable[DayFigures]) -> Tally:
    """Return the counters over some days."""
    removed = child_abuse = terrorist = posts = decisions = replayed = 0
    for day in days:
        posts += day.posts
        child_abuse += number_of(day, CHILD_ABUSE)
        terrorist += number_of(day, TERRORISM)
        for key, number in day.decisions.items():
            decisions += number
            replayed += number if key.replayed else 0
            if key.action in TAKEN_DOWN:
                removed += number
    return Tally(removed, child_abuse, terrorist, posts, decisions, replayed)


def by_attribute(decisions: Mapping[FigureKey, int], attribute: str) -> list[Share]:
    """Return how many decisions have which value of a public attribute, most first."""
    counts: Counter[str] = Counter()
    for key, number in decisions.items():
        counts[str(getattr(key, attribute))] += number
    return shares(counts)


def shares(counts: Mapping[str, int]) -> list[Share]:
    """Return counts as rows, most first, ties by code."""
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    most = max((number for _, number in rows), default=0) or 1
    return [Share(code, number, round(100 * number / most, 1)) for code, number in rows]
