"""From raw bytes to a letter. Runs in the child only: the standard parser raises and loops on what strangers send.

Headers are split here, byte by byte as they came; the standard library's parser is used for the tree of parts, with the
policy that interprets least (`compat32`).
"""

import binascii
import codecs
import contextlib
import html
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value
from hashlib import sha256
from typing import Any

import msgspec
import nh3

from evenhand.doors.mail.cms import content_inside
from evenhand.doors.mail.contents import clean_file_name, type_by_content
from evenhand.doors.mail.limits import (
    ATTACHMENTS_MAX,
    CONTENT_FIELD_BYTES_MAX,
    DEPTH_MAX,
    HEADER_BLOCK_BYTES_MAX,
    HEADER_FIELDS_MAX,
    MESSAGE_BYTES_MAX,
    PARTS_MAX,
    TEXT_CHARACTERS_MAX,
    TREES_MAX,
)
from evenhand.doors.mail.signed_parts import SMIME_OPAQUE
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.letter import Attachment, HeaderField, Letter

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n(?![ \t])")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_CONTENT_FIELD = re.compile(
    rb"^content-(?:type|disposition)[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE
)
_TREE = re.compile(rb"\s*(?:multipart|message)/", re.IGNORECASE)
_BOUNDARY = re.compile(rb"boundary\s*=\s*(\"[^\"]{1,200}\"|[^\s;]{1,200})", re.IGNORECASE)
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "unicode_escape"})
_AS_IT_CAME = compat32.clone(mangle_from_=False, max_line_length=0)
_SPACES = re.compile(r"\s+")
_TAGS = {"p", "br", "hr", "b", "i", "em", "strong", "u", "ul", "ol", "li", "blockquote", "pre", "a", "div", "span"}
_BLOCKS = frozenset(["p", "br", "hr", "li", "blockquote", "pre", "div", "tr", "h1", "h2", "h3", "h4", "h5", "h6"])
_ANY_TAG = re.compile(r'</?([a-z0-9]+)[^>"]*(?:"[^"]*"[^>"]*)*>')
_TABLE = {"table", "thead", "tbody", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6"}
_ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_DROPPED = {"script", "style", "head", "title", "object", "iframe", "noscript", "template"}


def parse_message(raw: bytes, *, inside: bool = False) -> Letter:
    """Return the letter; of an opaque S/MIME signature its content, unless it stands inside one already (`inside`).

    Raises:
        InputError: Over a limit of `limits.py`, or no message at all; names the part.
    """
    if len(raw) > MESSAGE_BYTES_MAX:
        raise InputError("message", f"has more than {MESSAGE_BYTES_MAX >> 20} MiB")
    headers, defects = split_headers(raw)
    _refuse_costly(raw)
    try:
        tree = BytesParser(policy=compat32).parsebytes(raw)
    except RecursionError as error:
        raise InputError("parts", f"are nested deeper than {DEPTH_MAX}") from error
    if not inside and (inner := _inside(tree)) is not None:
        return msgspec.structs.replace(
            inner,
            raw_sha256=sha256(raw).hexdigest(),
            raw_bytes=len(raw),
            headers=headers,
            subject=_subject(headers),
            defects=tuple(dict.fromkeys((*defects, *inner.defects))),
        )
    texts: list[str] = []
    pages: list[str] = []
    files: list[Attachment] = []
    for part in _leaves(tree):
        kind, content = part.get_content_type(), _content(part)
        if _is_body(part, kind):
            (pages if kind == "text/html" else texts).append(_decoded(content, _charset(part)))
        else:
            files.append(_attachment(part, kind, content, len(files) + 1))
    page = "\n".join(pages)[: TEXT_CHARACTERS_MAX + 1]
    clean = _cleaned(page[:TEXT_CHARACTERS_MAX])
    text = "\n".join(texts) if any(one.strip() for one in texts) else _text_of(clean)
    return Letter(
        raw_sha256=sha256(raw).hexdigest(),
        raw_bytes=len(raw),
        headers=headers,
        subject=_subject(headers),
        text=_plain(text[:TEXT_CHARACTERS_MAX]),
        html=clean,
        shortened=len(text) > TEXT_CHARACTERS_MAX or len(page) > TEXT_CHARACTERS_MAX,
        attachments=tuple(files),
        defects=tuple(defects),
    )


def _subject(headers: tuple[HeaderField, ...]) -> str:
    return next((decoded_words(field.value) for field in headers if field.name == "subject"), "")


def _inside(tree: Message) -> Letter | None:
    """Return the letter inside an opaque S/MIME signature, as if it stood there; None: the message is no such."""
    if tree.get_content_type() not in SMIME_OPAQUE or tree.is_multipart():
        return None
    payload = tree.get_payload(decode=True)
    content = content_inside(payload) if isinstance(payload, bytes) else None
    if content is None:
        return None
    try:
        return parse_message(content, inside=True)
    except InputError:
        return None  # it stays a file


def split_headers(raw: bytes) -> tuple[tuple[HeaderField, ...], list[str]]:
    """Return the header fields as they came, and what is wrong with their form.

    Raises:
        InputError: Too many or too long, or none.
    """
    end = _END_OF_HEADERS.search(raw, 0, HEADER_BLOCK_BYTES_MAX)
    if end is None and len(raw) > HEADER_BLOCK_BYTES_MAX:
        raise InputError("headers", f"have more than {HEADER_BLOCK_BYTES_MAX >> 10} KiB")
    block = raw[: end.start()] if end else raw
    lines = _LINE_END.split(block)
    if len(lines) > HEADER_FIELDS_MAX:
        raise InputError("headers", f"are more than {HEADER_FIELDS_MAX}")
    fields, defects = [], []
    for line in lines:
        if match := _FIELD.fullmatch(line):
            fields.append(HeaderField(match[1].decode("ascii").lower(), _utf8_or_latin(match[2]).strip(" \t\r\n")))
        elif line.strip():
            defects.append("a header line is not a field")
    if not fields:
        raise InputError("headers", "there is none: this is not a mail message")
    if b"\0" in raw:
        defects.append("the message has NUL bytes")
    if re.search(rb"\r(?!\n)", block):
        defects.append("a header has a bare carriage return")
    return tuple(fields), list(dict.fromkeys(defects))


def _refuse_costly(raw: bytes) -> None:
    """Refuse what the standard parser spends minutes on: it recurses for each part and rereads parameters."""
    trees, lines = 0, 0
    for field in _CONTENT_FIELD.finditer(raw):
        if len(field[0]) > CONTENT_FIELD_BYTES_MAX:
            raise InputError("parts", f"have a field of more than {CONTENT_FIELD_BYTES_MAX >> 10} KiB")
        if _TREE.match(field[1]):
            trees += 1
            lines += sum(raw.count(b"\n--" + name.strip(b'" ')) for name in _BOUNDARY.findall(field[1])[:1])
        if trees > TREES_MAX or lines > 2 * PARTS_MAX:
            raise InputError("parts", f"are nested deeper than {DEPTH_MAX}, or more than {PARTS_MAX}")


def _leaves(tree: Message) -> Iterator[Message]:
    """Yield the parts that hold content, in order; a message inside is one part, not a tree to descend into."""
    waiting: list[tuple[Message, int]] = [(tree, 0)]
    seen = 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if seen > PARTS_MAX:
            raise InputError("parts", f"are more than {PARTS_MAX}")
        if depth > DEPTH_MAX:
            raise InputError("parts", f"are nested deeper than {DEPTH_MAX}")
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            inner: Any = part.get_payload()
            waiting.extend((child, depth + 1) for child in reversed(inner))
        else:
            yield part


def _is_body(part: Message, kind: str) -> bool:
    disposition = str(part.get("content-disposition", "")).strip().lower()
    return kind in ("text/plain", "text/html") and not disposition.startswith("attachment") and not _file_name(part)


def _content(part: Message) -> bytes:
    if part.is_multipart():
        inner: Any = part.get_payload()
        # As it came: no ">" before "From ", no header folded anew.
        return b"".join(message.as_bytes(policy=_AS_IT_CAME) for message in inner)
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _attachment(part: Message, kind: str, content: bytes, number: int) -> Attachment:
    if number > ATTACHMENTS_MAX:
        raise InputError("attachments", f"are more than {ATTACHMENTS_MAX}")
    return Attachment(
        name=clean_file_name(_file_name(part), number),
        declared_type=_printable(kind)[:100],
        type="message/rfc822" if kind == "message/rfc822" else type_by_content(content),
        sha256=sha256(content).hexdigest(),
        content=content,
    )


def _file_name(part: Message) -> str:
    try:
        for field, header in (("filename", "content-disposition"), ("name", "content-type")):
            value: Any = part.get_param(field, "", header)
            if value:
                return decoded_words(collapse_rfc2231_value(value))
    except (ValueError, LookupError, TypeError, IndexError):
        return "unreadable-name"
    return ""


def _charset(part: Message) -> str:
    try:
        return str(part.get_content_charset("") or "")
    except (ValueError, LookupError, TypeError, IndexError):
        return ""


def _decoded(content: bytes, charset: str) -> str:
    """Decode by the declared set; else as UTF-8, else as Latin-1, which never fails."""
    with contextlib.suppress(LookupError, ValueError, OSError):
        if charset and codecs.lookup(charset).name not in _NO_CHARSETS:
            return content.decode(charset, "replace")
    return _utf8_or_latin(content)


def _utf8_or_latin(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def decoded_words(value: str) -> str:
    """Return a header's value on one line with its encoded words decoded, as far as they can be."""
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError, LookupError, binascii.Error):
        return _plain(_SPACES.sub(" ", value)).strip()
    text = "".join(piece if isinstance(piece, str) else _decoded(piece, charset or "") for piece, charset in pieces)
    return _plain(_SPACES.sub(" ", text)).strip()


def _cleaned(page: str) -> str:
    if not page.strip():
        return ""
    return nh3.clean(
        page,
        tags=_TAGS | _TABLE,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        url_relative="deny",
    )


def _text_of(clean: str) -> str:
    """Return the text of a page as `_cleaned` leaves it."""
    bare = html.unescape(_ANY_TAG.sub(lambda tag: "\n" if tag[1] in _BLOCKS else "", clean))
    return "\n".join(line for raw in bare.splitlines() if (line := _SPACES.sub(" ", raw).strip()))


def _plain(text: str) -> str:
    """Return the text without characters that no text has: NUL, other controls, halves of surrogate pairs."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", "\ufffd", text)


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
