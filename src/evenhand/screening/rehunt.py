"""New entries of one list against the archive of signals: rows that they name, and what rules say of these now.

What no text is needed for can be hunted: exact hashes, PDQ, and domains, which the archive holds as keyed numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.archive import DOMAINS, MD5, PDQ, POST, POSTED_AT, SHA256, VERDICT
from evenhand.screening.hashes import WIDTHS, hex_bytes
from evenhand.screening.listfiles import ListKind
from evenhand.screening.named_domains import numbers_of
from evenhand.screening.perceptual import DISTANCE_MAX, PdqIndex
from evenhand.screening.pseudonyms import Pseudonyms
from evenhand.screening.rules import GRAVITY
from evenhand.screening.signals import TYPES, Signal
from evenhand.vocabulary.post import Verdict

HUNTED: tuple[ListKind, ...] = ("hashes", "pdq", "domains")
"""Kinds of lists that the archive can answer; for the others it holds nothing, because texts are not kept."""

_CARRIERS: dict[str, tuple[str, ...]] = {"hashes": (SHA256, MD5), "pdq": (PDQ,), "domains": (DOMAINS,)}
HITS = "evenhand.hits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for.

    Attributes:
        list: Name of the list, a signal.
        kind: One of `HUNTED`.
        entries: As lists compare them: hashes in lower case, domains in A-labels.
        distance: Bits in which PDQ hashes may differ.
    """

    list: str
    kind: ListKind
    entries: Sequence[str]
    distance: int = DISTANCE_MAX


class Hunter:
    """Looks for the same entries in any number of files."""

    def __init__(self, wanted: Wanted, pseudonyms: Pseudonyms) -> None:
        self.wanted = wanted
        entries = pl.Series("entry", list(wanted.entries), dtype=pl.String)
        self._near: PdqIndex | None = None
        self._exact: pl.Series = entries
        if wanted.kind == "pdq":
            bits = np.full(len(entries), wanted.distance, np.int64)
            self._near = PdqIndex(hex_bytes(entries, 32), np.arange(len(entries)), bits)
        elif wanted.kind == "domains":
            self._exact = numbers_of(entries, pseudonyms)

    def found(self, path: Path) -> pl.DataFrame:
        """Return the rows of a file that an entry names, all columns, with `HITS`: how many entries name it."""
        scan = pl.scan_parquet(path)
        there = set(scan.collect_schema().names())
        counts = np.zeros(0, np.int64)
        for column in _CARRIERS[self.wanted.kind]:
            if column in there:
                counts = _added(counts, self._counts(scan.select(column).collect()[column], column))
        rows = np.flatnonzero(counts)
        if not len(rows):
            return pl.DataFrame()
        whole = scan.with_row_index("evenhand.row").filter(pl.col("evenhand.row").is_in(rows.tolist())).collect()
        return whole.sort("evenhand.row").drop("evenhand.row").with_columns(pl.Series(HITS, counts[rows]))

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


__all__ = ["HITS", "HUNTED", "VERDICT", "Hunter", "Wanted", "graver", "newest_of_each", "signals_now"]
