"""Lists that have changed a little since all was compiled: what came stands beside it, what went is left out.

One more entry costs no new tables of millions. What is found is what would be found if all were made anew; that happens
in the background, and once it is done these are let go of.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.compiled import Compiled
from evenhand.screening.hashes import WIDTHS
from evenhand.screening.listfiles import ListKind, ScreeningList, changes
from evenhand.screening.lookups import Both, Lookup
from evenhand.screening.patterns import PatternMatcher
from evenhand.screening.perceptual import TURNINGS
from evenhand.screening.phrases import PhraseMatcher, Phrases, compiled_phrases
from evenhand.screening.whole_lists import Lists


@dataclass(frozen=True, kw_only=True)
class _Part(ScreeningList):
    """Some entries of a list, as if they were all of it."""

    chosen: pl.Series

    @property
    def entries(self) -> pl.Series:
        """Return them."""
        return self.chosen


class GrownLists(Lists):
    """Lists that have changed since others were made whole: the same verdicts as if they were made anew.

    Attributes:
        whole: The lists that were made whole.
        changed: Entries that came or went since.
    """

    def __init__(self, whole: Lists, lists: tuple[ScreeningList, ...], compiled: Compiled | None = None) -> None:
        super().__init__(lists, compiled)
        self.whole = whole
        place = {each.name: i for i, each in enumerate(self.lists)}
        was = {each.name: each for each in whole.lists}
        self._gone = {each.name: np.ones(each.count, np.bool_) for each in whole.lists}
        self._numbers = np.full(len(whole.lists), -1, np.int64)
        fresh: list[ScreeningList] = []
        for each in self.lists:
            old = was.get(each.name)
            places = np.arange(each.count)
            if old is not None and _alike(old, each):
                gone, places = (places[:0],) * 2 if old.digest == each.digest else changes(old.prints, each.prints)
                self._gone[each.name] = np.zeros(old.count, np.bool_)
                self._gone[each.name][gone] = True
                self._numbers[whole.lists.index(old)] = place[each.name]
            fields = {field.name: getattr(each, field.name) for field in dataclass_fields(ScreeningList)}
            fields |= {"count": len(places), "prints": each.prints[places], "options": _plainly(each.options)}
            fresh.append(_Part(**fields, chosen=_entries_at(each, places)))
        self._small = Lists(tuple(fresh))
        self.changed = sum(int(mask.sum()) for mask in self._gone.values()) + sum(each.count for each in fresh)

    @property
    def settled(self) -> bool:
        """Whether nothing differs but what no matcher knows."""
        return not self.changed and (self._numbers == np.arange(len(self.lists))).all()

    @cached_property
    def phrases(self) -> PhraseMatcher:
        """Matcher over all lists of phrases."""
        spelled = [each for each in self.lists if each.kind == "phrases" and each.spelling != "plain"]
        before = [each for each in self.whole.lists if each.kind == "phrases" and each.spelling != "plain"]
        same = [(e.name, e.digest) for e in spelled] == [(e.name, e.digest) for e in before] and self._same_numbers
        if same and not self._touched("phrases"):
            return self.whole.phrases
        disguised = [] if same else [self._phrases(self.lists.index(each), each) for each in spelled]
        added = [self._phrases(i, each) for i, each in self._small._of("phrases")]
        more = PhraseMatcher(disguised, compiled_phrases(added))
        return self.whole.phrases.without(self._mask("phrases"), self._numbers, more, spelled=same)

    @staticmethod
    def _phrases(i: int, each: ScreeningList) -> Phrases:
        return Phrases(i, each.match == "words", each.entries, each.spelling)

    @cached_property
    def domains(self) -> Lookup:
        """Table over all lists of domains."""
        return self._both("domains", self.whole.domains, lambda: self._small.domains)

    @cached_property
    def hashes(self) -> dict[str, Lookup]:
        """Tables over all lists of exact hashes, by the name of the medium's field."""
        return {name: self._both("hashes", self.whole.hashes[name], self._small_hashes(name)) for name in WIDTHS}

    def _small_hashes(self, name: str) -> Callable[[], Lookup]:
        return lambda: self._small.hashes[name]

    @cached_property
    def perceptual(self) -> Lookup:
        """Index over all lists of perceptual hashes."""
        times = [TURNINGS if each.turned else 1 for each in self.whole.lists if each.kind == "pdq"]
        return self._both("pdq", self.whole.perceptual, lambda: self._small.perceptual, times)

    @cached_property
    def near_copies(self) -> Lookup:
        """Fingerprints over all lists of texts."""
        return self._both("texts", self.whole.near_copies, lambda: self._small.near_copies)

    @cached_property
    def patterns(self) -> PatternMatcher:
        """Matcher over all lists of expressions: they are few, and made anew."""
        if self._same_numbers and not self._touched("patterns"):
            return self.whole.patterns
        return super().patterns

    @property
    def _same_numbers(self) -> bool:
        return len(self._numbers) == len(self.lists) and bool((self._numbers == np.arange(len(self._numbers))).all())

    def _touched(self, kind: ListKind) -> bool:
        return bool(self._mask(kind).any()) or any(each.count for _, each in self._small._of(kind))

    def _mask(self, kind: ListKind, times: Sequence[int] = ()) -> NDArray[np.bool_]:
        """Return which entries of the whole lists of a kind are gone."""
        masks = [self._gone[each.name] for _, each in self.whole._of(kind)]
        each_time = times or (1,) * len(masks)
        repeated = [np.repeat(mask, time) for mask, time in zip(masks, each_time, strict=True)]
        return np.concatenate([np.zeros(0, np.bool_), *repeated])

    def _both(self, kind: ListKind, large: Any, small: Callable[[], Lookup], times: Sequence[int] = ()) -> Lookup:
        if self._same_numbers and not self._touched(kind):
            unchanged: Lookup = large
            return unchanged
        return Both(large.without(self._mask(kind, times), self._numbers), small())


def _alike(one: ScreeningList, other: ScreeningList) -> bool:
    """Tell whether the entries of two lists are matched in the same way."""
    shown = [{k: v for k, v in each.options.items() if k != "category"} for each in (one, other)]
    return one.kind == other.kind and shown[0] == shown[1]


def _plainly(options: Mapping[str, str]) -> dict[str, str]:
    """Return a list's options without its disguised spellings: those are looked for in all of its entries."""
    return {word: value for word, value in options.items() if word != "spelling"}


def _entries_at(each: ScreeningList, places: NDArray[np.int64]) -> pl.Series:
    return each.entries if len(places) == each.count else each.entries_at(places)


def grown(before: Lists, lists: tuple[ScreeningList, ...], compiled: Compiled | None = None) -> Lists:
    """Return lists whose matchers are those of lists made whole, without what is gone, and small ones beside them."""
    if before.lists == tuple(sorted(lists, key=lambda each: each.name)):
        return before
    return GrownLists(before, lists, compiled)
