"""What people post, as columns: the one schema in which posts travel through the house.

The published form of the same thing is docs/reference/post.schema.json.
"""

from enum import StrEnum

import pyarrow as pa


class ItemKind(StrEnum):
    """What a post format line, a case or a decision is about."""

    POST = "post"
    CHANNEL = "channel"
    ACCOUNT = "account"


class Verdict(StrEnum):
    """What screening says of an item, from nothing to the gravest."""

    ALLOW = "allow"
    LABEL = "label"
    RESTRICT = "restrict"
    REVIEW = "review"
    REMOVE = "remove"


_MEDIA = pa.struct(
    [
        pa.field("sha256", pa.string()),  # 64 lower-case hex digits
        pa.field("md5", pa.string()),  # 32 lower-case hex digits
        pa.field("pdq", pa.string()),  # 64 lower-case hex digits: 256 bits
        pa.field("type", pa.string()),  # MIME type as the platform gives it
        pa.field("turned", pa.list_(pa.string())),  # PDQ of the picture turned and mirrored, at most seven
    ]
)

_INSTANT = pa.timestamp("us", tz="UTC")

POST_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # an ItemKind
        pa.field("channel_id", pa.string()),  # this or author_id
        pa.field("author_id", pa.string()),
        pa.field("text", pa.large_string()),
        pa.field("media", pa.large_list(_MEDIA)),
        pa.field("lang", pa.string()),  # ISO 639-1, lower case
        pa.field("country", pa.string()),  # ISO 3166-1 alpha-2, upper case
        pa.field("posted_at", _INSTANT, nullable=False),
        pa.field("author_created_at", _INSTANT),
        pa.field("channel_members", pa.int64()),
        pa.field("forwarded_from", pa.string()),
    ]
)
"""A batch of posts: one row an item. Instants are UTC in microseconds."""

VERDICT_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("verdict", pa.string(), nullable=False),  # a Verdict
        pa.field("rule", pa.string()),  # name of the rule that decided; null for allow
        pa.field("category", pa.string()),  # a Category code
        pa.field("keyword", pa.string()),  # a Keyword code, where the rule has one
        pa.field("because", pa.large_string(), nullable=False),  # a sentence a moderator understands
    ]
)
"""Verdicts: one row for each row of the batch, in its order. Signals travel beside it as a table of their own."""
