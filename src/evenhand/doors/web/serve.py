"""Serving: waitress, with threads in this process, on the objects that the desk already holds.

Bodies are read to their end, within a bound, before a thread is given to them: slow senders hold up nobody else.
"""

import gc
import signal
import socket
import sys
import time
from collections.abc import Mapping
from types import FrameType
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from evenhand.doors.web.desk import WebDesk
from evenhand.doors.web.early import Channel
from evenhand.doors.web.thread_names import name_threads
from evenhand.doors.web.wsgi import API_BYTES_MAX, make_application
from evenhand.vocabulary.errors import InputError

THREADS = 8
STOP_S = 10
IDLE_S = 60
CONNECTIONS_MAX = 1000
_YOUNG_MAX = 10_000
"""How many new objects are made before cycles are looked for: an act makes hundreds, and none of them has any."""
_SWITCH_S = 0.001
"""How long a thread that has something back from the database waits for one that computes: once a statement."""
_RECEIVED_AT_ONCE = 256 * 1024
_KEPT_IN_MEMORY = 1 << 20
"""Longer bodies are put into a file of the system's temporary directory while they come in."""


def serve(desk: WebDesk) -> None:
    """Serve the desk at `settings.listen` until SIGTERM or SIGINT; answers in work are finished first.

    Call it from the main thread: it sets the process's signal handlers.

    Raises:
        InputError: `listen` is not an address and a port, or something else listens there.
    """
    address, port = listen_address(desk.settings.listen)
    _refuse_taken(address, port)
    channels: dict[int, Any] = {}
    server = create_server(
        make_application(desk),
        map=channels,
        host=address,
        port=port,
        threads=THREADS,
        connection_limit=CONNECTIONS_MAX,
        channel_timeout=IDLE_S,
        recv_bytes=_RECEIVED_AT_ONCE,
        inbuf_overflow=_KEPT_IN_MEMORY,
        max_request_body_size=API_BYTES_MAX + 1,  # from which on it is too much
        ident=None,
        clear_untrusted_proxy_headers=True,
    )
    server.channel_class = Channel
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    name_threads()
    # What was loaded until now stays until the end: looking through it for cycles would hold up every answer.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_MAX)
    sys.setswitchinterval(_SWITCH_S)
    while not stopping:
        wasyncore.loop(timeout=1.0, use_poll=True, map=channels, count=1)
    _finish(server, channels)


def _finish(server: Any, channels: Mapping[int, Any]) -> None:
    """Take nobody new, let answers in work be written out, and stop."""
    server.del_channel()
    server.socket.close()
    until = time.monotonic() + STOP_S
    while time.monotonic() < until and any(_is_busy(channel) for channel in channels.values()):
        wasyncore.loop(timeout=0.05, use_poll=True, map=channels, count=1)
    server.task_dispatcher.shutdown()


def _is_busy(channel: Any) -> bool:
    """Tell whether a connection has an answer in work or not yet written out."""
    return bool(getattr(channel, "requests", None)) or getattr(channel, "total_outbufs_len", 0) > 0


def listen_address(listen: str) -> tuple[str, int]:
    """Split `host:port`; IPv6 addresses stand in brackets.

    Raises:
        InputError: It is something else.
    """
    host, colon, port = listen.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise InputError("listen", "must be an address and a port, as in 127.0.0.1:8000")
    return host.strip("[]"), int(port)


def _refuse_taken(address: str, port: int) -> None:
    """Refuse a taken port: whoever reads the reason knows what to do."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise InputError("listen", f"{address}:{port}: {error.strerror or error}") from error
