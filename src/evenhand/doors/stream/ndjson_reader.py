"""A stream of NDJSON posts as batches: read by the compiled loop, or decoded a line at a time and checked by columns.

What `ndjson.parse_post` says of a line is the rule. What the compiled loop does not vouch for is decoded; whatever the
columns cannot vouch for then goes through it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import UNSET

from evenhand.doors.stream.columns import BATCH_POSTS
from evenhand.doors.stream.instants import read_instants
from evenhand.doors.stream.lines import OnError, numbered_lines
from evenhand.doors.stream.ndjson import (
    POST_VALUES,
    Files,
    decode_line,
    fields_of,
    media_fields,
    medium_of,
    parse_post,
    refuse_repeated,
)
from evenhand.flow.post_lines import read_lines
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.post import POST_SCHEMA

_BYTES_AT_ONCE = 16 << 20
"""Lines that are held together are no longer than this, but for the last of them."""
_GAPS = (b"\t", b"\r", b'" :', b"  :")
"""What a line with a gap between a key and its colon has, and hardly any other: no text has a tab as it is."""
_DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
Error = tuple[int, str, str]


@dataclass(slots=True)
class _Lines:
    """Lines that are read together, and what is wrong with some of them."""

    numbers: list[int] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    errors: list[Error] = field(default_factory=list)
    bytes: int = 0


@dataclass(slots=True)
class _Decoded:
    """Lines that were decoded: which of a chunk's they are, and their fields."""

    rows: list[int] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    posts: list[Any] = field(default_factory=list)


def read_ndjson(
    stream: BinaryIO, on_error: OnError, batch_posts: int = BATCH_POSTS, files: Files | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield the stream's valid lines as batches in POST_SCHEMA, in order.

    Args:
        stream: Read line by line; memory holds one batch, of 16 MiB of lines and one more of at most 1 MiB.
        on_error: Told of each bad line: its number from 1, the field path ("media[0].pdq"), the reason.
        batch_posts: Rows of a batch at most; fewer where lines are bad or long, and at the end.
        files: Hashes local files that media name; None: such media are refused.
    """
    for chunk in _chunks(stream, batch_posts):
        columns = _columns(chunk, files)
        for error in sorted(chunk.errors):
            on_error(*error)
        if len(columns[0]):
            yield pa.RecordBatch.from_arrays(columns, schema=POST_SCHEMA)


def _chunks(stream: BinaryIO, most: int) -> Iterator[_Lines]:
    chunk = _Lines()

    def too_long(number: int, where: str, reason: str) -> None:
        chunk.errors.append((number, where, reason))

    for number, line in numbered_lines(stream, too_long):
        chunk.numbers.append(number)
        chunk.lines.append(line)
        chunk.bytes += len(line)
        if len(chunk.lines) + len(chunk.errors) >= most or chunk.bytes >= _BYTES_AT_ONCE:
            yield chunk
            chunk = _Lines()
    yield chunk


def _columns(chunk: _Lines, files: Files | None) -> list[pa.Array]:
    """Return the posts' columns, in the order of the lines; what is wrong with others goes to the chunk's errors."""
    vouched = read_lines(chunk.lines)
    if vouched is None:
        return _decoded_columns(chunk, range(len(chunk.lines)), files)[0]
    if not vouched.others:
        return vouched.columns
    more, rows = _decoded_columns(chunk, vouched.others, files)
    if not rows:
        return vouched.columns
    order = pa.array(np.argsort(np.array([*vouched.rows, *rows])))
    return [pa.concat_arrays(both).take(order) for both in zip(vouched.columns, more, strict=True)]


def _decoded(chunk: _Lines, rows: Iterable[int]) -> _Decoded:
    """Return those lines that can be decoded; what is wrong with the others goes to the chunk's errors."""
    decoded = _Decoded()
    for row in rows:
        line = chunk.lines[row]
        try:
            decoded.posts.append(decode_line(line))
        except _DECODE_ERRORS:
            _explain(chunk, row, None)
        else:
            decoded.rows.append(row)
            decoded.lines.append(line)
    return decoded


def _explain(chunk: _Lines, row: int, files: Files | None) -> bool:
    """Tell what is wrong with a line, and whether something is."""
    try:
        parse_post(chunk.lines[row], files)
    except InputError as error:
        chunk.errors.append((chunk.numbers[row], error.field, error.reason))
        return True
    return False


def _decoded_columns(chunk: _Lines, lines: Iterable[int], files: Files | None) -> tuple[list[pa.Array], list[int]]:
    """Return columns of those lines that can be used, and which of the chunk's they are."""
    decoded = _decoded(chunk, lines)
    given: dict[str, Sequence[Any]] = dict(zip(POST_SCHEMA.names, _transposed(decoded.posts), strict=True))
    suspects = _suspects(decoded, given)
    values = {name: _with_nulls(column) for name, column in given.items()}
    suspects |= {n for n, both in enumerate(zip(values["channel_id"], values["author_id"], strict=True)) if both == _NO}
    for name in ("posted_at", "author_created_at"):
        instants = read_instants(values[name])
        values[name] = instants.values
        suspects.update(instants.broken)
    values["media"] = _media(values["media"], files, suspects)
    bad = {row for row in sorted(suspects) if _explain(chunk, decoded.rows[row], files)}
    arrays = [_array(values[each.name], each.type) for each in POST_SCHEMA]
    if not bad:
        return arrays, decoded.rows
    kept = [row for row in range(len(decoded.posts)) if row not in bad]
    return [array.take(pa.array(kept, pa.int64())) for array in arrays], [decoded.rows[row] for row in kept]


_NO = (None, None)


def _transposed(posts: Sequence[Any]) -> list[Sequence[Any]]:
    return list(zip(*map(POST_VALUES, posts), strict=True)) if posts else [()] * len(POST_SCHEMA)


def _with_nulls(column: Sequence[Any]) -> Sequence[Any]:
    return [None if value is UNSET else value for value in column] if UNSET in column else column


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    return values.cast(kind) if isinstance(values, pa.Array) else pa.array(values, type=kind)


def _suspects(chunk: _Decoded, given: dict[str, Sequence[Any]]) -> set[int]:
    """Return the rows in which a field may stand twice.

    A line has at least as many quotes with a colon behind as its post has fields, if no key has a gap before its colon.
    Where all lines together have just as many, so has each; else those that have more are looked at one by one.
    """
    joined = b"\n".join(chunk.lines)
    gaps = any(gap in joined for gap in _GAPS)
    if not gaps and joined.count(b'":') == _fields(given):
        return set()
    suspects = set()
    for row, (line, post) in enumerate(zip(chunk.lines, chunk.posts, strict=True)):
        if gaps or line.count(b'":') != fields_of(post):
            try:
                refuse_repeated(line, post)
            except InputError:
                suspects.add(row)
    return suspects


def _fields(given: dict[str, Sequence[Any]]) -> int:
    """Return how many fields the posts have together, those of their media among them."""
    fields = sum(len(column) - column.count(UNSET) for column in given.values())
    return fields + sum(media_fields(items) for items in given["media"] if items)


def _media(column: Sequence[Any], files: Files | None, suspects: set[int]) -> list[Any]:
    """Return the items of each post as POST_SCHEMA has them; posts whose items cannot be used become suspects."""
    rows: list[Any] = list(column)
    for row, items in enumerate(column):
        if items:
            try:
                rows[row] = [medium_of(place, item, files) for place, item in enumerate(items)]
            except InputError:
                rows[row] = None
                suspects.add(row)
    return rows
