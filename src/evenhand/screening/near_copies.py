"""Near copies of listed texts: they survive small edits, other digits, inserted emoji and other spacing.

A text's fingerprints are the different hashes of 5 letters in a row, of its normalised letters alone. A post is a near
copy of a listed text when it has at least half of the text's fingerprints. Exact: of a listed text only its rarest
fingerprints are indexed, as many as make it certain that a near copy shares a tenth of all with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.characters import tables
from evenhand.screening.normalise import Codes, Joined, normalise

Index = NDArray[np.int64]
Prints = NDArray[np.uint32]

LETTERS = 5
SHARE = 0.5
"""Of a listed text's fingerprints, a near copy has at least this share."""
LETTERS_MIN = 20
"""Shorter texts say too little; a list that holds one is refused."""

_FIRST_SHARE = 0.1
_BITS = 20
_PAIRS_AT_ONCE = 1 << 21


@dataclass(frozen=True, slots=True)
class Texts:
    """A list's texts.

    Attributes:
        owner: Number of the list.
        entries: As they were written.
    """

    owner: int
    entries: pl.Series


def letters_of(texts: Joined) -> tuple[Codes, Index, Index]:
    """Return the letters alone of all texts, and where in them each text starts and ends."""
    kept = tables().is_text[texts.codes]
    before: Index = np.cumsum(kept, dtype=np.int64)
    return texts.codes[kept], before[texts.starts - 1], before[texts.ends - 1]


def fingerprints(texts: Joined) -> tuple[Index, Prints]:
    """Return text and hash of every five letters in a row, in order, repetitions included."""
    codes, starts, ends = letters_of(texts)
    counts = np.maximum(ends - starts - LETTERS + 1, 0)
    rows = np.repeat(np.arange(len(counts)), counts)
    if not len(rows):
        return rows, np.zeros(0, np.uint32)
    value = np.full(len(codes) - LETTERS + 1, 2166136261, np.uint32)
    for i in range(LETTERS):
        value = (value ^ codes[i : len(value) + i]) * np.uint32(16777619)
    value = (value ^ (value >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    value ^= value >> np.uint32(13)
    # The last places of each text, which reach into the next, are left out.
    places = np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(len(rows))
    return rows, value[places]


def letter_counts(entries: pl.Series) -> Index:
    """Return how many letters each text has after normalisation."""
    _, starts, ends = letters_of(normalise(entries).skeleton)
    return ends - starts


class NearCopies:
    """Fingerprints of all lists' texts."""

    def __init__(self, lists: Sequence[Texts]) -> None:
        entries = pl.concat([pl.Series("text", dtype=pl.String), *(part.entries.rename("text") for part in lists)])
        sizes = [len(part.entries) for part in lists]
        self._owners = np.repeat(np.array([part.owner for part in lists], np.int64), sizes)
        rows, prints = fingerprints(normalise(entries).skeleton)
        keys = np.unique((rows.astype(np.uint64) << np.uint64(32)) | prints)
        self._text = (keys >> np.uint64(32)).astype(np.int64)
        self._prints = keys.astype(np.uint32)
        self._sizes = np.bincount(self._text, minlength=len(entries)).astype(np.int64)
        self._starts = np.cumsum(self._sizes) - self._sizes
        self._needed = np.ceil(self._sizes * SHARE).astype(np.int64)
        self._asked = np.minimum(np.ceil(self._sizes * _FIRST_SHARE).astype(np.int64), self._needed)
        self._index()

    def _index(self) -> None:
        """Index each text's rarest fingerprints by their first bits."""
        _, inverse, times = np.unique(self._prints, return_inverse=True, return_counts=True)
        order = np.lexsort((times[inverse], self._text))
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order)) - np.repeat(self._starts, self._sizes)
        chosen = rank < (self._sizes - self._needed + self._asked)[self._text]
        prints, text = self._prints[chosen], self._text[chosen]
        by_print = np.argsort(prints, kind="stable")
        self._indexed, self._indexed_text = prints[by_print], text[by_print].astype(np.int32)
        slots = self._indexed >> np.uint32(32 - _BITS)
        self._first = np.searchsorted(slots, np.arange((1 << _BITS) + 1)).astype(np.uint32)
        # A second set of bits rules out most of what shares the first.
        self._seen = np.zeros(1 << 24, np.bool_)
        self._seen[_low(self._indexed)] = True

    def find(self, texts: Joined) -> tuple[Index, Index]:
        """Return (post, list) for each listed text that a post is a near copy of."""
        nothing = np.zeros(0, np.int64)
        if not len(self._owners):
            return nothing, nothing
        rows, prints = fingerprints(texts)
        likely = np.flatnonzero(self._seen[_low(prints)])
        pairs = self._candidates(rows[likely], prints[likely])
        if not len(pairs):
            return nothing, nothing
        post, text = pairs // len(self._owners), pairs % len(self._owners)
        near = self._shared(rows, prints, post, text) >= self._needed[text]
        return post[near], self._owners[text[near]]

    def _candidates(self, rows: Index, prints: Prints) -> Index:
        """Return post * texts + text for the pairs that share enough of the indexed fingerprints."""
        slots = prints >> np.uint32(32 - _BITS)
        first = self._first[slots].astype(np.int64)
        count = self._first[slots + np.uint32(1)].astype(np.int64) - first
        entries = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(int(count.sum()))
        place = np.repeat(np.arange(len(rows)), count)
        same = self._indexed[entries] == prints[place]
        entries, place = entries[same], place[same]
        # A fingerprint that a post has twice counts once.
        keys = np.unique((rows[place].astype(np.uint64) << np.uint64(32)) | entries.astype(np.uint64))
        text = self._indexed_text[(keys & np.uint64(0xFFFFFFFF)).astype(np.int64)].astype(np.int64)
        pairs = (keys >> np.uint64(32)).astype(np.int64) * len(self._owners) + text
        pairs, shared = np.unique(pairs, return_counts=True)
        likely: Index = pairs[shared >= self._asked[pairs % len(self._owners)]]
        return likely

    def _shared(self, rows: Index, prints: Prints, post: Index, text: Index) -> Index:
        """Return how many of its fingerprints each candidate shares with its post."""
        wanted = np.unique(post)
        mine = np.isin(rows, wanted)
        own = np.unique((rows[mine].astype(np.uint64) << np.uint64(32)) | prints[mine])
        shared = np.zeros(len(post), np.int64)
        sizes = np.cumsum(self._sizes[text])
        cuts = np.searchsorted(sizes, np.arange(_PAIRS_AT_ONCE, int(sizes[-1]), _PAIRS_AT_ONCE))
        for part in np.split(np.arange(len(post)), np.unique(cuts)):
            size = self._sizes[text[part]]
            pair = np.repeat(part, size)
            entry = np.repeat(self._starts[text[part]] - (np.cumsum(size) - size), size) + np.arange(len(pair))
            keys = (post[pair].astype(np.uint64) << np.uint64(32)) | self._prints[entry]
            places = np.minimum(np.searchsorted(own, keys), len(own) - 1)
            shared += np.bincount(pair[own[places] == keys], minlength=len(post))
        return shared


def _low(prints: Prints) -> NDArray[np.uint32]:
    return prints & np.uint32(0xFFFFFF)
