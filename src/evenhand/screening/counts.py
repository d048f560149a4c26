"""How often: posts by author, channel and text over a sliding day, the same however the stream is cut in batches.

What a post's counts say: how many items, itself included, stood at or before it in the stream within the last 24
hours, by the stream's clock. The stream's clock is the latest `posted_at` so far, in whole hours: an item counts
while the clock's hour is less than 24 after the hour at which it came. Late items count at the hour the clock shows.

State is bounded: when more than `posts_max` items are held, the oldest hours are forgotten early.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from evenhand.screening.native.kernel import NativeTally, NativeVariety, kernel

Keys = NDArray[np.uint64]
Counts = NDArray[np.int64]

WINDOW_HOURS = 24
POSTS_MAX = 1_000_000
_HOUR_US = 3_600_000_000


class _Tally:
    """How many items each key has in the window."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._hours: deque[tuple[int, list[int], list[int]]] = deque()

    def __len__(self) -> int:
        """Return how many keys have items."""
        return len(self._counts)

    def add(self, hour: int, keys: Keys) -> Counts:
        """Count the keys (0: none) in their order; return what each stood at after itself, 0 for none."""
        found, inverse, times = np.unique(keys, return_inverse=True, return_counts=True)
        names, sizes = found.tolist(), times.tolist()
        before = np.array([self._counts.get(name, 0) for name in names], np.int64)
        totals = (before + times).tolist()
        self._counts.update(zip(names, totals, strict=True))
        self._hours.append((hour, names, sizes))
        if not len(keys):
            return np.zeros(0, np.int64)
        return np.where(keys == 0, 0, before[inverse] + _rank(inverse) + 1)

    def forget(self, hour: int) -> None:
        """Forget what came at `hour` or before."""
        while self._hours and self._hours[0][0] <= hour:
            _, names, sizes = self._hours.popleft()
            for name, size in zip(names, sizes, strict=True):
                left = self._counts[name] - size
                if left:
                    self._counts[name] = left
                else:
                    del self._counts[name]


class _Variety:
    """How many different partners each key has in the window, e.g. authors of a text."""

    def __init__(self) -> None:
        self._last: dict[int, int] = {}
        self._counts: dict[int, int] = {}
        self._hours: deque[tuple[int, list[int], list[int]]] = deque()

    def __len__(self) -> int:
        """Return how many pairs are held."""
        return len(self._last)

    def add(self, hour: int, keys: Keys, pairs: Keys) -> Counts:
        """Note each pair in its order; return the key's number of different partners after it, 0 for no key.

        Args:
            hour: By the stream's clock.
            keys: 0: none.
            pairs: A key of key and partner together, 0 where one is missing.
        """
        found, first = np.unique(pairs, return_index=True)
        names = found.tolist()
        fresh_pair = np.array([name not in self._last and name != 0 for name in names], np.bool_)
        owners = keys[first].tolist()
        self._last.update((name, hour) for name in names if name)
        self._hours.append((hour, names, owners))
        fresh = np.zeros(len(keys), np.int64)
        fresh[first[fresh_pair]] = 1
        own, groups = np.unique(keys, return_inverse=True)
        before = np.array([self._counts.get(key, 0) for key in own.tolist()], np.int64)
        added = np.bincount(groups, weights=fresh, minlength=len(own)).astype(np.int64)
        grown = added > 0
        self._counts.update(zip(own[grown].tolist(), (before + added)[grown].tolist(), strict=True))
        return np.where(keys == 0, 0, before[groups] + _running(groups, fresh))

    def forget(self, hour: int) -> None:
        """Forget pairs that last came at `hour` or before."""
        while self._hours and self._hours[0][0] <= hour:
            then, names, owners = self._hours.popleft()
            for name, owner in zip(names, owners, strict=True):
                if self._last.get(name) == then:
                    del self._last[name]
                    # Two pairs of one key, which somebody may look for, can leave an owner without a count.
                    left = self._counts.pop(owner, 1) - 1
                    if left:
                        self._counts[owner] = left


def _tally() -> _Tally | NativeTally:
    return _Tally() if (native := kernel()) is None else native.tally()


def _variety() -> _Variety | NativeVariety:
    return _Variety() if (native := kernel()) is None else native.variety()


