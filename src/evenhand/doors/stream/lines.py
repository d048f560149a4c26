"""Lines of a hostile stream: numbered, of bounded length, blank ones skipped unless they are asked for."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

OnError = Callable[[int, str, str], None]
"""Told of what could not be read: line number (from 1), field path ("" for the whole line), reason."""

LINE_BYTES_MAX = 1 << 20
_BOM = b"\xef\xbb\xbf"


def numbered_lines(
    stream: BinaryIO, on_error: OnError, bytes_max: int = LINE_BYTES_MAX, *, blank: bool = False
) -> Iterator[tuple[int, bytes]]:
    """Yield each line that is not blank with its number, from 1; a byte order mark before the first is dropped.

    With `blank`, blank lines are yielded too, as empty bytes; an end of the file right after a line's end is no line.

    A line over `bytes_max` is reported and skipped without ever being held whole.
    """
    number = 0
    while line := stream.readline(bytes_max + 2):
        number += 1
        body = line.removeprefix(_BOM).rstrip(b"\r\n") if number == 1 else line.rstrip(b"\r\n")
        if len(body) > bytes_max:
            _skip_rest(stream, line)
            on_error(number, "", f"the line is longer than {bytes_max:,} bytes")
        elif body and not body.isspace():
            yield number, body
        elif blank:
            yield number, b""


def _skip_rest(stream: BinaryIO, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(LINE_BYTES_MAX)
