"""From files to a screener, and from posts to verdicts."""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow as pa

from evenhand.flow import shipped
from evenhand.flow.keyring import keep_key
from evenhand.screening.classifier import load_model
from evenhand.screening.compiled import Compiled
from evenhand.screening.counts import Window
from evenhand.screening.emit_query import rule_query
from evenhand.screening.evaluate import Part, explain
from evenhand.screening.examples import check_all_examples
from evenhand.screening.expression import Value
from evenhand.screening.external import External, load_externals
from evenhand.screening.lists import Lists, load_lists
from evenhand.screening.native.kernel import kernel, prepare
from evenhand.screening.released import ReleasedScreener
from evenhand.screening.rollout import Release
from evenhand.screening.rulefiles import load_rules
from evenhand.screening.rules import Rule
from evenhand.screening.signals import Mark, ReadPosts, Signal, signal_table, unmarked
from evenhand.vocabulary.errors import InputError


def load_screener(
    data: Path,
    lists: Path | None = None,
    rules: Path | None = None,
    *,
    shipped_lists: bool = True,
    before: Lists | None = None,
) -> ReleasedScreener:
    """Read lists, rules and classifier.

    Args:
        data: The data directory; a classifier that was trained into it serves instead of the one that comes along, and
            compiled lists are kept there.
        lists: Lists beside those that come along; one of the same name replaces it. Default: the data directory's own
            in `lists/`, if it has any, as the running desk takes them.
        rules: Rules instead of those that come along. Default: the data directory's own in `rules/`, likewise.
        shipped_lists: Whether the lists that come along are read at all.
        before: Lists that were made whole; what has changed since stands beside them (`load_lists`).

    Raises:
        InputError: Names file and line, and what was meant.
    """
    lists, rules = lists or own_folder(data / "lists"), rules or own_folder(data / "rules")
    directories = [*([shipped.LISTS] if shipped_lists else []), *([] if lists is None else [lists])]
    compiled = _compiled(data)
    prepare(compiled)
    loaded = load_lists(*directories, compiled=compiled, before=before)
    own = data / "models" / shipped.MODEL_FILE
    model = load_model(own if own.exists() else shipped.MODEL)
    externals = externals_of(data, loaded)
    signals = signal_table(loaded) + tuple(each.signal for each in externals)
    return ReleasedScreener(loaded, model, load_rules([rules or shipped.RULES], signals), externals)


def own_folder(folder: Path) -> Path | None:
    """Return a folder of the data directory, `lists` or `rules`, if the desk has one."""
    return folder if folder.is_dir() else None


SLOWER = "The compiled loops are not in use (no C compiler, or none that works): screening takes over twice as long."
"""For operators, at the start, where it is so."""


def has_compiled_loops() -> bool:
    """Tell whether the compiled loops serve, once a screener was loaded; else NumPy does."""
    return kernel() is not None


def externals_of(data: Path, lists: Lists) -> tuple[External, ...]:
    """Return the external classifiers that `classifiers.toml` in the data directory names.

    Raises:
        InputError: Names the file, and what was meant.
    """
    return load_externals(data / "classifiers.toml", [signal.name for signal in signal_table(lists)])


def _compiled(data: Path) -> Compiled:
    """Return where compiled lists are kept: nowhere without a data directory, or in one that cannot be written."""
    if not data.is_dir():
        return Compiled()
    try:
        return Compiled(data / "compiled", keep_key(data / "keys" / "compiled.key", 32))
    except OSError:
        return Compiled()


def screen_posts(
    screener: ReleasedScreener, batches: Iterable[pa.RecordBatch], *, workers: int = 1, mark: Mark = unmarked
) -> Iterator[tuple[pa.Table, pl.DataFrame]]:
    """Yield the verdicts (VERDICT_SCHEMA) and the signals of each batch of one stream, in its order.

    Args:
        screener: Lists, classifier and rules.
        batches: Posts in POST_SCHEMA.
        workers: Threads that read batches; counts and rules follow in the order of the stream.
        mark: Told the name of each stage when it is done, where one thread does all.
    """
    window = Window()
    for _, read in read_ahead(screener, batches, workers, mark):
        screened = screener.judge(read, window, mark)
        yield screened.verdicts, screened.signals


