"""`evenhand bench door`: posts through the HTTP door of a real server process until their decisions are durable."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from evenhand.doors.http.posts import ARROW, NDJSON, POSTS_MAX
from evenhand.doors.http.stopwatch import read_timing
from evenhand.doors.http.tokens import Scope, Tokens
from evenhand.flow.bench_lists import Load, write_lists, write_rules
from evenhand.flow.bench_posts import made_posts, sentences
from evenhand.flow.bench_screening import bench_kernel
from evenhand.vocabulary.errors import Fatal
from evenhand.vocabulary.post import POST_SCHEMA

SEED = 6
_START_S_MAX = 900
_STOP_S_MAX = 60
_SETTLE_S_MAX = 300
_RESTS_US = 100_000
"""Processor time a second below which a server rests: its clock ticks on."""
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
    note("screening alone")
    batches = (batch for body in sets[ARROW] or [_arrow(warm)] for batch in pa.ipc.open_stream(body))
    figures |= {f"kernel_{name}": value for name, value in bench_kernel(directory, batches).items()}
    return {**figures, **_ratios(figures), "clients": clients, "posts_per_call": POSTS_MAX}


def _ratios(figures: Figures) -> Figures:
    """Return what share of the kernel's rate each form reaches; and of its processor time.

    `processor_share_of_kernel`: how much of a post's processor time is the kernel's.
    """
    told: Figures = {}
    for form in ("ndjson", "arrow"):
        if f"{form}_posts_per_s" in figures:
            spent = figures[f"{form}_processor_us_per_post"]
            told[f"{form}_ratio_to_kernel"] = round(figures[f"{form}_posts_per_s"] / figures["kernel_posts_per_s"], 3)
            told[f"{form}_processor_share_of_kernel"] = round(figures["kernel_processor_us_per_post"] / spent, 3)
    return told


def _sent(
    port: int, process: "subprocess.Popen[bytes]", token: str, kind: str, bodies: list[bytes], clients: int
) -> Iterator[tuple[str, Any]]:
    """Yield posts a second and the middle call's time; where processor time went; and how many were acted on.

    What the server does after its answers (letters, the log) is waited for and counted.
    """
    if not bodies:
        return
    before, mine, begun = _threads(process.pid), time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        told = list(pool.map(lambda body: _send(port, token, kind, body), bodies))
    took, mine = time.perf_counter() - begun, time.process_time() - mine
    answered = _threads(process.pid)
    settled_s = _settle(process.pid)
    after = _threads(process.pid)
    posts = sum(each.posts for each in told)
    yield "posts_per_s", round(posts / took)
    yield "processor_us_per_post", round(sum((after - before).values()) / posts, 1)
    yield "processor_us_per_post_until_answered", round(sum((answered - before).values()) / posts, 1)
    yield "client_us_per_post", round(mine / posts * 1e6, 1)
    yield "settled_after_s", round(settled_s, 1)
    yield "threads_us_per_post", {name: round(spent / posts, 1) for name, spent in (after - before).most_common()}
    stages = sum((each.stages for each in told), Counter[str]())
    yield "stage_us_per_post", {name: round(spent / posts, 1) for name, spent in stages.items()}
    yield "call_p50_ms", round(sorted(each.seconds for each in told)[len(told) // 2] * 1000)
    yield "acted_on_share", round(sum(each.acted_on for each in told) / posts, 3)


@dataclass(frozen=True, slots=True)
class _Told:
    """What came back of one call.

    Attributes:
        posts: How many were judged.
        acted_on: How many of them got another verdict than `allow`.
        seconds: Until the answer was there.
        stages: Microseconds of the answering thread's processor time, by stage.
    """

    posts: int
    acted_on: int
    seconds: float
    stages: "Counter[str]"


def _send(port: int, token: str, kind: str, body: bytes) -> _Told:
    """Send a body that is ready; return what came back, of which no more is read than lines."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_START_S_MAX)
    connection.request("POST", "/api/v1/posts", body, {"Content-Type": kind, "Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    if answer.status != 200 or answer.headers["Evenhand-Refused"] != "0":
        raise Fatal(f"the door answered {answer.status}: {said[:300]!r}")
    judged = said.count(b"\n")
    stages = Counter(read_timing(answer.headers["Server-Timing"]))
    return _Told(judged, judged - said.count(b'"verdict":"allow"'), time.perf_counter() - begun, stages)


def _settle(pid: int) -> float:
    """Wait until the server rests (letters are made, the log is published); return how many seconds that took."""
    begun, before = time.monotonic(), sum(_threads(pid).values())
    while time.monotonic() - begun < _SETTLE_S_MAX:
        time.sleep(1)
        now = sum(_threads(pid).values())
        if now - before < _RESTS_US:
            break
        before = now
    return time.monotonic() - begun - 1


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


def _threads(pid: int) -> "Counter[str]":
    """Return the processor time of a process's threads in µs, by name; numbers behind a name are left out."""
    spent: Counter[str] = Counter()
    for task in Path(f"/proc/{pid}/task").iterdir():
        head, _, rest = (task / "stat").read_text().rpartition(")")
        fields, name = rest.split(), head.partition("(")[2].rstrip("-0123456789")
        ticks = int(fields[11]) + int(fields[12])
        spent["main" if task.name == str(pid) else name] += ticks * 1_000_000 // os.sysconf("SC_CLK_TCK")
    return spent


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
