"""Phrases of many lists, found in all posts at once over one joined buffer, boundaries by NumPy.

The compiled kernel looks them up by their hashes; where there is none, Hyperscan finds the same.
"""

import threading
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Self

import hyperscan
import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.characters import DIGIT, LETTER, tables
from evenhand.screening.compiled import Arrays
from evenhand.screening.distinct import distinct
from evenhand.screening.native.kernel import kernel
from evenhand.screening.normalise import Codes, Joined, Normalised, normalise
from evenhand.screening.spellings import VIEWS, View, whole

Index = NDArray[np.int64]

FAKE_LETTERS_MIN = 5
"""A word wholly in another script than the phrase it looks like is taken for a fake from this many letters on:
shorter ones are too often words of their own (Russian "рот", English "pot")."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """A list's phrases.

    Attributes:
        owner: Number of the list.
        words: Only whole words and phrases hit.
        entries: As they were written.
        spelling: Disguises that are undone: one of `spellings.VIEWS`, or plain.
    """

    owner: int
    words: bool
    entries: pl.Series
    spelling: str = "plain"


def compiled_phrases(lists: Sequence[Phrases], view: Callable[[View], View] | None = None) -> Arrays:
    """Return what a matcher needs: the forms of the phrases, and by form the lists that hold it.

    Hyperscan's database is made only where the kernel is missing: for a million phrases that takes minutes.

    Args:
        lists: The phrases.
        view: Respells the phrases as it will the texts.
    """
    entries = pl.concat([pl.Series("phrase", dtype=pl.String), *(part.entries.rename("phrase") for part in lists)])
    sizes = [len(part.entries) for part in lists]
    forms = normalise(entries) if view is None else _respelled(normalise(entries), view)
    table = pl.DataFrame(
        {
            "form": forms.skeleton.texts(),
            "owner": np.repeat(np.array([part.owner for part in lists], np.int64), sizes),
            "words": np.repeat(np.array([part.words for part in lists], np.bool_), sizes),
            "script": _scripts(forms.plain, forms.skeleton.starts, forms.skeleton.ends),
            "letters": forms.skeleton.count(tables().kind[forms.plain] == LETTER),
        }
    )
    whole_table = table
    table = table.filter(pl.col("form") != "").unique(maintain_order=True)
    ids = table.select(pl.col("form").unique(maintain_order=True)).with_row_index("id")
    rows = table.join(ids, on="form").sort("id", maintain_order=True)
    numbers = rows["id"].to_numpy()
    letters = ids["form"].str.join("")[0] if len(ids) else ""
    lengths = ids["form"].str.len_chars().cast(pl.Int64).to_numpy()
    return {
        "database": np.frombuffer(b"" if kernel() else _database(ids["form"]), np.uint8),
        "codes": np.frombuffer((letters or "").encode("utf-32-le"), np.uint32),
        "offsets": np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths))),
        **{name: rows[name].to_numpy() for name in ("owner", "words", "script", "letters")},
        "entry": _rows_of(whole_table, rows),
        "first": np.searchsorted(numbers, np.arange(len(ids))),
        "count": np.bincount(numbers, minlength=len(ids)).astype(np.int64),
        "lengths": lengths,
    }


def _rows_of(entries: pl.DataFrame, rows: pl.DataFrame) -> NDArray[np.uint32]:
    """Return the row of the table that each phrase became; their number for those that became none."""
    keys = [name for name in entries.columns if name in rows.columns]
    numbered = rows.with_row_index("row")
    found = entries.join(numbered, on=keys, how="left", maintain_order="left")["row"]
    return found.fill_null(rows.height).to_numpy().astype(np.uint32)


def _respelled(forms: Normalised, view: Callable[[View], View]) -> Normalised:
    """Return all phrases, those that a view changes in its spelling."""
    seen = view(whole(forms))
    texts = forms.skeleton.texts().to_list()
    for row, text in zip(seen.rows.tolist(), seen.texts.skeleton.texts(), strict=True):
        texts[row] = text
    return normalise(pl.Series(texts, dtype=pl.String))


class _Spelled:
    """Phrases of some lists in another spelling."""

    def __init__(self, view: Callable[[View], View], lists: Sequence[Phrases]) -> None:
        self._view = view
        plain = [Phrases(part.owner, part.words, part.entries) for part in lists]
        self._matcher = PhraseMatcher(plain, compiled_phrases(plain, view))

    def find(self, texts: Normalised) -> tuple[Index, Index]:
        """Return where in the texts' own buffer phrases start, and whose they are."""
        seen = self._view(whole(texts))
        starts, owners = self._matcher.find(seen.texts)
        return seen.places[starts], owners


