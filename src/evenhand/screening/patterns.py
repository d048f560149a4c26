"""Regular expressions of many lists over all posts at once: candidates by Hyperscan, settled by Rust's regex.

The texts stand in one buffer, each on lines of its own. What may be no match of a text by itself is looked at again.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import hyperscan
import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.distinct import distinct
from evenhand.screening.expressions import misplaced, must_be_settled, searchable

Index = NDArray[np.int64]

PATTERN_CHARACTERS_MAX = 1000

_FLAGS = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_MULTILINE


@dataclass(frozen=True, slots=True)
class Patterns:
    """A list's expressions.

    Attributes:
        owner: Number of the list.
        caseless: Upper and lower case are the same.
        entries: As they were written.
    """

    owner: int
    caseless: bool
    entries: pl.Series


def refusal(patterns: Sequence[str], *, caseless: bool = True) -> tuple[int, str] | None:
    """Return the place and the reason of an expression that cannot be used, or None."""
    for place, pattern in enumerate(patterns):
        if reason := misplaced(pattern):
            return place, reason
        try:
            pl.Series([""]).str.contains(_settling(pattern, caseless=caseless))
        except pl.exceptions.ComputeError as error:
            return place, f"cannot be searched for in linear time: {_said(error)}"
    flags = [_flags(caseless=caseless)] * len(patterns)
    try:
        _compiled([searchable(pattern) for pattern in patterns], flags)
    except hyperscan.HyperscanError as error:
        found = re.search(r"at index (\d+)", str(error))
        place = _first_bad(patterns, flags) if found is None else int(found[1]) if len(patterns) > 1 else 0
        if "empty buffer" in str(error):
            return place, "is found in every text, also in an empty one"
        return place, f"cannot be searched for in linear time: {_said(error)}"
    return None


def _first_bad(patterns: Sequence[str], flags: list[int]) -> int:
    for place, pattern in enumerate(patterns):
        try:
            _compiled([searchable(pattern)], flags[:1])
        except hyperscan.HyperscanError:
            return place
    return 0


def _said(error: Exception) -> str:
    """Return the one line of an engine's message that says what is wrong."""
    told = re.search(r"^error: (.+)", str(error), re.MULTILINE)
    said = re.sub(r"\s*at index \d+", "", told[1] if told else str(error).split("\n")[0]).strip().rstrip(".")
    return said[:1].lower() + said[1:200]


def _settling(pattern: str, *, caseless: bool) -> str:
    return ("(?im)" if caseless else "(?m)") + pattern


def _flags(*, caseless: bool) -> int:
    flags: int = _FLAGS | (hyperscan.HS_FLAG_CASELESS if caseless else 0)
    return flags


def _compiled(expressions: Sequence[str], flags: list[int]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    if expressions:
        coded = [expression.encode() for expression in expressions]
        database.compile(expressions=coded, ids=list(range(len(coded))), flags=flags)
    return database


class PatternMatcher:
    """Compiled expressions of all lists."""

    def __init__(self, lists: Sequence[Patterns], database: bytes | None = None) -> None:
        written = [(part, entry) for part in lists for entry in part.entries]
        self._owners = np.array([part.owner for part, _ in written], np.int64)
        self._doubtful = np.array([must_be_settled(entry) for _, entry in written], np.bool_)
        self._settling = [_settling(entry, caseless=part.caseless) for part, entry in written]
        self._local = threading.local()
        self._database = None
        if written and database:
            self._database = hyperscan.loadb(database, hyperscan.HS_MODE_BLOCK)
        elif written:
            flags = [_flags(caseless=part.caseless) for part, _ in written]
            self._database = _compiled([searchable(entry) for _, entry in written], flags)

    def serialised(self) -> bytes:
        """Return the compiled database, for this version of Hyperscan and this kind of processor."""
        return b"" if self._database is None else bytes(hyperscan.dumpb(self._database))

    def find(self, joined: bytes, rows: int) -> tuple[Index, Index]:
        """Return (text, list) for each expression that is found in a text; once for each.

        Args:
            joined: Texts as `compatible` leaves them, joined, in UTF-8.
            rows: How many they are.
        """
        nothing = np.zeros(0, np.int64)
        if self._database is None or not rows:
            return nothing, nothing
        numbers, ends = self._scan(joined.replace(b"\0", b"\n"))
        if not len(numbers):
            return nothing, nothing
        # The line breaks between texts are where the separators were; a match that ends on one is of the text before.
        edges = np.flatnonzero(np.frombuffer(joined, np.uint8) == 0)
        row = np.clip(np.searchsorted(edges, ends - 1, side="left") - 1, 0, rows - 1)
        once = distinct(row * len(self._owners) + numbers)
        row, numbers = once // len(self._owners), once % len(self._owners)
        kept = self._settled(joined, edges, row, numbers)
        return row[kept], self._owners[numbers[kept]]

    def _settled(self, joined: bytes, edges: Index, row: Index, numbers: Index) -> NDArray[np.bool_]:
        """Tell which candidates are matches of one text by itself, in the full meaning of the expression."""
        doubtful = self._doubtful[numbers]
        kept: NDArray[np.bool_] = ~doubtful
        if kept.all():
            return kept
        rows, place = np.unique(row[doubtful], return_inverse=True)
        texts = pl.Series([joined[int(edges[each]) + 1 : int(edges[each + 1])].decode() for each in rows.tolist()])
        order = np.argsort(numbers[doubtful], kind="stable")
        asked, firsts = np.unique(numbers[doubtful][order], return_index=True)
        places = np.flatnonzero(doubtful)[order]
        for number, mine in zip(asked.tolist(), np.split(np.arange(len(order)), firsts[1:]), strict=True):
            found = texts.gather(place[order][mine]).str.contains(self._settling[number])
            kept[places[mine]] = found.to_numpy()
        return kept

    def _scan(self, data: bytes) -> tuple[Index, Index]:
        numbers: list[int] = []
        ends: list[int] = []

        def noted(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            numbers.append(number)
            ends.append(end)

        assert self._database is not None  # noqa: S101 - the caller asked
        # Scratch space serves one scan at a time, so each thread has its own.
        if not hasattr(self._local, "scratch"):
            self._local.scratch = hyperscan.Scratch(self._database)
        self._database.scan(data, match_event_handler=noted, scratch=self._local.scratch)
        return np.array(numbers, np.int64), np.array(ends, np.int64)
