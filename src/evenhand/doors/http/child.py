"""A child process that does one thing for this one: a frame in, a frame out, over its standard input and output.

A frame is its length (8 bytes, big-endian) and its bytes. The child ends when its input does, so also with its parent.
"""

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

PATIENCE_S = 30.0
"""How long an answer may take."""
_CHUNK = 1 << 18
_HEAD = 8


class Child:
    """One child, asked by one thread at a time; started when it is first needed."""

    def __init__(self, module: str, hello: bytes = b"") -> None:
        """Name the module that is run, and what it is told first; without it the first frame is the first question."""
        self._module, self._hello = module, hello
        self._lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, asked: bytes) -> bytes | None:
        """Return the child's answer; None: there is none (it ended, it hangs), and the next call gets another child."""
        with self._lock:
            try:
                return _exchange(self.process or self._start(), _framed(asked))
            except OSError:
                self._end()
                return None

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _start(self) -> "subprocess.Popen[bytes]":
        self.process = child = subprocess.Popen(
            [sys.executable, "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        sink, source = _pipes(child)
        os.set_blocking(sink, False)
        os.set_blocking(source, False)
        if self._hello:
            os.write(sink, _framed(self._hello))
        return child

    def _end(self) -> None:
        child, self.process = self.process, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        child.wait()


def serve(answer: Callable[[bytes], bytes], source: BinaryIO, out: BinaryIO) -> None:
    """Answer frames, in the child, until there are no more."""
    while (frame := read_frame(source)) is not None:
        out.write(_framed(answer(frame)))
        out.flush()


def read_frame(source: BinaryIO) -> bytes | None:
    """Return the next frame; None at the end."""
    head = source.read(_HEAD)
    return source.read(int.from_bytes(head, "big")) if len(head) == _HEAD else None


def _framed(frame: bytes) -> bytes:
    return len(frame).to_bytes(_HEAD, "big") + frame


def _pipes(child: "subprocess.Popen[bytes]") -> tuple[int, int]:
    assert child.stdin is not None  # noqa: S101 - asked for
    assert child.stdout is not None  # noqa: S101 - asked for
    return child.stdin.fileno(), child.stdout.fileno()


def _exchange(child: "subprocess.Popen[bytes]", asked: bytes) -> bytes:
    """Send one frame and return the answer's.

    Raises:
        OSError: The child is gone, or takes too long.
    """
    sink, source = _pipes(child)
    until = time.monotonic() + PATIENCE_S
    poll = select.poll()
    poll.register(source, select.POLLIN)
    poll.register(sink, select.POLLOUT)
    left = memoryview(asked)
    got = bytearray()
    while len(got) < _HEAD or len(got) < _HEAD + int.from_bytes(got[:_HEAD], "big"):
        ready = dict(poll.poll(max(until - time.monotonic(), 0) * 1000))
        if not ready:
            raise TimeoutError("the child takes too long")
        if sink in ready and left:
            left = left[os.write(sink, left[:_CHUNK]) :]
            if not left:
                poll.unregister(sink)
        if source in ready:
            if not (piece := os.read(source, _CHUNK)):
                raise BrokenPipeError("the child ended")
            got += piece
    return bytes(got[_HEAD:])
