"""Near copies of listed texts: they survive small edits, other digits, inserted emoji and other spacing.

What is compared are a text's letters alone, normalised. A post is a near copy of a listed text when it has at least
half of its different runs of five letters, and a tenth of its runs of twelve. Runs of twelve are rare: they find the
few pairs that are worth counting.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.characters import tables
from evenhand.screening.compiled import Arrays
from evenhand.screening.distinct import counted, distinct
from evenhand.screening.native.kernel import Listed, kernel
from evenhand.screening.normalise import Codes, Joined, normalise

Index = NDArray[np.int64]
Prints = NDArray[np.uint32]

LETTERS, ANCHOR_LETTERS = 5, 12
SHARE, ANCHOR_SHARE = 0.5, 0.1
"""Of a listed text's runs of five and of twelve letters, a near copy has at least this share."""
LETTERS_MIN = 20
"""Shorter texts say too little; a list that holds one is refused."""

_SEEN_BITS, _SLOT_BITS = 24, 20
_PAIRS_AT_ONCE = 1 << 21
_LETTERS_AT_ONCE = 1 << 16
"""So many stay in the processor's cache while they are looked at."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A list's texts.

    Attributes:
        owner: Number of the list.
        entries: As they were written.
    """

    owner: int
    entries: pl.Series


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters alone of many texts, one text after the other, and where in them each starts and ends."""

    codes: Codes
    starts: Index
    ends: Index

    def runs(self, length: int, chosen: Index) -> tuple[Index, Index]:
        """Return (text, place) of every run of so many letters in the chosen texts."""
        counts = np.maximum(self.ends[chosen] - self.starts[chosen] - length + 1, 0)
        places = np.repeat(self.starts[chosen] - (np.cumsum(counts) - counts), counts)
        return np.repeat(chosen, counts), places + np.arange(len(places))

    def only(self, chosen: Index) -> "Letters":
        """Return the letters of the chosen texts."""
        _, places = self.runs(1, chosen)
        ends = np.cumsum(self.ends[chosen] - self.starts[chosen])
        return Letters(self.codes[places], ends - (self.ends[chosen] - self.starts[chosen]), ends)


def letters_of(texts: Joined) -> Letters:
    """Return the letters alone of all texts."""
    places = np.flatnonzero(tables().is_text.take(texts.codes.astype(np.intp)))
    starts, ends = (np.searchsorted(places, edges).astype(np.int64) for edges in (texts.starts, texts.ends))
    return Letters(texts.codes.take(places), starts, ends)


def text_keys(texts: Joined, characters_min: int) -> NDArray[np.uint64]:
    """Return a key of each text's characters in their order, 0 for texts with fewer than so many."""
    if (native := kernel()) is not None:
        return native.text_keys(texts.codes, texts.starts, texts.ends, None, characters_min)
    return _keys(Letters(texts.codes, texts.starts, texts.ends), characters_min)


def letter_keys(texts: Joined, letters_min: int) -> NDArray[np.uint64]:
    """Return a key of each text's letters in their order, 0 for texts with fewer than so many."""
    if (native := kernel()) is not None:
        return native.text_keys(texts.codes, texts.starts, texts.ends, tables().is_text, letters_min)
    return _keys(letters_of(texts), letters_min)


def _keys(letters: Letters, letters_min: int) -> NDArray[np.uint64]:
    sizes = letters.ends - letters.starts
    keys = np.zeros(len(sizes), np.uint64)
    long = np.flatnonzero(sizes >= max(letters_min, 1))
    chosen = letters.only(long)
    if len(long):
        place = (np.arange(len(chosen.codes)) - np.repeat(chosen.starts, sizes[long])).astype(np.uint64)
        mixed = (chosen.codes + place * np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xD6E8FEB86659FD93)
        mixed ^= mixed >> np.uint64(32)
        mixed *= np.uint64(0xD6E8FEB86659FD93)
        keys[long] = np.add.reduceat(mixed ^ (mixed >> np.uint64(29)), chosen.starts) | np.uint64(1)
    return keys


