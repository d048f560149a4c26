"""What each character is, as tables indexed by code point: made once, used on whole buffers."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

CODE_POINTS = 0x110000
SEPARATOR = 0
"""Stands between the posts of a joined buffer; texts hold none (replaced by a space)."""

OTHER, LETTER, DIGIT, UNSPACED, MARK, HIDDEN, SPACE = range(7)
"""Classes. UNSPACED: letters of scripts written without spaces between words. MARK: marks that are drawn over or
under any letter and carry no meaning of their own once NFKC has composed what it can. HIDDEN: draws nothing."""

LATIN, CYRILLIC, GREEK, ARMENIAN, CHEROKEE = 1, 2, 4, 8, 16
"""Scripts whose letters look alike, as bits; every other letter has none."""

_UNSPACED = (
    *((0x0E01, 0x0E5B), (0x0E80, 0x0EDF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x19E0, 0x19FF), (0x1950, 0x19DF)),
    *((0x1A20, 0x1AAF), (0xA9E0, 0xA9FF), (0xAA60, 0xAADF), (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029)),
    *((0x3031, 0x303C), (0x3041, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)),
    *((0xFF66, 0xFF9F), (0x1AFF0, 0x1B16F), (0x20000, 0x323AF)),
)
_MARKS = (
    *((0x0300, 0x036F), (0x0483, 0x0489), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20F0), (0xFE20, 0xFE2F)),
    # Vowel signs and stretchers that Hebrew and Arabic are mostly written without.
    *((0x0591, 0x05BD), (0x05BF, 0x05C7), (0x0610, 0x061A), (0x0640, 0x0640), (0x064B, 0x065F), (0x0670, 0x0670)),
)
_HIDDEN = (
    *((0x0001, 0x0008), (0x000E, 0x001B), (0x007F, 0x007F), (0x00AD, 0x00AD), (0x034F, 0x034F)),
    *((0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E)),
    *((0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB)),
    *((0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
_SCRIPTS = (
    *((0x41, 0x5A, LATIN), (0x61, 0x7A, LATIN), (0xC0, 0x24F, LATIN), (0x250, 0x2AF, LATIN), (0x1E00, 0x1EFF, LATIN)),
    *((0x1D00, 0x1D25, LATIN), (0x2C60, 0x2C7F, LATIN), (0xA720, 0xA7FF, LATIN), (0xFF21, 0xFF5A, LATIN)),
    *((0x370, 0x3FF, GREEK), (0x1F00, 0x1FFF, GREEK), (0x1D26, 0x1D2A, GREEK)),
    *((0x400, 0x52F, CYRILLIC), (0x1C80, 0x1C8F, CYRILLIC), (0x2DE0, 0x2DFF, CYRILLIC), (0xA640, 0xA69F, CYRILLIC)),
    *((0x531, 0x587, ARMENIAN), (0x13A0, 0x13FD, CHEROKEE), (0xAB70, 0xABBF, CHEROKEE)),
)
_EMOJI = (
    *((0x231A, 0x231B), (0x23E9, 0x23F3), (0x25FD, 0x25FE), (0x2600, 0x27BF), (0x2B05, 0x2B07), (0x2B1B, 0x2B1C)),
    *((0x2B50, 0x2B50), (0x2B55, 0x2B55), (0x1F004, 0x1F004), (0x1F0CF, 0x1F0CF), (0x1F18E, 0x1F19A)),
    *((0x1F201, 0x1F265), (0x1F300, 0x1F3FA), (0x1F400, 0x1FAFF)),
)
_STYLED = ((0x1F150, 26), (0x1F170, 26))
"""White letters on black circles and squares, from A: NFKC leaves them as they are."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Arrays with an element for every code point.

    Attributes:
        kind: OTHER to SPACE.
        script: Bit of the script.
        skeleton: The letter that stands for it.
        bare: The letter without accents, for words stuffed with marks; й keeps its own.
        upper: Is an upper-case letter.
        decimal: Is a decimal digit.
        emoji: Starts or is an emoji.
        is_text: Is a letter, of any script.
    """

    kind: NDArray[np.uint8]
    script: NDArray[np.uint8]
    skeleton: NDArray[np.uint32]
    bare: NDArray[np.uint32]
    upper: NDArray[np.bool_]
    decimal: NDArray[np.bool_]
    emoji: NDArray[np.bool_]
    is_text: NDArray[np.bool_]


@cache
def tables() -> Tables:
    """Return the tables; the first call makes them (about 0.2 s)."""
    kind, script = np.zeros(CODE_POINTS, np.uint8), np.zeros(CODE_POINTS, np.uint8)
    upper, decimal, emoji = (np.zeros(CODE_POINTS, np.bool_) for _ in range(3))
    # Above 0x32400 only tags and private characters are assigned.
    categories = [unicodedata.category(chr(code)) for code in range(0x32400)]
    initial = np.array([c[0] for c in categories])
    named = np.array(categories)
    kind[: len(named)][np.isin(initial, ("L", "M"))] = LETTER
    kind[: len(named)][initial == "N"] = DIGIT
    kind[: len(named)][initial == "Z"] = SPACE
    kind[[9, 10, 11, 12, 13, 28, 29, 30, 31, 0x85]] = SPACE
    upper[: len(named)] = named == "Lu"
    decimal[: len(named)] = named == "Nd"
    for first, last in _UNSPACED:
        kind[first : last + 1][kind[first : last + 1] == LETTER] = UNSPACED
    for value, ranges in ((MARK, _MARKS), (HIDDEN, _HIDDEN)):
        for first, last in ranges:
            kind[first : last + 1] = value
    for first, last, bit in _SCRIPTS:
        script[first : last + 1][kind[first : last + 1] == LETTER] = bit
    for first, last in _EMOJI:
        emoji[first : last + 1] = True
    is_text = (kind == LETTER) | (kind == UNSPACED)
    return Tables(kind, script, _skeletons(kind), _bare(), upper, decimal, emoji, is_text)


def _skeletons(kind: NDArray[np.uint8]) -> NDArray[np.uint32]:
    table = np.arange(CODE_POINTS, dtype=np.uint32)
    simple = _confusables()
    for alike, stands in simple.items():
        table[ord(alike)] = ord(stands)
    for code in (*range(0x370, 0x588), *range(0x1F00, 0x2000)):
        parts = unicodedata.normalize("NFD", chr(code))
        if len(parts) > 1 and parts[0] in simple:
            table[code] = _accented(simple[parts[0]], parts[1:])
    for first, count in _STYLED:
        table[first : first + count] = np.arange(ord("a"), ord("a") + count)
    table[kind == SPACE] = ord(" ")
    return table


def _accented(base: str, marks: str) -> int:
    """Return the one character for `base` with as many of the marks as have one."""
    for mark in marks:
        composed = unicodedata.normalize("NFC", base + mark)
        base = composed if len(composed) == 1 else base
    return ord(base)


def _confusables() -> dict[str, str]:
    text = resources.files("evenhand.screening").joinpath("confusables.txt").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {alike: stands for stands, letters in rows for alike in letters.split()}


def _bare() -> NDArray[np.uint32]:
    table = np.arange(CODE_POINTS, dtype=np.uint32)
    for code in (*range(0xC0, 0x588), *range(0x1E00, 0x2000)):
        if code not in (0x419, 0x439):
            table[code] = ord(unicodedata.normalize("NFD", chr(code))[0])
    return table
