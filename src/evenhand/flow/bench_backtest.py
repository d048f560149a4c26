"""Signals for `evenhand bench backtest`: a week of them, made from a seed, in the archive's own columns and files."""

import resource
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from evenhand.flow import shipped
from evenhand.flow.backtest import BacktestRequest, find_rule, run_backtest
from evenhand.screening.archive import AUTHOR, CHANNEL, EDITION, MODEL, POST, POSTED_AT, RULE, VERDICT, SignalArchive
from evenhand.screening.built_in import BUILT_IN
from evenhand.screening.emit_polars import emit_polars
from evenhand.screening.lists import load_lists
from evenhand.screening.ports import Decided
from evenhand.screening.pseudonyms import Pseudonyms

RULES = ("spam-possible", "flood", "copied-text", "disguised-letters", "scam-words", "unclaimed-list")
_DAYS = 7
_LAST = date(2026, 11, 23)
_BATCH = 500_000
_DECIDED = 20_000
_DAY_US = 86_400_000_000


class _MadeDecisions:
    """Decisions about every so-maniest post, half of them harmful."""

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def decided_since(self, day: date) -> Iterator[Decided]:
        at = datetime.combine(day, datetime.min.time(), UTC)
        for n in range(0, self._rows, max(self._rows // _DECIDED, 1)):
            yield Decided(item_id=f"post-{n}", decided_at=at, harmful=n % 2 == 0, category="made")


def bench_backtest(directory: Path, rows: int, progress: Callable[[int], None]) -> dict[str, Any]:
    """Write a week of made signals, run rules over them, and return the figures.

    Args:
        directory: Empty; what is written there may go afterwards.
        rows: Posts in the week.
        progress: Told of rows written.
    """
    archive = SignalArchive(directory / "signals", Pseudonyms(bytes(32)), _DAYS, lambda: _LAST)
    decisions = _MadeDecisions(rows)
    random = np.random.default_rng(7)
    decided = np.arange(0, rows, max(rows // _DECIDED, 1))
    spent = 0.0
    for start in range(0, rows, _BATCH):
        stop = min(start + _BATCH, rows)
        made = list(_made(random, start, stop, rows, archive, decided))
        began = time.perf_counter()
        for day, part in made:
            archive.write_day(day, part)
        spent += time.perf_counter() - began
        progress(stop - start)
    size = sum(path.stat().st_size for path in archive.files(date.min))
    return {
        "rows": rows,
        "files_mib": round(size / 2**20, 1),
        "bytes_per_row": round(size / rows, 1),
        "written_rows_per_s": round(rows / spent),
        "rules": {name: _measured(name, archive, decisions) for name in RULES},
        "peak_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def _measured(name: str, archive: SignalArchive, decisions: _MadeDecisions) -> dict[str, Any]:
    request = BacktestRequest(rule=name, days=_DAYS, examples=5)
    now = datetime.combine(_LAST, datetime.max.time(), UTC)
    began = time.perf_counter()
    found = run_backtest(request, archive, decisions, now)
    took = time.perf_counter() - began
    bare = time.perf_counter()
    holds = emit_polars(find_rule(request).condition)
    number = pl.scan_parquet(archive.files(date.min)).filter(holds).select(pl.len()).collect().item()
    bare_took = time.perf_counter() - bare
    if number != found.hits:
        raise AssertionError(f"{name}: DuckDB finds {found.hits}, Polars {number}")
    return {
        "backtest_s": round(took, 3),
        "rows_per_s": round(sum(day.screened for day in found.days) / took),
        "hits": found.hits,
        "decided": found.overlap.decided,
        "bare_polars_count_s": round(bare_took, 3),
        "ratio": round(took / bare_took, 2),
    }


def _made(
    random: np.random.Generator, start: int, stop: int, rows: int, archive: SignalArchive, decided: np.ndarray[Any, Any]
) -> Iterator[tuple[date, pl.DataFrame]]:
    number = stop - start
    at = (np.arange(start, stop) * (_DAYS * _DAY_US // rows)).astype(np.int64)
    posts = random.integers(0, 2**64, number, np.uint64, endpoint=False)
    for n in decided[(decided >= start) & (decided < stop)]:
        posts[n - start] = archive.post(f"post-{n}")
    first = datetime.combine(_LAST - timedelta(days=_DAYS - 1), datetime.min.time())
    flagged = random.random(number) < 0.03
    columns = {
        POST: pl.Series(posts),
        AUTHOR: pl.Series(_spread(random, number, 3_000_000)),
        CHANNEL: pl.Series(_spread(random, number, 200_000)),
        POSTED_AT: pl.Series(at).cast(pl.Duration("us")) + first,
        VERDICT: pl.Series(np.where(flagged, "remove", "allow")),
        RULE: pl.Series(np.where(flagged, "spam-classifier", "")).replace("", None),
        EDITION: pl.repeat("0123456789abcdef", number, eager=True),
        MODEL: pl.repeat("fedcba9876543210", number, eager=True),
        **_signals(random, number),
    }
    frame = pl.DataFrame(columns)
    for (day,), part in frame.group_by(pl.col(POSTED_AT).dt.date(), maintain_order=True):
        assert isinstance(day, date)  # noqa: S101 - a date column's group
        yield day, part


def _spread(random: np.random.Generator, number: int, different: int) -> np.ndarray[Any, Any]:
    """Return pseudonyms of `different` ones, a few of which are met far more often than most."""
    place = (different * random.random(number) ** 3).astype(np.uint64)
    return place * np.uint64(0x9E3779B97F4A7C15)


def _signals(random: np.random.Generator, number: int) -> dict[str, pl.Series]:
    """Return a column a signal: shares between 0 and 1, small counts mostly 0, ids of language and country."""
    made: dict[str, pl.Series] = {}
    for signal in BUILT_IN:
        match signal.type:
            case "TEXT":
                words = {"kind": ["post"], "lang": ["en", "ru", "ar", "fa", "zh"]}.get(signal.name, ["FR", "DE", "BR"])
                column = pl.Series(np.array(words)[random.integers(0, len(words), number)])
            case "BOOLEAN":
                column = pl.Series(random.random(number) < 0.2)
            case "DOUBLE" if signal.name == "author_age_days":
                column = pl.Series((1000 * random.random(number) ** 2).round(3))
            case "DOUBLE":
                column = pl.Series(random.beta(0.4, 6, number))
            case "INTEGER":
                mean = 120.0 if signal.name == "text_length" else 18.0 if signal.name == "word_count" else 0.3
                column = pl.Series((random.exponential(mean, number)).astype(np.int64))
        if signal.nullable:
            column = column.set(pl.Series(random.random(number) < 0.1), None)
        made[signal.name] = column
    for name in load_lists(shipped.LISTS).names:
        made[name] = pl.Series((random.random(number) < 0.002).astype(np.int64))
    return made
