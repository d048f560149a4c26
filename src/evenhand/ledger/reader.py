"""Reading a log, from a directory or over HTTP. What is read is hostile until `verify.py` has been over it."""

import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from evenhand.ledger.checkpoint import parse_head
from evenhand.ledger.note import split_note
from evenhand.ledger.tiles import WIDTH, tile_path, unpack_entries
from evenhand.vocabulary.errors import InputError

RESOURCE_BYTES_MAX = WIDTH * (2 + 65_535)
TIMEOUT_S = 30
_PATH = re.compile(r"checkpoint|tile/(?:entries|[0-9]|[1-5][0-9]|6[0-3])/(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/[0-9]{1,3})?")


class LogReader:
    """Resources of one log by their path below its prefix."""

    def __init__(
        self, where: str, fetch: Callable[[str], bytes | None], listing: Callable[[], Iterable[str]] = tuple
    ) -> None:
        self.where = where
        self._fetch = fetch
        self._listing = listing

    def paths(self) -> Iterator[str]:
        """Yield the paths of all resources that are there, in order; none where only asking for one by one works."""
        return (path for path in sorted(self._listing()) if _PATH.fullmatch(path))

    def read(self, path: str) -> bytes | None:
        """Return a resource's bytes, or None if there is none.

        Raises:
            InputError: The path is not one of a log, or the resource is too large or cannot be read.
        """
        if not _PATH.fullmatch(path):
            raise InputError(path, "is not a path of a log")
        data = self._fetch(path)
        if data is not None and len(data) > RESOURCE_BYTES_MAX:
            raise InputError(path, "is larger than anything a log holds")
        return data

    def need(self, path: str) -> bytes:
        """Return a resource that must be there.

        Raises:
            InputError: It is not there.
        """
        data = self.read(path)
        if data is None:
            raise InputError(path, f"is not in the log at {self.where}")
        return data

    def checkpoint_bytes(self) -> bytes:
        """Return the signed checkpoint."""
        return self.need("checkpoint")

    def size(self) -> int:
        """Return the size that the checkpoint states, without checking its signature."""
        text, _ = split_note(self.checkpoint_bytes())
        return parse_head(text).size

    def tile(self, level: int | None, number: int, width: int) -> bytes:
        """Return a tile or bundle of at least `width`, cut to it where only a wider one is left (tiles only)."""
        path = tile_path(level, number, width)
        data = self.read(path)
        if data is None and width < WIDTH:
            # A partial tile may go once the full one exists.
            data = self.read(tile_path(level, number))
            if data is not None:
                return data[: width * 32] if level is not None else _first_entries(data, width)
        if data is None:
            raise InputError(path, f"is not in the log at {self.where}")
        return data

    def entries(self, start: int, stop: int, size: int | None = None) -> Iterator[list[bytes]]:
        """Yield the entries start ≤ i < stop of a tree of `size` leaves (the checkpoint's), a list a bundle.

        Raises:
            InputError: A bundle is missing or malformed; names it.
        """
        size = self.size() if size is None else size
        for number in range(start // WIDTH, -(-stop // WIDTH)):
            width = min(WIDTH, size - number * WIDTH)
            path = tile_path(None, number, width)
            try:
                found = unpack_entries(self.tile(None, number, width), width)
            except InputError as error:
                raise InputError(path, error.reason) from error
            yield found[max(start - number * WIDTH, 0) : stop - number * WIDTH]


def _first_entries(bundle: bytes, width: int) -> bytes:
    at = 0
    for _ in range(width):
        at += 2 + int.from_bytes(bundle[at : at + 2], "big")
    return bundle[:at]


def open_log(where: str) -> LogReader:
    """Return a reader of the log in a directory or at an http(s) URL.

    Raises:
        InputError: There is no such directory, or the URL has another scheme.
    """
    if "://" in where:
        if not where.startswith(("http://", "https://")):
            raise InputError("log", "only http and https URLs are read")
        return LogReader(where, _url_fetch(where.rstrip("/")))
    root = Path(where)
    if not root.is_dir():
        raise InputError("log", f"{where} is not a directory")
    return LogReader(where, _directory_fetch(root), lambda: _files_below(root))


def _files_below(root: Path) -> Iterator[str]:
    return (file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file())


def _directory_fetch(root: Path) -> Callable[[str], bytes | None]:
    inside = root.resolve()

    def fetch(path: str) -> bytes | None:
        file = root / path
        try:
            if not file.resolve().is_relative_to(inside):
                raise InputError(path, "leads out of the log's directory")
            with file.open("rb") as opened:
                return opened.read(RESOURCE_BYTES_MAX + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise InputError(path, f"cannot be read: {error.strerror}") from error

    return fetch


def _url_fetch(prefix: str) -> Callable[[str], bytes | None]:
    def fetch(path: str) -> bytes | None:
        try:
            with urllib.request.urlopen(f"{prefix}/{path}", timeout=TIMEOUT_S) as answer:  # noqa: S310 - scheme checked
                data: bytes = answer.read(RESOURCE_BYTES_MAX + 1)
                return data
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise InputError(path, f"the server answers {error.code}") from error
        except (OSError, ValueError) as error:
            raise InputError(path, f"cannot be fetched: {error}") from error

    return fetch
