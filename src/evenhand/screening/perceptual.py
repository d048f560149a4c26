"""PDQ hashes within a distance of listed ones: exact, by chunks.

256 bits are 16 chunks of 16. Two hashes that differ in at most 31 bits differ in at most one bit in some chunk: so only
those are compared that share a chunk, or differ in one bit of it. Nothing within the distance is missed.
"""

from copy import copy
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.screening.compiled import Arrays
from evenhand.screening.distinct import distinct
from evenhand.screening.native.kernel import Pictures, kernel

Words = NDArray[np.uint64]
Index = NDArray[np.int64]

DISTANCE_MAX, TURNINGS = 31, 8
_CHUNKS = 16
_NEAR = np.concatenate((np.zeros(1, np.uint16), (1 << np.arange(16)).astype(np.uint16)))
"""What a chunk is XORed with: itself and each with one bit changed."""
_CANDIDATES_AT_ONCE = 1 << 21


def compiled_pdq(hashes: NDArray[np.uint8]) -> Arrays:
    """Return hashes (32 bytes a row) with, for each chunk, their order by it and the half that it is not in."""
    words = np.ascontiguousarray(hashes).view("<u8").reshape(-1, 4).astype(np.uint64)
    chunks = np.ascontiguousarray(hashes).view("<u2").reshape(-1, _CHUNKS)
    arrays: dict[str, NDArray[Any]] = {"words": words}
    for i in range(_CHUNKS):
        order = np.argsort(chunks[:, i], kind="stable").astype(np.uint32)
        counts = np.bincount(chunks[:, i], minlength=1 << 16)
        arrays[f"order{i:02}"] = order
        arrays[f"first{i:02}"] = np.concatenate(([0], np.cumsum(counts))).astype(np.uint32)
        # Independent of the chunk, so that it rules out nearly all at once.
        arrays[f"half{i:02}"] = np.ascontiguousarray(words[:, _other_half(i)]).take(order, axis=0)
    return arrays


class PdqIndex:
    """Listed PDQ hashes.

    Args (of the constructor):
        hashes: As `compiled_pdq` returns them, or uint8, 32 bytes a row.
        owners: Number of the list of each.
        distances: Bits that may differ, of each, at most 31.
    """

    def __init__(self, hashes: Arrays | NDArray[np.uint8], owners: Index, distances: Index) -> None:
        made = compiled_pdq(hashes) if isinstance(hashes, np.ndarray) else hashes
        self._words: Words = made["words"]
        self._owners, self._distances = owners, distances
        self._orders, self._firsts, self._halves = (
            [made[f"{name}{i:02}"] for i in range(_CHUNKS)] for name in ("order", "first", "half")
        )
        self._pictures = Pictures(
            words=self._words,
            distances=np.ascontiguousarray(distances, np.int64),
            firsts=self._firsts,
            orders=self._orders,
            halves=self._halves,
        )

    def __len__(self) -> int:
        """Return the number of listed hashes."""
        return len(self._owners)

    def find(self, asked: NDArray[np.uint8]) -> tuple[Index, Index]:
        """Return which hashes (32 bytes a row) are near a listed one, and to which list it belongs: a pair a finding.

        A hash near several of one list is found once for that list.
        """
        if not len(self) or not len(asked):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        words = np.ascontiguousarray(asked).view("<u8").reshape(-1, 4).astype(np.uint64)
        places, entries = self._near(asked, words)
        owners, width = self._owners[entries], int(self._owners.max()) + 1
        once = distinct((places * width + owners)[owners >= 0])
        return once // max(width, 1), once % max(width, 1)

    def without(self, gone: NDArray[np.bool_], numbers: Index) -> "PdqIndex":
        """Return the index without some hashes, its lists by other numbers (-1: gone)."""
        index = copy(self)
        index._owners = np.where(gone, -1, numbers[self._owners])
        return index

    def _near(self, asked: NDArray[np.uint8], words: Words) -> tuple[Index, Index]:
        """Return the pairs (asked, listed) that are near, each once or more often."""
        if (native := kernel()) is not None:
            return native.pictures(self._pictures, words)
        chunks = np.ascontiguousarray(asked).view("<u2").reshape(-1, _CHUNKS)
        found = [self._near_in(i, words, chunks[:, i]) for i in range(_CHUNKS)]
        return np.concatenate([pair[0] for pair in found]), np.concatenate([pair[1] for pair in found])

    def _near_in(self, chunk: int, words: Words, values: NDArray[np.uint16]) -> tuple[Index, Index]:
        """Return the pairs (asked, listed) that are near and share the chunk but for a bit."""
        wanted = (values[:, None] ^ _NEAR).ravel().astype(np.int64)
        first, count = (part.astype(np.int64) for part in self._ranges(chunk, wanted))
        cuts = np.searchsorted(np.cumsum(count), np.arange(0, int(count.sum()), _CANDIDATES_AT_ONCE), side="right")
        bounds: list[int] = [*np.unique(cuts).tolist(), len(wanted)]
        parts = [
            self._compared(chunk, words, np.arange(a, b), first[a:b], count[a:b]) for a, b in pairwise(bounds)
        ] or [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def _ranges(self, chunk: int, wanted: Index) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        firsts = self._firsts[chunk]
        return firsts[wanted], firsts[wanted + 1] - firsts[wanted]

    def _compared(self, chunk: int, words: Words, slots: Index, first: Index, count: Index) -> tuple[Index, Index]:
        total = int(count.sum())
        places = np.repeat(slots // len(_NEAR), count)
        entries = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(total)
        asked = np.ascontiguousarray(words[:, _other_half(chunk)])
        half = self._halves[chunk].take(entries, axis=0) ^ asked.take(places, axis=0)
        bits = np.bitwise_count(half)
        likely = np.flatnonzero(bits[:, 0] + bits[:, 1] <= DISTANCE_MAX)
        places, listed = places[likely], self._orders[chunk][entries[likely]].astype(np.int64)
        distance = np.bitwise_count(self._words[listed] ^ words[places]).sum(axis=1, dtype=np.int64)
        near = distance <= self._distances[listed]
        return places[near], listed[near]


def turned_hashes(hashes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return for each hash eight: itself and what the picture's would be, turned and mirrored, as far as it tells.

    To turn a picture changes signs of its frequencies and transposes them; a bit is the sign, but for the median that
    is taken off first and for windows of even width, which lean to one side. So these are some bits beside the truth.

    Args:
        hashes: 32 bytes a row.

    Returns:
        uint8, 32 bytes a row, the eight of a hash one after the other.
    """
    bits = np.unpackbits(np.ascontiguousarray(hashes), axis=1)[:, ::-1].reshape(-1, 16, 16).astype(np.bool_)
    even = np.arange(16) % 2 == 0
    columns, rows = bits ^ even[None, None, :], bits ^ even[None, :, None]
    both = columns ^ even[None, :, None]
    eight = [bits, rows, columns, both]
    eight += [each.transpose(0, 2, 1) for each in eight]
    flat = np.stack(eight, axis=1).reshape(-1, 256)[:, ::-1]
    packed: NDArray[np.uint8] = np.packbits(flat, axis=1)
    return packed


def _other_half(chunk: int) -> slice:
    return slice(2, 4) if chunk < _CHUNKS // 2 else slice(0, 2)
