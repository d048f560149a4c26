"""Moderators' decisions, looked over before a classifier learns from them: copies, contradictions, flipped labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.screening.intervals import Interval

Marks = NDArray[np.bool_]
Index = NDArray[np.int64]
Floats = NDArray[np.float64]

SURE = 0.9
"""A serving score of this or more, or of 1 less this, contradicts the other label."""
FLIPS_MIN = 3
"""Fewer contradictions of one account are no pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """An account whose samples contradict the serving model far more often than others do.

    Attributes:
        role: "by": who decided; "subject": whose posts they are.
        flips: Contradictions among its samples.
    """

    role: str
    account: str
    flips: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetted:
    """Which samples a classifier may learn from.

    Attributes:
        kept: A mark a sample.
        copies: Samples left out because a near-copy with the same label stays.
        contradictory: Samples left out because near-copies of them have the other label.
        suspects: Accounts whose samples are left out.
        suspicious: How many those are.
    """

    kept: Marks
    copies: int
    contradictory: int
    suspects: tuple[Suspect, ...]
    suspicious: int


def vet(spam: Marks, groups: Index, scores: Floats, by: Sequence[str], subjects: Sequence[str]) -> Vetted:
    """Return what may be learnt from.

    Args:
        spam: Labels.
        groups: Number of the group of near-copies that each belongs to.
        scores: What the serving model says of each.
        by: Who decided; "": not known.
        subjects: Whose posts they are; "": not known.
    """
    flips = np.where(spam, scores <= 1 - SURE, scores >= SURE)
    suspects: list[Suspect] = []
    suspicious = np.zeros(len(spam), np.bool_)
    for role, accounts in (("by", by), ("subject", subjects)):
        found, theirs = _suspects(role, np.array(accounts, np.str_), flips)
        suspects += found
        suspicious |= theirs
    rest = ~suspicious
    contradictory = rest & _mixed(spam, groups, rest)
    once = _first_of_each(groups, rest & ~contradictory)
    return Vetted(
        kept=once,
        copies=int((rest & ~contradictory & ~once).sum()),
        contradictory=int(contradictory.sum()),
        suspects=tuple(suspects),
        suspicious=int(suspicious.sum()),
    )


def _suspects(role: str, accounts: NDArray[np.str_], flips: Marks) -> tuple[list[Suspect], Marks]:
    """Return the accounts whose share of contradictions is surely above that of all the others, and their samples."""
    found, marks = [], np.zeros(len(flips), np.bool_)
    for account in np.unique(accounts[flips & (accounts != "")]) if len(flips) else ():
        mine = accounts == account
        share = Interval(part=int(flips[mine].sum()), whole=int(mine.sum()))
        others = Interval(part=int(flips[~mine].sum()), whole=int((~mine).sum()))
        usual = others.bounds[1] if others.whole else 0.0
        if share.part >= FLIPS_MIN and share.bounds[0] > max(usual, 0.05):
            found.append(Suspect(role=role, account=str(account), flips=share))
            marks |= mine
    return found, marks


def _mixed(spam: Marks, groups: Index, considered: Marks) -> Marks:
    size = int(groups.max(initial=-1)) + 1
    all_of = np.bincount(groups[considered], minlength=size)
    spam_of = np.bincount(groups[considered & spam], minlength=size)
    mixed: Marks = ((spam_of > 0) & (spam_of < all_of))[groups]
    return mixed


def _first_of_each(groups: Index, considered: Marks) -> Marks:
    places = np.flatnonzero(considered)
    first = np.zeros(len(groups), np.bool_)
    first[places[np.unique(groups[places], return_index=True)[1]]] = True
    return first
