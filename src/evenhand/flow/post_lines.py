"""Lines of posts read by the compiled loop, for the doors: columns of those that it vouches for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from evenhand.screening.native.kernel import Bytes, Index, PostColumns, PostTexts, kernel
from evenhand.vocabulary.post import POST_SCHEMA

_TEXTS = ("id", "kind", "channel_id", "author_id", "text", "lang", "country", "forwarded_from")
_PARTS = ("sha256", "md5", "pdq", "type")
_NUMBERS = ("posted_at", "author_created_at", "channel_members")
_KINDS = {field.name: field.type for field in POST_SCHEMA}


@dataclass(frozen=True, slots=True)
class Vouched:
    """What the compiled loop took of some lines.

    Attributes:
        columns: In the order of POST_SCHEMA.
        rows: Which line each row is.
        others: Lines that a reader has to look at that can say what is wrong.
    """

    columns: list[pa.Array]
    rows: list[int]
    others: list[int]


def read_lines(lines: Sequence[bytes]) -> Vouched | None:
    """Return the posts of those lines that are beyond doubt; None: this process has no compiled loop.

    A line is taken only where `doors.stream.ndjson.parse_post` would say the very same of it.
    """
    compiled = kernel()
    if compiled is None or not lines:
        return None
    offsets = np.zeros(len(lines) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, lines), np.int64, len(lines)), out=offsets[1:])
    found = compiled.posts_read(np.frombuffer(b"".join(lines), np.uint8), offsets)
    columns = {name: _texts(each, _KINDS[name]) for name, each in zip(_TEXTS, found.texts, strict=True)}
    columns |= {name: _numbers(*each, _KINDS[name]) for name, each in zip(_NUMBERS, found.numbers, strict=True)}
    columns["media"] = _media(found)
    rows, others = np.flatnonzero(found.taken), np.flatnonzero(found.taken == 0)
    return Vouched([columns[name] for name in POST_SCHEMA.names], rows.tolist(), others.tolist())


def _media(found: PostColumns) -> pa.Array:
    items = _KINDS["media"].value_type
    parts = {name: _texts(each, pa.string()) for name, each in zip(_PARTS, found.parts, strict=True)}
    # A line with a picture turned is another reader's: of those taken here it is null.
    rows = len(parts["type"])
    every = [parts[field.name] if field.name in parts else pa.nulls(rows, field.type) for field in items]
    children = [pa.StructArray.from_arrays(every, fields=list(items))]
    buffers = [_valid(found.has_items), pa.py_buffer(found.items)]
    return pa.Array.from_buffers(_KINDS["media"], len(found.has_items), buffers, children=children)


def _texts(found: PostTexts, kind: pa.DataType) -> pa.Array:
    large = kind == pa.large_string()
    offsets = found.offsets if large else found.offsets.astype(np.int32)
    # A copy is as long as its texts; what was read into has room for all the lines.
    buffers = [_valid(found.there), pa.py_buffer(offsets), pa.py_buffer(found.data.copy())]
    return pa.Array.from_buffers(kind, len(found.there), buffers)


def _numbers(values: Index, there: Bytes, kind: pa.DataType) -> pa.Array:
    return pa.Array.from_buffers(kind, len(there), [_valid(there), pa.py_buffer(values.copy())])


def _valid(there: Bytes) -> pa.Buffer | None:
    return None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
