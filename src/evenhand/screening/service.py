"""Posts in, verdicts and signals out: a batch at a time, as columns; rules have the last word."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from evenhand.screening.classifier import Model
from evenhand.screening.conditions import Conditions
from evenhand.screening.counts import Window
from evenhand.screening.expression import columns_of
from evenhand.screening.lists import Lists
from evenhand.screening.rules import Rule, frame, last_word, places
from evenhand.screening.screened import Screened
from evenhand.screening.signals import Mark, ReadPosts, complete, read_posts, unmarked
from evenhand.vocabulary.decision import Policy
from evenhand.vocabulary.post import VERDICT_SCHEMA, Verdict

NO_RULE = "No rule holds."


class Screener:
    """Lists, classifier and rules of one edition; also the book of their policies (`flow.policies.PolicyBook`)."""

    def __init__(self, lists: Lists, model: Model, rules: tuple[Rule, ...]) -> None:
        self.lists, self.model = lists, model
        self.rules = last_word(rules)
        self._by_name = {rule.name: rule for rule in self.rules}
        self._pieces = _in_pieces([rule.because for rule in self.rules])
        self._conditions = Conditions([rule.condition for rule in self.rules])
        named = {name for rule in self.rules for name in columns_of(rule.condition)}
        self._claimed = frozenset(named & set(lists.names))

    @cached_property
    def edition(self) -> str:
        """16 hex digits over rules, lists and classifier together."""
        parts = (self.lists.edition, self.model.version, *(f"{r.name} {r.version}" for r in self.rules))
        return blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()

    def policy(self, rule: str) -> Policy:
        """Return the law or term that the rule applies."""
        return self._by_name[rule].policy

    def statement(self, rule: str, language: str | None) -> str:
        """Return the rule's sentence for the statement of reasons, in a language (ISO 639-1) where it has it."""
        return self._by_name[rule].statement_for(language)

    def spam(self, rule: str) -> bool:
        """Tell whether what the rule finds is deceptive commercial content in high volume (Art. 17(2))."""
        return self._by_name[rule].spam

    def version(self, rule: str) -> str:
        """Return the rule's own version."""
        return self._by_name[rule].version

    def claims(self, name: str) -> bool:
        """Tell whether a rule names a list."""
        return name in self._claimed

    def read(self, batch: pa.RecordBatch, mark: Mark = unmarked) -> ReadPosts:
        """Read a batch of posts; several threads may, each a batch of its own."""
        return read_posts(batch, self.lists, self.model, mark)

    def complete(self, read: ReadPosts, window: Window, mark: Mark = unmarked) -> pl.DataFrame:
        """Return the signals of posts that were read, and move the window on."""
        return complete(read, self.lists, window, self._claimed, mark)

    def measure(self, batch: pa.RecordBatch, window: Window) -> pl.DataFrame:
        """Return the signals of a batch, and move the window on."""
        return self.complete(self.read(batch), window)

    def screen(self, batch: pa.RecordBatch, window: Window) -> Screened:
        """Judge a batch of posts.

        Args:
            batch: Posts in POST_SCHEMA.
            window: What their stream has shown before; moved on by this batch.
        """
        return self.judge(self.read(batch), window)

    def judge(self, read: ReadPosts, window: Window, mark: Mark = unmarked) -> Screened:
        """Judge posts that were read, in the order of their stream.

        Args:
            read: As `read` returns them.
            window: What the stream has shown before; moved on by this batch.
            mark: Told the name of each stage when it is done.
        """
        signals = self.complete(read, window, mark)
        winner = self.winners(signals)
        mark("rules")
        verdicts = self._verdicts(read.posts["id"], signals, winner)
        mark("verdicts")
        return Screened(verdicts, signals, read.hosts, read.skeleton)

    def hits(self, signals: pl.DataFrame) -> pl.DataFrame:
        """Return which lists were hit by which posts.

        Returns:
            Columns row (place in the batch), list, kind (of the list), category (EU code or null) and hits.
        """
        named = pl.DataFrame(
            [(each.name, each.kind, each.category) for each in self.lists.lists],
            schema={"list": pl.String, "kind": pl.String, "category": pl.String},
            orient="row",
        )
        counts = signals.select(self.lists.names).to_numpy() if len(named) else np.zeros((signals.height, 0), np.int64)
        rows, lists = np.nonzero(counts)
        found = named[lists]
        return found.insert_column(0, pl.Series("row", rows)).with_columns(hits=pl.Series(counts[rows, lists]))

    def winners(self, signals: pl.DataFrame) -> pl.Series:
        """Return for each row the place in `rules` of the one with the last word; their number where none holds."""
        return pl.Series(self._conditions.first(signals))

    def _verdicts(self, ids: pl.Series, signals: pl.DataFrame, winner: pl.Series) -> pa.Table:
        said = pl.DataFrame(
            {
                "place": range(len(self.rules) + 1),
                "verdict": [*(rule.verdict.value for rule in self.rules), Verdict.ALLOW.value],
                "rule": [*(rule.name for rule in self.rules), None],
                "category": [*(rule.policy.category.value for rule in self.rules), None],
                "keyword": [*(rule.policy.keyword and rule.policy.keyword.value for rule in self.rules), None],
            },
            schema_overrides={"place": pl.UInt32, "rule": pl.String, "category": pl.String, "keyword": pl.String},
        )
        rows = said[winner.to_numpy()]
        frame_ = pl.DataFrame([ids, *rows.drop("place"), self._because(signals, winner)])
        return frame_.to_arrow().cast(VERDICT_SCHEMA)

    def _because(self, signals: pl.DataFrame, winner: pl.Series) -> pl.Series:
        """Return the sentences: one piece of all of them at a time, whatever rules they are of."""
        rule = winner.to_numpy().astype(np.int64)
        rows = np.flatnonzero(rule < len(self.rules))
        values = self._values(signals, rows)
        texts, chosen = self._pieces.texts, self._pieces.chosen[rule[rows]]
        parts = [texts.gather(chosen[:, 0])]
        for n in range(1, chosen.shape[1], 2):
            # Of a rule with fewer places the last, empty piece stands for its values too.
            value = np.where(chosen[:, n] < 0, len(values) - 1, chosen[:, n] * len(rows) + np.arange(len(rows)))
            parts += [values.gather(value), texts.gather(chosen[:, n + 1])]
        named = pl.DataFrame([part.alias(str(n)) for n, part in enumerate(parts)])
        told = named.select(pl.concat_str(pl.all()).alias("because")).to_series()
        place = np.full(len(rule), len(rows))
        place[rows] = np.arange(len(rows))
        return pl.concat([told, pl.Series("because", [NO_RULE])]).gather(place)

    def _values(self, signals: pl.DataFrame, rows: NDArray[np.int64]) -> pl.Series:
        """Return the values that sentences name, as shown: one signal's after the other's, then an empty one."""
        end = pl.Series("value", [""])
        if not self._pieces.names or not len(rows):
            return end
        schema, decided = signals.schema, signals.select(self._pieces.names)[rows]
        shown = decided.select(_shown(schema[name], pl.col(name)) for name in self._pieces.names)
        return pl.concat([*(column.rename("value") for column in shown), end])


