"""Which of the forms a file of posts has, and its reader."""

import io
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO, Literal, cast

import pyarrow as pa

from evenhand.doors.stream.lines import OnError
from evenhand.doors.stream.ndjson import Files, read_messages, sniff, spread
from evenhand.doors.stream.ndjson_reader import read_ndjson
from evenhand.doors.stream.telegram import read_telegram

Form = Literal["posts", "messages", "telegram"]
FORMS: tuple[Form, ...] = ("posts", "messages", "telegram")

HEAD_BYTES = 65_536


def open_posts(
    stream: BinaryIO, form: Form | None, on_error: OnError, day: date, files: Files | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield batches of posts (POST_SCHEMA) from a stream that may be a pipe.

    Args:
        stream: Read once, from here on.
        form: None: found out from the beginning.
        on_error: Told of each bad line: its number from 1, the field, the reason.
        day: Labelled messages, which have no times, are spread over this UTC day.
        files: Hashes local files that posts name; None: such posts are refused.
    """
    buffered = io.BufferedReader(cast("io.RawIOBase", _Raw(stream)), HEAD_BYTES)
    return read_posts(buffered, form or find_form(buffered.peek(HEAD_BYTES)), on_error, day, files)


class _Raw(io.RawIOBase):
    """A stream as a raw one, so that its beginning can be looked at without being taken."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def find_form(head: bytes) -> Form:
    """Tell the form from a file's beginning (some 64 KiB): a chat export is one object over many lines."""
    first, _, rest = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    whole = b'"messages"' in head[:4096] or b'"personal_information"' in head[:4096] or b'"chats"' in head
    if first.strip() == b"{" or (whole and not rest.strip() and not _is_post(first)):
        return "telegram"
    return sniff(first)


def _is_post(line: bytes) -> bool:
    return b'"posted_at"' in line or b'"label"' in line


def read_posts(
    stream: BinaryIO, form: Form, on_error: OnError, day: date, files: Files | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield batches of posts (POST_SCHEMA); labelled messages are spread over `day` (UTC)."""
    match form:
        case "posts":
            return read_ndjson(stream, on_error, files=files)
        case "messages":
            return spread(read_messages(stream, on_error), day)
        case "telegram":
            return read_telegram(stream, on_error)
