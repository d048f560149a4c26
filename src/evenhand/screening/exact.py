"""Exact look-ups of whole columns in big lists: sorted 64-bit hashes, then the strings themselves."""

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from evenhand.screening.compiled import Arrays

Index = NDArray[np.int64]


class ExactTable:
    """Strings with the number of the list that each stands in; one string may stand in several lists."""

    def __init__(
        self,
        keys: pl.Series,
        owners: Index,
        hashes: NDArray[np.uint64] | None = None,
        entry: NDArray[np.uint32] | None = None,
    ) -> None:
        """Take strings and their lists, in any order; with their hashes, in the order of these."""
        if hashes is None or entry is None:
            found = keys.hash().to_numpy()
            order = np.argsort(found, kind="stable")
            hashes, keys, owners, entry = found[order], keys.gather(order), owners[order], order.astype(np.uint32)
        self._hashes, self._keys, self._owners, self._entry = hashes, keys, owners, entry

    def arrays(self) -> Arrays:
        """Return the table as arrays."""
        column = self._keys.to_arrow().cast(pa.large_string())
        offsets = np.frombuffer(column.buffers()[1], np.int64)[: len(self) + 1] if len(self) else np.zeros(1, np.int64)
        letters = np.frombuffer(column.buffers()[2] or b"", np.uint8)[: int(offsets[-1])]
        return {
            "hashes": self._hashes,
            "owners": self._owners,
            "entry": self._entry,
            "offsets": offsets,
            "letters": letters,
        }

    @classmethod
    def of(cls, arrays: Arrays) -> "ExactTable":
        """Return the table that `arrays` gave."""
        buffers = (pa.py_buffer(arrays[name]) for name in ("offsets", "letters"))
        column = pa.LargeStringArray.from_buffers(len(arrays["offsets"]) - 1, *buffers)
        return cls(pl.Series("key", column), arrays["owners"], arrays["hashes"], arrays["entry"])

    def without(self, gone: NDArray[np.bool_], numbers: Index) -> "ExactTable":
        """Return the table without some of the strings it was made of, its lists by other numbers (-1: gone)."""
        owners = np.where(gone[self._entry], -1, numbers[self._owners])
        return ExactTable(self._keys, owners, self._hashes, self._entry)

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
        owners = self._owners[entries[same]]
        return places[same][owners >= 0], owners[owners >= 0]
