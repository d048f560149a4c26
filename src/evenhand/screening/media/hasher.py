"""The parent's side: files in, hashes out; pictures are decoded in a child that may be killed at any time."""

import json
import os
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from hashlib import md5, sha256
from pathlib import Path
from typing import Any, Self

from evenhand.screening.media.pdq import DIHEDRAL
from evenhand.vocabulary.errors import Fatal, InputError

FILE_BYTES_MAX = 64 << 20
TIMEOUT_S = 30.0
START_TIMEOUT_S = 60.0
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaHashes:
    """What is known of a file.

    Attributes:
        pdq: 64 hex digits; None where the file is no picture that could be read.
        quality: Of the PDQ hash, 0 to 100.
        turned: Hashes of the picture turned and mirrored, by name.
        derived: What the reference derives for these turns from the picture as it is, by name.
        over_white: Hash of the picture on a white ground, where something in it is transparent.
        truncated: The picture ends early.
        reason: Why there is no PDQ hash, "" where there is one.
    """

    sha256: str
    md5: str
    size: int
    pdq: str | None
    quality: int
    turned: dict[str, str]
    derived: dict[str, str]
    over_white: str | None
    truncated: bool
    reason: str


class MediaHasher:
    """Hashes files one after another; a context that ends its child."""

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._child: subprocess.Popen[bytes] | None = None
        self.shut_in = False
        """Whether the kernel keeps the child from files, network and programs."""

    def __enter__(self) -> Self:
        """Return the hasher."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        self._end()

    def hash_file(self, path: Path) -> MediaHashes:
        """Return a file's hashes.

        Raises:
            InputError: It cannot be read or is too large.
        """
        try:
            if path.stat().st_size > FILE_BYTES_MAX:
                raise InputError(str(path), f"is larger than {FILE_BYTES_MAX >> 20} MiB")
            data = path.read_bytes()
        except OSError as error:
            raise InputError(str(path), f"cannot be read: {error.strerror}") from error
        return self.hash_bytes(data)

    def hash_bytes(self, data: bytes) -> MediaHashes:
        """Return the hashes of a file's bytes, at most FILE_BYTES_MAX."""
        told = self._ask(data) if data else {"error": "is empty"}
        hashes = told.get("hashes")
        return MediaHashes(
            sha256=sha256(data).hexdigest(),
            md5=md5(data, usedforsecurity=False).hexdigest(),
            size=len(data),
            pdq=hashes[0] if hashes else None,
            quality=int(told.get("quality", 0)),
            turned=dict(zip(DIHEDRAL[1:], hashes[1:], strict=True)) if hashes else {},
            derived=dict(zip(DIHEDRAL[1:], told["derived"][1:], strict=True)) if hashes else {},
            over_white=told.get("over_white"),
            truncated=bool(told.get("truncated", False)),
            reason=str(told.get("error", "")),
        )

    def _ask(self, data: bytes) -> dict[str, Any]:
        child = self._child or self._start()
        try:
            line = self._spoken(child, len(data).to_bytes(8, "big") + data, self._timeout_s)
        except TimeoutError:
            self._end()
            return {"error": f"took longer than {self._timeout_s:.0f} s"}
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            self._end()
            return {"error": "ended the process that read it"}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        code = "from evenhand.screening.media.child import main; main()"
        environ = {
            "PATH": "",
            "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        }
        child = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environ,
            cwd="/",
            close_fds=True,
        )
        self._child = child
        try:
            ready = self._spoken(child, b"", START_TIMEOUT_S)
        except TimeoutError as error:
            self._end()
            raise Fatal("the child that reads pictures does not start") from error
        if not ready.endswith(b"\n"):
            self._end()
            raise Fatal("the child that reads pictures ends at once")
        self.shut_in = bool(json.loads(ready)["shut_in"])
        return child

    def _spoken(self, child: subprocess.Popen[bytes], said: bytes, timeout_s: float) -> bytes:
        """Write to the child and return the line that it answers; b"" where it died.

        Raises:
            TimeoutError: It did not answer in time.
        """
        assert child.stdin is not None  # noqa: S101 - both are pipes
        assert child.stdout is not None  # noqa: S101
        until, rest, line = time.monotonic() + timeout_s, memoryview(said), b""
        with selectors.DefaultSelector() as ready:
            os.set_blocking(child.stdin.fileno(), False)
            ready.register(child.stdout, selectors.EVENT_READ)
            if rest:
                ready.register(child.stdin, selectors.EVENT_WRITE)
            while not line.endswith(b"\n"):
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                for key, _ in ready.select(left):
                    if key.fileobj is child.stdin:
                        rest = rest[os.write(child.stdin.fileno(), rest[:_PIECE]) :]
                        if not rest:
                            ready.unregister(child.stdin)
                        continue
                    piece = os.read(child.stdout.fileno(), _PIECE)
                    if not piece:
                        return b""
                    line += piece
        return line

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
