"""Local files to the hashes that posts carry."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from evenhand.screening.media.hasher import MediaHasher, MediaHashes
from evenhand.vocabulary.errors import InputError

__all__ = ["MediaHashes", "hash_media"]


def hash_media(paths: Iterable[Path]) -> Iterator[tuple[Path, MediaHashes | InputError]]:
    """Yield each file's hashes, or why it cannot be read; directories are walked through in the order of names."""
    with MediaHasher() as hasher:
        for path in paths:
            files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
            for file in files:
                try:
                    yield file, hasher.hash_file(file)
                except InputError as error:
                    yield file, error
