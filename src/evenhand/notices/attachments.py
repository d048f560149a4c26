"""What a file is, told from its first bytes; its name and what its sender says of it are not looked at. Pure."""

UNKNOWN = "application/octet-stream"

_BEGINS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"OggS", "application/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
)
_INSIDE = ((8, b"WEBP", b"RIFF", "image/webp"), (8, b"WAVE", b"RIFF", "audio/wav"), (4, b"ftyp", b"", "video/mp4"))


def type_of(body: bytes) -> str:
    """Return a MIME type; plain text only where all of it is UTF-8 without controls or markup."""
    for begin, kind in _BEGINS:
        if body.startswith(begin):
            return kind
    for at, mark, begin, kind in _INSIDE:
        if body.startswith(begin) and body[at : at + len(mark)] == mark:
            return kind
    return "text/plain" if _is_plain(body) else UNKNOWN


def _is_plain(body: bytes) -> bool:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return "<" not in text and all(c in "\r\n\t" or ord(c) >= 0x20 for c in text)
