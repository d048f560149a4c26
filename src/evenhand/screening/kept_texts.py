"""New entries of lists of phrases, expressions and texts against texts that the operator keeps: exactly as screened."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.native.kernel import kernel
from evenhand.screening.near_copies import NearCopies, Texts
from evenhand.screening.normalise import Forms, forms, native_forms
from evenhand.screening.patterns import PatternMatcher, Patterns
from evenhand.screening.phrases import PhraseMatcher, Phrases
from evenhand.screening.ports import TextSealer

Index = NDArray[np.int64]

_ROWS_AT_ONCE = 1 << 14


class TextHunter:
    """Looks for the same entries in any number of columns of sealed texts.

    Args (of the constructor):
        kind: Of the list: phrases, patterns or texts.
        options: What its header says.
        entries: As they were written.
        sealer: Opens the texts.
    """

    def __init__(self, kind: str, options: Mapping[str, str], entries: pl.Series, sealer: TextSealer) -> None:
        self._sealer = sealer
        self._phrases: PhraseMatcher | None = None
        self._patterns: PatternMatcher | None = None
        self._near: NearCopies | None = None
        if kind == "phrases":
            words, spelling = options.get("match", "words") == "words", options.get("spelling", "plain")
            self._phrases = PhraseMatcher([Phrases(0, words, entries, spelling)])
        elif kind == "patterns":
            self._patterns = PatternMatcher([Patterns(0, options.get("case", "any") == "any", entries)])
        else:
            self._near = NearCopies([Texts(0, entries)])

    def counts(self, sealed: pl.Series) -> Index:
        """Return how many hits each text has; none where there is no text, or it does not open."""
        parts = [self._part(sealed.slice(first, _ROWS_AT_ONCE)) for first in range(0, len(sealed), _ROWS_AT_ONCE)]
        return np.concatenate([np.zeros(0, np.int64), *parts])

    def _part(self, sealed: pl.Series) -> Index:
        texts = self._sealer.open_all(sealed).fill_null("")
        native = kernel()
        read = forms(texts) if native is None else native_forms(native, texts)
        return np.bincount(self._rows(read, len(texts)), minlength=len(texts)).astype(np.int64)

    def _rows(self, read: Forms, count: int) -> Index:
        if self._phrases is not None:
            return self._phrases.hits(read.normalised)[0]
        if self._patterns is not None:
            return self._patterns.find(read.text, count)[0]
        assert self._near is not None  # noqa: S101 - one of the three is there
        return self._near.find(read.normalised.skeleton)[0]
