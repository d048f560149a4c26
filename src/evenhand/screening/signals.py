"""Posts become signals: a table with a column a signal, a row a post, in the order of the batch."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from evenhand.screening.built_in import BUILT_IN, Signal
from evenhand.screening.classifier import Model, shape_bins
from evenhand.screening.counts import Window
from evenhand.screening.domains import count_domains, find_hosts
from evenhand.screening.hashes import count_hashes
from evenhand.screening.lists import Lists
from evenhand.screening.normalise import Joined, Normalised, as_joined, compatible, fold, join
from evenhand.screening.shape import raw_shape, word_shape

__all__ = ["BUILT_IN", "Signal", "TextSignals", "measure", "read_texts", "signal_table"]

SAME_TEXT_CHARACTERS_MIN = 20

_DAY_US = 86_400_000_000.0
_TYPES: dict[str, type[pl.DataType]] = {
    "TEXT": pl.String,
    "INTEGER": pl.Int64,
    "DOUBLE": pl.Float64,
    "BOOLEAN": pl.Boolean,
}


def signal_table(lists: Lists) -> tuple[Signal, ...]:
    """Return all signals in the order of their columns: the built-in ones, then one a list."""
    named = tuple(
        Signal(each.name, "INTEGER", "hits", f"Hits in the list of {each.kind} {each.name}.", "1")
        for each in lists.lists
    )
    return BUILT_IN + named


@dataclass(frozen=True, slots=True)
class TextSignals:
    """What texts say by themselves, without lists, model and history.

    Attributes:
        normalised: The texts as they are compared.
        hosts: As `find_hosts` returns them.
        values: Signals by name.
    """

    normalised: Normalised
    hosts: pl.DataFrame
    values: dict[str, NDArray[np.float64] | NDArray[np.int64]]

    @property
    def skeleton(self) -> Joined:
        """The texts in their final form."""
        return self.normalised.skeleton


def read_texts(texts: pl.Series) -> TextSignals:
    """Normalise the texts and measure what each says by itself; nulls are empty texts."""
    raw = join(texts)
    compat = compatible(raw)
    hosts = find_hosts(compat)
    links = hosts.filter("link")
    domains = links.select("row", "registrable").unique()
    values: dict[str, NDArray[np.float64] | NDArray[np.int64]] = {
        **raw_shape(as_joined(raw)),
        **word_shape(as_joined(compat)),
        "link_count": _by_row(links["row"], len(texts)),
        "domain_count": _by_row(domains["row"], len(texts)),
    }
    return TextSignals(fold(compat), hosts, values)


def measure(
    batch: pa.RecordBatch, lists: Lists, model: Model, window: Window, claimed: frozenset[str] = frozenset()
) -> pl.DataFrame:
    """Return the signals of a batch of posts, a row a post in the batch's order, columns as `signal_table` has them.

    Args:
        batch: Posts in POST_SCHEMA.
        lists: The lists in force.
        model: Serves the spam score.
        window: What the stream has shown before; moved on by this batch.
        claimed: Lists that a rule names; hits in the others are counted apart.
    """
    posts = pl.DataFrame(pa.Table.from_batches([batch]))
    read = read_texts(posts["text"])
    hits = _hits(posts, read, lists)
    counts = _counts(posts, read.skeleton, window)
    columns: dict[str, pl.Series | NDArray[np.float64] | NDArray[np.int64]] = {
        **_plain(posts),
        **read.values,
        **{name: counts[:, i] for i, name in enumerate(_COUNTED)},
        "spam_score": model.score(read.skeleton, shape_bins(read.values)),
        "list_hits": hits.sum(axis=1),
        "lists_hit": (hits > 0).sum(axis=1),
        "unclaimed_list_hits": hits[:, [name not in claimed for name in lists.names]].sum(axis=1),
        **{name: hits[:, i] for i, name in enumerate(lists.names)},
    }
    signals = signal_table(lists)
    return pl.DataFrame([pl.Series(s.name, columns[s.name], dtype=_TYPES[s.type]) for s in signals])


_COUNTED = ("author_posts", "channel_posts", "same_text_posts", "same_text_authors", "same_text_channels")


def _by_row(rows: pl.Series, posts: int) -> NDArray[np.int64]:
    return np.bincount(rows.to_numpy(), minlength=posts).astype(np.int64)


def _plain(posts: pl.DataFrame) -> dict[str, pl.Series]:
    """Return the signals that are fields of the post, or a small step from them."""
    age = pl.col("posted_at") - pl.col("author_created_at")
    taken = posts.select(
        "kind",
        "lang",
        "country",
        "channel_members",
        media_count=pl.col("media").list.len().fill_null(0),
        forwarded=pl.col("forwarded_from").is_not_null(),
        author_age_days=age.dt.total_microseconds() / _DAY_US,
    )
    return {column.name: column for column in taken}


def _hits(posts: pl.DataFrame, read: TextSignals, lists: Lists) -> NDArray[np.int64]:
    columns = len(lists.lists)
    hits = lists.phrases.count(read.normalised, columns)
    hits += count_domains(read.hosts, lists.domains, len(posts), columns)
    hits += count_hashes(posts["media"], lists.hashes, columns)
    return hits


def _counts(posts: pl.DataFrame, skeleton: Joined, window: Window) -> NDArray[np.int64]:
    long = skeleton.lengths >= SAME_TEXT_CHARACTERS_MIN
    texts = np.where(long, skeleton.texts().hash().to_numpy(), np.uint64(0))
    posted = posts["posted_at"].dt.epoch("us").to_numpy()
    return window.add(posted, _keys(posts["author_id"]), _keys(posts["channel_id"]), texts)


def _keys(ids: pl.Series) -> NDArray[np.uint64]:
    """Return a 64-bit key for each id, 0 for none."""
    return np.where(ids.is_not_null().to_numpy(), ids.hash().to_numpy(), np.uint64(0))
