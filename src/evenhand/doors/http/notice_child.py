"""The child that reads lines of notices: bytes in, notices out. `python -m evenhand.doors.http.notice_child`."""

import sys

import msgspec

from evenhand.doors.http.child import serve
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


if __name__ == "__main__":
    serve(answer, sys.stdin.buffer, sys.stdout.buffer)