def cores() -> int:
    """Return how many threads can read posts at once: the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_ahead(
    screener: ReleasedScreener, batches: Iterable[pa.RecordBatch], workers: int, mark: Mark = unmarked
) -> Iterator[tuple[pa.RecordBatch, ReadPosts]]:
    """Yield the batches in their order, as read, at most one more under way than there are threads."""
    if workers == 1:
        yield from ((batch, screener.read(batch, mark)) for batch in batches)
        return
    with ThreadPoolExecutor(workers) as pool:
        under_way: deque[tuple[pa.RecordBatch, Future[ReadPosts]]] = deque()
        for batch in batches:
            under_way.append((batch, pool.submit(screener.read, batch)))
            if len(under_way) > workers:
                first, read = under_way.popleft()
                yield first, read.result()
        while under_way:
            first, read = under_way.popleft()
            yield first, read.result()


def signals_of(data: Path, lists: Path | None) -> tuple[Signal, ...]:
    """Return all signals that rules may name: the built-in ones, then one a list and one an external classifier."""
    own = lists or own_folder(data / "lists")
    loaded = load_lists(shipped.LISTS, *([] if own is None else [own]))
    return signal_table(loaded) + tuple(each.signal for each in externals_of(data, loaded))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCheck:
    """What came of a rule's examples.

    Attributes:
        acts: Whether anything follows from the rule; False: it only counts (shadow).
        broken: What is wrong with its examples, as (file, line, reason).
    """

    name: str
    version: str
    verdict: str
    acts: bool
    examples: int
    broken: tuple[tuple[str, int, str], ...]


def check_rules(screener: ReleasedScreener) -> Iterator[RuleCheck]:
    """Yield for each rule, also those in shadow, whether its examples come out as they must."""
    screener = screener.offline()
    rules = sorted(screener.rules + screener.shadows, key=lambda rule: rule.name)
    for rule, found in zip(rules, check_all_examples(screener, rules), strict=True):
        broken = tuple((rule.source, each.line, each.reason) for each in found)
        yield RuleCheck(
            name=rule.name,
            version=rule.version,
            verdict=rule.verdict.value,
            acts=rule.release is None or not rule.release.counts_only,
            examples=len(rule.examples),
            broken=broken,
        )


def rule_named(screener: ReleasedScreener, name: str) -> Rule:
    """Return a rule by its name.

    Raises:
        InputError: There is no such rule.
    """
    rules = screener.rules + screener.shadows
    rule = next((rule for rule in rules if rule.name == name), None)
    if rule is None:
        known = ", ".join(sorted(rule.name for rule in rules))
        raise InputError("RULE", f"there is no rule {name!r}; there are {known}")
    return rule


def query_rule(screener: ReleasedScreener, name: str, dialect: str, table: str) -> str:
    """Return a rule as a query over a table of signals.

    Raises:
        InputError: No such rule or dialect.
    """
    return rule_query(rule_named(screener, name), dialect, table)


def with_shadows(screener: ReleasedScreener, directory: Path) -> ReleasedScreener:
    """Return a screener with the rules of a directory beside the live ones; they only count.

    Raises:
        InputError: Names file and line, and what was meant.
    """
    release = Release(version=1, author="", approver="", shadow=True, slices=(), expires=None, quota_per_hour=None)
    signals = signal_table(screener.lists) + tuple(each.signal for each in screener.externals)
    new = load_rules([directory], signals)
    shadows = tuple(replace(rule, release=release) for rule in new)
    return ReleasedScreener(screener.lists, screener.model, screener.rules + shadows, screener.externals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Why a rule holds for a post, or does not."""

    id: str
    rule: str
    holds: bool
    parts: Sequence[Part]


def explain_rule(screener: ReleasedScreener, batches: Iterable[pa.RecordBatch], name: str) -> Iterator[Explained]:
    """Yield for each post what each part of the rule's condition came to.

    Raises:
        InputError: There is no such rule.
    """
    rule = rule_named(screener, name)
    window = Window()
    for batch in batches:
        signals = screener.measure(batch, window)
        for key, row in zip(batch.column("id").to_pylist(), signals.iter_rows(named=True), strict=True):
            values: dict[str, Value] = row
            parts = tuple(explain(rule.condition, values))
            yield Explained(id=key, rule=name, holds=parts[0].holds is True, parts=parts)
