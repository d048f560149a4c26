"""The shape of texts: how many letters, capitals, digits, emoji, words, mentions and hidden characters they have."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from evenhand.screening.characters import DIGIT, HIDDEN, LETTER, MARK, UNSPACED, tables
from evenhand.screening.native.kernel import kernel
from evenhand.screening.normalise import Codes, Joined

Ints = NDArray[np.int64]
Marked = NDArray[np.bool_]

_JOINER, _NON_JOINER = 0x200D, 0x200C
_LOOKALIKE_SCRIPTS_END = 0x590
"""Latin, Greek, Cyrillic and Armenian lie below; scripts and emoji above may need joiners."""


_FIELD = np.uint64((1 << 21) - 1)
_UPPER, _DECIMAL, _RARE = np.uint64(21), np.uint64(42), np.uint64(63)


@cache
def _counted() -> NDArray[np.uint64]:
    """Return for each character what it counts as, a field of 21 bits each: letter, upper case, decimal digit.

    The last bit marks characters that must be looked at one by one. A post of more than two million characters would
    run over; the doors let none in.
    """
    known = tables()
    codes = np.arange(len(known.kind))
    rare = known.emoji | (known.kind == HIDDEN) | (codes == ord("@")) | _is_flag(codes.astype(np.uint32))
    fields = (
        known.is_text.astype(np.uint64),
        known.upper.astype(np.uint64) << _UPPER,
        known.decimal.astype(np.uint64) << _DECIMAL,
        rare.astype(np.uint64) << _RARE,
    )
    counted: NDArray[np.uint64] = fields[0] | fields[1] | fields[2] | fields[3]
    return counted


def raw_shape(raw: Joined) -> dict[str, NDArray[np.float64] | Ints]:
    """Return the signals that are measured on texts as they were sent, by name."""
    if (native := kernel()) is not None:
        letters, upper, decimal, rare = native.raw_counts(raw.codes, raw.starts, raw.ends, _flags())
    else:
        letters, upper, decimal, rare = _raw_counts(raw)
    return {
        "text_length": raw.lengths,
        "uppercase_share": _share(upper, letters),
        "digit_share": _share(decimal, raw.lengths),
        **_rare(raw, rare),
    }


@cache
def _flags() -> NDArray[np.uint8]:
    """Return for each character what it counts as, a bit each: letter, upper case, decimal digit, rare."""
    counted = _counted()
    fields = (counted >> field & np.uint64(1) for field in (np.uint64(0), _UPPER, _DECIMAL, _RARE))
    flags = np.zeros(len(counted), np.uint8)
    for bit, field in enumerate(fields):
        flags |= field.astype(np.uint8) << np.uint8(bit)
    return flags


def _raw_counts(raw: Joined) -> tuple[Ints, Ints, Ints, Ints]:
    """Return letters, capitals and digits of each text, and the places of what must be looked at one by one."""
    counted = _counted().take(raw.codes.astype(np.intp))
    # A text's range begins at the separator before it, which counts as nothing: no range is empty.
    sums = np.add.reduceat(counted, raw.starts - 1) if len(raw.starts) else np.zeros(0, np.uint64)
    letters, upper, decimal = ((sums >> field & _FIELD).astype(np.int64) for field in (np.uint64(0), _UPPER, _DECIMAL))
    return letters, upper, decimal, np.flatnonzero(counted.view(np.int64) < 0)


def _rare(raw: Joined, places: Ints) -> dict[str, Ints]:
    """Return the counts of emoji, mentions and hidden characters, from the places where one may be."""
    known, code = tables(), raw.codes[places]
    before, after = raw.codes[places - 1], raw.codes[places + 1]
    row = raw.row_of(places)

    def count(marked: Marked) -> Ints:
        return np.bincount(row[marked], minlength=len(raw.starts)).astype(np.int64)

    # Joiners are hidden only between letters that never need them; variation selectors never are.
    needed = ((code == _JOINER) | (code == _NON_JOINER)) & (before >= _LOOKALIKE_SCRIPTS_END)
    selector = (code >= 0xFE00) & (code <= 0xFE0F)
    mention = (code == ord("@")) & _is_name(after) & ~_is_name(before) & (before != ord("."))
    emoji = count(known.emoji[code] & (before != _JOINER))
    return {
        "emoji_count": emoji + (count(_is_flag(code)) + 1) // 2,  # a flag is a pair of letters
        "mention_count": count(mention),
        "hidden_characters": count((known.kind[code] == HIDDEN) & ~needed & ~selector),
    }


def _is_flag(codes: Codes) -> Marked:
    flags: Marked = (codes >= 0x1F1E6) & (codes <= 0x1F1FF)
    return flags


def _is_name(codes: Codes) -> Marked:
    kind = tables().kind[codes]
    name: Marked = (kind == LETTER) | (kind == DIGIT) | (kind == UNSPACED) | (codes == ord("_"))
    return name


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return for each character its kind, and above it the bit of its script."""
    known = tables()
    script = known.script.copy()
    script[[0x3BC, 0x3A9]] = 0  # micro, mega-ohm and their like are no fakes
    kinds: NDArray[np.uint8] = known.kind | (script << np.uint8(3))
    return kinds


def word_shape(compat: Joined) -> dict[str, Ints]:
    """Return the signals about words, measured on texts as `compatible` leaves them, by name."""
    if (native := kernel()) is not None:
        words, mixed = native.word_counts(compat.codes, compat.starts, compat.ends, _kinds())
        return {"word_count": words, "mixed_script_words": mixed}
    kinds = _kinds().take(compat.codes.astype(np.intp))
    kind = kinds & 7
    word = ((kind >= LETTER) & (kind <= MARK)).view(np.bool_)
    return {"word_count": compat.count(_begins(word)), "mixed_script_words": _mixed(compat, kinds)}


def _mixed(compat: Joined, kinds: NDArray[np.uint8]) -> Ints:
    """Count the words with letters of two scripts; only texts that have two are looked into."""
    counts = np.zeros(len(compat.starts), np.int64)
    if not len(counts):
        return counts
    bits: NDArray[np.uint8] = np.bitwise_or.reduceat(kinds, compat.starts - 1) >> np.uint8(3)
    several = np.flatnonzero(np.bitwise_count(bits) > 1)
    lengths = compat.lengths[several] + 1  # with the separator before it
    places = np.repeat(compat.starts[several] - 1 - (np.cumsum(lengths) - lengths), lengths)
    chosen = kinds[places + np.arange(len(places))]
    within = ((chosen & 7) == LETTER) | ((chosen & 7) == MARK)
    starts = np.flatnonzero(_begins(within))
    if len(starts):
        words = np.bitwise_or.reduceat(np.where(within, chosen >> 3, np.uint8(0)), starts)
        row: Ints = np.searchsorted(np.cumsum(lengths), starts[np.bitwise_count(words) > 1], side="right")
        counts[several] = np.bincount(row, minlength=len(several))
    return counts


def _share(part: Ints, whole: Ints) -> NDArray[np.float64]:
    return part / np.maximum(whole, 1)


def _begins(marked: Marked) -> Marked:
    """Mark the first of each run; the buffer's first place is a separator, never marked."""
    return marked & ~np.concatenate(([False], marked[:-1]))
