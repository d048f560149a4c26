"""The transparency log's files as C2SP tlog-tiles serves them. Only paths that the format allows reach the disk."""

import re
from dataclasses import dataclass
from pathlib import Path

_PATH = re.compile(
    r"(?:checkpoint|tile/(?:[0-9]|[1-5][0-9]|6[0-3]|entries)/(?:x[0-9]{3}/){0,6}[0-9]{3}"
    r"(?:\.p/(?:[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?)\Z"
)
_FOR_EVER = "public, max-age=31536000, immutable"
_SECONDS = "public, max-age=2"


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file of the log and how it may be kept."""

    body: bytes
    content_type: str
    cache_control: str


def read_log_file(log: Path, path: str) -> LogFile | None:
    """Return the log's file at `path` (below /log/), or None where there is none.

    Source:
        C2SP tlog-tiles: paths, content types and caching.
    """
    if not _PATH.match(path):
        return None
    try:
        body = (log / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    if path == "checkpoint":
        return LogFile(body, "text/plain; charset=utf-8", _SECONDS)
    return LogFile(body, "application/octet-stream", _FOR_EVER)
