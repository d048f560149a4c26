"""Telegram Desktop's chat export (result.json), the single-chat and the full form: bytes in, columns out.

A message that cannot be used is reported by its index path; the rest goes on.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

import msgspec
import pyarrow as pa
from msgspec import Raw, Struct

from evenhand.doors.stream.columns import BATCH_POSTS, ID_CHARACTERS_MAX, TEXT_CHARACTERS_MAX, PostRow, batches
from evenhand.doors.stream.instants import from_unix
from evenhand.doors.stream.lines import OnError
from evenhand.vocabulary.errors import InputError

EXPORT_BYTES_MAX = 2 << 30

_MEDIA_TYPES = {
    "sticker": "image/webp",
    "voice_message": "audio/ogg",
    "audio_file": "audio/mpeg",
    "video_file": "video/mp4",
    "video_message": "video/mp4",
    "animation": "video/mp4",
}
_SURROGATE = re.compile(rb"\\u[dD][89A-Fa-f]")
_ESCAPE = re.compile(
    rb"\\u[dD][89ABab][0-9A-Fa-f]{2}\\u[dD][C-Fc-f][0-9A-Fa-f]{2}|(\\u[dD][89A-Fa-f][0-9A-Fa-f]{2})|\\.", re.DOTALL
)
"""A whole pair, half of one (the group), or any other escape."""
_MARK = b"\\ufdd0half of a surrogate pair\\ufdd0"
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Chat(Struct):
    messages: list[Raw]
    id: int | None = None


class _Chats(Struct):
    list: list[Raw]


class _Export(Struct):
    chats: _Chats | None = None
    left_chats: _Chats | None = None
    messages: list[Raw] | None = None


class _Entity(Struct):
    text: str
    href: str | None = None


class _Message(Struct):
    id: int
    type: str
    date: str | None = None
    date_unixtime: str | None = None
    from_id: str | None = None
    text: str | list[str | _Entity] = ""
    forwarded_from: str | None = None
    media_type: str | None = None
    mime_type: str | None = None
    photo: str | None = None


_EXPORT = msgspec.json.Decoder(_Export)
_CHAT = msgspec.json.Decoder(_Chat)
_MESSAGE = msgspec.json.Decoder(_Message)


def read_telegram(stream: BinaryIO, on_error: OnError, batch_posts: int = BATCH_POSTS) -> Iterator[pa.RecordBatch]:
    """Yield the export's messages as batches in POST_SCHEMA; service messages are left out.

    Args:
        stream: The whole of result.json, at most 2 GiB.
        on_error: Told of each bad message: its place in its chat from 1, its path in the file
            ("chats.list[0].messages[3].date"), the reason.
        batch_posts: Rows of a batch.

    Raises:
        InputError: The file as a whole cannot be used.
    """
    raw = stream.read(EXPORT_BYTES_MAX + 1)
    if len(raw) > EXPORT_BYTES_MAX:
        raise InputError("", f"the export is larger than {EXPORT_BYTES_MAX:,} bytes; export fewer chats at a time")
    return batches(_rows(_chats(raw), on_error), batch_posts)


def _chats(raw: bytes) -> list[tuple[str, Raw | bytes]]:
    """Return each chat with the path to it: "" for the single-chat form."""
    body = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        export = _EXPORT.decode(body)
    except _BROKEN as error:
        if not _SURROGATE.search(body):
            raise _refused("", error) from error
        body = _ESCAPE.sub(_marked, body)
        try:
            export = _EXPORT.decode(body)
        except _BROKEN as still:
            raise _refused("", still) from still
    if export.messages is not None:
        return [("", body)]
    kept = (("chats", export.chats), ("left_chats", export.left_chats))
    found: list[tuple[str, Raw | bytes]] = [
        (f"{name}.list[{i}].", chat) for name, part in kept if part for i, chat in enumerate(part.list)
    ]
    if export.chats is None and export.left_chats is None:
        raise InputError("", 'is not a Telegram Desktop export: it has neither "messages" nor "chats"')
    return found


def _marked(escape: re.Match[bytes]) -> bytes:
    """Return an escape as it is, half of a surrogate pair as a mark: its message is refused, and no other."""
    return _MARK if escape.group(1) else escape.group()


def _rows(chats: list[tuple[str, Raw | bytes]], on_error: OnError) -> Iterator[PostRow]:
    for path, raw in chats:
        try:
            chat = _CHAT.decode(raw)
        except _BROKEN as error:
            refusal = _refused(path, error)
            on_error(0, refusal.field or path.rstrip("."), refusal.reason)
            continue
        channel = "saved" if chat.id is None else str(chat.id)
        for place, message in enumerate(chat.messages):
            try:
                row = _post(message, channel, f"{path}messages[{place}]")
            except InputError as error:
                on_error(place + 1, error.field, error.reason)
                continue
            if row is not None:
                yield row


def _post(raw: Raw, channel: str, path: str) -> PostRow | None:
    if _MARK in bytes(raw):
        raise InputError(path, "holds half of a surrogate pair, which is no character")
    try:
        message = _MESSAGE.decode(raw)
    except _BROKEN as error:
        raise _refused(path + ".", error) from error
    if message.type != "message":
        return None
    text = _text(message)
    if len(text) > TEXT_CHARACTERS_MAX:
        raise InputError(f"{path}.text", f"must be a text of at most {TEXT_CHARACTERS_MAX:,} characters")
    for name in ("from_id", "forwarded_from"):
        if len(getattr(message, name) or "") > ID_CHARACTERS_MAX:
            raise InputError(f"{path}.{name}", f"must be a text of at most {ID_CHARACTERS_MAX} characters")
    return PostRow(
        id=f"{channel}/{message.id}",
        kind="post",
        channel_id=channel,
        author_id=message.from_id or None,
        text=text,
        media=_media(message),
        posted_at=_posted_at(message, path),
        forwarded_from=message.forwarded_from or None,
    )


def _text(message: _Message) -> str:
    """Return the text with hidden link targets written out behind their words."""
    if isinstance(message.text, str):
        return message.text
    return "".join(
        part if isinstance(part, str) else f"{part.text} ({part.href})" if part.href else part.text
        for part in message.text
    )


def _media(message: _Message) -> list[dict[str, str | None]] | None:
    kind = message.mime_type or _MEDIA_TYPES.get(message.media_type or "")
    if message.photo is not None:
        kind = "image/jpeg"
    elif kind is None and message.media_type is not None:
        kind = "application/octet-stream"
    return None if kind is None else [{"sha256": None, "md5": None, "pdq": None, "type": kind[:127]}]


def _posted_at(message: _Message, path: str) -> datetime:
    """Return date_unixtime, else `date`, which carries no zone and is taken as UTC."""
    field = "date" if message.date_unixtime is None else "date_unixtime"
    try:
        if message.date_unixtime is not None:
            return from_unix(int(message.date_unixtime[:20]))
        local = datetime.fromisoformat(message.date or "")
        return from_unix(int(local.replace(tzinfo=local.tzinfo or UTC).timestamp()))
    except (ValueError, OverflowError) as error:
        raise InputError(f"{path}.{field}", "is not an instant from 1970 to 2099") from error


def _refused(path: str, error: Exception) -> InputError:
    if isinstance(error, RecursionError):
        return InputError(path.rstrip("."), "is nested too deeply")
    if isinstance(error, UnicodeDecodeError):
        return InputError(path.rstrip("."), "is not UTF-8")
    if not isinstance(error, msgspec.ValidationError):
        return InputError(path.rstrip("."), f"is not JSON: {str(error).removeprefix('JSON is malformed: ')}")
    reason, _, inner = str(error).partition(" - at `$")
    inner = inner.rstrip("`").lstrip(".")
    if "required field `" in reason:
        missing = reason.split("`")[1]
        return InputError(f"{path}{inner + '.' if inner else ''}{missing}", "is required")
    return InputError((path + inner).rstrip("."), reason[0].lower() + reason[1:])
