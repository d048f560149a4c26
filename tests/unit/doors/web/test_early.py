"""What the server refuses before the application is asked, over real connections."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from waitress import wasyncore
from waitress.server import create_server

from evenhand.doors.web.early import Channel

BODY_BYTES_MAX = 1000


def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer whatever gets through."""
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


@pytest.fixture
def port() -> Iterator[int]:
    """Give the port of a server that takes 1,000 bytes."""
    channels: dict[int, Any] = {}
    server = create_server(
        application, map=channels, host="127.0.0.1", port=0, max_request_body_size=BODY_BYTES_MAX + 1, ident=None
    )
    server.channel_class = Channel
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            wasyncore.loop(timeout=0.05, map=channels, count=1)

    thread = threading.Thread(target=run)
    thread.start()
    yield server.effective_port
    stopping.set()
    thread.join()
    server.task_dispatcher.shutdown()
    wasyncore.close_all(channels)  # connections that hung up while nobody looked, too


def answer(port: int, raw: bytes) -> tuple[int, str, bytes]:
    """Return status, media type and body of the answer to raw bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(raw)
        said = b""
        while piece := connection.recv(65536):
            said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    kind = next(line.partition(": ")[2] for line in lines if line.lower().startswith("content-type"))
    return int(lines[0].split()[1]), kind, body


ROUTES = ["/api/v1/posts", "/api/v1/notices", "/api/v1/items/events"]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("more", "status"),
    [
        (f"Content-Length: {BODY_BYTES_MAX + 1}\r\n\r\n", 413),
        (f"Transfer-Encoding: chunked\r\n\r\n{BODY_BYTES_MAX + 1:x}\r\n{'x' * (BODY_BYTES_MAX + 1)}\r\n", 413),
        ("Transfer-Encoding: chunked\r\n\r\nno number\r\n", 400),
        ("Transfer-Encoding: gzip\r\n\r\n", 501),
    ],
)
def test_programs_are_refused_in_problem_json(port: int, route: str, more: str, status: int) -> None:
    """Whoever refuses: the same form on every route of the API."""
    code, kind, body = answer(port, f"POST {route} HTTP/1.1\r\nHost: x\r\n{more}".encode())
    assert (code, kind) == (status, "application/problem+json")
    problem = json.loads(body)
    assert problem["status"] == status
    assert problem["detail"]
    assert b"waitress" not in body


def test_people_are_refused_in_a_line(port: int) -> None:
    """A page's sender reads text."""
    code, kind, body = answer(port, b"POST /report HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n")
    assert (code, kind) == (413, "text/plain; charset=utf-8")
    assert body.startswith(b"413 ")


def test_what_is_just_small_enough_gets_through(port: int) -> None:
    """The limit is inclusive."""
    raw = b"POST /api/v1/posts HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(raw)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
