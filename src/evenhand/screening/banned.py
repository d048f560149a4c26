"""Which posts meet a ban: the banned item itself, what it may not post any more, its content again, and look-alikes.

Columns in, columns out: a batch is joined with what is banned, and only the rows that meet something are looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from evenhand.screening.native.kernel import kernel
from evenhand.screening.near_copies import LETTERS_MIN, NearCopies, Texts, letter_counts, letter_keys
from evenhand.screening.normalise import Joined, native_forms, normalise

NAME_LETTERS_MIN = 4
"""Shorter names are everybody's."""
SAME, MEMBER, COPY, MEDIA, NEAR, NAME, PERSON = "same", "member", "copy", "media", "near", "name", "person"
"""How a post meets a ban, the surest first: the order in which one of several is taken."""
_ORDER = (SAME, MEMBER, COPY, MEDIA, NEAR, NAME, PERSON)
_MET = pl.Schema({"row": pl.UInt32, "ban": pl.UInt32, "how": pl.String})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """What a ban covers.

    Attributes:
        since: Only posts after this instant meet it, aware UTC.
        kind: Of the item that was banned.
        person: Author's or account's id, "" if unknown.
        text: What it said; a channel's or an account's is its name or description.
        media_sha256: Lower-case hex digests.
    """

    since: datetime
    kind: str
    item_id: str
    person: str
    text: str
    media_sha256: tuple[str, ...]


