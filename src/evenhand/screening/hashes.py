"""Exact hashes of media: SHA-256 and MD5 of what comes with a post, looked up in lists of millions."""

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.distinct import distinct
from evenhand.screening.lookups import Lookup

Index = NDArray[np.int64]
Bytes = NDArray[np.uint8]

WIDTHS: Mapping[str, int] = {"sha256": 32, "md5": 16}
"""Bytes of a hash, by the name of its field of a medium."""

_ROWS_AT_ONCE = 1 << 20


def hex_bytes(digits: pl.Series, width: int) -> Bytes:
    """Return hashes in hexadecimal, all of one length, as bytes, a row a hash."""
    rows = np.empty((len(digits), width), np.uint8)
    for first in range(0, len(digits), _ROWS_AT_ONCE):
        part = digits.slice(first, _ROWS_AT_ONCE)
        rows[first : first + len(part)] = np.frombuffer(bytes.fromhex(part.str.join("")[0]), np.uint8).reshape(
            -1, width
        )
    return rows


class HashTable:
    """Hashes of one width, sorted by their first 8 bytes, with the number of the list that each stands in."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], name: str) -> None:
        self._first, self._rest = arrays[f"{name}_first"], arrays[f"{name}_rest"]
        self._owners, self._entry = arrays[f"{name}_owners"], arrays[f"{name}_entry"]

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._owners)

    @staticmethod
    def arrays(
        parts: Iterable[tuple[int, Bytes]], name: str, entry: NDArray[np.uint32] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Return the arrays of a table of the hashes of each list (its number, a row a hash).

        Args:
            parts: The hashes.
            name: Of their field of a medium.
            entry: A number of each hash, by which it can be left out later; default: its place.
        """
        width = WIDTHS[name]
        chosen = list(parts)
        rows = np.concatenate([np.zeros((0, width), np.uint8), *(part for _, part in chosen)])
        owners = np.repeat(np.array([owner for owner, _ in chosen], np.uint16), [len(part) for _, part in chosen])
        first = np.ascontiguousarray(rows[:, :8]).view("<u8").ravel()
        order = np.argsort(first, kind="stable")
        return {
            f"{name}_first": first[order],
            f"{name}_rest": np.ascontiguousarray(rows[:, 8:])[order],
            f"{name}_owners": owners[order],
            f"{name}_entry": (np.arange(len(rows), dtype=np.uint32) if entry is None else entry)[order],
        }

    def without(self, gone: NDArray[np.bool_], numbers: Index) -> "HashTable":
        """Return the table without some entries, its lists by other numbers (-1: gone)."""
        table = copy(self)
        table._owners = np.where(gone[self._entry], -1, numbers[self._owners]).astype(np.int32)
        return table

    def find(self, asked: Bytes) -> tuple[Index, Index]:
        """Return the places in `asked` that are listed, and by which list: one pair a finding."""
        nothing = np.zeros(0, np.int64)
        if not len(self) or not len(asked):
            return nothing, nothing
        firsts = np.ascontiguousarray(asked[:, :8]).view("<u8").ravel()
        begin = np.searchsorted(self._first, firsts, side="left")
        counts = np.searchsorted(self._first, firsts, side="right") - begin
        places = np.repeat(np.arange(len(asked)), counts)
        entries = np.repeat(begin - (np.cumsum(counts) - counts), counts) + np.arange(len(places))
        same = (self._rest[entries] == asked[places, 8:]).all(axis=1)
        owners = self._owners[entries[same]].astype(np.int64)
        return places[same][owners >= 0], owners[owners >= 0]


def media_hits(media: pl.Series, exact: Mapping[str, Lookup], near: Lookup, lists: int) -> tuple[Index, Index]:
    """Return (post, list) for each medium that a list holds; once for each medium and list.

    Args:
        media: The posts' column of lists of structs with sha256, md5, pdq and turned in lower case, null or empty where
            there are none.
        exact: Tables by the name of the field.
        near: PDQ hashes.
        lists: How many lists there are.
    """
    with_media = (media.list.len().fill_null(0) > 0).arg_true()
    nothing = np.zeros(0, np.int64)
    if not len(with_media):
        return nothing, nothing
    items = pl.DataFrame({"row": with_media, "item": media.gather(with_media)}).explode("item").unnest("item")
    places, owners = [nothing], [nothing]
    for name, width in (*WIDTHS.items(), ("pdq", 32)):
        table = near if name == "pdq" else exact[name]
        if not len(table):
            continue
        given, digits = _given(items, name)
        if not len(given):
            continue
        place, owner = table.find(hex_bytes(digits, width))
        places.append(given[place])
        owners.append(owner)
    once = distinct(np.concatenate(places) * lists + np.concatenate(owners))
    return items["row"].to_numpy()[once // lists].astype(np.int64), once % lists


def _given(items: pl.DataFrame, name: str) -> tuple[Index, pl.Series]:
    """Return the media that bring a hash, and the hashes; of a picture also those of it turned."""
    there = items[name].is_not_null().arg_true()
    places, digits = there.to_numpy().astype(np.int64), items[name].gather(there)
    if name != "pdq" or "turned" not in items.columns or not items["turned"].is_not_null().any():
        return places, digits
    turned = items.select(pl.int_range(pl.len()).alias("place"), "turned").explode("turned").drop_nulls("turned")
    return np.concatenate((places, turned["place"].to_numpy().astype(np.int64))), digits.append(turned["turned"])
