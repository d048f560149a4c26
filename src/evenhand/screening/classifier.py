"""A spam classifier: logistic regression over hashed character n-grams and the shape of the text.

scikit-learn trains it; NumPy serves it over the joined buffer. What a text's features are: the different n-grams of
2 to 4 characters of its normalised form (digits taken as one), hashed into 2^18 buckets, each worth 1/√(number of
different ones); and in which bins its length, capitals, digits, emoji and links fall.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from evenhand.screening.native.kernel import kernel
from evenhand.screening.normalise import Joined
from evenhand.vocabulary.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BITS = 18
SIZES = (2, 3, 4)
FORM = 1
"""Number of this form of features; a model made for another is refused."""

MODEL_BYTES_MAX = 8 << 20
_BUCKETS = np.uint32((1 << BITS) - 1)
_ROWS_AT_ONCE = 1 << (32 - BITS)
_CHARACTERS_AT_ONCE = 1 << 16
_ROWS_SORTED_AT_ONCE = 16

BINS: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("text_length", (10, 20, 40, 60, 80, 100, 120, 140, 160, 200, 300, 500, 1000)),
    ("uppercase_share", (0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8)),
    ("digit_share", (0.001, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)),
    ("emoji_count", (1, 2, 4, 8)),
    ("link_count", (1, 2)),
)
"""Signals whose bin is a feature, and where a new bin begins."""

SHAPE_SCALE = 0.2
"""What a bin weighs beside the n-grams, whose squares sum up to 1: chosen by cross-validation."""

SHAPES = sum(len(edges) + 1 for _, edges in BINS)


@dataclass(frozen=True, slots=True)
class Model:
    """A trained classifier.

    Attributes:
        weights: One a bucket, float32 (rounded to what float16 holds).
        shapes: One a bin, in the order of BINS, likewise.
        bias: Added to every text's sum.
        slope: Of the logistic curve, from cross-validation.
        midpoint: Sum at which the score is 0.5: where precision reached its aim in cross-validation.
    """

    weights: NDArray[np.float32]
    shapes: NDArray[np.float32]
    bias: float
    slope: float
    midpoint: float

    @property
    def version(self) -> str:
        """16 hex digits over everything that decides a score."""
        digest = blake2b(self._header().encode(), digest_size=8)
        digest.update(self.weights.astype("<f2").tobytes())
        digest.update(self.shapes.astype("<f2").tobytes())
        return digest.hexdigest()

    def score(self, texts: Joined, shape: Ints) -> Floats:
        """Return each text's score, from 0 to 1.

        Args:
            texts: Normalised texts (skeletons).
            shape: As `shape_bins` returns it.
        """
        total, number = ngram_sums(texts, self.weights)
        sums = total / np.sqrt(number)
        sums += SHAPE_SCALE * self.shapes[shape].sum(axis=1, dtype=np.float64) + self.bias
        return 1 / (1 + np.exp(-np.clip(self.slope * (sums - self.midpoint), -500, 500)))

    def save(self, path: Path) -> None:
        """Write the model as .npz without pickles: a JSON header, and weights in float16 (under 1 MB)."""
        header = np.frombuffer(self._header().encode(), np.uint8)
        places = np.flatnonzero(self.weights).astype(np.uint32)
        kept = self.weights[places].astype(np.float16)
        with path.open("wb") as file:
            np.savez_compressed(file, header=header, places=places, weights=kept, shapes=self.shapes.astype(np.float16))

    def _header(self) -> str:
        values = {"form": FORM, "bias": self.bias, "slope": self.slope, "midpoint": self.midpoint}
        return json.dumps(values, sort_keys=True)


def load_model(path: Path) -> Model:
    """Read a model that `Model.save` wrote.

    Raises:
        InputError: No such file, not a model, or one for another form of features.
    """
    try:
        if path.stat().st_size > MODEL_BYTES_MAX:
            raise InputError(str(path), "is too large for a model")
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            header = json.loads(bytes(stored["header"]))
            if header["form"] != FORM:
                raise InputError(str(path), f"is a model of form {header['form']}; this version reads {FORM}")
            weights = np.zeros(1 << BITS, np.float32)
            weights[stored["places"]] = stored["weights"]
            shapes = stored["shapes"].astype(np.float32)
            if shapes.shape != (SHAPES,):
                raise InputError(str(path), "is not a whole model")
            return Model(weights, shapes, float(header["bias"]), float(header["slope"]), float(header["midpoint"]))
    except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError, BadZipFile) as error:
        raise InputError(str(path), f"is not a model: {error}") from error


def ngram_sums(texts: Joined, weights: NDArray[np.float32]) -> tuple[Floats, Ints]:
    """Return the sum of the weights of each text's different n-grams, and how many these are.

    Sums of float16's values are exact in float64, in whatever order they are summed up.
    """
    if (native := kernel()) is not None:
        return native.ngram_sums(texts.codes, texts.starts, texts.ends, weights)
    sums, numbers = np.empty(len(texts.starts)), np.empty(len(texts.starts), np.int64)
    for first, last in _chunks(texts):
        keys, starts = _sorted_keys(texts, first, last)
        again = np.flatnonzero(keys[1:] == keys[:-1]) + 1
        worth = weights.take((keys & _BUCKETS).astype(np.intp))
        worth[again] = 0
        sums[first:last] = np.add.reduceat(worth, starts[:-1], dtype=np.float64)
        numbers[first:last] = np.diff(starts) - np.diff(np.searchsorted(again, starts))
    return sums, numbers


def shape_bins(values: dict[str, NDArray[np.float64] | Ints]) -> Ints:
    """Return for each text the numbers of the bins that its signals fall in, a column a signal of BINS."""
    columns, before = [], 0
    for name, edges in BINS:
        columns.append(np.digitize(values[name], edges) + before)
        before += len(edges) + 1
    return np.column_stack(columns)


def distinct_ngrams(texts: Joined) -> Iterator[tuple[int, int, Ints, NDArray[np.uint32]]]:
    """Yield (first, last, rows, buckets) for some texts at a time: each text's different buckets, once each.

    `rows` counts from `first`. An n-gram may begin or end with the text's edge, never go beyond it.
    """
    for first, last in _chunks(texts):
        keys, _ = _sorted_keys(texts, first, last)
        once = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
        yield first, last, (once >> np.uint32(BITS)).astype(np.int64), once & _BUCKETS


def _chunks(texts: Joined) -> Iterator[tuple[int, int]]:
    """Yield ranges of texts that are short enough to stay in the processor's cache, and few enough for a key."""
    first = 0
    while first < len(texts.starts):
        last = int(np.searchsorted(texts.ends, texts.starts[first] + _CHARACTERS_AT_ONCE))
        last = min(max(last, first + 1), first + _ROWS_AT_ONCE)
        yield first, last
        first = last


