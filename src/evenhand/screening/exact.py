"""Exact look-ups of whole columns in big lists: sorted 64-bit hashes, then the strings themselves."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

Index = NDArray[np.int64]


class ExactTable:
    """Strings with the number of the list that each stands in; one string may stand in several lists."""

    def __init__(self, keys: pl.Series, owners: Index) -> None:
        hashes = keys.hash().to_numpy()
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._keys = keys.gather(order)
        self._owners = owners[order]

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._owners)

    def find(self, asked: pl.Series) -> tuple[Index, Index]:
        """Return the places in `asked` that are listed, and by which list: one pair a finding."""
        nothing = np.zeros(0, np.int64)
        if not len(self) or not len(asked):
            return nothing, nothing
        hashes = asked.hash().to_numpy()
        first = np.searchsorted(self._hashes, hashes, side="left")
        counts = np.searchsorted(self._hashes, hashes, side="right") - first
        places = np.repeat(np.arange(len(asked)), counts)
        entries = np.repeat(first - np.concatenate(([0], np.cumsum(counts)[:-1])), counts) + np.arange(len(places))
        # Hashes may collide: what counts is the string.
        same = (asked.gather(places) == self._keys.gather(entries)).fill_null(value=False).to_numpy()
        return places[same], self._owners[entries[same]]
