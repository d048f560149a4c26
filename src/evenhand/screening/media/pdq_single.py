"""PDQ's frequencies in single precision, every sum in the order in which the reference does it; pure.

Where a picture is a pattern (stripes, squares, a ramp, one colour), most of its frequencies are nothing but rounding,
and so is the median: only the same roundings give the same bits. It costs ten times as much as `pdq`, which asks for it
only then.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Singles = NDArray[np.float32]
Index = NDArray[np.int64]

_SIDE, _KEPT = 64, 16
_VALUES_AT_ONCE = 1 << 20


def single_frequencies(luma: Singles) -> Singles:
    """Return the 16 x 16 frequencies of a picture, as the reference rounds them.

    Args:
        luma: Rows x columns; is overwritten.
    """
    rows, columns = luma.shape
    along_row, along_column = _Box.of(columns), _Box.of(rows)
    along_row.blur(luma)
    along_column.blur(luma.T)
    small = along_column.at_places(np.ascontiguousarray(along_row.at_places(luma).T)).T
    half = np.zeros((_KEPT, _SIDE), np.float32)
    for k in range(_SIDE):
        half += _DCT[:, k, None] * small[None, k]
    out = np.zeros((_KEPT, _KEPT), np.float32)
    for k in range(_SIDE):
        out += half[:, k, None] * _DCT[None, :, k]
    return out


def _dct() -> Singles:
    row, column = np.arange(1, _KEPT + 1)[:, None], np.arange(_SIDE)[None, :]
    waves = np.float32(np.sqrt(2 / _SIDE)) * np.cos(np.pi / 2 / _SIDE * row * (2 * column + 1))
    return np.asarray(waves, np.float32)


_DCT = _dct()


@dataclass(frozen=True, slots=True)
class _Box:
    """The running sum of a window that slides along an axis: what comes in and goes out one after another.

    Attributes:
        order: Which value is added or taken away, step by step.
        sign: 1 or -1, likewise.
        written: The step after which the sum of a place stands.
        counts: How many values it then is of.
        places: The 64 places of the axis that are wanted in the end.
    """

    order: Index
    sign: Singles
    written: Index
    counts: Singles
    places: Index

    @classmethod
    def of(cls, size: int) -> "_Box":
        """Return the window of an axis of so many values."""
        window = -(-size // (2 * _SIDE))
        ahead = (window + 2) // 2 - 1
        order, sign = list(range(window)), [1] * window
        written, counts = list(range(ahead, window)), list(range(ahead + 1, window + 1))
        for place in range(size - window):
            order += (place + window, place)
            sign += (1, -1)
            written.append(len(order) - 1)
            counts.append(window)
        for gone in range(ahead):
            order.append(size - window + gone)
            sign.append(-1)
            written.append(len(order) - 1)
            counts.append(window - 1 - gone)
        places = ((np.arange(_SIDE) + 0.5) * size / _SIDE).astype(np.int64)
        return cls(np.array(order), np.array(sign, np.float32), np.array(written), np.array(counts, np.float32), places)

    def blur(self, values: Singles) -> None:
        """Replace each value by the mean of its window along the last axis."""
        at_once = max(_VALUES_AT_ONCE // values.shape[1], 1)
        for first in range(0, len(values), at_once):
            rows = values[first : first + at_once]
            rows[:] = self._sums(rows)[:, self.written] / self.counts

    def at_places(self, values: Singles) -> Singles:
        """Return the means at the places that are wanted."""
        at_once = max(_VALUES_AT_ONCE // values.shape[1], 1)
        found = [
            self._sums(values[first : first + at_once])[:, self.written[self.places]]
            for first in range(0, len(values), at_once)
        ]
        return np.asarray(np.concatenate(found) / self.counts[self.places], np.float32)

    def _sums(self, rows: Singles) -> Singles:
        steps = rows[:, self.order]
        steps *= self.sign
        return np.add.accumulate(steps, axis=1, out=steps)