def letter_counts(entries: pl.Series) -> Index:
    """Return how many letters each text has after normalisation."""
    letters = letters_of(normalise(entries).skeleton)
    return letters.ends - letters.starts


def run_hashes(codes: Codes) -> tuple[Prints, Prints]:
    """Return hashes of the 5 and of the 12 letters from each place on; where they reach into the next text, too."""
    one = codes * np.uint32(0x9E3779B1)
    two = _pair(one, one, 1)
    five = _pair(_pair(two, two, 2), one, 4)
    ten = _pair(five, five, LETTERS)
    return five, _pair(ten, two, 2 * LETTERS)


def _pair(left: Prints, right: Prints, step: int) -> Prints:
    """Return one hash for each place's left and what stands `step` to its right."""
    size = max(len(right) - step, 0)
    mixed = left[:size] >> np.uint32(15)
    mixed ^= left[:size]
    mixed *= np.uint32(0x85EBCA6B)
    mixed += right[step:]
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    return mixed


_KEPT = ("owners", "prints", "sizes", "starts", "needed", "anchors_needed", "anchors", "anchor_text")


def compiled_texts(lists: Sequence[Texts]) -> Arrays:
    """Return the runs of letters of all lists' texts."""
    entries = pl.concat([pl.Series("text", dtype=pl.String), *(part.entries.rename("text") for part in lists)])
    letters = letters_of(normalise(entries).skeleton)
    everything = np.arange(len(entries))
    five, long = run_hashes(letters.codes)
    keys = distinct_runs(*letters.runs(LETTERS, everything), five)
    sizes = np.bincount((keys >> np.uint64(32)).astype(np.int64), minlength=len(entries)).astype(np.int64)
    anchors = distinct_runs(*letters.runs(ANCHOR_LETTERS, everything), long)
    runs = np.bincount((anchors >> np.uint64(32)).astype(np.int64), minlength=len(entries))
    order = np.argsort(anchors.astype(np.uint32), kind="stable")
    return {
        "owners": np.repeat(np.array([p.owner for p in lists], np.int64), [len(p.entries) for p in lists]),
        "prints": keys.astype(np.uint32),
        "sizes": sizes,
        "starts": np.cumsum(sizes) - sizes,
        "needed": np.ceil(sizes * SHARE).astype(np.int64),
        "anchors_needed": np.ceil(runs * ANCHOR_SHARE).astype(np.int64),
        "anchors": anchors.astype(np.uint32)[order],
        "anchor_text": (anchors[order] >> np.uint64(32)).astype(np.int64),
    }


