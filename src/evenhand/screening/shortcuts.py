"""Which texts come out of normalisation letter by letter, and the tables for these: nearly all texts, far faster.

A text is *plain* when NFKC leaves it as it is and folding changes each character by itself; *simple* when NFKC too
changes each character by itself, hidden ones are dropped, or both. All others go the long way of `normalise`. What
makes the difference are characters that compose, that stand for several, or whose meaning hangs on their neighbours.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.characters import CODE_POINTS, HIDDEN, LATIN, LETTER, MARK, tables

_ASSIGNED = 0x32400
_HANGUL_PARTS = (*range(0x1160, 0x1200), *range(0xD7B0, 0xD800))
_BESIDE_LATIN = ("Η", "Ν", "Υ")
"""Greek capitals that are taken for Latin only beside a Latin letter."""
_GLUED = (0x2120, 0x2122)


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """What each character becomes by itself.

    Attributes:
        compat: After NFKC.
        folded: After folding (and NFKC again), from what it is after NFKC.
        changed: Expression for texts that are not plain.
        hard: Expression for texts that must go the long way.
        classes: The same for the kernel, bits: 1 changed, 2 hard; hard too is a 4 followed by an 8.
            16: becomes several by folding.
        letters: As folded, for the kernel; from CODE_POINTS on, a row of expansions.
        expansions: What a character becomes that is hard by folding alone: three letters, 0 behind the last, and 1
            where it bears a mark, so that its word is bared.
    """

    compat: NDArray[np.uint32]
    folded: NDArray[np.uint32]
    changed: str
    hard: str
    classes: NDArray[np.uint8]
    letters: NDArray[np.uint32]
    expansions: NDArray[np.uint32]


@cache
def shortcuts() -> Shortcuts:
    """Return the tables; the first call makes them (about 0.5 s)."""
    kind = tables().kind
    compat, folded = (np.arange(CODE_POINTS, dtype=np.uint32) for _ in range(2))
    seconds = _composing()
    hard, changed, ordered = [], [], []
    expanded: dict[int, tuple[int, int, int, int]] = {}
    for code in _looked_at():
        letter = chr(code)
        once = unicodedata.normalize("NFKC", letter)
        twice = unicodedata.normalize("NFKC", once.casefold())
        if (
            once in _BESIDE_LATIN
            or len(once) != 1
            or len(twice) != 1
            or ord(once) in seconds
            or ord(twice) in seconds
            or code in seconds
        ):
            hard.append(code)
            if (row := _expansion(code, seconds)) is not None:
                expanded[code] = row
            continue
        kinds = {int(kind[each]) for each in (code, ord(once), ord(twice))}
        if MARK in kinds or (HIDDEN in kinds and len(kinds) > 1):
            hard.append(code)
            continue
        compat[code], folded[ord(once)] = ord(once), ord(twice)
        folded[code] = ord(twice)
        if once != letter or kind[code] == HIDDEN:
            changed.append(code)
        if unicodedata.combining(letter):
            ordered.append(code)
    # What is not assigned above is left alone by every step; tags are hidden.
    changed += [code for code in range(_ASSIGNED, CODE_POINTS) if kind[code] == HIDDEN]
    hard += _GLUED
    hidden = np.flatnonzero(kind == HIDDEN).tolist()
    classes = np.zeros(CODE_POINTS, np.uint8)
    long = [code for code, row in expanded.items() if row[1]]
    # A mark of one's own and one that follows might change their order.
    marked = [code for code, row in expanded.items() if row[3]]
    difficult = [code for code in hard if code not in expanded]
    for bit, codes in ((1, changed), (2, difficult), (4, ordered + marked), (8, ordered + hidden), (16, long)):
        classes[codes] |= np.uint8(bit)
    letters = folded.copy()
    letters[list(expanded)] = CODE_POINTS + np.arange(len(expanded), dtype=np.uint32)
    return Shortcuts(
        compat,
        folded,
        changed=f"[{_ranges(changed)}]",
        hard=f"[{_ranges(hard)}]|[{_ranges(ordered)}][{_ranges(ordered + hidden)}]",
        classes=classes,
        letters=letters,
        expansions=np.array(list(expanded.values()), np.uint32).reshape(-1, 4),
    )


def _expansion(code: int, seconds: frozenset[int]) -> tuple[int, int, int, int] | None:
    """Return what folding makes of a character that NFKC leaves alone, where its neighbours have no say in it.

    That is up to three letters that compose with nothing before them (ß), or a Latin one with a mark (İ).
    """
    letter, kind = chr(code), tables().kind
    if unicodedata.normalize("NFKC", letter) != letter or letter in _BESIDE_LATIN or code in seconds:
        return None
    if code in _GLUED or unicodedata.combining(letter) or kind[code] in (MARK, HIDDEN):
        return None
    folded = unicodedata.normalize("NFKC", letter.casefold())
    found = [ord(each) for each in folded]
    if len(found) == 2 and kind[found[1]] == MARK and tables().script[found[0]] == LATIN and found[0] not in seconds:
        return found[0], 0, 0, 1
    inert = all(kind[each] == LETTER and each not in seconds for each in found)
    if not inert or not 2 <= len(found) <= 3 or any(unicodedata.combining(each) for each in folded):
        return None
    first, second, third = (*found, 0)[:3]
    return first, second, third, 0


def split(texts: pl.Series) -> tuple[NDArray[np.int64], int, int]:
    """Return the texts' places, plain ones first, then simple ones, then the others; how many are plain, and simple.

    Args:
        texts: No nulls.
    """
    known = shortcuts()
    changed = texts.str.contains(known.changed).to_numpy()
    hard = texts.str.contains(known.hard).to_numpy()
    group = np.where(hard, 2, changed.astype(np.int64))
    sizes = np.bincount(group, minlength=3)
    return np.argsort(group, kind="stable"), int(sizes[0]), int(sizes[1])


def _looked_at() -> list[int]:
    """Return the characters that something may happen to: not ideographs, Hangul syllables, surrogates."""
    parts = ((0, 0x3400), (0x4DC0, 0x4E00), (0xA000, 0xAC00), (0xD7A4, 0xD800), (0xE000, 0x20000), (0x2F800, 0x2FA20))
    return [code for first, end in parts for code in range(first, end)]


def _composing() -> frozenset[int]:
    """Return the characters that may compose with the one before them."""
    found = set(_HANGUL_PARTS)
    for code in _looked_at():
        parts = unicodedata.decomposition(chr(code))
        if parts and not parts.startswith("<") and len(parts.split()) == 2:
            found.add(int(parts.split()[1], 16))
    return frozenset(found)


def _ranges(codes: list[int]) -> str:
    places = np.unique(np.array(codes, np.int64))
    cuts = np.flatnonzero(np.diff(places) > 1) + 1
    return "".join(f"\\x{{{part[0]:x}}}-\\x{{{part[-1]:x}}}" for part in np.split(places, cuts) if len(part))
