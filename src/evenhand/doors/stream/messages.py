"""Labelled messages, {"source", "label", "text"} a line: training data, and a day's posts once they are spread."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Annotated, BinaryIO, Literal

import msgspec
import pyarrow as pa
from msgspec import Meta, Struct

from evenhand.doors.stream.columns import BATCH_POSTS, TEXT_CHARACTERS_MAX, PostRow, batches
from evenhand.doors.stream.lines import OnError, numbered_lines

CHANNELS_A_SOURCE = 12
POSTS_AN_AUTHOR = 6
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One labelled message.

    Attributes:
        source: Where it was collected; "" when the line does not say.
        by: Who decided so, likewise.
        subject: Whose message it is, likewise.
    """

    source: str
    label: Literal["spam", "ham"]
    text: str
    by: str = ""
    subject: str = ""


class _Line(Struct):
    label: Literal["spam", "ham"]
    text: Annotated[str, Meta(min_length=1, max_length=TEXT_CHARACTERS_MAX)]
    source: Annotated[str, Meta(max_length=256)] = ""
    by: Annotated[str, Meta(max_length=256)] = ""
    subject: Annotated[str, Meta(max_length=256)] = ""


_DECODER = msgspec.json.Decoder(_Line)
_RULES = {
    "label": "must be spam or ham",
    "text": f"must be a text of 1 to {TEXT_CHARACTERS_MAX:,} characters",
    "source": "must be a text of at most 256 characters",
    "by": "must be a text of at most 256 characters",
    "subject": "must be a text of at most 256 characters",
}


def read_messages(stream: BinaryIO, on_error: OnError) -> Iterator[Message]:
    """Yield the stream's labelled messages; fields beyond source, label, text, by and subject are ignored.

    Args:
        stream: NDJSON.
        on_error: Told of each bad line: its number from 1, the field, the reason.
    """
    for number, line in numbered_lines(stream, on_error):
        try:
            found = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            field = next((name for name in _RULES if f"`$.{name}`" in str(error) or f"`{name}`" in str(error)), "")
            on_error(number, field, _RULES.get(field, "is not a JSON object in UTF-8"))
        else:
            yield Message(source=found.source, label=found.label, text=found.text, by=found.by, subject=found.subject)


def spread(messages: Iterable[Message], day: date, batch_posts: int = BATCH_POSTS) -> Iterator[pa.RecordBatch]:
    """Yield the messages as posts of one UTC day, in their order.

    Instants, channels and authors follow from a message's place and source alone: never from its label, which would
    give the answer away, and the same on every run.
    """
    return batches(_posts(tuple(messages), day), batch_posts)


def _posts(messages: tuple[Message, ...], day: date) -> Iterator[PostRow]:
    midnight = datetime.combine(day, time(), UTC)
    authors = max(1, len(messages) // POSTS_AN_AUTHOR)
    for place, message in enumerate(messages):
        dice = blake2b(f"{place}\0{message.source}".encode(), digest_size=16).digest()
        channel = int.from_bytes(dice[:8], "big") % CHANNELS_A_SOURCE
        yield PostRow(
            id=f"m{place + 1:06d}",
            kind="post",
            channel_id=f"{message.source or 'messages'}-{channel + 1:02d}",
            author_id=f"user{int.from_bytes(dice[8:], 'big') % authors + 1:05d}",
            text=message.text,
            posted_at=midnight + timedelta(microseconds=place * _DAY_US // len(messages)),
        )
