"""Keys on disk: made once, readable by their owner only."""

import os
import secrets
from pathlib import Path

from evenhand.vocabulary.errors import Fatal


def keep_key(path: Path, size: int) -> bytes:
    """Return the key in `path`, made from the system's randomness on first use (mode 0600, synced before use).

    Args:
        path: The key file; its directory is made if need be (mode 0700).
        size: Bytes the key must have.

    Raises:
        Fatal: The file holds a key of another size; nobody should guess what happened to it.
    """
    if not path.exists():
        _make(path, size)
    key = path.read_bytes()
    if len(key) != size:
        raise Fatal(f"{path}: has {len(key)} bytes where a key of {size} belongs; restore it from your backup")
    return key


def _make(path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(size))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # fails if another process was first: then its key counts
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
