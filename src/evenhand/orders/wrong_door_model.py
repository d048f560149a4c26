"""Whether a text reads like an authority's request: logistic regression over character n-grams and cues. Pure.

Features: the different n-grams of 1 to 4 characters of the text (compatible forms without marks, lower case, digits as
one, runs of white space as one, a space at both ends), hashed into 2^BITS buckets, each worth 1/√(number of different
buckets); and the cues of `wrong_door_cues`, each worth CUE_SCALE. One model for all languages. It proposes; a person
moves.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from math import exp
from threading import local
from zipfile import BadZipFile
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from evenhand.orders.wrong_door import Proposal
from evenhand.orders.wrong_door_cues import COUNT, NAMES, cue_features, cues_met, folded
from evenhand.orders.wrong_door_elsewhere import CUE, office_elsewhere
from evenhand.vocabulary.errors import InputError

BITS = 16
SIZES = (1, 2, 3, 4)
CUE_SCALE = 0.2
"""What a cue weighs beside the n-grams, whose squares sum up to 1: chosen by cross-validation."""
FORM = 3
"""Number of this form of features; a model made for another is refused."""
CHARACTERS_MAX = 8_000
"""Of a longer text the beginning is judged: a request says early what it is."""
_CUES_SHOWN = 4
_ROOM = local()
_DIGIT = re.compile(r"\d")
_ASCII_DIGITS = bytes.maketrans(b"123456789", b"000000000")


@dataclass(frozen=True, slots=True)
class DoorModel:
    """A trained model.

    Attributes:
        weights: One a bucket, float32.
        cues: One a cue feature, in the order of `cue_features`, float32.
        bias: Added to the sum.
        threshold: Score from which a person is shown the text.
    """

    weights: NDArray[np.float32]
    cues: NDArray[np.float32]
    bias: float
    threshold: float

    def score(self, text: str) -> float:
        """Return 0 to 1: how much the text reads like an authority's request."""
        return self.propose(text).score

    def propose(self, text: str) -> Proposal:
        """Return what the model says of a text, with the words that weighed most if it proposes it."""
        return self.propose_all([text])[0]

    def propose_all(self, texts: Sequence[str]) -> list[Proposal]:
        """Return what the model says of each of many texts."""
        letters = [plain(text) for text in texts]
        cued = CUE_SCALE * (np.array([cue_features(one) for one in letters]).reshape(-1, COUNT) @ self.cues)
        return list(map(self._proposal, letters, self._weighed(letters), cued.tolist()))

    def _weighed(self, letters: Sequence[str]) -> list[float]:
        """Return what the n-grams of each text come to; a text as `plain` returns it has one at least."""
        found = list(buckets_all(letters))
        sizes = np.array(list(map(len, found)))
        if not len(sizes):
            return []
        sums = np.add.reduceat(self.weights[np.concatenate(found)], np.cumsum(sizes) - sizes)
        weighed: list[float] = (sums / np.sqrt(sizes)).tolist()
        return weighed

    def _proposal(self, letters: str, weighed: float, cued: float) -> Proposal:
        score = 1 / (1 + exp(-min(max(weighed + self.bias + cued, -30.0), 30.0)))
        if score < self.threshold and office_elsewhere(letters):
            return Proposal(score=self.threshold, threshold=self.threshold, because=(CUE,))
        because = self._because(letters) if score >= self.threshold else ()
        return Proposal(score=score, threshold=self.threshold, because=because)

    def _because(self, letters: str) -> tuple[str, ...]:
        """Return the groups of cues that weighed most for it."""
        met = cues_met(letters)
        weighed = sorted(met, key=lambda name: -float(self.cues[NAMES.index(name)]))
        return tuple(name for name in weighed[:_CUES_SHOWN] if self.cues[NAMES.index(name)] > 0)

    def save(self) -> bytes:
        """Return the model's file: .npz without pickles, weights in float16."""
        header = json.dumps({"form": FORM, "bias": self.bias, "threshold": self.threshold}, sort_keys=True)
        places = np.flatnonzero(self.weights).astype(np.uint32)
        file = BytesIO()
        np.savez_compressed(
            file,
            header=np.frombuffer(header.encode(), np.uint8),
            places=places,
            weights=self.weights[places].astype(np.float16),
            cues=self.cues,
        )
        return file.getvalue()


