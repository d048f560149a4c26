"""Parsed posts as columns: what every reader of this folder fills its batches with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any

import pyarrow as pa

from evenhand.vocabulary.post import POST_SCHEMA

TEXT_CHARACTERS_MAX = 65_536
ID_CHARACTERS_MAX = 256
BATCH_POSTS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRow:
    """One post, checked, in the words of POST_SCHEMA.

    Attributes:
        media: One dictionary an item with the keys sha256, md5, pdq, type.
        posted_at: Aware UTC, like author_created_at.
    """

    id: str
    kind: str
    posted_at: datetime
    channel_id: str | None = None
    author_id: str | None = None
    text: str | None = None
    media: list[dict[str, str | None]] | None = None
    lang: str | None = None
    country: str | None = None
    author_created_at: datetime | None = None
    channel_members: int | None = None
    forwarded_from: str | None = None


_VALUES = attrgetter(*POST_SCHEMA.names)


def batches(rows: Iterable[PostRow], batch_posts: int = BATCH_POSTS) -> Iterator[pa.RecordBatch]:
    """Yield the rows as record batches of `batch_posts` posts, the last one shorter; nothing for no rows."""
    return tuple_batches(map(_VALUES, rows), batch_posts)


def tuple_batches(rows: Iterable[tuple[Any, ...]], batch_posts: int = BATCH_POSTS) -> Iterator[pa.RecordBatch]:
    """Yield rows that are tuples in the order of POST_SCHEMA as `batches` does: for readers of very many."""
    source = iter(rows)
    while chunk := list(islice(source, batch_posts)):
        columns = zip(*chunk, strict=True)
        arrays = [pa.array(column, type=field.type) for field, column in zip(POST_SCHEMA, columns, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=POST_SCHEMA)
