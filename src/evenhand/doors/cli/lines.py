"""Bad lines on standard error: one JSON object a line, as every reader of lines here writes them."""

import json
import sys


class LineErrors:
    """Reports bad lines as they are met and counts them."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, line: int, field: str, reason: str) -> None:
        """Report that `line` (from 1) has a bad `field` ("" for the whole line) and why."""
        self.seen += 1
        sys.stderr.write(json.dumps({"line": line, "field": field, "reason": reason}) + "\n")
