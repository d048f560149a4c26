"""Posts as an Arrow IPC stream: columns in, columns out; what cannot be used is left out row by row, with the reason.

A hostile stream must not unpack to more than it sent, so compressed buffers are refused (compress at the HTTP layer).
"""

import struct
from collections.abc import Iterator

import polars as pl
import pyarrow as pa

from evenhand.doors.stream.columns import ID_CHARACTERS_MAX, TEXT_CHARACTERS_MAX
from evenhand.doors.stream.lines import OnError
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.post import POST_SCHEMA, ItemKind

ROWS_MAX = 100_000
_FIRST = pl.lit("1970-01-01T00:00:00Z").str.to_datetime(time_unit="us", time_zone="UTC")
_END = pl.lit("2100-01-01T00:00:00Z").str.to_datetime(time_unit="us", time_zone="UTC")
_MEDIA = pl.col("media")
_TURNED = pl.element().struct.field("turned")
_ARE_HASHES = (_TURNED.list.len() <= 7) & _TURNED.list.eval(
    (pl.element().is_not_null() & pl.element().str.contains(r"^[0-9a-f]{64}\z")).fill_null(value=False)
).list.all()


def _is_id(name: str) -> pl.Expr:
    return pl.col(name).is_null() | pl.col(name).str.len_chars().is_between(1, ID_CHARACTERS_MAX)


def _is_instant(name: str) -> pl.Expr:
    return pl.col(name).is_null() | ((pl.col(name) >= _FIRST) & (pl.col(name) < _END))


def _each(field: str, pattern: str) -> pl.Expr:
    value = pl.element().struct.field(field)
    return _MEDIA.is_null() | _MEDIA.list.eval(value.is_null() | value.str.contains(pattern)).list.all()


_RULES: tuple[tuple[str, str, pl.Expr], ...] = (
    ("id", "is required", pl.col("id").is_not_null()),
    ("kind", "must be post, channel or account", pl.col("kind").is_in([kind.value for kind in ItemKind])),
    ("posted_at", "is required", pl.col("posted_at").is_not_null()),
    ("posted_at", "must be from 1970 to 2099", _is_instant("posted_at")),
    ("author_created_at", "must be from 1970 to 2099", _is_instant("author_created_at")),
    (
        "channel_id",
        "channel_id or author_id is required",
        pl.col("channel_id").is_not_null() | pl.col("author_id").is_not_null(),
    ),
    *(
        (name, f"must be a text of 1 to {ID_CHARACTERS_MAX} characters", _is_id(name))
        for name in ("id", "channel_id", "author_id", "forwarded_from")
    ),
    (
        "text",
        f"must be a text of at most {TEXT_CHARACTERS_MAX:,} characters",
        pl.col("text").is_null() | (pl.col("text").str.len_chars() <= TEXT_CHARACTERS_MAX),
    ),
    (
        "lang",
        "must be an ISO 639-1 code in lower case, as in en",
        pl.col("lang").is_null() | pl.col("lang").str.contains(r"^[a-z]{2}\z"),
    ),
    (
        "country",
        "must be an ISO 3166-1 alpha-2 code in upper case, as in FR",
        pl.col("country").is_null() | pl.col("country").str.contains(r"^[A-Z]{2}\z"),
    ),
    (
        "channel_members",
        "must be a whole number from 0 to 2^63-1",
        pl.col("channel_members").is_null() | (pl.col("channel_members") >= 0),
    ),
    ("media", "must be an array of at most 100 objects", _MEDIA.is_null() | (_MEDIA.list.len() <= 100)),
    ("media.sha256", "must be 64 hexadecimal digits in lower case", _each("sha256", r"^[0-9a-f]{64}\z")),
    ("media.md5", "must be 32 hexadecimal digits in lower case", _each("md5", r"^[0-9a-f]{32}\z")),
    ("media.pdq", "must be 64 hexadecimal digits in lower case", _each("pdq", r"^[0-9a-f]{64}\z")),
    (
        "media.turned",
        "must be an array of at most 7 texts of 64 hexadecimal digits in lower case",
        _MEDIA.is_null() | _MEDIA.list.eval(_TURNED.is_null() | _ARE_HASHES).list.all(),
    ),
    ("media.type", "must be a text of 1 to 127 characters", _each("type", r"(?s)^.{1,127}\z")),
)
"""Field, reason and what must hold; null counts as not holding."""


