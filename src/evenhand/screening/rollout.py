"""How a rule is released: who wrote and who approved it, from when on for how much of the traffic, until when. Pure.

A rule without a release is on for everything, as the shipped ones are. One with a release acts only on what its file
names: not before a second person approved exactly this version, not after it expires, and only on its slice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_PARTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """From an instant (aware UTC) on, a rule acts on this share of posts, in per cent."""

    since: datetime
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release of a rule.

    Attributes:
        version: Number, counted up by its author.
        author: Who wrote it.
        approver: Who else looked at it; "" before that: the rule only counts.
        shadow: It only counts, whoever approved it.
        slices: In order of time and growing; none: everything at once.
        expires: First UTC day on which it no longer acts; None: it stays.
        quota_per_hour: Posts that it may act on in an hour; what is over goes to people. None: no limit.
    """

    version: int
    author: str
    approver: str
    shadow: bool
    slices: tuple[Slice, ...]
    expires: date | None
    quota_per_hour: int | None

    @property
    def counts_only(self) -> bool:
        """Whether it runs in shadow: nothing follows from it."""
        return self.shadow or not self.approver


@dataclass(frozen=True, slots=True, kw_only=True)
class Runaway:
    """A rule that reached its quota: what is over goes to people, and one must be called.

    Attributes:
        hour: The hour of the posts, aware UTC.
        quota: Posts that the rule may act on in an hour.
    """

    rule: str
    version: str
    hour: datetime
    quota: int


def percent_at(release: Release, instants_us: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share in per cent on which a release acts at each instant (microseconds since 1970, UTC)."""
    if not release.slices:
        share = np.full(len(instants_us), 100.0)
    else:
        starts = np.array([int(each.since.timestamp()) * 1_000_000 for each in release.slices], np.int64)
        shares = np.array([0.0, *(each.percent for each in release.slices)])
        share = shares[np.searchsorted(starts, instants_us, side="right")]
    if release.expires is not None:
        over = (release.expires - date(1970, 1, 1)).days * 86_400_000_000
        share = np.where(instants_us >= over, 0.0, share)
    return share


def place_of(rule: str, ids: Iterable[str]) -> NDArray[np.float64]:
    """Return where each post stands between 0 and 100 for a rule: below its share, the rule acts on it.

    It depends on the post's id and the rule's name alone: a share that grows keeps the posts that it had.
    """
    salt = rule.encode() + b"\0"
    digests = (blake2b(salt + name.encode("utf-8", "surrogatepass"), digest_size=8).digest() for name in ids)
    numbers = np.array([int.from_bytes(digest, "big") % _PARTS for digest in digests], np.int64)
    return np.asarray(numbers * (100 / _PARTS), np.float64)
