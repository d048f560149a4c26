"""Compiled lists on disk: arrays that are made once and mapped afterwards, sealed against corruption and tampering.

A set of arrays lies in a directory named after what it was made from. Its seal is a keyed hash over all its files: what
does not bear it is thrown away and made again. Arrays are .npy without pickles.
"""

import hmac
import os
import shutil
from collections.abc import Callable, Mapping
from hashlib import blake2b, file_digest
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

_SEAL = "seal"


class Compiled:
    """A directory of compiled lists.

    Attributes:
        directory: Created when something is stored; None: nothing is kept.
    """

    def __init__(self, directory: Path | None = None, key: bytes = b"") -> None:
        self.directory = directory
        self._key = key

    def arrays(self, subject: str, made_from: bytes, make: Callable[[], Arrays]) -> Arrays:
        """Return the arrays made from something: those kept, or new ones, which are kept.

        Args:
            subject: Lower-case letters; other arrays of the subject are forgotten when new ones are kept.
            made_from: Digest of everything that decides what is made.
            make: Makes them.
        """
        if self.directory is None:
            return make()
        place = self.directory / f"{subject}-{made_from.hex()[:32]}"
        if (kept := self._kept(place, made_from)) is not None:
            return kept
        made = make()
        self._keep(place, made_from, made)
        self._forget_others(subject, place)
        # What was just written is mapped, so that both starts take the same memory.
        kept = self._kept(place, made_from)
        return made if kept is None else kept

    def _kept(self, place: Path, made_from: bytes) -> Arrays | None:
        try:
            seal = (place / _SEAL).read_bytes()
            if not hmac.compare_digest(seal, self._sealed(place, made_from)):
                return None
            return {path.stem: _mapped(path) for path in sorted(place.glob("*.npy"))}
        except (OSError, ValueError):
            return None

    def _sealed(self, place: Path, made_from: bytes) -> bytes:
        seal = blake2b(made_from, key=self._key, digest_size=32)
        for path in sorted(place.glob("*.npy")):
            with path.open("rb") as file:
                digest = file_digest(file, lambda: blake2b(digest_size=32)).digest()
            seal.update(path.name.encode() + b"\0" + digest)
        return seal.digest()

    def _keep(self, place: Path, made_from: bytes, made: Arrays) -> None:
        assert self.directory is not None  # noqa: S101 - the caller asked
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            new = Path(mkdtemp(prefix=".new-", dir=self.directory))
        except OSError:  # a read-only disk costs time at the next start, nothing else
            return
        try:
            for name, array in made.items():
                np.save(new / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
            (new / _SEAL).write_bytes(self._sealed(new, made_from))
            shutil.rmtree(place, ignore_errors=True)
            os.replace(new, place)
        except OSError:  # so does a full one
            shutil.rmtree(new, ignore_errors=True)

    def _forget_others(self, subject: str, kept: Path) -> None:
        assert self.directory is not None  # noqa: S101 - the caller asked
        for path in self.directory.glob(f"{subject}-*"):
            if path != kept:
                shutil.rmtree(path, ignore_errors=True)


def _mapped(path: Path) -> NDArray[Any]:
    # An empty array cannot be mapped.
    array: NDArray[Any] = np.load(path, mmap_mode="r" if path.stat().st_size > 4096 else None, allow_pickle=False)
    return array
