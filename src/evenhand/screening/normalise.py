"""Texts as one joined buffer in the form in which they are compared: whole columns, no Python call a post.

Steps, on all texts at once: NFKC; case folded; NFKC again; accents dropped from words stuffed with marks; marks and
hidden characters removed; look-alike letters replaced by the one that stands for them; runs of white space made one
space, none at the ends. A list's phrases go through the same steps, so that Cyrillic lists match Cyrillic texts.
"""

import unicodedata
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from evenhand.screening.characters import GREEK, HIDDEN, LATIN, LETTER, MARK, SEPARATOR, tables
from evenhand.screening.native.kernel import Kernel
from evenhand.screening.shortcuts import shortcuts

Codes = NDArray[np.uint32]
Places = NDArray[np.int64]

_BEFORE_NFKC = (("™", " "), ("℠", " "))
"""Signs that NFKC would glue to the word before them as letters."""

_CAPITALS = {0x397: ord("h"), 0x39D: ord("n"), 0x3A5: ord("y")}
"""Greek Η Ν Υ look like other Latin letters than η ν υ: taken for Latin only beside a Latin letter."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Texts in one buffer of code points, a SEPARATOR before the first, after the last and between any two.

    Attributes:
        starts: Place of each text's first character; for an empty text, of the separator after it.
        ends: Place after each text's last character.
    """

    codes: Codes
    starts: Places
    ends: Places

    @property
    def lengths(self) -> Places:
        """Characters of each text."""
        return self.ends - self.starts

    def row_of(self, places: Places) -> Places:
        """Return the text that each place of the buffer belongs to."""
        return np.searchsorted(self.starts, places, side="right") - 1

    def count(self, marked: NDArray[np.bool_]) -> Places:
        """Return how many marked places each text has."""
        places = np.flatnonzero(marked)
        return np.searchsorted(places, self.ends) - np.searchsorted(places, self.starts)

    def only(self, rows: Places) -> "Joined":
        """Return some of the texts in a buffer of their own."""
        lengths = self.lengths[rows] + 1
        firsts = np.cumsum(lengths) - lengths
        places = np.repeat(self.starts[rows] - 1 - firsts, lengths) + np.arange(int(lengths.sum()))
        codes = np.concatenate((self.codes[places], np.zeros(1, np.uint32)))
        return Joined(codes, firsts + 1, firsts + lengths)

    def texts(self) -> pl.Series:
        """Return the texts as a column."""
        inner = self.codes[1:-1].tobytes().decode("utf-32-le")
        return pl.Series([inner] if len(self.starts) else [], dtype=pl.String).str.split("\0").explode()


@dataclass(frozen=True, slots=True)
class Normalised:
    """Texts ready to be compared.

    Attributes:
        skeleton: The buffer in its final form.
        plain: The same places before look-alikes were replaced: tells scripts and classes.
    """

    skeleton: Joined
    plain: Codes


@dataclass(frozen=True, slots=True)
class Forms:
    """Texts in all the forms in which something is looked for.

    Attributes:
        raw: As they were sent.
        compat: In NFKC without hidden characters, case kept.
        text: The same in UTF-8.
        normalised: As they are compared.
    """

    raw: Joined
    compat: Joined
    text: bytes
    normalised: Normalised


def join(texts: pl.Series) -> str:
    """Return the texts in one string, each followed by a NUL, one NUL before the first; nulls are empty texts."""
    clean = texts.fill_null("").str.replace_all("\0", " ", literal=True)
    return f"\0{clean.str.join(chr(0))[0]}\0" if len(clean) else "\0"


def compatible(joined: str) -> str:
    """Return the joined texts in NFKC without hidden characters, case kept; separators stay between texts."""
    if not joined.isascii():
        for sign, instead in _BEFORE_NFKC:
            joined = joined.replace(sign, instead)
        joined = unicodedata.normalize("NFKC", joined)
    codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
    hidden = tables().kind[codes] == HIDDEN
    return codes[~hidden].tobytes().decode("utf-32-le") if hidden.any() else joined


def as_joined(joined: str) -> Joined:
    """Return the buffer of code points behind a joined string."""
    codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
    return _located(codes)


def _located(codes: Codes) -> Joined:
    separators = np.flatnonzero(codes == SEPARATOR)
    return Joined(codes, separators[:-1] + 1, separators[1:])


def normalise(texts: pl.Series) -> Normalised:
    """Return the texts (nulls are empty) in the form in which they are compared."""
    return fold(compatible(join(texts)))


def fold(compat: str) -> Normalised:
    """Return joined texts as `compatible` leaves them in the form in which they are compared."""
    return _spaced(_folded(compat))


