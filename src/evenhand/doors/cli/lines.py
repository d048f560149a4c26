"""Bad lines on standard error: one JSON object a line, as every reader of lines here writes them."""

import json
import sys
from collections.abc import Iterator
from typing import BinaryIO


class LineErrors:
    """Reports bad lines as they are met and counts them."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, line: int, field: str, reason: str) -> None:
        """Report that `line` (from 1) has a bad `field` ("" for the whole line) and why."""
        self.seen += 1
        sys.stderr.write(json.dumps({"line": line, "field": field, "reason": reason}) + "\n")


def numbered_lines(file: BinaryIO, bytes_max: int) -> Iterator[tuple[int, bytes]]:
    """Yield each line that is not blank with its number (from 1), of a longer one only its first `bytes_max` + 1 bytes.

    A line without an end must not fill the memory: whoever parses the line refuses it for its length.
    """
    number = 0
    while line := file.readline(bytes_max + 1):
        number += 1
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(1 << 16)
        if line.strip():
            yield number, line
