"""The library's functions as NumPy's users call them; whoever has none asks `kernel()` and gets None.

Callers keep the NumPy that says the same, and tests compare the two.
"""

import ctypes
import secrets
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.screening.compiled import Compiled
from evenhand.screening.native.build import load_library

Index = NDArray[np.int64]
Codes = NDArray[np.uint32]
Bytes = NDArray[np.uint8]
Keys = NDArray[np.uint64]
Texts = tuple[Codes, Index, Index]
"""Code points, and where each text starts and ends: what `normalise.Joined` holds."""

_POINTERS = {
    "decode": "ppipppppp",
    "spell": "pipppppppppppppp",
    "ngram_sums": "pppippp",
    "find_likely": "pppippppi",
    "kept_runs": "pppipiiipppp",
    "text_keys": "pppipip",
    "raw_counts": "pppipppppi",
    "word_counts": "pppippp",
    "may_hold_hosts": "pppipp",
    "phrases_find": "pppipppi",
    "pictures_find": "ppippi",
    "map_size": "p",
    "tally_add": "ppip",
    "tally_forget": "ppi",
    "variety_add": "ppppiip",
    "variety_forget": "ppppii",
    "posts_read": "ppipp",
}
_KINDS = {"p": ctypes.c_void_p, "i": ctypes.c_int64, "u": ctypes.c_uint32}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Runs of letters of listed texts, as `near_copies` makes them.

    Attributes:
        seen: A bit for the first `seen_bits` bits of each run.
        first: Where in `runs` those begin that have the same first `slot_bits` bits.
        runs: Hashes, in order.
        text: The listed text of each.
        needed: How many different runs of each listed text a post must have.
    """

    seen: Bytes
    seen_bits: int
    first: Index
    slot_bits: int
    runs: Codes
    text: Index
    needed: Index


class _Listed(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("seen", "first", "runs", "text", "needed")),
        ("texts", ctypes.c_int64),
        ("seen_bits", ctypes.c_uint32),
        ("slot_bits", ctypes.c_uint32),
    )


class _Texts(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_void_p) for name in ("codes", "starts", "ends"))


CHUNKS = 16
"""Parts of a picture's hash by which it is found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Listed hashes of pictures, as `perceptual` makes them.

    Attributes:
        words: Four a hash.
        distances: Bits that may differ, of each.
        firsts: For each chunk, where in its order each value begins, and the end behind them.
        orders: For each chunk, the hashes by it.
        halves: In this order, the two words of each that the chunk is not in.
    """

    words: NDArray[np.uint64]
    distances: Index
    firsts: Sequence[Codes]
    orders: Sequence[Codes]
    halves: Sequence[NDArray[np.uint64]]


class _Pictures(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("words", "distances")),
        *((name, ctypes.c_void_p * CHUNKS) for name in ("firsts", "orders", "halves")),
    )


POST_TEXTS, POST_PARTS, POST_NUMBERS = 8, 4, 3
"""Columns of a post that are texts, those of one of its media, and those that are numbers (`flow.post_lines`)."""
ITEMS_MAX, _ITEM_BYTES = 100, 3
"""How many media a post has at most, and how few bytes one takes in a line: `{},`."""


@dataclass(frozen=True, slots=True)
class PostTexts:
    """A column of texts: their bytes, where each begins and the end behind them, and whether it is there (1)."""

    data: Bytes
    offsets: Index
    there: Bytes


@dataclass(frozen=True, slots=True)
class PostColumns:
    """Posts as they were read from lines.

    Attributes:
        texts: A row a post.
        parts: A row one of their media.
        items: Where each post's media begin, and the end behind them.
        has_items: Whether a post has such a list (1), be it empty.
        numbers: Values, and whether they are there (1).
        taken: For each line, whether it is a row (1).
    """

    texts: list[PostTexts]
    parts: list[PostTexts]
    items: Index
    has_items: Bytes
    numbers: list[tuple[Index, Bytes]]
    taken: Bytes


class _Column(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_void_p) for name in ("bytes", "ends", "there"))


class _Posts(ctypes.Structure):
    _fields_ = (
        ("texts", _Column * POST_TEXTS),
        ("parts", _Column * POST_PARTS),
        ("items", ctypes.c_void_p),
        ("has_items", ctypes.c_void_p),
        ("numbers", ctypes.c_void_p * POST_NUMBERS),
        ("there", ctypes.c_void_p * POST_NUMBERS),
    )


def _room_for(size: int, rows: int) -> PostTexts:
    return PostTexts(np.empty(size, np.uint8), np.empty(rows + 1, np.int64), np.empty(rows, np.uint8))


def _cut(texts: PostTexts, rows: int) -> PostTexts:
    return PostTexts(texts.data[: texts.offsets[rows]], texts.offsets[: rows + 1], texts.there[:rows])


def _room(codes: int, texts: int) -> Texts:
    return np.empty(codes, np.uint32), np.empty(texts, np.int64), np.empty(texts, np.int64)


class Kernel:
    """The compiled loops; they leave the interpreter's lock to others while they run."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        for name, kinds in _POINTERS.items():
            function = getattr(library, name)
            function.argtypes = [_KINDS[kind] for kind in kinds]
            function.restype = ctypes.c_int64
        library.phrases_make.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p]
        library.phrases_make.restype = ctypes.c_void_p
        library.phrases_free.argtypes = [ctypes.c_void_p]
        library.phrases_free.restype = None
        library.map_make.argtypes, library.map_make.restype = [ctypes.c_uint64] * 2, ctypes.c_void_p
        library.map_free.argtypes, library.map_free.restype = [ctypes.c_void_p], None

    def decode(self, data: Bytes, offsets: Index, classes: Bytes) -> tuple[Texts, Bytes, int]:
        """Return texts in UTF-8 as code points, for each whether it is plain (0), simple (1) or hard (2), and a number.

        The number: how many of the characters become several by folding.

        Args:
            data: Valid UTF-8.
            offsets: Where each text begins in it, and the end behind them.
            classes: Of each character: see `shortcuts.Shortcuts`.
        """
        count = len(offsets) - 1
        texts = _room(int(offsets[-1] - offsets[0]) + count + 1, count)
        groups, longer = np.empty(count, np.uint8), np.empty(1, np.int64)
        size = self._library.decode(*_at(data, offsets), count, *_at(classes, *texts, groups, longer))
        return (texts[0][:size], *texts[1:]), groups, int(longer[0])

    def spell(
        self,
        raw: Texts,
        groups: Bytes,
        longer: int,
        tables: tuple[Codes, Codes, Codes, Codes, Codes, Bytes],
        hard: Texts,
        hard_folded: Texts,
    ) -> tuple[Texts, Bytes, Texts, Codes]:
        """Return texts in NFKC, the same in UTF-8, the texts as they are compared, and these before look-alikes went.

        Args:
            raw: As `decode` returns it.
            groups: Likewise.
            longer: Likewise.
            tables: What each character becomes by itself in NFKC; what it then becomes by folding, from the last code
                point on a row of the fourth table; what stands for it at last; rows of three letters (0: none) and
                whether their word is bared; each character bared; its kind.
            hard: The hard texts alone, in NFKC.
            hard_folded: The same folded.
        """
        count = len(groups)
        out = _room(len(raw[0]) + len(hard[0]) + 1, count)
        final = _room(len(raw[0]) + 2 * longer + len(hard[0]) + len(hard_folded[0]) + 1, count)
        utf8, plain, sizes = np.empty(4 * len(out[0]), np.uint8), np.empty_like(final[0]), np.empty(3, np.int64)
        given = [_Texts(*_at(*each)) for each in (raw, hard, hard_folded, out, final)]
        first, second, third, fourth, fifth = (ctypes.addressof(each) for each in given)
        self._library.spell(
            first, count, *_at(groups, *tables), second, third, fourth, *_at(utf8), fifth, *_at(plain, sizes)
        )
        size, last, length = sizes.tolist()
        return (out[0][:size], *out[1:]), utf8[:length], (final[0][:last], *final[1:]), plain[:last]

    def posts_read(self, data: Bytes, offsets: Index) -> PostColumns:
        """Return posts from lines of JSON.

        A line that was not taken may be a post all the same, or say what is wrong with it: to the slow reader.

        Args:
            data: The lines, without anything between them.
            offsets: Where each begins, and the end behind them.
        """
        lines = len(offsets) - 1
        most = min(ITEMS_MAX * lines, len(data) // _ITEM_BYTES + 1)
        texts = [_room_for(len(data), lines) for _ in range(POST_TEXTS)]
        parts = [_room_for(len(data), most) for _ in range(POST_PARTS)]
        items, has_items, taken = np.empty(lines + 1, np.int64), np.empty(lines, np.uint8), np.empty(lines, np.uint8)
        numbers = [(np.empty(lines, np.int64), np.empty(lines, np.uint8)) for _ in range(POST_NUMBERS)]
        given = _Posts(
            tuple(_Column(*_at(each.data, each.offsets, each.there)) for each in texts),
            tuple(_Column(*_at(each.data, each.offsets, each.there)) for each in parts),
            *_at(items, has_items),
            tuple(_at(values)[0] for values, _ in numbers),
            tuple(_at(there)[0] for _, there in numbers),
        )
        rows = self._library.posts_read(*_at(data, offsets), lines, ctypes.addressof(given), *_at(taken))
        return PostColumns(
            [_cut(each, rows) for each in texts],
            [_cut(each, int(items[rows])) for each in parts],
            items[: rows + 1],
            has_items[:rows],
            [(values[:rows], there[:rows]) for values, there in numbers],
            taken,
        )

    def ngram_sums(
        self, codes: Codes, starts: Index, ends: Index, weights: NDArray[np.float32]
    ) -> tuple[NDArray[np.float64], Index]:
        """Return the sum of the weights of each text's different n-grams, and how many these are."""
        sums, numbers = np.empty(len(starts)), np.empty(len(starts), np.int64)
        _enough(self._library.ngram_sums(*_texts(codes, starts, ends), *_at(weights, sums, numbers)))
        return sums, numbers

    def find_likely(
        self, codes: Codes, starts: Index, ends: Index, is_text: NDArray[np.bool_], listed: Listed
    ) -> tuple[Index, Index]:
        """Return (post, listed text) for the pairs that have enough runs of letters in common."""
        arrays = (listed.seen, listed.first, listed.runs, listed.text, listed.needed)
        given = _Listed(*_at(*arrays), len(listed.needed), listed.seen_bits, listed.slot_bits)
        place = ctypes.addressof(given)
        return self._pairs(
            lambda posts, texts, room: self._library.find_likely(
                *_texts(codes, starts, ends), *_at(is_text), place, *_at(posts, texts), room
            ),
            len(starts),
        )

    def kept_runs(
        self, texts: Texts, is_text: NDArray[np.bool_], least: int, wanted: int, most: int, key: NDArray[np.uint64]
    ) -> tuple[Codes, Index, Index]:
        """Return keyed hashes of some runs of each text's letters, how many each text has, and of how many runs."""
        count = len(texts[1])
        kept, counts, sizes = np.empty(count * most, np.uint32), np.empty(count, np.int64), np.empty(count, np.int64)
        found = self._library.kept_runs(
            *_texts(*texts), *_at(is_text), least, wanted, most, *_at(key, kept, counts, sizes)
        )
        if found < 0:
            raise MemoryError
        return kept[:found].copy(), counts, sizes

    def text_keys(
        self, codes: Codes, starts: Index, ends: Index, chosen: NDArray[np.bool_] | None, least: int
    ) -> NDArray[np.uint64]:
        """Return a key of each text's characters, or of the chosen ones alone; 0 where they are fewer than `least`."""
        keys = np.empty(len(starts), np.uint64)
        pointer = None if chosen is None else _at(chosen)[0]
        self._library.text_keys(*_texts(codes, starts, ends), pointer, least, *_at(keys))
        return keys

    def raw_counts(self, codes: Codes, starts: Index, ends: Index, flags: Bytes) -> tuple[Index, Index, Index, Index]:
        """Return letters, capitals and digits of each text, and the places of characters flagged as rare."""
        counts = [np.empty(len(starts), np.int64) for _ in range(3)]
        room = len(codes) // 8 + 64
        while True:
            rare = np.empty(room, np.int64)
            found = self._library.raw_counts(*_texts(codes, starts, ends), *_at(flags, *counts, rare), room)
            if found <= room:
                return counts[0], counts[1], counts[2], rare[:found]
            room = found

    def word_counts(self, codes: Codes, starts: Index, ends: Index, kinds: Bytes) -> tuple[Index, Index]:
        """Return the words of each text, and those of two scripts."""
        words, mixed = (np.empty(len(starts), np.int64) for _ in range(2))
        self._library.word_counts(*_texts(codes, starts, ends), *_at(kinds, words, mixed))
        return words, mixed

    def may_hold_hosts(self, codes: Codes, starts: Index, ends: Index, kinds: Bytes) -> NDArray[np.bool_]:
        """Tell which texts may hold a host: a dot within a word, or a bracket before what may stand for a dot."""
        hosts = np.empty(len(starts), np.bool_)
        self._library.may_hold_hosts(*_texts(codes, starts, ends), *_at(kinds, hosts))
        return hosts

    def pictures(self, listed: Pictures, asked: NDArray[np.uint64]) -> tuple[Index, Index]:
        """Return (asked, listed) for the hashes, four words a row, that are near: each pair once or more often."""
        chunks = (listed.firsts, listed.orders, listed.halves)
        places = [(ctypes.c_void_p * CHUNKS)(*_at(*arrays)) for arrays in chunks]
        given = _Pictures(*_at(listed.words, listed.distances), *places)
        place = ctypes.addressof(given)
        return self._pairs(
            lambda rows, entries, room: self._library.pictures_find(
                place, *_at(asked), len(asked), *_at(rows, entries), room
            ),
            len(asked),
        )

    def tally(self) -> "NativeTally":
        """Return an empty count of items by key."""
        return NativeTally(self._library)

    def variety(self) -> "NativeVariety":
        """Return an empty count of different partners by key."""
        return NativeVariety(self._library)

    def phrases(self, codes: Codes, offsets: Index, words: NDArray[np.bool_]) -> "NativePhrases":
        """Return what finds these phrases: code points, where each begins (and the end), those only for whole words."""
        return NativePhrases(self._library, self._pairs, codes, offsets, words)

    def _pairs(self, find: Callable[[Any, Any, int], int], room: int) -> tuple[Index, Index]:
        """Return what a function finds, called again where there was too little room."""
        room += 64
        while True:
            left, right = (np.empty(room, np.int64) for _ in range(2))
            found = _enough(find(left, right, room))
            if found <= room:
                return left[:found], right[:found]
            room = found


class NativePhrases:
    """Tables of phrases, in memory of the library's own."""

    def __init__(
        self,
        library: ctypes.CDLL,
        pairs: Callable[[Callable[[Any, Any, int], int], int], tuple[Index, Index]],
        codes: Codes,
        offsets: Index,
        words: NDArray[np.bool_],
    ) -> None:
        self._library, self._pairs = library, pairs
        # The tables point into these two.
        self._codes, self._offsets = np.ascontiguousarray(codes), np.ascontiguousarray(offsets)
        count = len(offsets) - 1
        self._made = library.phrases_make(*_at(self._codes, self._offsets), count, *_at(np.ascontiguousarray(words)))
        if not self._made:
            raise MemoryError

    def __del__(self) -> None:
        if getattr(self, "_made", None):
            self._library.phrases_free(self._made)

    def find(self, codes: Codes, plain: Codes, kinds: Bytes) -> tuple[Index, Index]:
        """Return number of the phrase and place of its first character, for every occurrence in every text."""
        plain = np.ascontiguousarray(plain)

        def find(numbers: Index, places: Index, room: int) -> int:
            found = _at(kinds, numbers, places)
            return int(self._library.phrases_find(self._made, *_at(codes, plain), len(codes), *found, room))

        return self._pairs(find, len(codes) // 16)


class _Map:
    """A table of the library's own: numbers by key; one thread at a time."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library, self._free = library, library.map_free
        self.place = library.map_make(secrets.randbits(64), secrets.randbits(64))
        if not self.place:
            raise MemoryError

    def __len__(self) -> int:
        return int(self._library.map_size(self.place))

    def __del__(self) -> None:
        if getattr(self, "place", None):
            self._free(self.place)


class NativeTally:
    """How many items each key has in the window: see `counts`."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library, self._map = library, _Map(library)
        self._hours: deque[tuple[int, Keys]] = deque()

    def __len__(self) -> int:
        """Return how many keys have items."""
        return len(self._map)

    def add(self, hour: int, keys: Keys) -> Index:
        """Count the keys (0: none) in their order; return what each stood at after itself, 0 for none."""
        kept, after = np.array(keys, np.uint64), np.empty(len(keys), np.int64)
        _enough(self._library.tally_add(self._map.place, *_at(kept), len(kept), *_at(after)))
        self._hours.append((hour, kept))
        return after

    def forget(self, hour: int) -> None:
        """Forget what came at `hour` or before."""
        while self._hours and self._hours[0][0] <= hour:
            _, keys = self._hours.popleft()
            self._library.tally_forget(self._map.place, *_at(keys), len(keys))


class NativeVariety:
    """How many different partners each key has in the window: see `counts`."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library, self._last, self._map = library, _Map(library), _Map(library)
        self._hours: deque[tuple[int, Keys, Keys]] = deque()

    def __len__(self) -> int:
        """Return how many pairs are held."""
        return len(self._last)

    def add(self, hour: int, keys: Keys, pairs: Keys) -> Index:
        """Note each pair in its order; return the key's number of different partners after it, 0 for no key."""
        kept, after = (np.array(keys, np.uint64), np.array(pairs, np.uint64)), np.empty(len(keys), np.int64)
        maps = (self._last.place, self._map.place)
        _enough(self._library.variety_add(*maps, *_at(*kept), len(keys), hour, *_at(after)))
        self._hours.append((hour, *kept))
        return after

    def forget(self, hour: int) -> None:
        """Forget pairs that last came at `hour` or before."""
        while self._hours and self._hours[0][0] <= hour:
            then, keys, pairs = self._hours.popleft()
            self._library.variety_forget(self._last.place, self._map.place, *_at(keys, pairs), len(keys), then)


def _at(*arrays: NDArray[Any]) -> list[int]:
    for array in arrays:
        if not array.flags.c_contiguous:
            raise ValueError("only whole arrays have one place in memory")
    return [array.ctypes.data for array in arrays]


def _texts(codes: Codes, starts: Index, ends: Index) -> tuple[int, int, int, int]:
    return codes.ctypes.data, starts.ctypes.data, ends.ctypes.data, len(starts)


def _enough(answer: int) -> int:
    if answer < 0:
        raise MemoryError
    return answer


_lock = threading.Lock()
_kernel: Kernel | None = None


def prepare(compiled: Compiled) -> Kernel | None:
    """Load the library for this process, once; what is not kept yet is compiled."""
    global _kernel  # noqa: PLW0603 - one library a process, as its code is one
    with _lock:
        if _kernel is None and (library := load_library(compiled)) is not None:
            _kernel = Kernel(library)
    return _kernel


def kernel() -> Kernel | None:
    """Return the compiled loops; None: NumPy does it."""
    return _kernel
