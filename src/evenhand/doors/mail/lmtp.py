"""LMTP: the mail server hands letters over, and hears 250 for each address only once the letter is durable there."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from evenhand.doors.mail.limits import MESSAGE_BYTES_MAX
from evenhand.flow.mailroom import Delivered
from evenhand.vocabulary.errors import EvenhandError, Fatal

CONNECTIONS_MAX = 20
RECIPIENTS_MAX = 50
"""Of one message."""
MESSAGES_MAX = 1_000
"""Over one connection."""
SILENCE_S = 60.0
LINE_BYTES_MAX = 1 << 20
"""Longer than SMTP allows: what a sloppy sender wrote on one line is read all the same."""
_LOG = logging.getLogger("evenhand.mail")

Take = Callable[[bytes, str], object]
"""(raw, envelope recipient): returns once it is durable, or raises."""


class _Door(LMTP):
    """One connection, with our limits."""

    line_length_limit = LINE_BYTES_MAX
    open_connections = 0

    def connection_made(self, transport: Any) -> None:
        """Refuse a connection too many at once, before anything is read from it."""
        type(self).open_connections += 1
        if self.open_connections > CONNECTIONS_MAX:
            transport.write(b"421 4.3.2 Too many connections\r\n")
            transport.close()
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Count it out."""
        type(self).open_connections -= 1
        if self.transport is not None:
            super().connection_lost(error)


class _Handler:
    def __init__(self, take: Take, on_fatal: Callable[[], Any]) -> None:
        self._take = take
        self._on_fatal = on_fatal
        # One thread: the reader of letters is not for several.
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="letters")

    async def handle_RCPT(  # noqa: N802 - the library's names
        self, _server: LMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= RECIPIENTS_MAX:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: LMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.original_content or b""
        loop = asyncio.get_running_loop()
        answers = [
            await loop.run_in_executor(self._worker, self._deliver, raw, address) for address in envelope.rcpt_tos
        ]
        # One answer an address, as RFC 2033 (4.2) asks.
        return "\r\n".join(answers)

    def _deliver(self, raw: bytes, address: str) -> str:
        try:
            taken = self._take(raw, address)
        except Fatal:
            _LOG.exception("the desk stops")
            self._on_fatal()
            return "451 4.3.0 Not taken; try again"
        except EvenhandError as error:
            _LOG.warning("a letter was not taken: %s", type(error).__name__)
            return "451 4.3.0 Not taken; try again"
        # The mail server's log then knows what its letter became.
        return f"250 2.0.0 Kept as {taken.reference}" if isinstance(taken, Delivered) else "250 2.0.0 Kept"

    def close(self) -> None:
        self._worker.shutdown(wait=True)


class _Listening(Controller):
    def factory(self) -> _Door:
        """Return a connection's protocol."""
        kept = {"MAIL": MESSAGES_MAX, "RCPT": MESSAGES_MAX * RECIPIENTS_MAX, "DATA": MESSAGES_MAX, "*": MESSAGES_MAX}
        return _Door(
            self.handler,
            data_size_limit=MESSAGE_BYTES_MAX,
            enable_SMTPUTF8=True,
            ident="Evenhand LMTP",
            hostname="localhost",
            timeout=SILENCE_S,
            command_call_limit=kept,
            loop=self.loop,
        )


class LmtpDoor:
    """Listens while it is entered.

    Args of the constructor: where to listen; what takes a letter; what ends the process after a write whose outcome is
    unknown.
    """

    def __init__(self, address: str, port: int, take: Take, on_fatal: Callable[[], Any]) -> None:
        self._handler = _Handler(take, on_fatal)
        self._listening = _Listening(self._handler, hostname=address, port=port)

    def __enter__(self) -> Self:
        """Start to listen."""
        self._listening.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; a letter under way is finished or stays with the mail server."""
        self._listening.stop()
        self._handler.close()
