"""Judge requests as if each other state had sent them, on all cores, and tell the differences."""

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from evenhand.flow.assess import parse_line
from evenhand.orders.consistency import differences, substitutions
from evenhand.rulebook.tables import LawBook
from evenhand.vocabulary.errors import InputError

# A request takes some 10 ms for all states: a group is long enough to be worth sending, short enough to show progress.
GROUP_LINES = 32
_book: LawBook | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineResult:
    """What the audit says of one line.

    Attributes:
        number: Of the line, from 1.
        substituted: What was put in the place of what.
        differences: One mapping each; `explained` false is a failure.
        error: Field and reason where the line cannot be read, else None.
    """

    number: int
    substituted: tuple[str, ...] = ()
    differences: tuple[dict[str, Any], ...] = ()
    error: tuple[str, str] | None = None


def audit_line(number: int, line: bytes, book: LawBook) -> LineResult:
    """Return the differences for one `{"request": …, "facts": …}` line."""
    try:
        parsed = parse_line(line)
    except InputError as error:
        return LineResult(number=number, error=(error.field, error.reason))
    found = tuple(
        {
            "part": each.part,
            "states": list(each.states),
            "here": each.here,
            "there": each.there,
            "rules": list(each.rules),
            "explained": bool(each.rules),
        }
        for each in differences(parsed.request, parsed.facts, book)
    )
    return LineResult(number=number, substituted=substitutions(parsed.request, book), differences=found)


def audit_lines(lines: Iterable[tuple[int, bytes]], book: LawBook, jobs: int = 0) -> Iterator[LineResult]:
    """Yield each line's result, in order; `jobs` processes share the work (0: one for each core we may use)."""
    groups = _groups(lines)
    first = next(groups, [])
    jobs = jobs or _cores()
    if jobs == 1 or len(first) < GROUP_LINES:
        for group in chain([first], groups):
            yield from (audit_line(number, line, book) for number, line in group)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(book,)) as pool:
        waiting: deque[Future[list[LineResult]]] = deque()
        for group in chain([first], groups):
            waiting.append(pool.submit(_audit_group, group))
            if len(waiting) >= 4 * jobs:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _groups(lines: Iterable[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    each = iter(lines)
    while group := list(islice(each, GROUP_LINES)):
        yield group


def _start(book: LawBook) -> None:
    global _book  # noqa: PLW0603 - a worker process is given the tables once
    _book = book


def _audit_group(group: list[tuple[int, bytes]]) -> list[LineResult]:
    assert _book is not None  # noqa: S101 - _start ran before
    return [audit_line(number, line, _book) for number, line in group]
