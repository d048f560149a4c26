"""Lines of notices are read by a child: parsed, checked and looked at while the desk's own process rules on others.

The child holds no key and opens no file of the desk. Without it (it ended, it hangs) the lines are read here.
"""

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

import msgspec

from evenhand.doors.http.notice_body import Caller, LineRefused, read_lines
from evenhand.flow.accepting import ReadNotice

PATIENCE_S = 30.0
"""How long a call's lines may take."""
LINES_FROM = 32
"""Fewer are read here: the way to the child and back costs more."""
_CHUNK = 1 << 18
_HEAD = 8
_ASKED = msgspec.msgpack.Encoder()
_ANSWERED = msgspec.msgpack.Decoder(list[bytes])
_READ = msgspec.msgpack.Decoder(ReadNotice)
_REFUSED = msgspec.msgpack.Decoder(LineRefused)


class NoticeReader:
    """One child, asked by one thread at a time; started when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, lines: Sequence[bytes], caller: Caller) -> list[ReadNotice | LineRefused]:
        """Return the notice or the refusal of each line (`notice_body.read_lines`)."""
        if len(lines) < LINES_FROM:
            return read_lines(lines, caller)
        asked = _ASKED.encode((caller, lines))
        with self._lock:
            answer = self._asked(asked)
        if answer is None:
            return read_lines(lines, caller)
        told = _ANSWERED.decode(answer)
        if any(one[:1] == b"?" for one in told):
            # Letters that only Python's own texts can hold do not come over the pipe.
            return read_lines(lines, caller)
        return [_READ.decode(one[1:]) if one[:1] == b"+" else _REFUSED.decode(one[1:]) for one in told]

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _asked(self, asked: bytes) -> bytes | None:
        """Return the child's answer; None: there is none, and the next call gets another child."""
        try:
            return _exchange(self._child or self._start(), asked)
        except OSError:
            self._end()
            return None

    def _start(self) -> "subprocess.Popen[bytes]":
        self._child = child = subprocess.Popen(
            [sys.executable, "-m", "evenhand.doors.http.notice_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        assert child.stdin is not None  # noqa: S101 - asked for
        assert child.stdout is not None  # noqa: S101 - asked for
        os.set_blocking(child.stdin.fileno(), False)
        os.set_blocking(child.stdout.fileno(), False)
        return child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        child.wait()


def _exchange(child: "subprocess.Popen[bytes]", asked: bytes) -> bytes:
    """Send one frame and return the answer's.

    Raises:
        OSError: The child is gone, or takes too long.
    """
    assert child.stdin is not None  # noqa: S101 - asked for
    assert child.stdout is not None  # noqa: S101 - asked for
    sink, source = child.stdin.fileno(), child.stdout.fileno()
    until = time.monotonic() + PATIENCE_S
    poll = select.poll()
    poll.register(source, select.POLLIN)
    poll.register(sink, select.POLLOUT)
    left = memoryview(len(asked).to_bytes(_HEAD, "big") + asked)
    got = bytearray()
    while len(got) < _HEAD or len(got) < _HEAD + int.from_bytes(got[:_HEAD], "big"):
        ready = dict(poll.poll(max(until - time.monotonic(), 0) * 1000))
        if not ready:
            raise TimeoutError("the reader of notices takes too long")
        if sink in ready and left:
            left = left[os.write(sink, left[:_CHUNK]) :]
            if not left:
                poll.unregister(sink)
        if source in ready:
            if not (piece := os.read(source, _CHUNK)):
                raise BrokenPipeError("the reader of notices ended")
            got += piece
    return bytes(got[_HEAD:])
