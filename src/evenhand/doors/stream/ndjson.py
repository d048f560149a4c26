"""Posts as NDJSON, one object a line (docs/reference/post_format.md): bytes in, columns out.

A line that cannot be used is reported with its number, field and reason; the rest goes on.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Literal, NoReturn

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from evenhand.doors.stream.columns import ID_CHARACTERS_MAX, TEXT_CHARACTERS_MAX, PostRow
from evenhand.doors.stream.instants import parse_instant
from evenhand.doors.stream.messages import Message, read_messages, spread
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.post import POST_SCHEMA

__all__ = ["Files", "Message", "read_messages", "sniff", "spread"]

MEDIA_MAX = 100
TURNED_MAX = 7
"""Ways to turn or mirror a picture."""

_Id = Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS_MAX)]
_Hex64 = Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{64}\Z")]
_Hex32 = Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{32}\Z")]


class _Media(Struct, forbid_unknown_fields=True, gc=False):
    sha256: _Hex64 | UnsetType | None = UNSET
    md5: _Hex32 | UnsetType | None = UNSET
    pdq: _Hex64 | UnsetType | None = UNSET
    type: Annotated[str, Meta(min_length=1, max_length=127)] | UnsetType | None = UNSET
    file: Annotated[str, Meta(min_length=1, max_length=4096)] | UnsetType | None = UNSET
    turned: Annotated[list[_Hex64], Meta(max_length=TURNED_MAX)] | UnsetType | None = UNSET


class _Post(Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A line's fields in the order of POST_SCHEMA; UNSET where it lacks one, so that it differs from null."""

    id: _Id
    kind: Literal["post", "channel", "account"]
    channel_id: _Id | UnsetType | None = UNSET
    author_id: _Id | UnsetType | None = UNSET
    text: Annotated[str, Meta(max_length=TEXT_CHARACTERS_MAX)] | UnsetType | None = UNSET
    media: Annotated[list[_Media], Meta(max_length=MEDIA_MAX)] | UnsetType | None = UNSET
    lang: Annotated[str, Meta(pattern=r"^[a-z]{2}\Z")] | UnsetType | None = UNSET
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")] | UnsetType | None = UNSET
    posted_at: str
    author_created_at: str | UnsetType | None = UNSET
    channel_members: Annotated[int, Meta(ge=0, le=2**63 - 1)] | UnsetType | None = UNSET
    forwarded_from: _Id | UnsetType | None = UNSET


_ID_RULE = f"must be a text of 1 to {ID_CHARACTERS_MAX} characters"
_INSTANT_RULE = "must be an RFC 3339 instant with an offset, 1970 to 2099, as in 2026-11-24T09:30:00Z"
_RULES = {
    "id": _ID_RULE,
    "channel_id": _ID_RULE,
    "author_id": _ID_RULE,
    "forwarded_from": _ID_RULE,
    "kind": "must be post, channel or account",
    "posted_at": _INSTANT_RULE,
    "author_created_at": _INSTANT_RULE,
    "text": f"must be a text of at most {TEXT_CHARACTERS_MAX:,} characters",
    "media": f"must be an array of at most {MEDIA_MAX} objects",
    "sha256": "must be 64 hexadecimal digits",
    "md5": "must be 32 hexadecimal digits",
    "pdq": "must be 64 hexadecimal digits",
    "type": "must be a text of 1 to 127 characters",
    "file": "must be a text of 1 to 4,096 characters",
    "turned": f"must be an array of at most {TURNED_MAX} texts of 64 hexadecimal digits",
    "lang": "must be an ISO 639-1 code in lower case, as in en",
    "country": "must be an ISO 3166-1 alpha-2 code in upper case, as in FR",
    "channel_members": "must be a whole number from 0 to 2^63-1",
}
_PATH = re.compile(r" - at `\$\.?(.*)`$")
_NAMED = re.compile(r"(unknown|required) field `(.*)`", re.DOTALL)
_SURROGATE = re.compile(rb"\\u[dD][89A-Fa-f]")
_KEY = re.compile(rb'"[ \t\r]*:')
decode_line = msgspec.json.Decoder(_Post).decode
"""Line → its fields as they stand; instants, who posted and what stands twice are looked at later."""
_POST_SIZE, _MEDIA_SIZE = len(_Post.__struct_fields__), len(_Media.__struct_fields__)
POST_VALUES, _MEDIA_VALUES = attrgetter(*POST_SCHEMA.names), attrgetter(*_Media.__struct_fields__)
_CHANNEL, _AUTHOR, _POSTED, _CREATED, _MEDIA = map(
    POST_SCHEMA.names.index, ("channel_id", "author_id", "posted_at", "author_created_at", "media")
)


Files = Callable[[str], Mapping[str, Any]]
"""Path of a local file → its sha256, md5, pdq and turned; raises InputError."""


