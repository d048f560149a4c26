"""The shape of texts: how many letters, capitals, digits, emoji, words, mentions and hidden characters they have."""

import numpy as np
from numpy.typing import NDArray

from evenhand.screening.characters import DIGIT, HIDDEN, LETTER, MARK, UNSPACED, tables
from evenhand.screening.normalise import Codes, Joined

Ints = NDArray[np.int64]
Marked = NDArray[np.bool_]

_JOINER, _NON_JOINER = 0x200D, 0x200C
_LOOKALIKE_SCRIPTS_END = 0x590
"""Latin, Greek, Cyrillic and Armenian lie below; scripts and emoji above may need joiners."""


def raw_shape(raw: Joined) -> dict[str, NDArray[np.float64] | Ints]:
    """Return the signals that are measured on texts as they were sent, by name."""
    known, codes = tables(), raw.codes
    kind = known.kind[codes]
    letters = raw.count((kind == LETTER) | (kind == UNSPACED))
    return {
        "text_length": raw.lengths,
        "uppercase_share": _share(raw.count(known.upper[codes]), letters),
        "digit_share": _share(raw.count(known.decimal[codes]), raw.lengths),
        "emoji_count": _emoji(raw),
        "mention_count": raw.count(_mentions(codes, kind)),
        "hidden_characters": raw.count(_hidden(codes, kind)),
    }


def word_shape(compat: Joined) -> dict[str, Ints]:
    """Return the signals about words, measured on texts as `compatible` leaves them, by name."""
    known, codes = tables(), compat.codes
    kind = known.kind[codes]
    within = (kind == LETTER) | (kind == MARK)
    word = within | (kind == DIGIT) | (kind == UNSPACED)
    # Micro, mega-ohm and their like are no fakes.
    script = np.where((codes == 0x3BC) | (codes == 0x3A9), np.uint8(0), known.script[codes])
    starts = np.flatnonzero(_begins(within))
    mixed = np.zeros(len(codes), np.bool_)
    if len(starts):
        bits = np.bitwise_or.reduceat(np.where(within, script, np.uint8(0)), starts)
        mixed[starts] = (bits & (bits - np.uint8(1)) & np.where(bits > 0, 255, 0).astype(np.uint8)) > 0
    return {"word_count": compat.count(_begins(word)), "mixed_script_words": compat.count(mixed)}


def _share(part: Ints, whole: Ints) -> NDArray[np.float64]:
    return part / np.maximum(whole, 1)


def _begins(marked: Marked) -> Marked:
    """Mark the first of each run; the buffer's first place is a separator, never marked."""
    return marked & ~np.concatenate(([False], marked[:-1]))


def _emoji(raw: Joined) -> Ints:
    codes = raw.codes
    emoji = tables().emoji[codes] & (np.concatenate(([0], codes[:-1])) != _JOINER)
    flags = (codes >= 0x1F1E6) & (codes <= 0x1F1FF)
    return raw.count(emoji) + (raw.count(flags) + 1) // 2  # a flag is a pair of letters


def _mentions(codes: Codes, kind: NDArray[np.uint8]) -> Marked:
    name = (kind == LETTER) | (kind == DIGIT) | (kind == UNSPACED) | (codes == ord("_"))
    at = codes == ord("@")
    after = np.concatenate((name[1:], [False]))
    before = np.concatenate(([False], (name | (codes == ord(".")))[:-1]))
    mentions: Marked = at & after & ~before
    return mentions


def _hidden(codes: Codes, kind: NDArray[np.uint8]) -> Marked:
    """Mark hidden characters, but joiners only between letters that never need them; variation selectors never."""
    before = np.concatenate(([0], codes[:-1])).astype(np.uint32)
    needed = ((codes == _JOINER) | (codes == _NON_JOINER)) & (before >= _LOOKALIKE_SCRIPTS_END)
    selector = (codes >= 0xFE00) & (codes <= 0xFE0F)
    hidden: Marked = (kind == HIDDEN) & ~needed & ~selector
    return hidden
