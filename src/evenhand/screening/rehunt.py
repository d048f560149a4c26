"""New entries of one list against the archive of signals: rows that they name, and what rules say of these now.

What no text is needed for can always be hunted: exact hashes, PDQ, and domains, which the archive holds as keyed
numbers. What the archive keeps of texts, if anything, answers for the other lists.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.archive import (
    DOMAINS,
    MD5,
    PDQ,
    POST,
    POSTED_AT,
    RUNS,
    RUNS_OF,
    SHA256,
    TEXT,
    VERDICT,
    SignalArchive,
)
from evenhand.screening.hashes import WIDTHS, hex_bytes
from evenhand.screening.kept_runs import Fingerprints, likely_copies, listed_runs
from evenhand.screening.kept_texts import TextHunter
from evenhand.screening.listfiles import ListKind
from evenhand.screening.named_domains import numbers_of
from evenhand.screening.perceptual import DISTANCE_MAX, TURNINGS, PdqIndex, turned_hashes
from evenhand.screening.rules import GRAVITY
from evenhand.screening.signals import TYPES, Signal
from evenhand.vocabulary.post import Verdict

_CARRIERS: dict[str, tuple[str, ...]] = {"hashes": (SHA256, MD5), "pdq": (PDQ,), "domains": (DOMAINS,)}
_TEXT_KINDS = ("phrases", "patterns", "texts")
HITS, GUESSED = "evenhand.hits", "evenhand.guessed"
"""How many entries name a row; and whether only its fingerprint says so, which nothing may act upon by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for.

    Attributes:
        list: Name of the list, a signal.
        kind: Of the list.
        entries: As lists compare them: hashes in lower case, domains in A-labels.
        distance: Bits in which PDQ hashes may differ.
        options: What the list's header says: how phrases and expressions are looked for.
    """

    list: str
    kind: ListKind
    entries: Sequence[str]
    distance: int = DISTANCE_MAX
    options: Mapping[str, str] = field(default_factory=dict)


class Hunter:
    """Looks for the same entries in any number of files."""

    def __init__(self, wanted: Wanted, archive: SignalArchive) -> None:
        self.wanted = wanted
        entries = pl.Series("entry", list(wanted.entries), dtype=pl.String)
        self._near: PdqIndex | None = None
        self._exact: pl.Series = entries
        if wanted.kind == "pdq":
            hashes, times = hex_bytes(entries, 32), 1
            if wanted.options.get("turned") == "yes":
                hashes, times = turned_hashes(hashes), TURNINGS
            bits = np.full(len(hashes), wanted.distance, np.int64)
            self._near = PdqIndex(hashes, np.repeat(np.arange(len(entries)), times), bits)
        elif wanted.kind == "domains":
            self._exact = numbers_of(entries, archive.pseudonyms)
        self._runs = listed_runs(entries, archive.pseudonyms.runs_key) if wanted.kind == "texts" else None
        self._texts: TextHunter | None = None
        if archive.texts is not None and wanted.kind in _TEXT_KINDS:
            self._texts = TextHunter(wanted.kind, wanted.options, entries, archive.texts)

    def found(self, path: Path) -> pl.DataFrame:
        """Return the rows of a file that an entry names, all columns, with `HITS` and `GUESSED`."""
        scan = pl.scan_parquet(path)
        there = set(scan.collect_schema().names())
        counts, guessed = np.zeros(0, np.int64), np.zeros(0, np.int64)
        for column in _CARRIERS.get(self.wanted.kind, ()):
            if column in there:
                counts = _added(counts, self._counts(scan.select(column).collect()[column], column))
        if self._texts is not None and TEXT in there:
            counts = self._texts.counts(scan.select(TEXT).collect()[TEXT])
        if self._runs is not None and RUNS in there:
            guessed = self._guesses(scan.select(RUNS, RUNS_OF).collect())
            counts = _added(counts, guessed)
        rows = np.flatnonzero(counts)
        if not len(rows):
            return pl.DataFrame()
        whole = scan.with_row_index("evenhand.row").filter(pl.col("evenhand.row").is_in(rows.tolist())).collect()
        alone = guessed[rows] == counts[rows] if len(guessed) else np.zeros(len(rows), np.bool_)
        told = whole.sort("evenhand.row").drop("evenhand.row")
        return told.with_columns(pl.Series(HITS, counts[rows]), pl.Series(GUESSED, alone))

    def _guesses(self, kept: pl.DataFrame) -> NDArray[np.int64]:
        """Return for each row how many listed texts its fingerprint resembles."""
        assert self._runs is not None  # noqa: S101 - the caller asked
        found = likely_copies(Fingerprints(kept[RUNS], kept[RUNS_OF]), self._runs)
        return np.bincount(found["row"].to_numpy(), minlength=kept.height).astype(np.int64)

    def _counts(self, carried: pl.Series, column: str) -> NDArray[np.int64]:
        """Return for each row how many different entries name it."""
        items = pl.DataFrame({"row": pl.int_range(len(carried), eager=True), "item": carried}).filter(
            pl.col("item").list.len() > 0
        )
        items = items.explode("item", empty_as_null=True).unique()
        if self._near is not None:
            places, entries = self._near.find(hex_bytes(items["item"].str.to_lowercase(), 32))
            pairs = pl.DataFrame({"row": items["row"].to_numpy()[places], "entry": entries}).unique()
            rows = pairs["row"].to_numpy()
        else:
            asked = items if column == DOMAINS else items.with_columns(pl.col("item").str.to_lowercase()).unique()
            mine = self._exact if column == DOMAINS else _wide(self._exact, column)
            rows = asked.join(pl.DataFrame({"item": mine}).unique(), on="item", how="semi")["row"].to_numpy()
        return np.bincount(rows, minlength=len(carried)).astype(np.int64)


def _wide(entries: pl.Series, column: str) -> pl.Series:
    width = WIDTHS["sha256" if column == SHA256 else "md5"]
    return entries.filter(entries.str.len_bytes() == 2 * width)


def _added(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    return other if not len(one) else one + other


def signals_now(found: pl.DataFrame, list_name: str, signals: Iterable[Signal], *, claimed: bool) -> pl.DataFrame:
    """Return the kept signals of found rows with the new hits in them, columns as rules expect them.

    A signal that was not measured then is unknown. The list's own count is the larger of what was counted then and of
    what the new entries give: a post that was screened with them already is not counted twice.

    Args:
        found: As `Hunter.found` returns it.
        list_name: The list that grew.
        signals: All signals in force.
        claimed: Whether a rule names the list.
    """
    columns: list[pl.Expr] = []
    before = pl.col(list_name).fill_null(0) if list_name in found.columns else pl.lit(0, dtype=pl.Int64)
    now = pl.max_horizontal(before, pl.col(HITS))
    for each in signals:
        there = pl.col(each.name) if each.name in found.columns else pl.lit(None)
        value = there.cast(TYPES[each.type], strict=False)
        if each.name == list_name:
            value = now
        elif each.name == "list_hits" or (each.name == "unclaimed_list_hits" and not claimed):
            value = value.fill_null(0) + now - before
        elif each.name == "lists_hit":
            value = value.fill_null(0) + (before == 0).cast(pl.Int64)
        columns.append(value.cast(TYPES[each.type]).alias(each.name))
    return found.select(columns)


def graver(then: pl.Series, now: pl.Series) -> pl.Series:
    """Tell where what rules say now outranks what was said then."""
    rank = {Verdict.ALLOW.value: len(GRAVITY), **{verdict.value: place for verdict, place in GRAVITY.items()}}
    ranks = [each.replace_strict(rank, default=len(GRAVITY), return_dtype=pl.Int64) for each in (now, then)]
    return ranks[0] < ranks[1]


def newest_of_each(found: pl.DataFrame) -> pl.DataFrame:
    """Return each post once, as it was screened last; the newest posts first."""
    last = found.unique(POST, keep="last", maintain_order=True)
    return last.sort(POSTED_AT, POST, descending=True)


__all__ = ["GUESSED", "HITS", "VERDICT", "Hunter", "Wanted", "graver", "newest_of_each", "signals_now"]