def sniff(first_line: bytes) -> Literal["posts", "messages"]:
    """Tell the format from a first line's keys: labelled messages have `label` and `text` but neither `id` nor `kind`.

    What is not a JSON object counts as "posts", whose reader reports it.
    """
    try:
        value = msgspec.json.decode(first_line.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "posts"
    labelled = isinstance(value, dict) and {"label", "text"} <= value.keys() and not value.keys() & {"id", "kind"}
    return "messages" if labelled else "posts"


def parse_post(line: bytes, files: Files | None = None) -> PostRow:
    """Return the post that one JSON object describes.

    Args:
        line: One JSON object.
        files: Hashes local files that media name; None: such media are refused.

    Raises:
        InputError: Names the first field that cannot be used, and why.
    """
    return PostRow(**dict(zip(POST_SCHEMA.names, _values(line, files), strict=True)))


def _values(line: bytes, files: Files | None) -> tuple[Any, ...]:
    """Return a post's values in the order of POST_SCHEMA; raise InputError."""
    try:
        post = decode_line(line)
    except msgspec.ValidationError as error:
        raise _explained(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        _refuse_broken(line, error)
    refuse_repeated(line, post)
    values = [None if value is UNSET else value for value in POST_VALUES(post)]
    if values[_CHANNEL] is None and values[_AUTHOR] is None:
        raise InputError("channel_id", "channel_id or author_id is required")
    values[_POSTED] = _instant("posted_at", post.posted_at)
    if values[_CREATED] is not None:
        values[_CREATED] = _instant("author_created_at", values[_CREATED])
    if values[_MEDIA]:
        values[_MEDIA] = [medium_of(n, item, files) for n, item in enumerate(values[_MEDIA])]
    return tuple(values)


def refuse_repeated(line: bytes, post: _Post) -> None:
    """Refuse a field that stands twice: readers differ in which one counts, so that one could show what another hides.

    The decoder keeps the last one and says nothing. Where a line has as many keys as the post has fields, none stands
    twice; only where it has more (quotes before colons in texts) is it read again, slowly.
    """
    gaps = b'" ' in line or b'"\t' in line or b'"\r' in line
    keys = len(_KEY.findall(line)) if gaps else line.count(b'":')
    if keys > fields_of(post):
        json.loads(line, object_pairs_hook=_once)


def fields_of(post: _Post) -> int:
    """Return how many fields a post was given, those of its media among them."""
    return _POST_SIZE - POST_VALUES(post).count(UNSET) + (media_fields(post.media) if post.media else 0)


def media_fields(media: Iterable[_Media]) -> int:
    """Return how many fields the items of one post were given."""
    return sum(_MEDIA_SIZE - _MEDIA_VALUES(item).count(UNSET) for item in media)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(twice[:300], "stands more than once")
    return found


def _instant(field: str, text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise InputError(field, _INSTANT_RULE) from error


def medium_of(place: int, item: _Media, files: Files | None) -> dict[str, Any]:
    """Return an item's hashes: those that the line gives, and of a local file those that it does not."""
    given = _hashes_in_lower_case(item)
    if not item.file:
        return given
    where = f"media[{place}].file"
    if files is None:
        raise InputError(where, "names a local file; only evenhand screen --media-root reads those")
    try:
        found = files(item.file)
    except InputError as error:
        raise InputError(where, error.reason) from error
    for name, hashed in found.items():
        if name not in ("pdq", "turned") and given[name] is not None and given[name] != hashed:
            raise InputError(f"media[{place}].{name}", "is not the hash of the file that is named")
    return {name: given[name] or found.get(name) for name in given}


def _hashes_in_lower_case(item: _Media) -> dict[str, Any]:
    return {
        "sha256": item.sha256.lower() if item.sha256 else None,
        "md5": item.md5.lower() if item.md5 else None,
        "pdq": item.pdq.lower() if item.pdq else None,
        "type": item.type or None,
        "turned": [each.lower() for each in item.turned] if item.turned else None,
    }


def _explained(message: str) -> InputError:
    """Turn msgspec's sentence into a field path and a reason of ours."""
    found = _PATH.search(message)
    path = found.group(1) if found else ""
    if named := _NAMED.search(_PATH.sub("", message)):
        where = f"{path}.{named.group(2)}" if path else named.group(2)
        reason = "is required" if named.group(1) == "required" else "is not a field of the post format"
        return InputError(where[:300], reason)
    if not path:
        return InputError("", "must be a JSON object")
    if path.endswith("]"):
        return InputError(path, "must be an object")
    return InputError(path, _RULES.get(path.rsplit(".", 1)[-1], "cannot be used"))


def _refuse_broken(line: bytes, error: Exception) -> NoReturn:
    if isinstance(error, UnicodeDecodeError):
        raise InputError("", "is not UTF-8") from error
    if isinstance(error, RecursionError):
        raise InputError("", "is nested too deeply") from error
    if _SURROGATE.search(line) and (field := _lone_surrogate(line)) is not None:
        raise InputError(field, "holds half of a surrogate pair, which is no character") from error
    raise InputError("", f"is not JSON: {str(error).removeprefix('JSON is malformed: ')}") from error


def _lone_surrogate(line: bytes) -> str | None:
    """Return the path of the first text with a lone surrogate, or None; only broken lines come here."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        path, item = stack.pop()
        if isinstance(item, str) and any("\ud800" <= c <= "\udfff" for c in item):
            return path
        if isinstance(item, dict):
            stack += [(f"{path}.{key}" if path else key, child) for key, child in item.items()]
        if isinstance(item, list):
            stack += [(f"{path}[{i}]", child) for i, child in enumerate(item)]
    return None