def _database(forms: pl.Series) -> bytes:
    if not len(forms):
        return b""
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    literals = [form.encode() for form in forms]
    database.compile(expressions=literals, ids=list(range(len(literals))), flags=0, literal=True)
    return bytes(hyperscan.dumpb(database))


class PhraseMatcher:
    """Compiled phrases of all lists."""

    def __init__(self, lists: Sequence[Phrases], arrays: Arrays | None = None) -> None:
        made = compiled_phrases(lists) if arrays is None else arrays
        self._rows = {name: made[name] for name in ("owner", "words", "script", "letters")}
        self._first, self._count, self._lengths = made["first"], made["count"], made["lengths"]
        self._entry: NDArray[np.uint32] = made["entry"]
        self._more: tuple[PhraseMatcher, ...] = ()
        self._local = threading.local()
        spellings = sorted({part.spelling for part in lists} & set(VIEWS))
        self._spelled = [
            _Spelled(view, [part for part in lists if part.spelling == spelling])
            for spelling in spellings
            for view in VIEWS[spelling]
        ]
        data = bytes(made["database"])
        self._database = hyperscan.loadb(data, hyperscan.HS_MODE_BLOCK) if data else None
        self._native = None
        if (native := kernel()) is not None and not data:
            # A phrase may start anywhere as soon as one list says so.
            words = np.minimum.reduceat(self._rows["words"], self._first) if len(self._first) else np.zeros(0, np.bool_)
            self._native = native.phrases(made["codes"], made["offsets"], words)

    def count(self, texts: Normalised, lists: int) -> Index:
        """Return hits by post and list; phrases of one list that start at the same place count once.

        Args:
            texts: Normalised posts.
            lists: Columns of the result.
        """
        rows, owners = self.hits(texts)
        posts = len(texts.skeleton.starts)
        cells = np.bincount(rows * lists + owners, minlength=posts * lists)
        return cells.astype(np.int64).reshape(posts, lists)

    def hits(self, texts: Normalised) -> tuple[Index, Index]:
        """Return (post, list) for each place of a post where a phrase of the list starts, in any of its spellings."""
        found = [
            self.find(texts),
            *(each.find(texts) for each in self._spelled),
            *(each.find(texts) for each in self._more),
        ]
        starts, owners = (np.concatenate([pair[n] for pair in found]) for n in (0, 1))
        width = int(owners.max(initial=0)) + 1
        once = distinct(starts * width + owners)
        return texts.skeleton.row_of(once // width), once % width

    def without(self, gone: NDArray[np.bool_], numbers: Index, more: "PhraseMatcher", *, spelled: bool) -> Self:
        """Return the matcher without some phrases and with others.

        Args:
            gone: Of each phrase it was made of.
            numbers: Its lists' other numbers (-1: gone).
            more: What is found beside it.
            spelled: Whether its own disguised spellings stay; else those of `more` count alone.
        """
        matcher = copy(self)
        left = np.bincount(self._entry[~gone], minlength=len(self._rows["owner"]) + 1)[:-1] > 0
        matcher._rows = {**self._rows, "owner": np.where(left, numbers[self._rows["owner"]], -1)}
        matcher._spelled = self._spelled if spelled else more._spelled
        matcher._more = (more,)
        return matcher

    def find(self, texts: Normalised) -> tuple[Index, Index]:
        """Return where in the buffer phrases start, and whose they are: one pair a phrase, place and list."""
        phrase, ends = self._scan(texts)
        times = self._count[phrase]
        hit = np.repeat(np.arange(len(phrase)), times)
        within = np.arange(len(hit)) - np.repeat(np.cumsum(times) - times, times)
        row = self._first[phrase[hit]] + within
        starts, ends = (ends - self._lengths[phrase])[hit], ends[hit]
        kept = ~self._rows["words"][row] | _whole(texts.plain, starts, ends)
        kept &= ~self._foreign(texts.plain, starts, ends, row) & (self._rows["owner"][row] >= 0)
        return starts[kept], self._rows["owner"][row[kept]]

    def _foreign(self, plain: Codes, starts: Index, ends: Index, row: Index) -> NDArray[np.bool_]:
        wanted, found = self._rows["script"][row], _scripts(plain, starts, ends)
        other = (wanted & found == 0) & (wanted > 0) & (found > 0)
        foreign: NDArray[np.bool_] = other & (self._rows["letters"][row] < FAKE_LETTERS_MIN)
        return foreign

    def _scan(self, texts: Normalised) -> tuple[Index, Index]:
        """Return number of the phrase and place after its last character, for every occurrence.

        The kernel leaves out what begins within a word where all lists of the phrase ask for whole ones.
        """
        joined = texts.skeleton
        if self._native is not None:
            phrase, places = self._native.find(joined.codes, texts.plain, tables().kind)
            return phrase, places + self._lengths[phrase]
        return self._searched(joined)

    def _searched(self, joined: Joined) -> tuple[Index, Index]:
        numbers: list[int] = []
        ends: list[int] = []

        def noted(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            numbers.append(number)
            ends.append(end)

        if self._database is not None:
            data = joined.codes.tobytes().decode("utf-32-le").encode()
            # Scratch space serves one scan at a time, so each thread has its own.
            if not hasattr(self._local, "scratch"):
                self._local.scratch = hyperscan.Scratch(self._database)
            self._database.scan(data, match_event_handler=noted, scratch=self._local.scratch)
            places = np.cumsum((np.frombuffer(data, np.uint8) & 0xC0) != 0x80)
            return np.array(numbers, np.int64), places[np.array(ends, np.int64) - 1]
        return np.zeros(0, np.int64), np.zeros(0, np.int64)


def _scripts(plain: Codes, starts: Index, ends: Index) -> NDArray[np.uint8]:
    """Return the bits of the scripts whose letters stand in each range; an empty range has none."""
    lengths = ends - starts + 1  # and what stands after it, so that no range is empty; it counts as nothing
    firsts = np.cumsum(lengths) - lengths
    places = np.repeat(starts - firsts, lengths) + np.arange(int(lengths.sum()))
    script = tables().script[plain[places]]
    script[firsts + lengths - 1] = 0
    return np.bitwise_or.reduceat(script, firsts) if len(starts) else np.zeros(0, np.uint8)


def _whole(plain: Codes, starts: Index, ends: Index) -> NDArray[np.bool_]:
    """Tell which ranges are whole words: no letter beside an edge that is a letter, no digit beside a digit.

    Scripts without spaces between words have no such rule: their letters are of a class of their own.
    """
    left, right, before, after = (tables().kind[plain[places]] for places in (starts, ends - 1, starts - 1, ends))
    part = (_is_spaced(left) & (left == before)) | (_is_spaced(right) & (right == after))
    whole: NDArray[np.bool_] = ~part
    return whole


def _is_spaced(kind: NDArray[np.uint8]) -> NDArray[np.bool_]:
    spaced: NDArray[np.bool_] = (kind == LETTER) | (kind == DIGIT)
    return spaced
