"""Posts become signals: a table with a column a signal, a row a post, in the order of the batch."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from evenhand.screening.built_in import BUILT_IN, Signal
from evenhand.screening.classifier import Model, shape_bins
from evenhand.screening.counts import Window
from evenhand.screening.domains import domain_hits, find_hosts, spelled_hosts
from evenhand.screening.hashes import media_hits
from evenhand.screening.lists import Lists
from evenhand.screening.native.kernel import kernel
from evenhand.screening.near_copies import letter_keys, text_keys
from evenhand.screening.normalise import Joined, Normalised, forms, native_forms
from evenhand.screening.shape import raw_shape, word_shape
from evenhand.screening.shortcuts import split

__all__ = ["BUILT_IN", "Mark", "Signal", "TextSignals", "measure", "read_texts", "signal_table", "unmarked"]

SAME_TEXT_CHARACTERS_MIN = 20

Mark = Callable[[str], None]
"""Told the name of a stage when it is done: a benchmark's stopwatch."""


def unmarked(stage: str) -> None:
    """Take no note."""


_DAY_US = 86_400_000_000.0
TYPES: dict[str, type[pl.DataType]] = {
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
        compat: The joined texts as `compatible` leaves them, in UTF-8.
        hosts: As `find_hosts` returns them.
        values: Signals by name.
    """

    normalised: Normalised
    compat: bytes
    hosts: pl.DataFrame
    values: dict[str, NDArray[np.float64] | NDArray[np.int64]]

    @property
    def skeleton(self) -> Joined:
        """The texts in their final form."""
        return self.normalised.skeleton


def read_texts(texts: pl.Series, plain: int = 0, simple: int = 0, mark: Mark = unmarked) -> TextSignals:
    """Normalise the texts and measure what each says by itself; nulls are empty texts.

    Args:
        texts: The texts, in an order of their own (`shortcuts.split`) or in any.
        plain: How many of the first ones are plain.
        simple: How many after them are simple.
        mark: Told the name of each stage when it is done.
    """
    native = kernel()
    read = forms(texts, plain, simple) if native is None else native_forms(native, texts.fill_null(""))
    mark("normalise")
    hosts = find_hosts(read.compat)
    links = hosts.filter("link")
    domains = links.select("row", "registrable").unique()
    mark("links")
    values: dict[str, NDArray[np.float64] | NDArray[np.int64]] = {
        **raw_shape(read.raw),
        **word_shape(read.compat),
        "link_count": _by_row(links["row"], len(texts)),
        "domain_count": _by_row(domains["row"], len(texts)),
    }
    mark("shape")
    return TextSignals(read.normalised, read.text, hosts, values)


@dataclass(frozen=True, slots=True)
class ReadPosts:
    """What posts say by themselves: all signals but the counts, which need the stream's history.

    Attributes:
        posts: The batch.
        values: What the texts say without lists and model, by name.
        keys: Of each text, for counting the same one; 0 for short texts.
        alike: The same of the text's letters alone.
        domains: Post and key of each domain that is linked to, in the posts' order.
        hosts: Columns row (post) and host: each different host that a post names, a link or not.
        skeleton: The normalised texts, in the posts' order.
        hits: By post and list.
        score: The classifier's.
    """

    posts: pl.DataFrame
    values: dict[str, NDArray[np.float64] | NDArray[np.int64]]
    keys: NDArray[np.uint64]
    alike: NDArray[np.uint64]
    domains: tuple[NDArray[np.int64], NDArray[np.uint64]]
    hosts: pl.DataFrame
    skeleton: Joined
    hits: NDArray[np.int64]
    score: NDArray[np.float64]


def read_posts(batch: pa.RecordBatch, lists: Lists, model: Model, mark: Mark = unmarked) -> ReadPosts:
    """Read a batch of posts; batches may be read by several threads at once.

    Args:
        batch: Posts in POST_SCHEMA.
        lists: The lists in force.
        model: Serves the spam score.
        mark: Told the name of each stage when it is done.
    """
    posts = pl.DataFrame(pa.Table.from_batches([batch]))
    texts = posts["text"].fill_null("")
    # NumPy is fast where texts of a kind stand together; the kernel takes them as they come.
    order, plain, simple = split(texts) if kernel() is None else (np.arange(len(texts)), 0, 0)
    ordered = posts.select("text", "media")
    ordered = ordered[order] if kernel() is None else ordered
    mark("normalise")
    read = read_texts(ordered["text"], plain, simple, mark)
    hits = _hits(ordered["media"], read, lists, mark)
    score = model.score(read.skeleton, shape_bins(read.values))
    mark("classifier")
    keys = text_keys(read.skeleton, SAME_TEXT_CHARACTERS_MIN)
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    alike = letter_keys(read.skeleton, SAME_TEXT_CHARACTERS_MIN)
    domains = _linked(read.hosts, order)
    named = read.hosts.select("row", "host").unique()
    hosts = named.with_columns(row=pl.Series(order[named["row"].to_numpy()]))
    values = {name: column[back] for name, column in read.values.items()}
    skeleton = read.skeleton if kernel() is not None else read.skeleton.only(back)
    mark("keys")
    return ReadPosts(posts, values, keys[back], alike[back], domains, hosts, skeleton, hits[back], score[back])


def _linked(hosts: pl.DataFrame, order: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return post and key of each different domain that is linked to, in the posts' order."""
    links = hosts.filter("link").select("row", "registrable").unique(maintain_order=True)
    posts = order[links["row"].to_numpy()]
    by_post = np.argsort(posts, kind="stable")
    return posts[by_post], links["registrable"].hash().to_numpy()[by_post]


def complete(
    read: ReadPosts, lists: Lists, window: Window, claimed: frozenset[str] = frozenset(), mark: Mark = unmarked
) -> pl.DataFrame:
    """Return the signals of posts that were read, in the order of their stream; see `measure`."""
    counts = _counts(read, window)
    mark("counts")
    hits = read.hits
    columns: dict[str, pl.Series | NDArray[np.float64] | NDArray[np.int64]] = {
        **_plain(read.posts),
        **read.values,
        **{name: counts[:, i] for i, name in enumerate(_COUNTED)},
        "spam_score": read.score,
        "list_hits": hits.sum(axis=1),
        "lists_hit": (hits > 0).sum(axis=1),
        "unclaimed_list_hits": hits[:, [name not in claimed for name in lists.names]].sum(axis=1),
        **{name: hits[:, i] for i, name in enumerate(lists.names)},
    }
    table = pl.DataFrame([pl.Series(s.name, columns[s.name], dtype=TYPES[s.type]) for s in signal_table(lists)])
    mark("table")
    return table


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
    return complete(read_posts(batch, lists, model), lists, window, claimed)


_COUNTED = (
    *("author_posts", "channel_posts", "same_text_posts", "same_text_authors", "same_text_channels"),
    *("alike_text_posts", "domain_posts"),
)


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


def _hits(media: pl.Series, read: TextSignals, lists: Lists, mark: Mark) -> NDArray[np.int64]:
    """Return hits by post and list."""
    rows, columns = len(media), len(lists.lists)
    found = [lists.phrases.hits(read.normalised)]
    mark("phrases")
    found.append(lists.patterns.find(read.compat, rows))
    mark("patterns")
    found.append(domain_hits(read.hosts, lists.domains))
    if asking := [i for i, each in enumerate(lists.lists) if each.kind == "domains" and each.spelled_dots]:
        texts = pl.Series([read.compat.decode()[1:-1]]).str.split("\0").explode()
        row, owner = domain_hits(spelled_hosts(texts, read.hosts), lists.domains)
        asked = np.isin(owner, asking)
        found.append((row[asked], owner[asked]))
    mark("domains")
    found.append(lists.near_copies.find(read.skeleton))
    mark("near_copies")
    found.append(media_hits(media, lists.hashes, lists.perceptual, columns))
    mark("hashes")
    cells = np.concatenate([row * columns + owner for row, owner in found])
    return np.bincount(cells, minlength=rows * columns).astype(np.int64).reshape(rows, columns)


def _counts(read: ReadPosts, window: Window) -> NDArray[np.int64]:
    posts = read.posts
    posted = posts["posted_at"].dt.epoch("us").to_numpy()
    return window.add(
        posted, _keys(posts["author_id"]), _keys(posts["channel_id"]), read.keys, read.alike, read.domains
    )


def _keys(ids: pl.Series) -> NDArray[np.uint64]:
    """Return a 64-bit key for each id, 0 for none."""
    return np.where(ids.is_not_null().to_numpy(), ids.hash().to_numpy(), np.uint64(0))
