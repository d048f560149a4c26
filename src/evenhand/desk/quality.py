"""How right the desk is: agreement and error rates with intervals. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A rate with its 95 % interval (Wilson).

    Attributes:
        kind: "known" (cases whose answer is known) or "double" (decided twice, blindly).
        policy: Category code without its prefix.
        right: How many agreed.
        asked: Of how many.
        low, high: Between 0 and 1.
    """

    kind: str
    policy: str
    right: int
    asked: int
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversals:
    """How often decisions were undone on appeal, in whole or in part, with the 95 % interval (Wilson).

    Attributes:
        by: "rule", "list" or "by" (a moderator).
        name: Which one.
        made: Decisions of people in all.
        appeals: Appeals that were decided.
        undone: Of these, how many reversed or partly reversed the decision.
        low, high: Of the share of appeals, between 0 and 1.
    """

    by: str
    name: str
    made: int
    appeals: int
    undone: int
    low: float
    high: float


def wilson(right: int, asked: int, z: float = Z_95) -> tuple[float, float]:
    """Return the Wilson interval of a share; all of [0, 1] where nothing was asked.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209 to 212.
    """
    if asked == 0:
        return 0.0, 1.0
    share, square = right / asked, z * z
    middle = (share + square / (2 * asked)) / (1 + square / asked)
    half = z * sqrt(share * (1 - share) / asked + square / (4 * asked * asked)) / (1 + square / asked)
    low = 0.0 if right == 0 else max(0.0, middle - half)
    high = 1.0 if right == asked else min(1.0, middle + half)
    return low, high


def rate(kind: str, policy: str, right: int, asked: int) -> Rate:
    """Return a rate with its interval."""
    low, high = wilson(right, asked)
    return Rate(kind=kind, policy=policy, right=right, asked=asked, low=low, high=high)


def reversals(by: str, name: str, counts: Mapping[str, int]) -> Reversals:
    """Return a reversal rate from kept counts: "made", "upheld", "partly", "reversed"."""
    undone = counts.get("partly", 0) + counts.get("reversed", 0)
    appeals = undone + counts.get("upheld", 0)
    low, high = wilson(undone, appeals)
    return Reversals(by=by, name=name, made=counts.get("made", 0), appeals=appeals, undone=undone, low=low, high=high)
