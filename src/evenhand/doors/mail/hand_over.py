"""The desk's own letter slot: a socket in the data directory over which other processes here hand letters over.

One process owns the docket. A command run beside it, as a mail server's pipe does, gives the letter to that process and
hears where it went once it is durable. A request is one frame (eight bytes of length, then MessagePack):
{"to": …, "raw": …}; so the bytes stay exactly as they were, which LMTP's line ends do not promise.
"""

import contextlib
import logging
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import msgspec

from evenhand.doors.mail.limits import MESSAGE_BYTES_MAX
from evenhand.flow.mailroom import Delivered
from evenhand.vocabulary.errors import EvenhandError, Fatal, Retryable

SLOT = "letters.socket"
"""Its name in the data directory; only the desk's own user may write to it."""
WAITING_S = 60.0
"""For the other side to write or read something."""
ANSWER_WITHIN_S = 600.0
"""For a letter to become durable behind others."""
AT_ONCE_MAX = 20
_FRAME_MAX = MESSAGE_BYTES_MAX + (64 << 10)
_PATH_BYTES_MAX = 100
_LOG = logging.getLogger("evenhand.mail")

TakeLetter = Callable[[bytes, str], Delivered]
"""(raw, address) → where it went, durably."""


class _Letter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    to: str
    raw: bytes


class _Answer(msgspec.Struct, frozen=True):
    delivered: Delivered | None = None
    refused: str = ""


_LETTERS = msgspec.msgpack.Decoder(_Letter)
_ANSWERS = msgspec.msgpack.Decoder(_Answer)
_ENCODER = msgspec.msgpack.Encoder()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: str, take: TakeLetter, on_fatal: Callable[[], Any]) -> None:
        self.take = take
        self.on_fatal = on_fatal
        self.places = threading.BoundedSemaphore(AT_ONCE_MAX)
        super().__init__(address, _Connection)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the library's names
        _LOG.warning("a process handed something over that is no letter")


class _Connection(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Take letter after letter until the other side hangs up."""
        self.request.settimeout(WAITING_S)
        with self.server.places, contextlib.suppress(OSError):
            while (frame := _read_frame(self.request, _FRAME_MAX)) is not None:
                _write_frame(self.request, _ENCODER.encode(self._taken(_LETTERS.decode(frame))))

    def _taken(self, letter: _Letter) -> _Answer:
        try:
            return _Answer(delivered=self.server.take(letter.raw, letter.to))
        except Fatal:
            _LOG.exception("the desk stops")
            self.server.on_fatal()
            return _Answer(refused="the desk stops; hand it over again")
        except EvenhandError as error:
            _LOG.warning("a letter was not taken: %s", type(error).__name__)
            return _Answer(refused=str(error) or "it was not taken; hand it over again")


class LetterSlot:
    """Open while it is entered.

    Args of the constructor: the data directory, whose docket this process owns; what takes a letter; what ends the
    process after a write whose outcome is unknown.
    """

    def __init__(self, data: Path, take: TakeLetter, on_fatal: Callable[[], Any]) -> None:
        self._path = data / SLOT
        self._path.unlink(missing_ok=True)  # of a process that is gone: the docket has one owner
        with _short(self._path) as address:
            self._server = _Server(address, take, on_fatal)
        self._path.chmod(0o600)
        self._thread = threading.Thread(target=self._server.serve_forever, name="letter slot", daemon=True)

    def __enter__(self) -> Self:
        """Open it."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it; who is answered with nothing hands the letter over again."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


@contextmanager
def running_desk(data: Path) -> Iterator[TakeLetter | None]:
    """Give what hands letters over to the desk that owns this data directory; None where no such desk runs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(ANSWER_WITHIN_S)
        try:
            with _short(data / SLOT) as address:
                line.connect(address)
        except OSError:
            yield None
            return
        yield lambda raw, to: _hand_over(line, raw, to)


def _hand_over(line: socket.socket, raw: bytes, to: str) -> Delivered:
    """Hand one letter over.

    Raises:
        Retryable: The desk did not say that it is durable; handed over again, it is the same letter.
    """
    try:
        _write_frame(line, _ENCODER.encode(_Letter(to=to, raw=raw)))
        frame = _read_frame(line, 1 << 20)
        answer = _ANSWERS.decode(frame) if frame is not None else _Answer(refused="the desk went away")
    except (OSError, msgspec.MsgspecError) as error:
        raise Retryable("the desk did not answer") from error
    if answer.delivered is None:
        raise Retryable(answer.refused)
    return answer.delivered


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """Give an address for a socket's path: one that is too long for the system goes through its open directory."""
    if len(os.fsencode(path)) <= _PATH_BYTES_MAX:
        yield str(path)
        return
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


def _read_frame(line: socket.socket, limit: int) -> bytes | None:
    size = _read(line, 8)
    if len(size) < 8:
        return None
    length = int.from_bytes(size, "big")
    if length > limit:
        raise OSError("a frame is too long")
    frame = _read(line, length)
    return frame if len(frame) == length else None


def _read(line: socket.socket, size: int) -> bytes:
    got = bytearray()
    while len(got) < size and (piece := line.recv(min(size - len(got), 1 << 16))):
        got += piece
    return bytes(got)


def _write_frame(line: socket.socket, body: bytes) -> None:
    line.sendall(len(body).to_bytes(8, "big") + body)
