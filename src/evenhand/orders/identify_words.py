"""What stands beside an address, decoded only to look for what it hides. Pure.

Nothing decoded here is ever shown as the sender's name or compared with a registry: an encoded word may say anything.
The look is at the text as written and as the programs of this world decode it: encoded words of RFC 2047, several
times over, in quotes as well, also broken ones that some programs still decode.
"""

import binascii
import re
import unicodedata
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from encodings.aliases import aliases
from itertools import pairwise

DEPTH_MAX = 4
"""Encoded words inside encoded words are followed this far."""

_ENCODED = re.compile(r"=\?([^?]{0,64})\?([bBqQ])\?(.*?)\?=", re.DOTALL)
_BETWEEN = re.compile(r"(\?=)[ \t\r\n]+(?==\?)")
_BEGINS = re.compile(r"=\?[^?\s]{0,64}\?[bBqQ]\?")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_Q_BYTE = re.compile(r"=([0-9A-Fa-f]{2})")
_WRITTEN_OUT = re.compile(r"\s?[\[({]\s?(?:at|@)\s?[\])}]\s?", re.IGNORECASE)
_ENDS = " \t\r\n\"'<>()[]{},;:|\\\u00a0"
_TRIM = ".!?*_-/"
_DECEIVING = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_ADDRESS_CHARACTERS_MAX = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a look at a name found.

    Attributes:
        addresses: Different addresses in it, in lower case, in the order in which they were met.
        unreadable: Some encoded word cannot be decoded, so that it may say anything.
        deceiving: Decoded, it has line breaks, control characters or marks that turn the writing direction.
    """

    addresses: tuple[str, ...]
    unreadable: bool
    deceiving: bool


def look_beside(text: str) -> Beside:
    """Look through a display name and comments as `Mailbox.beside` has them."""
    found: dict[str, None] = dict.fromkeys(addresses_in(text))
    unreadable = deceiving = False
    reading: str | None = text
    for _ in range(DEPTH_MAX):
        assert reading is not None  # noqa: S101
        deceiving |= bool(_DECEIVING.search(reading))
        unreadable |= bool(_BEGINS.search(_ENCODED.sub("", reading)))
        reading, bytewise = _decoded(reading)
        if reading is None:
            break
        found.update(dict.fromkeys(addresses_in(reading)))
        if bytewise:
            found.update(dict.fromkeys(addresses_in(bytewise)))
            unreadable |= _UNDECODED in reading
    return Beside(addresses=tuple(found), unreadable=unreadable or reading is not None, deceiving=deceiving)


def addresses_in(text: str) -> Iterator[str]:
    """Yield what looks like an address in the text, in lower case.

    Compatible forms count (full-width ＠), invisible characters do not; "name (at) host.tld" and "name @ host.tld" are
    addresses, "@name" and "name @ work" are not.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    parts = re.split("@", plain)
    for before, after in pairwise(parts):
        tight = _last(before) if before[-1:].strip() else "", _first(after) if after[:1].strip() else ""
        if all(tight):
            yield "@".join(tight).lower()
        elif "." in _first(after.lstrip()) and _last(before.rstrip()):
            yield f"{_last(before.rstrip())}@{_first(after.lstrip())}".lower()
    for written in _WRITTEN_OUT.finditer(plain):
        before, after = _last(plain[: written.start()]), _first(plain[written.end() :])
        if before and "." in after:
            yield f"{before}@{after}".lower()


def _last(text: str) -> str:
    tail = text[-_ADDRESS_CHARACTERS_MAX:]
    cut = max(tail.rfind(sign) for sign in _ENDS) + 1
    return tail[cut:].lstrip(_TRIM)


def _first(text: str) -> str:
    head = text[:_ADDRESS_CHARACTERS_MAX]
    cut = min((place for sign in _ENDS if (place := head.find(sign)) >= 0), default=len(head))
    return head[:cut].rstrip(_TRIM)


_UNDECODED = "\ufdd0"
"""Stands in a reading where bytes could not be decoded: a code point that no text has."""


def _decoded(text: str) -> tuple[str | None, str]:
    """Return the text with its encoded words decoded (None: it has none) and, where that failed, byte by byte."""
    runs = _runs(_BETWEEN.sub(r"\1", text))
    if not any(isinstance(run, tuple) for run in runs):
        return None, ""
    reading = "".join(run if isinstance(run, str) else _in_charset(*run) for run in runs)
    if _UNDECODED not in reading and "\ufffd" not in reading:
        return reading, ""
    return reading, "".join(run if isinstance(run, str) else run[1].decode("latin-1") for run in runs)


def _runs(text: str) -> list[str | tuple[str, bytes]]:
    """Return plain text and (character set, bytes) in order; neighbours in one set are one: they may share a letter."""
    runs: list[str | tuple[str, bytes]] = []
    end = 0
    for word in _ENCODED.finditer(text):
        if word.start() > end:
            runs.append(text[end : word.start()])
        charset, raw = word[1].partition("*")[0].strip().lower(), _bytes(word[2], word[3])
        before = runs[-1] if runs else ""
        if isinstance(before, tuple) and before[0] == charset:
            runs[-1] = charset, before[1] + raw
        else:
            runs.append((charset, raw))
        end = word.end()
    return [*runs, text[end:]] if end < len(text) else runs


def _bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8")
    if encoding in "qQ":
        return _Q_BYTE.sub(lambda byte: chr(int(byte[1], 16)), raw.decode("latin-1").replace("_", " ")).encode(
            "latin-1"
        )
    letters = _NOT_BASE64.sub("", text)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    try:
        return b64decode(letters + "=" * (-len(letters) % 4))
    except binascii.Error:  # pragma: no cover - the letters above are always base64
        return raw


def _in_charset(charset: str, raw: bytes) -> str:
    codec = _codec(charset)
    try:
        return raw.decode(codec, "replace") if codec else _UNDECODED
    except (UnicodeError, ValueError):
        return _UNDECODED


def _codec(charset: str) -> str | None:
    """Return Python's codec for a mail character set, from tables alone: a lookup by name would search files."""
    name = re.sub(r"[-. ]", "_", charset)
    name = _MORE_NAMES.get(name, aliases.get(name, name))
    return name if name in _CODECS else None


_MORE_NAMES = {
    "iso_8859_6_i": "iso8859_6",
    "iso_8859_6_e": "iso8859_6",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "windows_874": "cp874",
    "windows_949": "cp949",
    "x_windows_949": "cp949",
    "x_sjis": "shift_jis",
    "x_gbk": "gbk",
    "x_euc_jp": "euc_jp",
    "unicode_1_1_utf_7": "utf_7",
}
_NO_CHARSETS = {"base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs"}
_CODECS = {*aliases.values(), "koi8_u", "koi8_t", "cp874", "cp720", "cp737", "cp856", "utf_8_sig"} - _NO_CHARSETS
