"""Bodies of requests: bounded before a byte is read, unpacked with a bound on what comes out."""

import zlib
from collections.abc import Mapping
from typing import Any, Protocol

import pyarrow as pa

from evenhand.doors.http.problems import Problem

PACKED_BYTES_MAX = 32 << 20
"""What may come in over the wire."""
PLAIN_BYTES_MAX = 64 << 20
"""What it may unpack to."""
_PIECE = 1 << 20


class Refused(Exception):
    """The request is refused before anything is done."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class Readable(Protocol):
    """WSGI's input."""

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; none at the end."""
        ...


def read_body(environ: Mapping[str, Any], most: int = PACKED_BYTES_MAX) -> bytes:
    """Return a request's body, unpacked.

    Raises:
        Refused: 411 without a length (WSGI servers hand a chunked body over as empty), 413 too large packed or plain,
            415 another encoding than gzip and zstd, 400 cut short or broken.
    """
    if environ.get("HTTP_TRANSFER_ENCODING"):
        raise Refused(Problem(status=411, detail="Send Content-Length, not a chunked body."))
    length = environ.get("CONTENT_LENGTH") or ""
    if not (length.isascii() and length.isdigit()):
        raise Refused(Problem(status=411, detail="Send Content-Length."))
    if len(length) > 18 or int(length) > most:
        raise Refused(Problem(status=413, detail=f"A body has at most {most:,} bytes; send less at a time."))
    return _unpacked(environ.get("HTTP_CONTENT_ENCODING", ""), _read(environ["wsgi.input"], int(length)))


def _read(stream: Readable, length: int) -> bytes:
    pieces, left = [], length
    while left:
        piece = stream.read(min(left, _PIECE))
        if not piece:
            raise Refused(Problem(status=400, detail="The body is shorter than its Content-Length."))
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _unpacked(encoding: str, packed: bytes) -> bytes:
    match encoding.strip().lower():
        case "" | "identity":
            return packed
        case "gzip":
            return _gunzipped(packed)
        case "zstd":
            return _unzstd(packed)
    raise Refused(Problem(status=415, detail="Content-Encoding is gzip, zstd or nothing."))


def _gunzipped(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(packed, PLAIN_BYTES_MAX + 1)
    except zlib.error as error:
        raise Refused(Problem(status=400, detail="The body is not gzip.")) from error
    return _bounded(plain, whole=unpacker.eof and not unpacker.unused_data)


def _unzstd(packed: bytes) -> bytes:
    pieces, size = [], 0
    try:
        with pa.CompressedInputStream(pa.py_buffer(packed), "zstd") as stream:
            while size <= PLAIN_BYTES_MAX and (piece := stream.read(_PIECE)):
                pieces.append(piece)
                size += len(piece)
    except (OSError, pa.ArrowException) as error:
        raise Refused(Problem(status=400, detail="The body is not zstd.")) from error
    return _bounded(b"".join(pieces), whole=True)


def _bounded(plain: bytes, *, whole: bool) -> bytes:
    if len(plain) > PLAIN_BYTES_MAX:
        raise Refused(Problem(status=413, detail=f"The body unpacks to more than {PLAIN_BYTES_MAX:,} bytes."))
    if not whole:
        raise Refused(Problem(status=400, detail="The body is cut short or has something behind its end."))
    return plain