def forms(texts: pl.Series, plain: int = 0, simple: int = 0) -> Forms:
    """Return texts (nulls are empty) in all forms.

    Args:
        texts: Plain ones first, then simple ones, then others (`shortcuts.split`).
        plain: How many are plain.
        simple: How many are simple.
    """
    known, kind = shortcuts(), tables().kind
    joined = join(texts)
    raw = as_joined(joined)
    first, second = (int(raw.starts[n]) if n < len(texts) else len(joined) for n in (plain, plain + simple))
    middle = _mapped(known.compat, raw.codes[first:second])
    middle = _without(middle, kind[middle] == HIDDEN)
    # What goes the long way needs an edge on both sides; the one before it belongs to the text before.
    last = compatible(f"\0{joined[second:]}")
    codes = np.concatenate((raw.codes[:first], middle, np.frombuffer(last[1:].encode("utf-32-le"), np.uint32)))
    short = first + len(middle)
    folded = _mapped(known.folded, codes[:short])
    if last != "\0":
        folded = np.concatenate((folded, _folded(last)[1:]))
    text = f"{joined[:first]}{middle.tobytes().decode('utf-32-le')}{last[1:]}"
    return Forms(raw, _located(codes), text.encode(), _spaced(folded))


def native_forms(native: Kernel, texts: pl.Series) -> Forms:
    """Return texts (no nulls), in any order, in all forms: only hard ones are looked at by Unicode's own algorithm."""
    known = shortcuts()
    column = texts.to_arrow().cast(pa.large_string())
    _, offsets, letters = column.buffers()
    ends = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(texts) + 1]
    data = np.frombuffer(letters, np.uint8) if letters is not None and letters.size else np.zeros(1, np.uint8)
    raw, groups, longer = native.decode(data, ends, known.classes)
    text = compatible(join(texts.gather(np.flatnonzero(groups == 2))))
    hard, folded = as_joined(text), _located(_folded(text))
    made = tables()
    given = (known.compat, known.letters, made.skeleton, known.expansions, made.bare, made.kind)
    compat, utf8, final, plain = native.spell(raw, groups, longer, given, _parts(hard), _parts(folded))
    return Forms(Joined(*raw), Joined(*compat), utf8.tobytes(), Normalised(Joined(*final), plain))


def _parts(texts: Joined) -> tuple[Codes, Places, Places]:
    return texts.codes, texts.starts, texts.ends


def _folded(compat: str) -> Codes:
    """Return joined texts folded, without marks."""
    if compat.isascii():
        return np.frombuffer(compat.lower().encode("utf-32-le"), np.uint32)
    folded = unicodedata.normalize("NFKC", _greek_capitals(compat).casefold())
    codes = np.frombuffer(folded.encode("utf-32-le"), np.uint32)
    # Folding leaves a hidden character here and there (of Hangul fillers).
    return _without_marks(_without(codes, tables().kind[codes] == HIDDEN))


def _spaced(plain: Codes) -> Normalised:
    """Return folded texts with their skeleton, runs of white space made one, none at the ends."""
    skeleton = _mapped(tables().skeleton, plain)
    spaced, edge = skeleton == ord(" "), skeleton == SEPARATOR
    gone = np.zeros(len(plain), np.bool_)
    np.logical_and(spaced[1:], (spaced | edge)[:-1], out=gone[1:])
    ends = np.flatnonzero(edge)[1:] - 1
    trailing = ends[spaced[ends]]
    if len(trailing):
        # Of a run only the first space is still there.
        runs = np.flatnonzero(spaced[1:] & ~spaced[:-1]) + 1
        gone[runs[np.searchsorted(runs, trailing, side="right") - 1]] = True
    return Normalised(_located(_without(skeleton, gone)), _without(plain, gone))


def _mapped(table: Codes, codes: Codes) -> Codes:
    # Indices of the machine's own width are taken twice as fast.
    return table.take(codes.astype(np.intp))


def _without(codes: Codes, dropped: NDArray[np.bool_]) -> Codes:
    return codes[~dropped] if dropped.any() else codes


def _greek_capitals(compat: str) -> str:
    """Replace capitals Η Ν Υ that stand beside a Latin letter by the letters they look like."""
    if not any(chr(code) in compat for code in _CAPITALS):
        return compat
    codes = np.frombuffer(compat.encode("utf-32-le"), np.uint32).copy()
    latin = tables().script[codes] == LATIN
    for code, instead in _CAPITALS.items():
        places = np.flatnonzero(codes == code)
        codes[places[latin[places - 1] | latin[places + 1]]] = instead
    return codes.tobytes().decode("utf-32-le")


def _without_marks(codes: Codes) -> Codes:
    """Drop marks that compose with no letter; bare the words that carry such marks."""
    known = tables()
    kind = known.kind[codes]
    marks = kind == MARK
    if not marks.any():
        return codes
    word = np.cumsum(~(marks | (kind == LETTER)))
    stuffed = np.zeros(int(word[-1]) + 1, np.bool_)
    based = marks & np.isin(np.concatenate(([0], known.script[codes][:-1])), (LATIN, GREEK))
    stuffed[word[based]] = True
    bared: Codes = np.where(stuffed[word], known.bare[codes], codes)
    kept: Codes = bared[~marks]
    return kept
