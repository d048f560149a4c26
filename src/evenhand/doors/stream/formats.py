"""Which of the forms a file of posts has, and its reader."""

from collections.abc import Iterator
from datetime import date
from typing import BinaryIO, Literal

import pyarrow as pa

from evenhand.doors.stream.lines import OnError
from evenhand.doors.stream.ndjson import read_messages, read_ndjson, sniff, spread
from evenhand.doors.stream.telegram import read_telegram

Form = Literal["posts", "messages", "telegram"]
FORMS: tuple[Form, ...] = ("posts", "messages", "telegram")


def find_form(head: bytes) -> Form:
    """Tell the form from a file's beginning (some 64 KiB): a chat export is one object over many lines."""
    first, _, rest = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    if first.strip() == b"{" or (b'"messages"' in head[:4096] and b'"posted_at"' not in first and not rest.strip()):
        return "telegram"
    return sniff(first)


def read_posts(stream: BinaryIO, form: Form, on_error: OnError, day: date) -> Iterator[pa.RecordBatch]:
    """Yield batches of posts (POST_SCHEMA); labelled messages without times are spread over `day` (UTC)."""
    match form:
        case "posts":
            return read_ndjson(stream, on_error)
        case "messages":
            return spread(read_messages(stream, on_error), day)
        case "telegram":
            return read_telegram(stream, on_error)
