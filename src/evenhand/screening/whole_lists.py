"""Lists with their compiled matchers, made from all of their entries."""

from functools import cached_property
from hashlib import blake2b
from importlib.metadata import version
from platform import machine
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.compiled import Arrays, Compiled
from evenhand.screening.exact import ExactTable
from evenhand.screening.hashes import WIDTHS, HashTable, hex_bytes
from evenhand.screening.listfiles import ListKind, ScreeningList
from evenhand.screening.lookups import Lookup
from evenhand.screening.native.kernel import kernel
from evenhand.screening.near_copies import NearCopies, Texts, compiled_texts
from evenhand.screening.patterns import PatternMatcher, Patterns
from evenhand.screening.perceptual import TURNINGS, PdqIndex, compiled_pdq, turned_hashes
from evenhand.screening.phrases import PhraseMatcher, Phrases, compiled_phrases

_FORM = 4
"""Number of this form of compiled lists."""


class Lists:
    """All lists that are in force, by name, with their compiled matchers."""

    def __init__(self, lists: tuple[ScreeningList, ...], compiled: Compiled | None = None) -> None:
        self.lists = tuple(sorted(lists, key=lambda each: each.name))
        self._compiled = compiled or Compiled()

    @property
    def names(self) -> tuple[str, ...]:
        """The lists' names, in the order of their signals."""
        return tuple(each.name for each in self.lists)

    @cached_property
    def edition(self) -> str:
        """16 hex digits over names and contents."""
        return blake2b(b"".join(each.digest for each in self.lists), digest_size=8).hexdigest()

    def prepare(self) -> None:
        """Make or load every matcher now, not at the first post."""
        for each in ("phrases", "domains", "hashes", "perceptual", "patterns", "near_copies"):
            getattr(self, each)

    @cached_property
    def phrases(self) -> PhraseMatcher:
        """Matcher over all lists of phrases."""

        def part(i: int, each: ScreeningList) -> Phrases:
            return Phrases(i, each.match == "words", each.entries, each.spelling)

        def made() -> Arrays:
            return compiled_phrases([part(i, each) for i, each in self._of("phrases")])

        # Disguised spellings are compiled at every start: few lists ask for them.
        disguised = [part(i, each) for i, each in self._of("phrases") if each.spelling != "plain"]
        return PhraseMatcher(disguised, self._compiled.arrays("phrases", self._made_from("phrases"), made))

    @cached_property
    def domains(self) -> Lookup:
        """Table over all lists of domains."""

        def made() -> Arrays:
            chosen = [(i, each.entries.rename("entry")) for i, each in self._of("domains")]
            owners = np.repeat(np.array([i for i, _ in chosen], np.int64), [len(entries) for _, entries in chosen])
            empty = pl.Series("entry", dtype=pl.String)
            return ExactTable(pl.concat([empty, *(entries for _, entries in chosen)]), owners).arrays()

        return ExactTable.of(self._compiled.arrays("domains", self._made_from("domains"), made))

    @cached_property
    def hashes(self) -> dict[str, Lookup]:
        """Tables over all lists of exact hashes, by the name of the medium's field."""

        def made() -> Arrays:
            chosen = [(i, each.entries) for i, each in self._of("hashes")]
            together: dict[str, NDArray[Any]] = {}
            sizes = np.concatenate([np.zeros(0, np.uint32), *(e.str.len_bytes().to_numpy() for _, e in chosen)])
            for kind, width in WIDTHS.items():
                parts = [(i, hex_bytes(e.filter(e.str.len_bytes() == 2 * width), width)) for i, e in chosen]
                together |= HashTable.arrays(parts, kind, np.flatnonzero(sizes == 2 * width).astype(np.uint32))
            return together

        arrays = self._compiled.arrays("hashes", self._made_from("hashes"), made)
        return {name: HashTable(arrays, name) for name in WIDTHS}

    @cached_property
    def perceptual(self) -> Lookup:
        """Index over all lists of perceptual hashes."""

        def made() -> Arrays:
            parts = [_pictures(each) for _, each in self._of("pdq")]
            return compiled_pdq(np.concatenate([np.zeros((0, 32), np.uint8), *parts]))

        hashes = self._compiled.arrays("pdq", self._made_from("pdq"), made)
        chosen = self._of("pdq")
        sizes = [each.count * (TURNINGS if each.turned else 1) for _, each in chosen]
        owners, distances = (
            np.repeat(np.array(values, np.int64), sizes)
            for values in ([i for i, _ in chosen], [each.distance for _, each in chosen])
        )
        return PdqIndex(hashes, owners, distances)

    @cached_property
    def patterns(self) -> PatternMatcher:
        """Matcher over all lists of expressions."""
        parts = [Patterns(i, each.caseless, each.entries) for i, each in self._of("patterns")]

        def made() -> Arrays:
            return {"database": np.frombuffer(PatternMatcher(parts).serialised(), np.uint8)}

        kept = self._compiled.arrays("patterns", self._made_from("patterns"), made)
        return PatternMatcher(parts, bytes(kept["database"]))

    @cached_property
    def near_copies(self) -> Lookup:
        """Fingerprints over all lists of texts."""

        def made() -> Arrays:
            return compiled_texts([Texts(i, each.entries) for i, each in self._of("texts")])

        return NearCopies([], self._compiled.arrays("texts", self._made_from("texts"), made))

    def _of(self, kind: ListKind) -> list[tuple[int, ScreeningList]]:
        return [(i, each) for i, each in enumerate(self.lists) if each.kind == kind]

    def _made_from(self, kind: ListKind) -> bytes:
        """Return a digest of all that decides what is compiled from the lists of a kind."""
        native = "kernel " if kernel() is not None else ""
        tools = f"{_FORM} {native}{machine()} {version('hyperscan')} {version('polars')} {version('numpy')}"
        parts = (f"{i} {each.digest.hex()} {sorted(each.options.items())}" for i, each in self._of(kind))
        return blake2b("\n".join([tools, *parts]).encode(), digest_size=32).digest()


def _pictures(each: ScreeningList) -> NDArray[np.uint8]:
    """Return a list's hashes of pictures, 32 bytes a row."""
    hashes = hex_bytes(each.entries, 32)
    return turned_hashes(hashes) if each.turned else hashes