def load_door_model(raw: bytes) -> DoorModel:
    """Read a model that `DoorModel.save` wrote.

    Raises:
        InputError: Not a model, or one for another form of features.
    """
    try:
        with np.load(BytesIO(raw), allow_pickle=False) as stored:
            header = json.loads(bytes(stored["header"]))
            if header["form"] != FORM:
                raise InputError("model", f"is of form {header['form']}; this version reads {FORM}")
            weights = np.zeros(1 << BITS, np.float32)
            weights[stored["places"]] = stored["weights"]
            cues = stored["cues"].astype(np.float32)
            if cues.shape != (COUNT,):
                raise InputError("model", "was made for other cues; train it again")
            return DoorModel(weights, cues, float(header["bias"]), float(header["threshold"]))
    except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError, BadZipFile) as error:
        raise InputError("model", f"is not a model: {error}") from error


def plain(text: str) -> str:
    """Return the text as it is compared."""
    text = text[:CHARACTERS_MAX]
    if text.isascii():  # where compatibility forms and case folding come to the same as small letters
        digits = text.lower().encode().translate(_ASCII_DIGITS).decode()
        if "  " not in digits and digits.isprintable():  # as most are: nothing but single spaces
            return f" {digits.strip()} "
    else:
        digits = _DIGIT.sub("0", folded(text))
    return f" {' '.join(digits.split())} "


def buckets(letters: str) -> NDArray[np.int64]:
    """Return the different buckets of the n-grams of a text as `plain` returns it."""
    return next(buckets_all([letters]))


def buckets_all(texts: Sequence[str]) -> Iterator[NDArray[np.int64]]:
    """Yield what `buckets` returns for each of many texts; those in ASCII are hashed together."""
    joined = "".join([text for text in texts if text.isascii()])
    signs = np.frombuffer(joined.encode(), np.uint8)
    hashed = [(size, (_checksums(signs, size) >> (32 - BITS)).astype(np.intp)) for size in SIZES[: len(joined)]]
    # Where each bucket was met last in this text: of those met twice, that place alone finds itself.
    last = _places()
    count = np.arange(len(SIZES) * max(map(len, texts), default=0), dtype=np.int32)
    start = 0
    for text in texts:
        if text.isascii():
            stop = start + len(text)
            runs = [places[start : max(start, stop - size + 1)] for size, places in hashed]
            found = np.concatenate(runs) if runs else np.empty(0, np.intp)
            start = stop
        else:
            raw = {text[place : place + size] for size in SIZES for place in range(len(text) - size + 1)}
            found = np.array([crc32(gram.encode("utf-8", "replace")) >> (32 - BITS) for gram in raw], np.intp)
        numbers = count[: len(found)]
        last[found] = numbers
        yield found[last[found] == numbers]


def _places() -> NDArray[np.int32]:
    """Return this thread's room for a number at each bucket; whatever stands there."""
    if not hasattr(_ROOM, "places"):
        _ROOM.places = np.zeros(1 << BITS, np.int32)
    places: NDArray[np.int32] = _ROOM.places
    return places


def _checksums(signs: NDArray[np.uint8], size: int) -> NDArray[np.uint32]:
    """Return the CRC-32 of each run of `size` bytes: of as many bytes, it is a sum without carry over their places."""
    tables, empty = _crc_tables()[size]
    last = len(signs) - size + 1
    sums: NDArray[np.uint32] = tables[0][signs[:last]] ^ empty
    for place in range(1, size):
        sums ^= tables[place][signs[place : place + last]]
    return sums


@cache
def _crc_tables() -> dict[int, tuple[NDArray[np.uint32], np.uint32]]:
    """Return for each size what every byte at every place adds to the CRC-32 of as many zeros, and that CRC-32."""
    made = {}
    for size in SIZES:
        empty = crc32(bytes(size))
        tables = np.array(
            [
                [crc32(bytes(place) + bytes((sign,)) + bytes(size - place - 1)) ^ empty for sign in range(256)]
                for place in range(size)
            ],
            np.uint32,
        )
        made[size] = tables, np.uint32(empty)
    return made
