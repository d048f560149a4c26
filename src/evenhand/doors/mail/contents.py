"""What a file is by its content, and what it may be called. Pure; runs in the child."""

import re
import unicodedata

from evenhand.doors.mail.limits import FILE_NAME_CHARACTERS_MAX

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"BM", "image/bmp"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"MZ", "application/x-msdownload"),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"#!", "text/x-script"),
    (0, b"-----BEGIN PGP", "application/pgp"),
)
_ZIPPED: tuple[tuple[bytes, str], ...] = (
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (b"META-INF/asic", "application/vnd.etsi.asic-e+zip"),
)
_PKCS7 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_MARKUP: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"<svg[\s>]", re.IGNORECASE), "image/svg+xml"),
    (re.compile(rb"<(?:!doctype\s+html|html|head|body|script|iframe)[\s>]", re.IGNORECASE), "text/html"),
    (re.compile(rb"\A\s*<\?xml"), "application/xml"),
)
_LOOKED_AT = 4096
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)", re.IGNORECASE)
_UNSAFE = re.compile(r'[<>:"|?*]')
_SPACES = re.compile(r"\s+")


def type_by_content(content: bytes) -> str:
    """Return the media type that a file's first bytes show, "application/octet-stream" if they show none."""
    head = content[:_LOOKED_AT]
    if head.startswith(b"PK\x03\x04"):
        return next((kind for mark, kind in _ZIPPED if mark in content[: 1 << 16]), "application/zip")
    for place, mark, kind in _MAGIC:
        if head.startswith(mark, place) and (place != 8 or head.startswith(b"RIFF")):
            return kind
    if head.startswith(b"0") and _PKCS7 in head[:64]:
        return "application/pkcs7-mime"
    if not head or _BINARY.search(head):
        return "application/octet-stream"
    return next((kind for mark, kind in _MARKUP if mark.search(head)), "text/plain")


def clean_file_name(name: str, number: int) -> str:
    """Return a name without path, control or direction characters; one that is empty then gets its number."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(sign for sign in plain if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    plain = _SPACES.sub(" ", _UNSAFE.sub("_", plain)).strip(" .")
    if len(plain) > FILE_NAME_CHARACTERS_MAX:
        stem, dot, ending = plain.rpartition(".")
        kept = dot + ending if dot and len(ending) <= 10 else ""
        plain = (stem if kept else plain)[: FILE_NAME_CHARACTERS_MAX - len(kept)] + kept
    if _RESERVED.match(plain):
        plain = f"_{plain}"
    return plain or f"attachment-{number}"
