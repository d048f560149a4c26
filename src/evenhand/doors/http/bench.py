"""`evenhand bench door`: posts through the HTTP door of a real server process until their decisions are durable."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from evenhand.doors.http.posts import ARROW, NDJSON, POSTS_MAX
from evenhand.doors.http.tokens import Scope, Tokens
from evenhand.flow.bench_lists import Load, write_lists, write_rules
from evenhand.flow.bench_posts import made_posts, sentences
from evenhand.vocabulary.errors import Fatal
from evenhand.vocabulary.post import POST_SCHEMA

SEED = 6
_START_S_MAX = 900
_STOP_S_MAX = 60
_MADE_AT = datetime(2026, 11, 23, tzinfo=UTC)
Figures = dict[str, Any]


def bench_door(directory: Path, load: Load, clients: int, note: Callable[[str], None]) -> Figures:
    """Send made posts to a server with lists and rules of its own, as NDJSON and as Arrow.

    Args:
        directory: Empty; the server's data.
        load: How much of everything; each form gets posts of its own, half of them.
        clients: Calls under way at once, of 10,000 posts each.
        note: Told what is being done.

    Raises:
        Fatal: The server did not start, or refused something.
    """
    note("making lists, rules and posts")
    texts = sentences(None)
    (directory / "lists").mkdir()
    planted = write_lists(directory / "lists", load, texts, SEED)
    write_rules(directory / "rules", load.rules, SEED)
    token = Tokens(directory).create("bench", (Scope.POSTS,), _MADE_AT)
    posts = made_posts(load.posts, texts, planted, SEED, load.acted_on)
    calls = list(iter(lambda: list(islice(posts, POSTS_MAX)), []))
    warm, calls = calls[0], calls[1:] or calls
    half = (len(calls) + 1) // 2
    sets = {NDJSON: [_ndjson(call) for call in calls[:half]], ARROW: [_arrow(call) for call in calls[half:]]}
    note("compiling the lists, starting the server")
    figures: Figures = {}
    with serving(directory) as (port, process):
        _send(port, token, NDJSON, _ndjson(warm))
        for kind, bodies in sets.items():
            note(f"sending {kind}")
            name = "ndjson" if kind == NDJSON else "arrow"
            figures |= {f"{name}_{key}": value for key, value in _sent(port, process, token, kind, bodies, clients)}
    return {**figures, "clients": clients, "posts_per_call": POSTS_MAX}


def _sent(
    port: int, process: "subprocess.Popen[bytes]", token: str, kind: str, bodies: list[bytes], clients: int
) -> Iterator[tuple[str, float]]:
    """Yield posts a second, the server's processor time a post, the middle call's time, and how many were acted on."""
    if not bodies:
        return
    before, begun = processor_s(process.pid), time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        told = list(pool.map(lambda body: _send(port, token, kind, body), bodies))
    took, used = time.perf_counter() - begun, processor_s(process.pid) - before
    posts = sum(each for each, _, _ in told)
    yield "posts_per_s", round(posts / took)
    yield "processor_us_per_post", round(used / posts * 1e6, 1)
    yield "call_p50_ms", round(sorted(each for _, _, each in told)[len(told) // 2] * 1000)
    yield "acted_on_share", round(sum(each for _, each, _ in told) / posts, 3)


def _send(port: int, token: str, kind: str, body: bytes) -> tuple[int, int, float]:
    """Return how many posts were judged, how many not allowed, and seconds until the answer was there."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_START_S_MAX)
    connection.request("POST", "/api/v1/posts", body, {"Content-Type": kind, "Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    if answer.status != 200 or answer.headers["Evenhand-Refused"] != "0":
        raise Fatal(f"the door answered {answer.status}: {said[:300]!r}")
    judged = said.count(b"\n")
    return judged, judged - said.count(b'"verdict":"allow"'), time.perf_counter() - begun


@contextmanager
def serving(directory: Path) -> "Iterator[tuple[int, subprocess.Popen[bytes]]]":
    """Serve a desk of its own over `directory`; give its port and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    env = os.environ | {"EVENHAND_DATA": str(directory), "EVENHAND_LISTEN": f"127.0.0.1:{port}"}
    words = [sys.executable, "-c", "from evenhand.main import run; run()", "up"]
    with subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(port, process)
            yield port, process
        finally:
            process.terminate()
            try:
                process.wait(_STOP_S_MAX)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START_S_MAX
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise Fatal(f"the server did not start; its exit code is {process.poll()}")


def processor_s(pid: int) -> float:
    """Return how many seconds of processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _ndjson(posts: list[dict[str, Any]]) -> bytes:
    return b"".join(msgspec.json.encode(post) + b"\n" for post in posts)


def _arrow(posts: list[dict[str, Any]]) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, POST_SCHEMA) as writer:
        writer.write_batch(pa.RecordBatch.from_pylist(posts, POST_SCHEMA))
    return bytes(sink.getvalue())
