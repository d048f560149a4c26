"""What a file is, told from its first bytes and never from its name."""

_MARKS = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"OggS", "application/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"MZ", "application/x-msdownload"),
    (0, b"\x7fELF", "application/x-executable"),
)
_HEAD = 4096


def type_of(body: bytes) -> str:
    """Return a file's media type; what is neither known nor plain text is bytes."""
    for offset, mark, name in _MARKS:
        if body[offset : offset + len(mark)] == mark:
            return name
    try:
        head = body[:_HEAD].decode("utf-8", "strict" if len(body) <= _HEAD else "ignore")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain" if body and "\0" not in head else "application/octet-stream"