@dataclass(slots=True)
class Window:
    """What a stream has shown so far; belongs to one stream and one thread.

    Attributes:
        posts_max: Items held at most.
    """

    posts_max: int = POSTS_MAX
    _clock: int = -(1 << 40)
    _sizes: deque[tuple[int, int]] = field(default_factory=deque)
    _tallies: tuple[_Tally | NativeTally, ...] = field(default_factory=lambda: (_tally(), _tally(), _tally()))
    _alike: _Tally | NativeTally = field(default_factory=_tally)
    _domains: _Tally | NativeTally = field(default_factory=_tally)
    _varieties: tuple[_Variety | NativeVariety, ...] = field(default_factory=lambda: (_variety(), _variety()))

    def add(
        self,
        posted_us: Counts,
        authors: Keys,
        channels: Keys,
        texts: Keys,
        alike: Keys | None = None,
        domains: tuple[Counts, Keys] | None = None,
    ) -> Counts:
        """Take in a batch, in its order.

        Args:
            posted_us: Microseconds since 1970.
            authors: A 64-bit key for each post, 0 where there is none; so the channels and texts.
            channels: As authors.
            texts: As authors.
            alike: As authors, of the texts' letters alone.
            domains: The post (its place in the batch, in order) and the key of each domain that it links to.

        Returns:
            A row a post: author posts, channel posts, posts, authors and channels of the same text; then, where they
            are given, posts with the same letters, and posts of the domain linked most.
        """
        more = (alike is not None) + (domains is not None)
        if not len(posted_us):
            return np.zeros((0, 5 + more), np.int64)
        hours = np.maximum(np.maximum.accumulate(posted_us // _HOUR_US), self._clock)
        cuts = [0, *(np.flatnonzero(np.diff(hours)) + 1).tolist(), len(hours)]
        parts = []
        for a, b in pairwise(cuts):
            for c in range(a, b, self.posts_max):
                d = min(b, c + self.posts_max)
                part = [self._add(int(hours[a]), authors[c:d], channels[c:d], texts[c:d])]
                if alike is not None:
                    part.append(self._alike.add(int(hours[a]), alike[c:d])[:, None])
                if domains is not None:
                    first, last = np.searchsorted(domains[0], (c, d))
                    linked = self._domains.add(int(hours[a]), domains[1][first:last])
                    most = np.zeros(d - c, np.int64)
                    np.maximum.at(most, domains[0][first:last] - c, linked)
                    part.append(most[:, None])
                parts.append(np.concatenate(part, axis=1))
        return np.concatenate(parts)

    def _add(self, hour: int, authors: Keys, channels: Keys, texts: Keys) -> Counts:
        self._clock = hour
        self._forget(hour - WINDOW_HOURS)
        while self._sizes and sum(size for _, size in self._sizes) + len(authors) > self.posts_max:
            self._forget(self._sizes[0][0])
        if self._sizes and self._sizes[-1][0] == hour:
            self._sizes[-1] = (hour, self._sizes[-1][1] + len(authors))
        else:
            self._sizes.append((hour, len(authors)))
        tallied = [tally.add(hour, keys) for tally, keys in zip(self._tallies, (authors, channels, texts), strict=True)]
        pairs = [_paired(texts, partners) for partners in (authors, channels)]
        varied = [each.add(hour, texts, keys) for each, keys in zip(self._varieties, pairs, strict=True)]
        return np.column_stack(tallied + varied)

    def _forget(self, hour: int) -> None:
        for each in (*self._tallies, self._alike, self._domains, *self._varieties):
            each.forget(hour)
        while self._sizes and self._sizes[0][0] <= hour:
            self._sizes.popleft()


def _rank(groups: Counts) -> Counts:
    """Return each element's place among those of its group, from 0."""
    return _running(groups, np.ones(len(groups), np.int64)) - 1


def _running(groups: Counts, values: Counts) -> Counts:
    """Return the running sum of the values within each group, in the order of the elements."""
    order = np.argsort(groups, kind="stable")
    ordered, sums = groups[order], np.cumsum(values[order])
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    offset = np.repeat(sums[starts] - values[order][starts], np.diff(np.append(starts, len(groups))))
    out = np.empty(len(groups), np.int64)
    out[order] = sums - offset
    return out


def _paired(keys: Keys, partners: Keys) -> Keys:
    """Return one key for each pair, 0 where one of the two is missing."""
    mixed = (keys ^ (partners * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xD6E8FEB86659FD93)
    return np.where((keys == 0) | (partners == 0), np.uint64(0), mixed ^ (mixed >> np.uint64(32)))
