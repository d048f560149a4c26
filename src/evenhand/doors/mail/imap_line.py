"""One connection to a mailbox over IMAP, whose server is not trusted: bounded in bytes and in time, always TLS.

The library reads what a server announces, however long, and waits for as long as something drips in; so a byte budget
and a watchdog that ends the connection stand around each command.
"""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from socket import SHUT_RDWR, create_connection, socket
from ssl import SSLSocket
from threading import Timer
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.tls import IMAP4_TLS

from evenhand.doors.mail.limits import MESSAGE_BYTES_MAX

CONNECT_S = 20.0
SILENCE_S = 60.0
COMMAND_S = 120.0
"""For one command's whole answer; a message of the largest size included."""
ANSWER_BYTES_MAX = 8 << 20
"""Of a command that fetches no message: a million numbers."""
MESSAGE_ANSWER_BYTES_MAX = MESSAGE_BYTES_MAX + (1 << 20)
ANSWER_LINES_MAX = 10_000
"""Numbers come on one line, so a folder's answers are a few; the library spends long on each."""

logging.getLogger("imapclient").setLevel(logging.WARNING)  # below it the library writes down letters


class ServerError(Exception):
    """The server said what no server says; the text is for the operator's log and holds nothing of a letter."""


class _Bounded(IMAP4_TLS):  # type: ignore[misc] # the library carries no types
    """The library's connection, with a budget."""

    def __init__(self, *args: Any) -> None:
        self.budget = ANSWER_BYTES_MAX
        self.lines = ANSWER_LINES_MAX
        self.line: socket | None = None
        self._watchdog: Timer | None = None
        try:
            super().__init__(*args)
        finally:
            self.unwatch()

    def watch(self, seconds: float) -> None:
        """End the connection if this takes longer."""
        self.unwatch()
        self._watchdog = Timer(seconds, self._cut)
        self._watchdog.daemon = True
        self._watchdog.start()

    def unwatch(self) -> None:
        """Let it be."""
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None

    def read(self, size: int) -> bytes:
        """Read a literal, if it is within the budget."""
        self._spend(size)
        got: bytes = super().read(size)
        return got

    def readline(self) -> bytes:
        """Read a line, if it is within the budget."""
        line: bytes = super().readline()
        self.lines -= 1
        self._spend(len(line))
        return line

    def _spend(self, size: int) -> None:
        self.budget -= size
        if self.budget < 0 or self.lines < 0:
            raise ServerError("the server's answer is too long")

    def _cut(self) -> None:
        if self.line is not None:
            try:
                self.line.shutdown(SHUT_RDWR)
            except OSError:
                return

    def _create_socket(self, timeout: float | None = None) -> socket:  # noqa: ARG002 - the library's interface
        plain = create_connection((self.host, self.port), timeout=CONNECT_S)
        assert self.ssl_context is not None  # noqa: S101 - `ImapLine` always has one
        line: SSLSocket = self.ssl_context.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
        self.line = line
        self.watch(COMMAND_S)
        try:
            line.do_handshake()
        except OSError:
            line.close()
            raise
        return line


class ImapLine(IMAPClient):  # type: ignore[misc] # the library carries no types
    """A connection; each command stands in `within`."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(host, port, ssl_context=context, timeout=SocketTimeout(CONNECT_S, SILENCE_S))

    @contextmanager
    def within(self, seconds: float = COMMAND_S, budget: int = ANSWER_BYTES_MAX) -> Iterator[None]:
        """Bound what is done inside."""
        line: _Bounded = self._imap
        line.budget = budget
        line.lines = ANSWER_LINES_MAX
        line.watch(seconds)
        try:
            yield
        finally:
            line.unwatch()

    def _create_IMAP4(self) -> _Bounded:  # noqa: N802 - the library's name
        return _Bounded(self.host, self.port, self.ssl_context, CONNECT_S)
