"""Local files that posts name: opened below one directory only, never through a link, hashed in the child."""

import os
import stat
from pathlib import Path
from typing import Any, Self

from evenhand.screening.media.hasher import FILE_BYTES_MAX, MediaHasher
from evenhand.vocabulary.errors import InputError

QUALITY_MIN = 50
"""Below it a PDQ hash says little and is not used for matching."""
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PARTS_MAX = 64


class MediaRoot:
    """Hashes files below a directory; a context that ends its child.

    Args (of the constructor):
        root: The directory.

    Raises:
        InputError: It is none.
    """

    def __init__(self, root: Path) -> None:
        try:
            self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise InputError("--media-root", f"{root} cannot be opened: {error.strerror}") from error
        self._hasher = MediaHasher()

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        self._hasher.__exit__()
        os.close(self._root)

    def hashes(self, name: str) -> dict[str, Any]:
        """Return sha256, md5, pdq and turned (None for what is no picture, or says too little) of a file.

        Args:
            name: Path below the root, with /.

        Raises:
            InputError: It leads out of the root or through a link, is no file, is too large or cannot be read.
        """
        found = self._hasher.hash_bytes(self._read(name))
        pdq = found.pdq if found.quality >= QUALITY_MIN else None
        turned = None if pdq is None else list(dict.fromkeys(found.turned.values()))
        return {"sha256": found.sha256, "md5": found.md5, "pdq": pdq, "turned": turned}

    def _read(self, name: str) -> bytes:
        parts = name.split("/")
        if "\0" in name or any(part in ("", ".", "..") for part in parts) or len(parts) > _PARTS_MAX:
            raise InputError("file", "must be a path below --media-root, without .. and without a leading /")
        opened: list[int] = []
        try:
            place = self._root
            for part in parts[:-1]:
                place = os.open(part, _DIRECTORY, dir_fd=place)
                opened.append(place)
            handle = os.open(parts[-1], _FILE, dir_fd=place)
            opened.append(handle)
            return _whole(handle)
        except OSError as error:
            raise InputError("file", f"cannot be read, or is reached through a link: {error.strerror}") from error
        except UnicodeEncodeError as error:
            raise InputError("file", "is no path") from error
        finally:
            for each in opened:
                os.close(each)


def _whole(handle: int) -> bytes:
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        raise InputError("file", "is no regular file")
    if found.st_size > FILE_BYTES_MAX:
        raise InputError("file", f"is larger than {FILE_BYTES_MAX >> 20} MiB")
    with os.fdopen(os.dup(handle), "rb") as file:
        data = file.read(FILE_BYTES_MAX + 1)
    if len(data) > FILE_BYTES_MAX:  # it grew while it was read
        raise InputError("file", f"is larger than {FILE_BYTES_MAX >> 20} MiB")
    return data
