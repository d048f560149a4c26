"""Near-identical notices: a fingerprint of what they say. Pure; it clusters what is shown, never what is decided.

Eight minima over the hashes of three-word runs: two texts share each with the probability of their likeness (Jaccard).
Four bands of two minima each find a text that may be the same; five equal minima of eight settle it.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import chain
from operator import eq
from struct import Struct
from typing import NewType
from zlib import crc32

import numpy as np

Fingerprint = NewType("Fingerprint", bytes)
"""32 bytes: eight minima of four bytes each."""

MINIMA = 8
BANDS = 4
SAME_FROM = 5
"""How many of the eight minima must be equal."""
WORDS_MIN = 6
"""Shorter texts say the same thing by chance ("this is spam"): no fingerprint."""
WORDS_MAX = 2000
_RUN = 3
_WORD = re.compile(r"\w+")
_ASCII_WORD = re.compile(rb"\w+")
_MINIMUM_BYTES = 4
_BYTES = MINIMA * _MINIMUM_BYTES
_MINIMA = Struct(f">{MINIMA}I").unpack
_BAND_BYTES = MINIMA // BANDS * _MINIMUM_BYTES
# Odd multipliers and offsets of eight independent hashes modulo 2^32; any fixed odd numbers do.
_TIMES = np.array([2_654_435_761 + 2 * 40_503 * n * n + 2 * n for n in range(MINIMA)], dtype=np.uint32)[:, None]
_PLUS = np.array([1_013_904_223 * (n + 1) % 2**32 for n in range(MINIMA)], dtype=np.uint32)[:, None]


def fingerprint(text: str) -> Fingerprint | None:
    """Return a text's fingerprint; None for a text too short to have one."""
    return fingerprints([text])[0]


def fingerprints(texts: Sequence[str]) -> list[Fingerprint | None]:
    """Return each text's fingerprint, all of them in one pass over the words of all."""
    words = [_words(text) for text in texts]
    long = [found for found in words if len(found) >= WORDS_MIN]
    if not long:
        return [None] * len(texts)
    one = np.array(list(map(crc32, chain.from_iterable(long))), dtype=np.uint32)
    ends = np.cumsum([len(found) for found in long])
    starts = ends - [len(found) for found in long]
    # The last two words of a text begin no run: those made with the next text's words fall out below.
    runs = one[:-2] * np.uint32(31) ^ one[1:-1] * np.uint32(131) ^ one[2:] * np.uint32(8191)
    mixed = runs * _TIMES + _PLUS
    mixed ^= mixed >> np.uint32(15)
    # reduceat takes from one index to the next: every second stretch is between two texts.
    edges = np.stack([starts, ends - _RUN + 1], axis=1).ravel()[:-1]
    minima = np.minimum.reduceat(mixed, edges, axis=1)[:, ::2].T.astype(">u4")
    marks = iter(minima)
    return [Fingerprint(next(marks).tobytes()) if len(found) >= WORDS_MIN else None for found in words]


def _words(text: str) -> list[bytes]:
    if text.isascii():  # where compatibility forms and case folding come to the same as small letters
        return _ASCII_WORD.findall(text.lower().encode())[:WORDS_MAX]
    found = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())[:WORDS_MAX]
    return [word.encode("utf-8", "surrogatepass") for word in found]


def bands(mark: Fingerprint) -> tuple[bytes, ...]:
    """Return the keys by which a text that may be the same is found: band number, then its minima."""
    return tuple([bytes((n,)) + mark[n * _BAND_BYTES : (n + 1) * _BAND_BYTES] for n in range(BANDS)])


def same(one: bytes, other: bytes) -> bool:
    """Tell whether two fingerprints are of near-identical texts."""
    if len(one) != _BYTES or len(other) != _BYTES:
        return False
    return one == other or sum(map(eq, _MINIMA(one), _MINIMA(other))) >= SAME_FROM
