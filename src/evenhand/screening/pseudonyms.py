"""Keyed pseudonyms: an id becomes a number that nobody without the key can compute or turn back."""

from hashlib import blake2b
from typing import Literal

import polars as pl

PseudonymKind = Literal["post", "author", "channel", "domain"]


class Pseudonyms:
    """Makes pseudonyms under one key; the same id of the same kind always has the same."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("a pseudonym key has 16 bytes or more")
        self._key = key

    def of(self, ids: pl.Series, kind: PseudonymKind) -> pl.Series:
        """Return a 64-bit number (UInt64) for each id; null stays null."""
        unique = ids.drop_nulls().unique()
        numbers = pl.Series([self.one(each, kind) for each in unique], dtype=pl.UInt64)
        names = pl.DataFrame({"id": ids.cast(pl.String)})
        known = pl.DataFrame({"id": unique.cast(pl.String), "number": numbers})
        return names.join(known, on="id", how="left", maintain_order="left")["number"]

    def one(self, name: str, kind: PseudonymKind) -> int:
        """Return the number of one id."""
        data = name.encode("utf-8", "surrogatepass")
        digest = blake2b(data, digest_size=8, key=self._key, person=kind.encode()).digest()
        return int.from_bytes(digest, "big")
