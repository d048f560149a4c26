"""Reads messages in a child process that may do nothing else; restarts it when it dies.

A child that hangs is killed with its process group after READING_TIME_S; one that dies takes only its message with it.
The caller keeps the raw bytes: nothing is lost when a message cannot be read.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from evenhand.doors.mail.limits import (
    ANSWER_BYTES_MAX,
    CHILD_MESSAGES_MAX,
    MESSAGE_BYTES_MAX,
    READING_TIME_S,
)
from evenhand.doors.mail.revocation import RevocationLists
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.letter import Letter, SignatureSeen, TrustedKeys

_CODE = "import sys; sys.path.insert(0, sys.argv[1]); from evenhand.doors.mail.child import serve; serve()"
_SOURCES = str(Path(__file__).parents[3])
_CHUNK = 1 << 16


class _Answer(msgspec.Struct, frozen=True):
    letter: Letter | None = None
    dkim: str | None = None
    signature: SignatureSeen | None = None
    refused: tuple[str, str] | None = None


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Answer)


class _ChildGoneError(Exception):
    """The child died, hung or said nonsense; the text is the reason."""


class MailReader:
    """One child at a time; not for several threads. A context manager, or `close` it."""

    def __init__(self, time_s: float = READING_TIME_S, *, revoked: RevocationLists | None = None) -> None:
        """Make a reader; `revoked`: lists that every S/MIME certificate is looked up in."""
        self._time_s = time_s
        self._revoked = revoked
        self._child: subprocess.Popen[bytes] | None = None
        self._served = 0
        self.restarts = 0
        """Children that had to be replaced because of a message."""

    def read_letter(self, raw: bytes) -> Letter:
        """Return the letter that these bytes are.

        Raises:
            InputError: They are none, go over a limit, or the child died over them.
        """
        if len(raw) > MESSAGE_BYTES_MAX:
            raise InputError("message", f"has more than {MESSAGE_BYTES_MAX >> 20} MiB")
        letter = self._ask({"do": "letter", "raw": raw}).letter
        if letter is None:
            raise InputError("message", "cannot be read: its reader said nothing")
        return letter

    def verify_dkim(self, raw: bytes, index: int, record: str) -> str:
        """Return "pass", "fail" or "error" for signature `index` under the text of its key's DNS record."""
        try:
            return self._ask({"do": "dkim", "raw": raw, "index": index, "record": record}).dkim or "error"
        except InputError:
            return "error"

    def look_at_signature(self, raw: bytes, keys: TrustedKeys, at: datetime) -> SignatureSeen:
        """Return what is found of the letter's S/MIME or OpenPGP signature under these keys; never an error."""
        asked = {"do": "signature", "raw": raw, "keys": msgspec.to_builtins(keys), "at": at.timestamp()}
        try:
            seen = self._ask(asked).signature or SignatureSeen()
        except InputError:
            return SignatureSeen(kind="smime", flaws=("malformed",))
        # Who is not trusted anyway is not looked up: strangers cannot have long lists checked under keys of their own.
        trusted = seen.verified and (seen.pinned or seen.anchor)
        return _looked_up(seen, self._revoked, at) if self._revoked is not None and trusted else seen

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        self._served = 0
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, request: dict[str, Any]) -> _Answer:
        if self._served >= CHILD_MESSAGES_MAX:
            self.close()
        child = self._child or self._start()
        self._served += 1
        body = _ENCODER.encode(request)
        try:
            answer = _DECODER.decode(self._exchange(child, len(body).to_bytes(8, "big") + body))
        except (_ChildGoneError, msgspec.MsgspecError, OSError) as error:
            self.close()
            self.restarts += 1
            raise InputError("message", f"cannot be read: its reader {_reason(error)}") from error
        if answer.refused is not None:
            raise InputError(*answer.refused)
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        self._child = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", _CODE, _SOURCES],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            bufsize=0,
            start_new_session=True,
        )
        assert self._child.stdin is not None  # noqa: S101
        assert self._child.stdout is not None  # noqa: S101
        os.set_blocking(self._child.stdin.fileno(), False)
        os.set_blocking(self._child.stdout.fileno(), False)
        return self._child

    def _exchange(self, child: subprocess.Popen[bytes], frame: bytes) -> bytes:
        """Send one frame and return the answer's body, or find that the child is gone."""
        assert child.stdin is not None  # noqa: S101
        assert child.stdout is not None  # noqa: S101
        sink, source = child.stdin.fileno(), child.stdout.fileno()
        until = time.monotonic() + self._time_s
        poll = select.poll()
        poll.register(source, select.POLLIN)
        poll.register(sink, select.POLLOUT)
        left = memoryview(frame)
        got = bytearray()
        while len(got) < 8 or len(got) < 8 + int.from_bytes(got[:8], "big"):
            ready = dict(poll.poll(max(until - time.monotonic(), 0) * 1000))
            if not ready:
                raise _ChildGoneError(f"took longer than {self._time_s:g} s")
            if sink in ready and left:
                left = left[os.write(sink, left[:_CHUNK]) :]
                if not left:
                    poll.unregister(sink)
            if source in ready:
                piece = os.read(source, _CHUNK)
                if not piece:
                    raise _ChildGoneError("ended")
                got += piece
                if len(got) > ANSWER_BYTES_MAX:
                    raise _ChildGoneError("answered too much")
        return bytes(got[8:])


def _looked_up(seen: SignatureSeen, lists: RevocationLists, at: datetime) -> SignatureSeen:
    """Return a signature with what revocation lists say of its certificates."""
    said = lists.look(seen.path, at, anchored=not seen.pinned)
    flaws = (*seen.flaws, said.flaw) if said.flaw is not None else seen.flaws
    return msgspec.structs.replace(seen, flaws=flaws, revocation=said.why)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, _ChildGoneError) else "ended"
