"""Serving: granian's HTTP engine with threads, in this process, on the objects that the desk already holds."""

import socket
from typing import Any

from granian.constants import HTTPModes, Interfaces, Loops
from granian.server.mt import MTServer

from evenhand.doors.web.desk import WebDesk
from evenhand.doors.web.wsgi import make_application
from evenhand.vocabulary.errors import InputError

THREADS = 8
STOP_S = 10


class _ThreadedServer(MTServer):
    """granian's threaded server, on a Python with its lock.

    granian offers threads only to free-threaded builds and starts processes otherwise; a process of its own could not
    share the desk's objects, and would be a second opener of its files. Tried with granian 2.8.7: 8 threads, SIGTERM
    while a slow answer is in work (it is finished, exit code 0).
    """

    def _check_gil(self) -> None:
        """Accept the lock."""


def serve(desk: WebDesk) -> None:
    """Serve the desk at `settings.listen` until SIGTERM or SIGINT; answers in work are finished first.

    Call it from the main thread: it sets the process's signal handlers.

    Raises:
        InputError: `listen` is not an address and a port, or something else listens there.
    """
    address, port = listen_address(desk.settings.listen)
    _refuse_taken(address, port)
    application = make_application(desk)

    def load(*_args: Any, **_kwargs: Any) -> Any:
        return application

    server = _ThreadedServer(
        target="evenhand",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        loop=Loops.asyncio,
        websockets=False,
        workers=1,
        blocking_threads=THREADS,
        workers_kill_timeout=STOP_S,
        log_enabled=False,
    )
    # Past MTServer.serve, which would only warn that threads need a free-threaded build.
    super(MTServer, server).serve(target_loader=load, wrap_loader=False)


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
    """Refuse a taken port: granian shares it (SO_REUSEPORT), and half of the visitors would go to the other server."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise InputError("listen", f"{address}:{port}: {error.strerror or error}") from error
