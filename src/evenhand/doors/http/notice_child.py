"""The child that reads lines of notices: bytes in, notices out. `python -m evenhand.doors.http.notice_child`.

It is told a frame's length (8 bytes, big-endian) and the frame on standard input, and answers likewise.
"""

import sys
from typing import BinaryIO

import msgspec

from evenhand.doors.http.notice_body import Caller, LineRefused, read_lines
from evenhand.flow.accepting import ReadNotice

_ASKED = msgspec.msgpack.Decoder(tuple[Caller, list[bytes]])
_ENCODE = msgspec.msgpack.Encoder().encode


def answer(frame: bytes) -> bytes:
    """Return what became of each line: "+" and a notice, "-" and a refusal, or "?" where it cannot be told."""
    caller, lines = _ASKED.decode(frame)
    return _ENCODE([_told(one) for one in read_lines(lines, caller)])


def _told(one: ReadNotice | LineRefused) -> bytes:
    try:
        return (b"-" if isinstance(one, LineRefused) else b"+") + _ENCODE(one)
    except UnicodeEncodeError:
        return b"?"


def serve(source: BinaryIO, out: BinaryIO) -> None:
    """Answer frames until there are no more."""
    while len(head := source.read(8)) == 8:
        told = answer(source.read(int.from_bytes(head, "big")))
        out.write(len(told).to_bytes(8, "big") + told)
        out.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
