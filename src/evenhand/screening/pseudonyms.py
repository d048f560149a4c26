"""Keyed pseudonyms: an id becomes a number that nobody without the key can compute or turn back."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Literal, get_args

import numpy as np
import polars as pl

PseudonymKind = Literal["post", "author", "channel", "domain"]

KNOWN_MAX = 1 << 16
"""Ids of a kind whose numbers are remembered: authors, channels and domains come again, posts do not."""
_BYTES = 8


class Pseudonyms:
    """Makes pseudonyms under one key; the same id of the same kind always has the same. Any thread may ask."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("a pseudonym key has 16 bytes or more")
        # Begun once: to take the key in costs as much as all else.
        self._begun = {
            kind: blake2b(digest_size=_BYTES, key=key, person=kind.encode()) for kind in get_args(PseudonymKind)
        }
        self.runs_key = blake2b(digest_size=16, key=key, person=b"runs").digest()
        """Under which fingerprints of texts are kept, 16 bytes."""
        self._known: dict[str, dict[str, bytes]] = {kind: {} for kind in self._begun if kind != "post"}

    def of(self, ids: pl.Series, kind: PseudonymKind) -> pl.Series:
        """Return a 64-bit number (UInt64) for each id; null stays null."""
        there = ids.is_not_null()
        names = ids.drop_nulls().cast(pl.String).to_list()
        digests = self._new(names, kind) if kind == "post" else self._remembered(names, kind)
        numbers = np.frombuffer(b"".join(digests), ">u8").astype(np.uint64)
        if len(names) == len(ids):
            return pl.Series(numbers)
        spread = np.zeros(len(ids), np.uint64)
        spread[there.to_numpy()] = numbers
        return pl.select(pl.when(there).then(pl.Series(spread))).to_series()

    def one(self, name: str, kind: PseudonymKind) -> int:
        """Return the number of one id."""
        return int.from_bytes(self._new([name], kind)[0], "big")

    def _new(self, names: Sequence[str], kind: PseudonymKind) -> list[bytes]:
        copy, digests = self._begun[kind].copy, []
        for name in names:
            begun = copy()
            begun.update(name.encode("utf-8", "surrogatepass"))
            digests.append(begun.digest())
        return digests

    def _remembered(self, names: Sequence[str], kind: PseudonymKind) -> list[bytes]:
        known = self._known[kind]
        fresh = [name for name in dict.fromkeys(names) if name not in known]
        if len(known) + len(fresh) > KNOWN_MAX:
            # A dictionary of its own: another thread may be reading the old one.
            self._known[kind] = known = {}
            fresh = list(dict.fromkeys(names))
        known.update(zip(fresh, self._new(fresh, kind), strict=True))
        return [known[name] for name in names]
