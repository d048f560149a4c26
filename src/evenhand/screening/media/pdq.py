"""PDQ, the perceptual hash of pictures, on NumPy; pure.

A picture's luminance is blurred (two passes of a box along rows, then columns: a tent), taken at 64 x 64 places, turned
into frequencies (DCT, the 16 x 16 lowest without the constant ones), and each is a bit: above the median, or not.
Blurring and taking are sums with fixed weights along each axis: nothing of the picture's size is made beside it, and
what the picture is when turned or mirrored is computed, not guessed from its frequencies.

Source: the published description of PDQ (ThreatExchange, "hashing.pdf") and the constants of its reference.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.screening.media.pdq_single import single_frequencies

Floats = NDArray[np.float64]
Picture = NDArray[np.uint8] | NDArray[np.float32] | Floats

SIDE_MIN = 5
"""Smaller pictures have no hash: all bits 0, quality 0."""

DIHEDRAL = ("original", "rotate90", "rotate180", "rotate270", "flipx", "flipy", "flipplus1", "flipminus1")
"""The eight ways to turn and mirror a picture."""

_LUMA = np.array([0.299, 0.587, 0.114])
_SIDE, _KEPT = 64, 16
_GRADIENTS_A_POINT = 90
_TIE, _TIES_MAX = 0.02, 4
_SINGLE_MAX, _SINGLE_SIDE_MAX = 100_000_000, 100_000
"""Larger pictures are not computed again: time and memory are bounded."""
_ROWS_AT_ONCE = 256
_NONE = ("0" * 64,) * len(DIHEDRAL)


@dataclass(frozen=True, slots=True)
class Pdq:
    """A picture's hashes.

    Attributes:
        quality: 0 to 100: how much there is to tell it by; below 50 a match says little.
        hashes: 64 hex digits, in the order of DIHEDRAL: of the picture itself, turned and mirrored.
        derived: Likewise, as the reference derives them from the frequencies of the picture as it is: the first and
            `flipplus1` are the same, the others some 20 bits away, since windows of even width lean to one side.
    """

    quality: int
    hashes: tuple[str, ...]
    derived: tuple[str, ...]

    @property
    def hash(self) -> str:
        """The hash of the picture as it is."""
        return self.hashes[0]


def pdq(picture: Picture) -> Pdq:
    """Return the hashes of a picture.

    Args:
        picture: Rows x columns (grey) or rows x columns x 3 (red, green, blue); 0 to 255.
    """
    if min(picture.shape[:2]) < SIDE_MIN:
        return Pdq(0, _NONE, _NONE)
    plain, mirrored, upside_down, both = _small(picture)
    frequencies = [_DCT @ small @ _DCT.T for small in (plain, mirrored, upside_down, both)]
    if picture.size <= _SINGLE_MAX and max(picture.shape) <= _SINGLE_SIDE_MAX and _rounding_decides(frequencies[0]):
        frequencies[0] = single_frequencies(_luma(picture)).astype(np.float64)
    usual, in_columns, in_rows, in_both = frequencies
    turned = (usual, in_columns.T, in_both, in_rows.T, in_rows, in_columns, usual.T, in_both.T)
    return Pdq(_quality(plain), tuple(map(_bits, turned)), tuple(map(_bits, _derived(usual))))


def distance(one: str, other: str) -> int:
    """Return in how many of 256 bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _dct_matrix() -> Floats:
    row, column = np.arange(1, _KEPT + 1)[:, None], np.arange(_SIDE)[None, :]
    return np.asarray(np.sqrt(2 / _SIDE) * np.cos(np.pi / 2 / _SIDE * row * (2 * column + 1)), np.float64)


_DCT = _dct_matrix()


def _rounding_decides(frequencies: Floats) -> bool:
    """Tell whether more frequencies are as good as the median than chance would have it, as in patterns."""
    return int((np.abs(frequencies - _median(frequencies)) < _TIE).sum()) >= _TIES_MAX


def _luma(picture: Picture) -> NDArray[np.float32]:
    luma = np.empty(picture.shape[:2], np.float32)
    for first in range(0, len(luma), _ROWS_AT_ONCE):
        rows = picture[first : first + _ROWS_AT_ONCE]
        red, green, blue = (rows, rows, rows) if rows.ndim == 2 else (rows[:, :, n] for n in range(3))
        luma[first : first + _ROWS_AT_ONCE] = red * _LUMA[0] + green * _LUMA[1] + blue * _LUMA[2]
    return luma


def _small(picture: Picture) -> tuple[Floats, Floats, Floats, Floats]:
    """Return 64 x 64 places of the picture, of its mirror image, of it upside down, and of both."""
    rows, columns = picture.shape[:2]
    upright, upside_down = _taken(picture.reshape(rows, -1))
    found: list[Floats] = []
    for each in (upright, upside_down):
        by_channel = each.reshape(_SIDE, columns, -1)
        luma = by_channel[:, :, 0] if by_channel.shape[2] == 1 else by_channel @ _LUMA
        found.extend(side.T for side in _taken(luma.T))
    return found[0], found[1], found[2], found[3]


def _taken(values: Picture) -> tuple[Floats, Floats]:
    """Return the blurred values at 64 places of the first axis, and the same of the values in reverse order."""
    size = values.shape[0]
    forward, backward = np.empty((_SIDE, values.shape[1])), np.empty((_SIDE, values.shape[1]))
    for n, (first, weights) in enumerate(_tents(size)):
        np.dot(weights, values[first : first + len(weights)].astype(np.float64), out=forward[n])
        last = size - first
        np.dot(weights[::-1], values[last - len(weights) : last].astype(np.float64), out=backward[n])
    return forward, backward


def _tents(size: int) -> Iterator[tuple[int, Floats]]:
    """Yield for each of 64 places of an axis where its blur begins, and the weights from there on.

    A box is the mean of a place and its neighbours, at the edges of those that there are; a tent is a box of boxes.
    """
    window = -(-size // (2 * _SIDE))
    ahead = (window + 2) // 2 - 1
    behind = window - 1 - ahead
    for place in ((np.arange(_SIDE) + 0.5) * size / _SIDE).astype(np.int64).tolist():
        near = np.arange(max(place - behind, 0), min(place + ahead, size - 1) + 1)
        first, last = np.maximum(near - behind, 0), np.minimum(near + ahead, size - 1) + 1
        share = 1 / (len(near) * (last - first))
        length = int(last[-1] - first[0])
        steps = np.bincount(first - first[0], share, length + 1) - np.bincount(last - first[0], share, length + 1)
        yield int(first[0]), np.cumsum(steps[:-1])


def _quality(small: Floats) -> int:
    total = 0.0
    for axis in (0, 1):
        # Rounded towards zero first: many small gradients are noise.
        total += np.abs(np.trunc(np.diff(small, axis=axis) * 100 / 255)).sum()
    return min(int(total) // _GRADIENTS_A_POINT, 100)


def _derived(frequencies: Floats) -> tuple[Floats, ...]:
    """Return the frequencies in the order of DIHEDRAL, as if signs and a transposition were all that changed."""
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


def _median(frequencies: Floats) -> float:
    """Return the lower of the two in the middle; NumPy's own would load a module, which the child may not."""
    half = frequencies.size // 2 - 1
    return float(np.partition(frequencies.ravel(), half)[half])


def _bits(frequencies: Floats) -> str:
    above = frequencies.ravel() > _median(frequencies)
    # Bit 0 is the last binary digit.
    return np.packbits(above[::-1]).tobytes().hex()
