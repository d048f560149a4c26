"""Spellings that hide a word, undone where a list asks for it: digits for letters, and letters set apart.

Each view of the texts is a buffer of its own, of those texts alone that it changes, with the way back to their places.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from evenhand.screening.characters import DIGIT, LETTER, tables
from evenhand.screening.normalise import Codes, Joined, Normalised

Index = NDArray[np.int64]

_LEET = "0o3e4a5s7t8b9g@a$s€e"
_AS_I, _AS_L = "1i!i|i", "1l!l|l"
"""Signs that stand for letters, each before its letter; 1 may be i or l, so both are tried."""
_BETWEEN = np.array([ord(sign) for sign in " .-_*,/|+~·•"], np.uint32)


@dataclass(frozen=True, slots=True)
class View:
    """Some texts in another spelling.

    Attributes:
        texts: The changed texts alone, in their order.
        rows: Which of the texts they are.
        places: For each place of the view's buffer, where that stands in the texts' own.
    """

    texts: Normalised
    rows: Index
    places: Index


def whole(texts: Normalised) -> View:
    """Return the texts as they are."""
    rows = np.arange(len(texts.skeleton.starts))
    return View(texts, rows, np.arange(len(texts.plain)))


def leetspeak(letters: str) -> Callable[[View], View]:
    """Return what reads digits and signs as letters, in words that have a letter too."""
    table = np.arange(0x110000, dtype=np.uint32)
    for sign, letter in zip(letters[::2], letters[1::2], strict=True):
        table[ord(sign)] = ord(letter)
    signs = table != np.arange(len(table))

    def read(view: View) -> View:
        codes = view.texts.skeleton.codes
        sign, letter = signs[codes], tables().kind[view.texts.plain] == LETTER
        word = np.cumsum(~(sign | letter))
        with_letter = np.zeros(int(word[-1]) + 1, np.bool_)
        with_letter[word[letter]] = True
        changed = sign & with_letter[word]
        read_as = np.where(changed, table[codes], codes)
        plain = np.where(changed, read_as, view.texts.plain)
        skeleton = Joined(read_as, view.texts.skeleton.starts, view.texts.skeleton.ends)
        return _only(View(Normalised(skeleton, plain), view.rows, view.places), changed)

    return read


def spaced(view: View) -> View:
    """Return the texts with single letters and digits brought together that one sign or space keeps apart."""
    codes, kind = view.texts.skeleton.codes, tables().kind[view.texts.plain]
    word = (kind == LETTER) | (kind == DIGIT) | np.isin(codes, _SIGNS)
    single = word.copy()
    single[1:] &= ~word[:-1]
    single[:-1] &= ~word[1:]
    gone = np.zeros(len(codes), np.bool_)
    gone[1:-1] = np.isin(codes[1:-1], _BETWEEN) & single[:-2] & single[2:]
    chosen = _only(view, gone)
    kept = ~gone[_inner(view, gone)]
    plain, codes = chosen.texts.plain[kept], chosen.texts.skeleton.codes[kept]
    edges = np.flatnonzero(codes == 0)
    return View(Normalised(Joined(codes, edges[:-1] + 1, edges[1:]), plain), chosen.rows, chosen.places[kept])


_SIGNS = np.array([ord(sign) for sign in "@$€!"], np.uint32)


def _inner(view: View, changed: NDArray[np.bool_]) -> Index:
    """Return the places of the changed texts, their edges included."""
    joined = view.texts.skeleton
    rows = np.flatnonzero(joined.count(changed))
    lengths = joined.lengths[rows] + 1
    places = np.repeat(joined.starts[rows] - 1 - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
    return np.append(places, joined.ends[rows[-1]] if len(rows) else 0)


def _only(view: View, changed: NDArray[np.bool_]) -> View:
    rows = np.flatnonzero(view.texts.skeleton.count(changed))
    places = _inner(view, changed)
    plain: Codes = view.texts.plain[places]
    return View(Normalised(view.texts.skeleton.only(rows), plain), view.rows[rows], view.places[places])


def _then(*steps: Callable[[View], View]) -> Callable[[View], View]:
    def read(view: View) -> View:
        for step in steps:
            view = step(view)
        return view

    return read


VIEWS: Mapping[str, Sequence[Callable[[View], View]]] = MappingProxyType(
    {
        "leetspeak": (leetspeak(_LEET + _AS_I), leetspeak(_LEET + _AS_L)),
        "spaced": (spaced,),
        "leetspeak, spaced": (
            leetspeak(_LEET + _AS_I),
            leetspeak(_LEET + _AS_L),
            spaced,
            _then(spaced, leetspeak(_LEET + _AS_I)),
            _then(spaced, leetspeak(_LEET + _AS_L)),
        ),
    }
)
"""The views in which a list is looked for beside the plain one, by what its header asks for."""