def _sorted_keys(texts: Joined, first: int, last: int) -> tuple[NDArray[np.uint32], Ints]:
    """Return the n-grams of texts as row << BITS | bucket, sorted, and where each text's begin; the end behind them.

    Every place of a text, the edge before it included, gives as many keys as there are sizes: an n-gram that would go
    beyond the text is replaced by the shortest one from the same place.
    """
    lengths = texts.lengths[first:last] + 1
    begin, count = int(texts.starts[first]) - 1, int(lengths.sum())
    codes = np.zeros(count + max(SIZES), np.uint32)
    codes[: count + 1] = texts.codes[begin : begin + count + 1]
    np.putmask(codes, (codes - np.uint32(ord("0"))) < 10, ord("0"))
    keys = np.empty((count, len(SIZES)), np.uint32)
    row = np.repeat(np.arange(last - first, dtype=np.uint32) << np.uint32(BITS), lengths)
    for n, buckets in enumerate(_hashes(codes, count)):
        np.bitwise_or(buckets, row, out=keys[:, n])
    ends = np.cumsum(lengths)
    for short in range(1, max(SIZES) - 1):
        places = ends[lengths >= short] - short
        for n, size in enumerate(SIZES):
            if size > short + 1:
                keys[places, n] = keys[places, 0]
    flat, starts = keys.ravel(), np.concatenate(([0], ends)) * len(SIZES)
    for a, b in pairwise((*starts[:-1:_ROWS_SORTED_AT_ONCE].tolist(), len(flat))):
        flat[a:b].sort()
    return flat, starts


def _hashes(codes: NDArray[np.uint32], count: int) -> Iterator[NDArray[np.uint32]]:
    """Yield for each size the bucket of the n-gram that begins at each place (FNV-1a over code points, mixed)."""
    value = np.full(count, 2166136261, np.uint32)
    for size in range(1, max(SIZES) + 1):
        value ^= codes[size - 1 : size - 1 + count]
        value *= np.uint32(16777619)
        if size in SIZES:
            yield (value ^ (value >> np.uint32(15))) * np.uint32(0x2C1B3C6D) >> np.uint32(32 - BITS)