class Banned:
    """What is banned, as columns."""

    def __init__(self, bans: Sequence[Ban]) -> None:
        rows = [(n, ban.since, ban.kind, ban.item_id, ban.person, ban.text) for n, ban in enumerate(bans)]
        schema: dict[str, pl.DataType | type[pl.DataType]] = {
            "ban": pl.UInt32,
            "since": pl.Datetime("us", "UTC"),
            "kind": pl.String,
            "item": pl.String,
            "person": pl.String,
            "text": pl.String,
        }
        self._bans = pl.DataFrame(rows, schema=schema, orient="row")
        media = [(n, digest) for n, ban in enumerate(bans) for digest in ban.media_sha256]
        self._media = pl.DataFrame(media, schema={"ban": pl.UInt32, "sha256": pl.String}, orient="row")
        counts = letter_counts(self._bans["text"]) if bans else np.zeros(0, np.int64)
        self._copied = self._bans.filter(pl.Series(counts >= LETTERS_MIN)).select("ban", "text")
        self._near = NearCopies([Texts(0, self._copied["text"])]) if self._copied.height else None
        named = self._bans.filter(pl.col("kind") != "post")
        keys = _name_keys(named["text"])
        self._names = named.select("ban").with_columns(key=keys).filter(pl.col("key") != 0)

    def meet(self, posts: pl.DataFrame) -> pl.DataFrame:
        """Return row, ban and how for each post that meets a ban, one a post, the surest.

        Args:
            posts: Columns of POST_SCHEMA.
        """
        return _surest(self.met(posts))

    def met(self, posts: pl.DataFrame) -> pl.DataFrame:
        """Return row, ban and how for every ban that a post meets, and every way."""
        if not self._bans.height or not posts.height:
            return pl.DataFrame(schema=_MET)
        rows = posts.select("id", "kind", "channel_id", "author_id", "posted_at", "media", "text").with_row_index("row")
        found = [
            *self._by_id(rows),
            self._by_copy(rows),
            self._by_media(rows),
            self._by_near(rows),
            self._by_name(rows),
        ]
        met = pl.concat(each.select("row", "ban", "how").cast(_MET) for each in found)
        if not met.height:
            return met
        later = met.join(self._bans.select("ban", "since"), on="ban").join(rows.select("row", "posted_at"), on="row")
        return later.filter(pl.col("posted_at") > pl.col("since")).select(*_MET)

    def _by_id(self, rows: pl.DataFrame) -> list[pl.DataFrame]:
        """Return the banned items themselves, what is posted in or by them, and what a banned person opens anew."""
        bans = self._bans.filter(pl.col("item") != "").select("ban", "item", "kind")
        channels, accounts = (bans.filter(kind=kind) for kind in ("channel", "account"))
        posts, opened = rows.filter(pl.col("kind") == "post"), rows.filter(pl.col("kind") != "post")
        persons = self._bans.filter((pl.col("person") != "") & (pl.col("kind") != "post")).select("ban", "person")
        return [
            _how(opened.join(bans, left_on=["kind", "id"], right_on=["kind", "item"]), SAME),
            _how(posts.join(channels, left_on="channel_id", right_on="item"), MEMBER),
            _how(posts.join(accounts, left_on="author_id", right_on="item"), MEMBER),
            _how(opened.join(persons, left_on="author_id", right_on="person"), PERSON),
        ]

    def _by_copy(self, rows: pl.DataFrame) -> pl.DataFrame:
        return _how(rows.join(self._copied.with_columns(text=pl.col("text").cast(pl.String)), on="text"), COPY)

    def _by_media(self, rows: pl.DataFrame) -> pl.DataFrame:
        if not self._media.height:
            return pl.DataFrame(schema=_MET)
        media = rows.filter(pl.col("media").list.len() > 0).select("row", "media").explode("media")
        media = media.with_columns(sha256=pl.col("media").struct.field("sha256"))
        return _how(media.join(self._media, on="sha256"), MEDIA)

    def _by_near(self, rows: pl.DataFrame) -> pl.DataFrame:
        if self._near is None:
            return pl.DataFrame(schema=_MET)
        post, place = self._near.pairs(_compared(rows["text"]))
        return pl.DataFrame({"row": post, "ban": self._copied["ban"].gather(place)}).with_columns(how=pl.lit(NEAR))

    def _by_name(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return channels and accounts whose text, their name, has a banned one's letters, or letters that look so."""
        named = rows.filter((pl.col("kind") != "post") & pl.col("text").is_not_null())
        if not named.height or not self._names.height:
            return pl.DataFrame(schema=_MET)
        return _how(named.with_columns(key=_name_keys(named["text"])).join(self._names, on="key"), NAME)


@dataclass(frozen=True, slots=True)
class BannedBeside:
    """What was banned when tables were made of it, without what is no more, and with what came since.

    Attributes:
        large: Made of many bans.
        small: Made of those that came since; its first is number `first`.
        order: For each number, its place among all bans that hold; null for those that do not.
    """

    large: Banned
    small: Banned
    first: int
    order: pl.Series

    def meet(self, posts: pl.DataFrame) -> pl.DataFrame:
        """Return what tables of all bans would, by their places among all: row, ban and how, one a post, the surest."""
        later = self.small.met(posts).with_columns(ban=pl.col("ban") + self.first)
        met = pl.concat([self.large.met(posts), later.cast(_MET)])
        return _surest(met.with_columns(ban=self.order.gather(met["ban"])).drop_nulls("ban").cast(_MET))


def _surest(met: pl.DataFrame) -> pl.DataFrame:
    ordered = met.sort("row", pl.col("how").cast(pl.Enum(_ORDER)), "ban")
    return ordered.unique("row", keep="first").select(*_MET).sort("row")


def _compared(texts: pl.Series) -> Joined:
    clean = texts.fill_null("")
    native = kernel()
    return (normalise(clean) if native is None else native_forms(native, clean).normalised).skeleton


def _name_keys(texts: pl.Series) -> pl.Series:
    if not len(texts):
        return pl.Series([], dtype=pl.UInt64)
    return pl.Series(letter_keys(normalise(texts).skeleton, NAME_LETTERS_MIN), dtype=pl.UInt64)


def _how(found: pl.DataFrame, how: str) -> pl.DataFrame:
    return found.select("row", "ban").with_columns(how=pl.lit(how))