class NearCopies:
    """Runs of letters of all lists' texts."""

    def __init__(self, lists: Sequence[Texts], arrays: Arrays | None = None) -> None:
        made = compiled_texts(lists) if arrays is None else arrays
        self._owners, self._prints, self._sizes, self._starts = (made[name] for name in _KEPT[:4])
        self._needed, self._anchors_needed, self._anchors, self._anchor_text = (made[name] for name in _KEPT[4:])
        slots = np.arange((1 << _SLOT_BITS) + 1)
        self._first = np.searchsorted(self._anchors >> np.uint32(32 - _SLOT_BITS), slots).astype(np.int64)
        seen = np.zeros(1 << _SEEN_BITS, np.bool_)
        seen[self._anchors >> np.uint32(32 - _SEEN_BITS)] = True
        self._seen = np.packbits(seen, bitorder="little")
        self._runs = Listed(
            seen=self._seen,
            seen_bits=_SEEN_BITS,
            first=self._first,
            slot_bits=_SLOT_BITS,
            runs=self._anchors,
            text=self._anchor_text,
            needed=self._anchors_needed,
        )

    def find(self, texts: Joined) -> tuple[Index, Index]:
        """Return (post, list) for each listed text that a post is a near copy of."""
        posts, places = self.pairs(texts)
        return posts, self._owners[places]

    def pairs(self, texts: Joined) -> tuple[Index, Index]:
        """Return (post, place of the listed text) for each that a post is a near copy of."""
        nothing = np.zeros(0, np.int64)
        if not len(self._anchors):
            return nothing, nothing
        pairs = self._likely(texts)
        if not len(pairs):
            return nothing, nothing
        post, text = pairs // len(self._owners), pairs % len(self._owners)
        posts, place = np.unique(post, return_inverse=True)
        likely = letters_of(texts.only(posts))
        own = distinct_runs(*likely.runs(LETTERS, np.arange(len(posts))), run_hashes(likely.codes)[0])
        near = (self._shared(own, place, text) >= self._needed[text]) & (self._owners[text] >= 0)
        return post[near], text[near]

    def without(self, gone: NDArray[np.bool_], numbers: Index) -> "NearCopies":
        """Return them without some texts, their lists by other numbers (-1: gone)."""
        fewer = copy(self)
        fewer._owners = np.where(gone, -1, numbers[self._owners])
        return fewer

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self._owners)

    def _likely(self, texts: Joined) -> Index:
        """Return post * texts + text for the pairs that have enough runs of twelve letters in common."""
        if (native := kernel()) is not None:
            posts, found = native.find_likely(texts.codes, texts.starts, texts.ends, tables().is_text, self._runs)
            pairs: Index = np.sort(posts * len(self._owners) + found)
            return pairs
        letters = letters_of(texts)
        places, anchors = self._maybe(letters.codes)
        # Empty texts share their place with the next one, which is the last of them.
        rows = np.searchsorted(letters.starts, places, side="right") - 1
        whole = places + ANCHOR_LETTERS <= letters.ends[rows]
        return self._candidates(*self._entries(rows[whole], anchors[whole]))

    def _maybe(self, codes: Codes) -> tuple[Index, Prints]:
        """Return the places, and the runs of twelve letters from there on, that a listed text may have."""
        places, anchors = [np.zeros(0, np.int64)], [np.zeros(0, np.uint32)]
        for begin in range(0, len(codes), _LETTERS_AT_ONCE):
            _, long = run_hashes(codes[begin : begin + _LETTERS_AT_ONCE + ANCHOR_LETTERS - 1])
            number = long >> np.uint32(32 - _SEEN_BITS)
            bits = self._seen.take((number >> np.uint32(3)).astype(np.intp))
            bits >>= (number & np.uint32(7)).astype(np.uint8)
            here = np.flatnonzero(bits & np.uint8(1))
            places.append(here + begin)
            anchors.append(long[here])
        return np.concatenate(places), np.concatenate(anchors)

    def _entries(self, rows: Index, anchors: Prints) -> tuple[Index, Index]:
        slots = (anchors >> np.uint32(32 - _SLOT_BITS)).astype(np.int64)
        first, count = self._first[slots], self._first[slots + 1] - self._first[slots]
        entries = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(int(count.sum()))
        place = np.repeat(np.arange(len(rows)), count)
        same = self._anchors[entries] == anchors[place]
        return rows[place[same]], entries[same]

    def _candidates(self, rows: Index, entries: Index) -> Index:
        """Return post * texts + text for the pairs that have enough runs of twelve letters in common."""
        # A run that a post has twice counts once.
        once = distinct(rows * len(self._anchors) + entries)
        post, entry = once // len(self._anchors), once % len(self._anchors)
        pairs, shared = counted(post * len(self._owners) + self._anchor_text[entry])
        likely: Index = pairs[shared >= self._anchors_needed[pairs % len(self._owners)]]
        return likely

    def _shared(self, own: NDArray[np.uint64], post: Index, text: Index) -> Index:
        """Return how many of its text's runs of five letters the post of each candidate has."""
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


def distinct_runs(rows: Index, places: Index, prints: Prints) -> NDArray[np.uint64]:
    """Return text and hash in one number, each once, in order."""
    return distinct((rows.astype(np.uint64) << np.uint64(32)) | prints[places])
