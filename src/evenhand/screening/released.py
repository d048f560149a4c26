"""A screener that keeps to releases: slices of traffic, shadow rules that only count, quotas that send to people."""

import threading
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Self

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from evenhand.screening.classifier import Model
from evenhand.screening.counts import Window
from evenhand.screening.emit_polars import emit_polars
from evenhand.screening.expression import columns_of
from evenhand.screening.external import Asked, External
from evenhand.screening.lists import Lists
from evenhand.screening.rollout import Release, Runaway, percent_at, place_of
from evenhand.screening.rules import Rule
from evenhand.screening.screened import Screened
from evenhand.screening.service import Screener
from evenhand.screening.signals import Mark, ReadPosts, unmarked
from evenhand.vocabulary.post import VERDICT_SCHEMA, Verdict

Marks = NDArray[np.bool_]

_HOUR_US = 3_600_000_000
_HOURS_KEPT = 48
_OVER = " (The rule reached its quota of {} an hour: a person decides.)"


class ReleasedScreener(Screener):
    """Rules with releases beside rules without; any number of threads may screen."""

    def __init__(
        self, lists: Lists, model: Model, rules: tuple[Rule, ...], externals: tuple[External, ...] = ()
    ) -> None:
        acting = tuple(rule for rule in rules if rule.release is None or not rule.release.counts_only)
        super().__init__(lists, model, acting)
        self.shadows = tuple(rule for rule in rules if rule.release is not None and rule.release.counts_only)
        self._shadow_holds = [emit_polars(rule.condition).fill_null(value=False) for rule in self.shadows]
        self._acts = [emit_polars(rule.condition).fill_null(value=False) for rule in self.rules]
        self._asked = tuple(Asked(each) for each in externals)
        self.externals = externals
        self._ask = True
        self._lock = threading.Lock()
        self._used: Counter[tuple[str, int]] = Counter()
        self._untold: Counter[tuple[str, int]] = Counter()
        self._shadow_hits: Counter[str] = Counter()
        self._shadow_new: Counter[str] = Counter()
        self._runaways: list[Runaway] = []

    # --- What a flow asks between batches -----------------------------------------------------------------------------

    def take_runaways(self) -> list[Runaway]:
        """Return the rules that reached their quota since this was last asked, once an hour each."""
        with self._lock:
            taken, self._runaways = self._runaways, []
        return taken

    @property
    def has_quotas(self) -> bool:
        """Whether a rule may act on a limited number of posts an hour."""
        return any(rule.release is not None and rule.release.quota_per_hour is not None for rule in self.rules)

    def take_usage(self) -> dict[tuple[str, int], int]:
        """Return how often rules with quotas acted since this was last asked, by rule and hour since 1970."""
        with self._lock:
            taken, self._untold = dict(self._untold), Counter()
        return taken

    def learn_usage(self, hour: int, used: Mapping[str, int]) -> None:
        """Count by what all processes together have told of an hour, and by what this one has not told yet."""
        with self._lock:
            for rule, count in used.items():
                self._used[rule, hour] = count + self._untold[rule, hour]

    def shadow_counts(self) -> Mapping[str, tuple[int, int]]:
        """Return for each shadow rule its hits so far, and those of them that no live rule had a verdict for."""
        with self._lock:
            return {rule.name: (self._shadow_hits[rule.name], self._shadow_new[rule.name]) for rule in self.shadows}

    def offline(self) -> Self:
        """Return one of the same rules that asks no external classifier: their signals are unknown."""
        copy = type(self)(self.lists, self.model, self.rules + self.shadows, self.externals)
        copy._ask = False
        return copy

    def again(self, ids: pl.Series, signals: pl.DataFrame, at: datetime, named: frozenset[str]) -> pa.Table:
        """Judge signals that were kept, by the rules that read one of some signals; all others were heard then.

        Args:
            ids: Of the posts.
            signals: A column a signal, a row a post.
            at: Now, aware UTC: releases and quotas count by it, not by when the posts were posted.
            named: Names of signals that have changed since.

        Returns:
            VERDICT_SCHEMA, a row a post.
        """
        instants = np.full(signals.height, int(at.timestamp()) * 1_000_000, np.int64)
        reads = np.array([bool(named & columns_of(rule.condition)) for rule in self.rules] + [False])
        winner = self._first(signals, ids, instants)
        winner = np.where(reads[winner], winner, len(self.rules))
        verdicts = self._verdicts(ids, signals, pl.Series(winner, dtype=pl.UInt32))
        return self._within_quotas(verdicts, winner, instants)

    # --- Screening ----------------------------------------------------------------------------------------------------

    def complete(self, read: ReadPosts, window: Window, mark: Mark = unmarked) -> pl.DataFrame:
        """Return the signals of posts that were read, those of external classifiers last."""
        signals = super().complete(read, window, mark)
        if not self._asked:
            return signals
        asked = signals.with_columns(
            each.scores(read.posts) if self._ask else each.unknown(signals.height) for each in self._asked
        )
        mark("external")
        return asked

    def judge(self, read: ReadPosts, window: Window, mark: Mark = unmarked) -> Screened:
        """Judge posts that were read, each rule within its release."""
        if all(rule.release is None for rule in self.rules) and not self.shadows:
            return super().judge(read, window, mark)
        signals = self.complete(read, window, mark)
        instants = read.posts["posted_at"].dt.epoch("us").to_numpy()
        winner = self._first(signals, read.posts["id"], instants)
        mark("rules")
        verdicts = self._verdicts(read.posts["id"], signals, pl.Series(winner, dtype=pl.UInt32))
        verdicts = self._within_quotas(verdicts, winner, instants)
        self._count_shadows(signals, verdicts)
        mark("verdicts")
        return Screened(verdicts, signals, read.hosts, read.skeleton)

    def _first(self, signals: pl.DataFrame, ids: pl.Series, instants: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the place of the rule with the last word for each row, among those that act on it."""
        if not self.rules or not signals.height:
            return np.full(signals.height, len(self.rules))
        held = signals.select(expr.alias(f"{n}") for n, expr in enumerate(self._acts)).to_numpy().copy()
        for n, rule in enumerate(self.rules):
            if rule.release is not None:
                held[:, n] &= _on_slice(rule.name, rule.release, held[:, n], ids, instants)
        return np.where(held.any(axis=1), held.argmax(axis=1), len(self.rules))

    def _within_quotas(self, verdicts: pa.Table, winner: NDArray[np.int64], instants: NDArray[np.int64]) -> pa.Table:
        """Send to people what a rule would do beyond its quota."""
        said = pl.DataFrame(verdicts)
        for n, rule in enumerate(self.rules):
            quota = None if rule.release is None else rule.release.quota_per_hour
            if quota is None:
                continue
            mine = np.flatnonzero(winner == n)
            over = mine[self._over(rule, quota, instants[mine])]
            if len(over):
                here = pl.Series(np.isin(np.arange(said.height), over))
                told = pl.col("because") + _OVER.format(quota)
                said = said.with_columns(
                    pl.when(here).then(pl.lit(Verdict.REVIEW.value)).otherwise("verdict").alias("verdict"),
                    pl.when(here).then(told).otherwise("because").alias("because"),
                )
        return said.to_arrow().cast(VERDICT_SCHEMA)

    def _over(self, rule: Rule, quota: int, instants: NDArray[np.int64]) -> Marks:
        """Count a rule's posts by their hour; mark those beyond the quota."""
        hours = instants // _HOUR_US
        over = np.zeros(len(hours), np.bool_)
        with self._lock:
            for hour in np.unique(hours).tolist():
                mine = np.flatnonzero(hours == hour)
                used = self._used[rule.name, hour]
                over[mine] = used + np.arange(1, len(mine) + 1) > quota
                self._used[rule.name, hour] += len(mine)
                self._untold[rule.name, hour] += len(mine)
                if used <= quota < used + len(mine):
                    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
                    self._runaways.append(Runaway(rule=rule.name, version=rule.version, hour=at, quota=quota))
            self._forget(rule.name)
        return over

    def _forget(self, name: str) -> None:
        mine = sorted(hour for rule, hour in self._used if rule == name)
        for hour in mine[:-_HOURS_KEPT]:
            del self._used[name, hour]

    def _count_shadows(self, signals: pl.DataFrame, verdicts: pa.Table) -> None:
        if not self.shadows or not signals.height:
            return
        held = signals.select(expr.alias(f"{n}") for n, expr in enumerate(self._shadow_holds)).to_numpy()
        allowed = (pl.Series("v", verdicts.column("verdict")) == Verdict.ALLOW.value).to_numpy()
        with self._lock:
            for n, rule in enumerate(self.shadows):
                self._shadow_hits[rule.name] += int(held[:, n].sum())
                self._shadow_new[rule.name] += int((held[:, n] & allowed).sum())


def _on_slice(name: str, release: Release, held: Marks, ids: pl.Series, instants: NDArray[np.int64]) -> Marks:
    """Mark the rows for which a rule holds and on which its release acts; only those rows' ids are hashed."""
    acts = np.zeros(len(held), np.bool_)
    rows = np.flatnonzero(held)
    share = percent_at(release, instants[rows])
    acts[rows] = share >= 100
    part = rows[(share > 0) & (share < 100)]
    if len(part):
        acts[part] = place_of(name, ids[part].to_list()) < share[(share > 0) & (share < 100)]
    return acts