@dataclass(frozen=True, slots=True)
class _Pieces:
    """The rules' sentences in pieces: a text, then a value and a text for each place.

    Attributes:
        texts: The different texts; the first is empty.
        names: The signals whose values are named.
        chosen: A row a rule: number of a text, then by turns that of a signal (-1: none) and that of a text.
    """

    texts: pl.Series
    names: tuple[str, ...]
    chosen: NDArray[np.int64]


def _in_pieces(sentences: Sequence[str]) -> _Pieces:
    split = [(frame(each).split("{}"), places(each)) for each in sentences]
    texts = tuple(dict.fromkeys(("", *(text for parts, _ in split for text in parts))))
    names = tuple(dict.fromkeys(name for _, named in split for name in named))
    most = max((len(named) for _, named in split), default=0)
    chosen = np.zeros((len(split), 2 * most + 1), np.int64)
    chosen[:, 1::2] = -1
    for row, (parts, named) in zip(chosen, split, strict=True):
        row[: 2 * len(parts) : 2] = [texts.index(part) for part in parts]
        row[1 : 2 * len(named) : 2] = [names.index(name) for name in named]
    return _Pieces(pl.Series(texts, dtype=pl.String), names, chosen)


def _shown(kind: pl.DataType, column: pl.Expr) -> pl.Expr:
    if kind == pl.Float64:
        column = column.round(2)
    elif kind == pl.Boolean:
        column = pl.when(column).then(pl.lit("yes")).when(~column).then(pl.lit("no"))
    return column.cast(pl.String).fill_null("unknown")
