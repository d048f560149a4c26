"""A stream of NDJSON posts as batches: decoded a line at a time, checked and turned into columns a batch at a time.

What `ndjson.parse_post` says of a line is the rule; whatever the columns cannot vouch for goes through it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import msgspec
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
    """Lines that were decoded, and what is wrong with the others."""

    numbers: list[int] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    posts: list[Any] = field(default_factory=list)
    errors: list[Error] = field(default_factory=list)
    bytes: int = 0


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
    for lines in _chunks(stream, batch_posts):
        columns = _columns(lines, files)
        for error in sorted(lines.errors):
            on_error(*error)
        if len(columns[0]):
            yield pa.RecordBatch.from_arrays(columns, schema=POST_SCHEMA)


def _chunks(stream: BinaryIO, most: int) -> Iterator[_Lines]:
    chunk = _Lines()

    def too_long(number: int, where: str, reason: str) -> None:
        chunk.errors.append((number, where, reason))

    for number, line in numbered_lines(stream, too_long):
        try:
            chunk.posts.append(decode_line(line))
        except _DECODE_ERRORS:
            _explain(chunk, number, line)
        else:
            chunk.numbers.append(number)
            chunk.lines.append(line)
        chunk.bytes += len(line)
        if len(chunk.posts) + len(chunk.errors) >= most or chunk.bytes >= _BYTES_AT_ONCE:
            yield chunk
            chunk = _Lines()
    yield chunk


def _explain(chunk: _Lines, number: int, line: bytes) -> None:
    try:
        parse_post(line)
    except InputError as error:
        chunk.errors.append((number, error.field, error.reason))


def _columns(chunk: _Lines, files: Files | None) -> list[pa.Array]:
    """Return the posts' columns; those that cannot be used go to the chunk's errors."""
    bad = set[int]()
    given: dict[str, Sequence[Any]] = dict(zip(POST_SCHEMA.names, _transposed(chunk.posts), strict=True))
    suspects = _suspects(chunk, given)
    values = {name: _with_nulls(column) for name, column in given.items()}
    suspects |= {n for n, both in enumerate(zip(values["channel_id"], values["author_id"], strict=True)) if both == _NO}
    for name in ("posted_at", "author_created_at"):
        instants = read_instants(values[name])
        values[name] = instants.values
        suspects.update(instants.broken)
    values["media"] = _media(values["media"], files, suspects)
    for row in sorted(suspects):
        try:
            parse_post(chunk.lines[row], files)
        except InputError as error:
            chunk.errors.append((chunk.numbers[row], error.field, error.reason))
            bad.add(row)
    arrays = [_array(values[each.name], each.type) for each in POST_SCHEMA]
    if not bad:
        return arrays
    kept = pa.array([row for row in range(len(chunk.posts)) if row not in bad], pa.int64())
    return [array.take(kept) for array in arrays]


_NO = (None, None)


def _transposed(posts: Sequence[Any]) -> list[Sequence[Any]]:
    return list(zip(*map(POST_VALUES, posts), strict=True)) if posts else [()] * len(POST_SCHEMA)


def _with_nulls(column: Sequence[Any]) -> Sequence[Any]:
    return [None if value is UNSET else value for value in column] if UNSET in column else column


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    return values.cast(kind) if isinstance(values, pa.Array) else pa.array(values, type=kind)


def _suspects(chunk: _Lines, given: dict[str, Sequence[Any]]) -> set[int]:
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
