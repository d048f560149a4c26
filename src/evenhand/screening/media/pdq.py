"""PDQ, the perceptual hash of pictures, on NumPy; pure.

A picture's luminance is blurred (two passes of a box along rows, then columns: a tent), taken at 64 x 64 places, turned
into frequencies (DCT, the 16 x 16 lowest without the constant ones), and each is a bit: above the median, or not.

Source: the published description of PDQ (ThreatExchange, "hashing.pdf") and the constants of its reference.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SIDE_MIN = 5
"""Smaller pictures have no hash: all bits 0, quality 0."""

DIHEDRAL = ("original", "rotate90", "rotate180", "rotate270", "flipx", "flipy", "flipplus1", "flipminus1")
"""The eight ways to turn and mirror a picture; their hashes follow from one computation."""

_LUMA = np.array([0.299, 0.587, 0.114])
_SIDE, _KEPT, _PASSES = 64, 16, 2
_GRADIENTS_A_POINT = 90


@dataclass(frozen=True, slots=True)
class Pdq:
    """A picture's hashes.

    Attributes:
        quality: 0 to 100: how much there is to tell it by; below 50 a match says little.
        hashes: 64 hex digits, in the order of DIHEDRAL.
    """

    quality: int
    hashes: tuple[str, ...]

    @property
    def hash(self) -> str:
        """The hash of the picture as it is."""
        return self.hashes[0]


def pdq(picture: NDArray[np.uint8]) -> Pdq:
    """Return the hashes of a picture.

    Args:
        picture: Rows x columns (grey) or rows x columns x 3 (red, green, blue).
    """
    if min(picture.shape[:2]) < SIDE_MIN:
        return Pdq(0, ("0" * 64,) * len(DIHEDRAL))
    luma = _luma(picture)
    small = luma if luma.shape == (_SIDE, _SIDE) else _small(luma)
    frequencies = _DCT @ small @ _DCT.T
    return Pdq(_quality(small), tuple(_bits(each) for each in _turned(frequencies)))


def distance(one: str, other: str) -> int:
    """Return in how many of 256 bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _dct_matrix() -> Floats:
    row, column = np.arange(1, _KEPT + 1)[:, None], np.arange(_SIDE)[None, :]
    return np.asarray(np.sqrt(2 / _SIDE) * np.cos(np.pi / 2 / _SIDE * row * (2 * column + 1)), np.float64)


_DCT = _dct_matrix()


def _luma(picture: NDArray[np.uint8]) -> Floats:
    if picture.ndim == 2:
        return picture.astype(np.float64)
    luma = _LUMA[0] * picture[:, :, 0]
    for channel in (1, 2):
        luma += _LUMA[channel] * picture[:, :, channel]
    return np.asarray(luma, np.float64)


def _small(luma: Floats) -> Floats:
    """Blur in two passes, each along rows and then columns; the last one only where a value is wanted."""
    rows, columns = (-(-size // (2 * _SIDE)) for size in luma.shape)
    at_rows, at_columns = (((np.arange(_SIDE) + 0.5) * size / _SIDE).astype(np.int64) for size in luma.shape)
    for _ in range(_PASSES - 1):
        luma = _box(_box(luma, columns, None).T, rows, None).T
    return _box(_box(luma, columns, at_columns).T, rows, at_rows).T


def _box(values: Floats, window: int, places: NDArray[np.int64] | None) -> Floats:
    """Return the mean of places and their neighbours along the last axis; at the edges of those that there are.

    Args:
        values: Any rows.
        window: Places that are averaged.
        places: Which are wanted; None: all.
    """
    size = values.shape[1]
    place = np.arange(size) if places is None else places
    ahead = (window + 2) // 2 - 1
    first = np.maximum(place - (window - 1 - ahead), 0)
    last = np.minimum(place + ahead, size - 1) + 1
    sums = np.zeros((values.shape[0], size + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return np.asarray((sums[:, last] - sums[:, first]) / (last - first), np.float64)


def _quality(small: Floats) -> int:
    total = 0.0
    for axis in (0, 1):
        # Rounded towards zero first: many small gradients are noise.
        total += np.abs(np.trunc(np.diff(small, axis=axis) * 100 / 255)).sum()
    return min(int(total) // _GRADIENTS_A_POINT, 100)


def _turned(frequencies: Floats) -> tuple[Floats, ...]:
    """Return the frequencies in the order of DIHEDRAL: signs and a transposition are all that changes."""
    even = np.where(np.arange(_KEPT) % 2 == 0, -1.0, 1.0)
    by_row, by_column = even[:, None], even[None, :]
    f = frequencies
    return (
        f,
        (f * by_column).T,
        f * by_row * by_column,
        (f * by_row).T,
        f * by_row,
        f * by_column,
        f.T,
        (f * by_row * by_column).T,
    )


def _bits(frequencies: Floats) -> str:
    flat = frequencies.ravel()
    above = flat > np.partition(flat, flat.size // 2 - 1)[flat.size // 2 - 1]  # the lower of the two in the middle
    # Bit 0 is the last binary digit.
    return np.packbits(above[::-1]).tobytes().hex()
