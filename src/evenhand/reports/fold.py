"""Entries of a public log → figures of days. Each entry is read once; nothing else is looked at.

Decision entries of a day differ in little but their commitment. So the commitments are cut out of a whole run of
entries at once, equal remains are counted, and each different one is decoded once.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from evenhand.vocabulary.entry import ENTRY_VERSION
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.figures import DayFigures, FigureKey

_COMMITMENT = re.compile(rb'"commitment":"[0-9a-f]{64}"')
_CUT = b'"commitment":""'
_KNOWN_MAX = 200_000

_Count = Annotated[int, Meta(ge=0, lt=2**53)]
_Word = Annotated[str, Meta(max_length=200)]


class _Kind(Struct):
    type: str
    v: int


class _DecisionEntry(Struct):
    action: _Word
    automated_detection: _Word
    automation: _Word
    category: _Word
    day: date
    ground: _Word
    item: _Word
    rule: _Word
    source: _Word
    keyword: _Word = ""
    language: _Word = ""
    replayed: bool = False


class _ScreenedEntry(Struct):
    by_kind: dict[_Word, _Count]
    by_language: dict[_Word, _Count]
    by_verdict: dict[_Word, _Count]
    day: date
    posts: _Count


_KIND = msgspec.json.Decoder(_Kind)
_DECISION = msgspec.json.Decoder(_DecisionEntry)
_SCREENED = msgspec.json.Decoder(_ScreenedEntry)


@dataclass(slots=True)
class _Day:
    decisions: Counter[FigureKey] = field(default_factory=Counter)
    posts: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    by_language: Counter[str] = field(default_factory=Counter)
    by_verdict: Counter[str] = field(default_factory=Counter)


class Fold:
    """Figures of all days, moved on by entries in whatever order they come."""

    def __init__(self) -> None:
        self._days: defaultdict[date, _Day] = defaultdict(_Day)
        self._known: dict[bytes, tuple[date, FigureKey]] = {}

    def add(self, entries: Sequence[bytes], first: int) -> None:
        """Count entries; `first` is the index of the first of them, for errors.

        Raises:
            InputError: An entry of a known type is malformed; names its index. Nothing of this call is counted.
        """
        lines = _COMMITMENT.sub(_CUT, b"\n".join(entries)).split(b"\n")
        if len(lines) != len(entries):  # canonical JSON has no line breaks; somebody's log has
            lines = [_COMMITMENT.sub(_CUT, entry) for entry in entries]
        read = []
        for line, number in Counter(lines).items():
            if (known := self._known.get(line)) is None:
                try:
                    found = _read(line)
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                    raise InputError(f"entry {first + lines.index(line)}", f"is malformed: {error}") from error
                read.append((line, number, found))
            else:
                read.append((line, number, known))
        for line, number, found in read:
            self._count(line, number, found)

    def _count(self, line: bytes, number: int, found: "_Found") -> None:
        match found:
            case (day, key):
                self._days[day].decisions[key] += number
                if len(self._known) >= _KNOWN_MAX:
                    self._known.clear()
                self._known[line] = (day, key)
            case _ScreenedEntry():
                self._days[found.day].posts += number * found.posts
                for name in ("by_kind", "by_language", "by_verdict"):
                    counts: Counter[str] = getattr(self._days[found.day], name)
                    counts.update({word: number * count for word, count in getattr(found, name).items()})
            case None:
                pass

    def days(self) -> dict[date, DayFigures]:
        """Return the figures of all days so far, in order; the same whatever order the entries came in."""
        return {day: _figures(day, self._days[day]) for day in sorted(self._days)}


_Found = tuple[date, FigureKey] | _ScreenedEntry | None


def _read(line: bytes) -> _Found:
    """Return what one entry says; None: a type or version that these reports do not know."""
    kind = _KIND.decode(line)
    if kind.v != ENTRY_VERSION:
        return None
    match kind.type:
        case "decision":
            entry = _DECISION.decode(line)
            values: dict[str, Any] = {name: getattr(entry, name) for name in FigureKey._fields}
            return entry.day, FigureKey(**values)
        case "screened":
            return _SCREENED.decode(line)
        case _:
            return None


def _figures(day: date, counted: _Day) -> DayFigures:
    return DayFigures(
        day=day,
        decisions=dict(sorted(counted.decisions.items())),
        posts=counted.posts,
        by_kind=dict(sorted(counted.by_kind.items())),
        by_language=dict(sorted(counted.by_language.items())),
        by_verdict=dict(sorted(counted.by_verdict.items())),
    )
