"""Fingerprints that are kept instead of texts: a few keyed hashes of runs of twelve letters of each text.

Of a text's runs about sixteen are kept, those whose hashes are smallest: two texts that share runs keep the same ones.
Each is SipHash-2-4 under a key of the archive, cut to 32 bits: without the key nobody can compute one from a text; with
it somebody can try whether a text that they know was posted, as a list does, but cannot read one.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from evenhand.screening.characters import tables
from evenhand.screening.native.kernel import kernel
from evenhand.screening.near_copies import (
    ANCHOR_LETTERS,
    LETTERS_MIN,
    Letters,
    distinct_runs,
    letters_of,
    run_hashes,
)
from evenhand.screening.normalise import Joined, normalise

Index = NDArray[np.int64]
Words = NDArray[np.uint64]
Prints = NDArray[np.uint32]

RUNS_WANTED, RUNS_MAX = 16, 32
"""Runs that are kept of a text: about so many, and at most so many."""
SHARE = 0.15
"""A fingerprint is taken for a near copy where at least this share of the listed text's runs seems to be in it."""
SHARED_MIN = 2
"""And at least so many of the kept runs are the listed text's, or all of them."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Of some texts.

    Attributes:
        runs: Kept hashes of each, keyed; an empty list for texts with too few letters.
        sizes: How many runs each text had.
    """

    runs: pl.Series
    sizes: pl.Series


def fingerprints(texts: Joined, key: bytes) -> Fingerprints:
    """Return what is kept of normalised texts.

    Args:
        texts: Skeletons.
        key: 16 bytes.
    """
    words = np.frombuffer(key, "<u8", 2).astype(np.uint64)
    if (native := kernel()) is not None:
        given = (texts.codes, texts.starts, texts.ends)
        kept, counts, sizes = native.kept_runs(given, tables().is_text, LETTERS_MIN, RUNS_WANTED, RUNS_MAX, words)
    else:
        kept, counts, sizes = _plain(letters_of(texts), words)
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    lists = pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(kept))
    return Fingerprints(pl.Series("runs", lists, dtype=pl.List(pl.UInt32)), pl.Series("sizes", sizes.astype(np.uint32)))


def _plain(letters: Letters, key: Words) -> tuple[Prints, Index, Index]:
    lengths = letters.ends - letters.starts
    sizes = np.where(lengths >= LETTERS_MIN, lengths - ANCHOR_LETTERS + 1, 0)
    last = np.minimum((RUNS_WANTED << 32) // np.maximum(sizes, 1), 0xFFFFFFFF)
    hashes = run_hashes(letters.codes)[1]
    rows, places = letters.runs(ANCHOR_LETTERS, np.flatnonzero(sizes))
    chosen = hashes[places] <= last[rows]
    once = distinct_runs(rows[chosen], places[chosen], hashes)
    row = (once >> np.uint64(32)).astype(np.int64)
    begins = np.searchsorted(row, np.arange(len(sizes)))
    few = np.arange(len(row)) - begins[row] < RUNS_MAX
    kept = keyed(once[few].astype(np.uint32), key)
    return kept, np.bincount(row[few], minlength=len(sizes)).astype(np.int64), sizes


@dataclass(frozen=True, slots=True)
class ListedRuns:
    """Listed texts as fingerprints are compared with them.

    Attributes:
        runs: Columns run (keyed) and text (number of the listed text), each pair once.
        sizes: How many different runs each listed text has.
    """

    runs: pl.DataFrame
    sizes: Index


def listed_runs(entries: pl.Series, key: bytes) -> ListedRuns:
    """Return all runs of listed texts, keyed."""
    letters = letters_of(normalise(entries).skeleton)
    rows, places = letters.runs(ANCHOR_LETTERS, np.arange(len(entries)))
    once = distinct_runs(rows, places, run_hashes(letters.codes)[1])
    text = (once >> np.uint64(32)).astype(np.int64)
    words = np.frombuffer(key, "<u8", 2).astype(np.uint64)
    runs = pl.DataFrame({"run": keyed(once.astype(np.uint32), words), "text": text}).unique()
    return ListedRuns(runs, np.bincount(text, minlength=len(entries)).astype(np.int64))


def likely_copies(kept: Fingerprints, listed: ListedRuns) -> pl.DataFrame:
    """Return row and text of the fingerprints that look like near copies of a listed text."""
    items = pl.DataFrame({"row": pl.int_range(len(kept.runs), eager=True), "run": kept.runs})
    items = items.filter(pl.col("run").list.len() > 0)
    numbers = items.select("row", pl.col("run").list.len().alias("kept"), size=kept.sizes.gather(items["row"]))
    shared = items.explode("run").join(listed.runs, on="run").group_by("row", "text").len("shared")
    sizes = pl.DataFrame({"text": np.arange(len(listed.sizes)), "whole": listed.sizes})
    pairs = shared.join(numbers, on="row").join(sizes, on="text")
    there = pl.col("shared") / pl.col("kept") * pl.col("size")
    enough = pl.col("shared") >= pl.min_horizontal(SHARED_MIN, "kept")
    return pairs.filter(enough & (there >= SHARE * pl.col("whole"))).select("row", "text").sort("row", "text")


def keyed(numbers: Prints, key: Words) -> Prints:
    """Return SipHash-2-4 of each number as eight bytes, cut to 32 bits."""
    number, length = numbers.astype(np.uint64), np.uint64(8 << 56)
    state = [
        np.full(len(numbers), key[n % 2] ^ np.uint64(start))
        for n, start in enumerate((0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573))
    ]
    for block in (number, length):
        state[3] ^= block
        _rounds(state, 2)
        state[0] ^= block
    state[2] ^= np.uint64(0xFF)
    _rounds(state, 4)
    cut: Prints = (state[0] ^ state[1] ^ state[2] ^ state[3]).astype(np.uint32)
    return cut


def _rounds(state: list[Words], count: int) -> None:
    for _ in range(count):
        for one, other, bits in ((0, 1, 13), (2, 3, 16)):
            state[one] += state[other]
            state[other] = _rotated(state[other], bits) ^ state[one]
        state[0] = _rotated(state[0], 32)
        for one, other, bits in ((2, 1, 17), (0, 3, 21)):
            state[one] += state[other]
            state[other] = _rotated(state[other], bits) ^ state[one]
        state[2] = _rotated(state[2], 32)


def _rotated(words: Words, bits: int) -> Words:
    turned: Words = (words << np.uint64(bits)) | (words >> np.uint64(64 - bits))
    return turned