def read_arrow(body: bytes, on_error: OnError) -> Iterator[pa.RecordBatch]:
    """Yield an Arrow IPC stream's usable rows as batches in POST_SCHEMA.

    Args:
        body: The stream; columns may come in any order, those left out are null.
        on_error: Told of each bad row: its number from 1 over the whole stream, the field, the reason.

    Raises:
        InputError: It is not an Arrow IPC stream, a column is unknown or has another type.
    """
    _refuse_compressed(body)
    rows = 0
    try:
        with pa.ipc.open_stream(pa.py_buffer(body)) as reader:
            for batch in reader:
                batch.validate(full=True)
                if rows + batch.num_rows > ROWS_MAX:
                    raise InputError("", f"holds more than {ROWS_MAX:,} rows")
                yield _usable(_shaped(batch), rows, on_error)
                rows += batch.num_rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError("", f"is not an Arrow IPC stream: {error}") from error


def _shaped(batch: pa.RecordBatch) -> pa.RecordBatch:
    known = set(POST_SCHEMA.names)
    names = batch.schema.names
    if unknown := [name for name in names if name not in known]:
        raise InputError(unknown[0], "is not a field of the post format")
    if len(set(names)) < len(names):
        raise InputError(min(name for name in names if names.count(name) > 1), "is there twice")
    columns = []
    for field in POST_SCHEMA:
        if field.name not in names:
            columns.append(pa.nulls(batch.num_rows, field.type))
            continue
        try:
            columns.append(batch.column(field.name).cast(field.type))
        except pa.ArrowException as error:
            raise InputError(field.name, f"has another type than {field.type}: {error}") from error
    loose = pa.schema([field.with_nullable(nullable=True) for field in POST_SCHEMA])
    return pa.RecordBatch.from_arrays(columns, schema=loose)


def _usable(batch: pa.RecordBatch, before: int, on_error: OnError) -> pa.RecordBatch:
    frame = pl.DataFrame(pl.from_arrow(batch))
    held = frame.select(rule.fill_null(value=False).alias(str(n)) for n, (_, _, rule) in enumerate(_RULES))
    good = held.select(pl.all_horizontal(pl.all())).to_series()
    for row in (~good).arg_true().to_list():
        field, reason = next((f, r) for n, (f, r, _) in enumerate(_RULES) if not held[row, n])
        on_error(before + row + 1, field, reason)
    kept = batch if good.all() else batch.filter(good.to_arrow())
    return kept.cast(POST_SCHEMA)


def _refuse_compressed(body: bytes) -> None:
    """Refuse a stream in which a record batch says that its buffers are compressed.

    Raises:
        InputError: One does, or the stream is broken.
    """
    view = memoryview(body)
    at = 0
    try:
        while at + 8 <= len(view):
            mark, size = struct.unpack_from("<II", view, at)
            if mark != 0xFFFFFFFF:
                raise InputError("", "is not an Arrow IPC stream")
            if not size:
                return
            head = view[at + 8 : at + 8 + size]
            batch, body_bytes = _batch_table(head)
            if batch is not None and _field(head, batch, 3) is not None:
                raise InputError("", "holds compressed buffers; compress the whole body with gzip or zstd instead")
            at += 8 + size + body_bytes
    except struct.error as error:
        raise InputError("", "is not an Arrow IPC stream") from error


def _batch_table(head: memoryview) -> tuple[int | None, int]:
    """Return where a message's record batch begins (None for other messages) and its body's length.

    Source:
        Arrow columnar format, Message.fbs: version, header type, header, body length.
    """
    message = struct.unpack_from("<I", head, 0)[0]
    kind, header, length = (_field(head, message, n) for n in (1, 2, 3))
    body_bytes = 0 if length is None else struct.unpack_from("<q", head, length)[0]
    if body_bytes < 0:
        raise struct.error("a negative length")
    is_batch = kind is not None and head[kind] in (2, 3)  # a dictionary batch wraps a record batch
    if not is_batch or header is None:
        return None, body_bytes
    table = header + struct.unpack_from("<I", head, header)[0]
    if kind is not None and head[kind] == 2:
        inner = _field(head, table, 1)
        if inner is None:
            return None, body_bytes
        table = inner + struct.unpack_from("<I", head, inner)[0]
    return table, body_bytes


def _field(head: memoryview, table: int, number: int) -> int | None:
    """Return where a flatbuffer table's field lies, or None where it is absent."""
    vtable = table - struct.unpack_from("<i", head, table)[0]
    if vtable < 0 or struct.unpack_from("<H", head, vtable)[0] < 6 + 2 * number:
        return None
    offset = struct.unpack_from("<H", head, vtable + 4 + 2 * number)[0]
    if not offset:
        return None
    if table + offset >= len(head):
        raise struct.error("outside the message")
    return int(table + offset)
