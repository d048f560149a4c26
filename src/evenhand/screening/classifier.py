"""A spam classifier: logistic regression over hashed character n-grams and the shape of the text.

scikit-learn trains it; NumPy serves it over the joined buffer. What a text's features are: the different n-grams of
2 to 4 characters of its normalised form (digits taken as one), hashed into 2^18 buckets, each worth 1/√(number of
different ones); and in which bins its length, capitals, digits, emoji and links fall.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from evenhand.screening.normalise import Joined
from evenhand.vocabulary.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BITS = 18
SIZES = (2, 3, 4)
FORM = 1
"""Number of this form of features; a model made for another is refused."""

MODEL_BYTES_MAX = 8 << 20
_ROWS_AT_ONCE = 16

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
        sums = np.empty(len(texts.starts))
        for first, last, rows, buckets in distinct_ngrams(texts):
            total = np.bincount(rows, weights=self.weights[buckets], minlength=last - first)
            number = np.bincount(rows, minlength=last - first)
            sums[first:last] = total / np.sqrt(np.maximum(number, 1))
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
    codes = np.where((texts.codes >= ord("0")) & (texts.codes <= ord("9")), np.uint32(ord("0")), texts.codes)
    hashes = _hashes(codes)
    slots = np.empty(_ROWS_AT_ONCE << BITS, np.int32)
    for first in range(0, len(texts.starts), _ROWS_AT_ONCE):
        last = min(first + _ROWS_AT_ONCE, len(texts.starts))
        lengths = texts.lengths[first:last] + 1  # with the edge before it
        begin, end = int(texts.starts[first]) - 1, int(texts.ends[last - 1])
        row = np.repeat(np.arange(last - first), lengths)
        room = np.repeat(texts.ends[first:last], lengths) - np.arange(begin, end)
        inside = [np.flatnonzero(room >= size - 1) for size in SIZES]
        rows = np.concatenate([row[places] for places in inside])
        buckets = np.concatenate([hashes[i][begin + places] for i, places in enumerate(inside)])
        keys = (rows << BITS) | buckets
        # The last to write its number into a key's slot is the one that counts: no sort, no clearing.
        numbers = np.arange(len(keys), dtype=np.int32)
        slots[keys] = numbers
        once = slots[keys] == numbers
        yield first, last, rows[once], buckets[once]


def _hashes(codes: NDArray[np.uint32]) -> list[NDArray[np.uint32]]:
    """Return for each size the bucket of the n-gram that begins at each place (FNV-1a over code points, mixed)."""
    found = []
    value = np.full(len(codes), 2166136261, np.uint32)
    for size in range(1, max(SIZES) + 1):
        count = max(len(codes) - size + 1, 0)
        value = (value[:count] ^ codes[size - 1 :]) * np.uint32(16777619)
        if size in SIZES:
            mixed = (value ^ (value >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
            found.append(mixed >> np.uint32(32 - BITS))
    return found
