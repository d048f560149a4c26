"""`evenhand bench notices`: notices through the HTTP door of a real server process until each is durable and receipted.

The clients are threads of this process, which does nothing else meanwhile: bodies are made before the clock runs.
"""

import http.client
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from evenhand.doors.http.bench import processor_s, serving
from evenhand.doors.http.notice_body import Caller, read_lines
from evenhand.doors.http.notice_door import LINES
from evenhand.doors.http.tokens import Scope, Tokens
from evenhand.flow.accepting import ReadNotice
from evenhand.flow.bench_notices import made_notice, quantile
from evenhand.flow.intake import owed_for
from evenhand.flow.notices import receive_many
from evenhand.flow.office import Office
from evenhand.flow.receipting import give_receipts
from evenhand.flow.receipts import ReceiptPen
from evenhand.vocabulary.errors import Fatal
from evenhand.vocabulary.notice import Notice, Received

CLIENTS = 8
SINGLE = 400
"""How many notices are sent one a call."""
_MADE_AT = datetime(2026, 11, 23, tzinfo=UTC)
_TIMEOUT_S = 600
_WARM = 2
_ENCODE = msgspec.json.Encoder().encode
Figures = dict[str, Any]


def line_of(notice: Notice) -> bytes:
    """Return a notice as a platform sends it, without a line's end."""
    [item] = notice.items
    told = {"id": item.item_id, "url": item.url, "author_id": item.author, "channel_id": item.channel}
    said = {"text": item.text, "lang": "en", "reach": item.reach}
    return _ENCODE(
        {
            "items": [told | said],
            "reasons": notice.reasons,
            "name": notice.name,
            "email": notice.email,
            "good_faith": notice.good_faith,
            "category": notice.category,
            "idempotency_key": notice.key,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    port: int
    token: str


def bench_notice_door(
    directory: Path, rate: int, seconds: int, per_call: int, progress: Callable[[int], None]
) -> Figures:
    """Offer `rate` notices a second for `seconds`, `per_call` a call; then as many as are taken; then one a call.

    Args:
        directory: Empty; the server's data.
        rate: Notices a second.
        seconds: For how long.
        per_call: Notices a call.
        progress: Told how many more are done.

    Returns:
        Figures; times in milliseconds, from the instant at which a call was due until its answer was there.

    Raises:
        Fatal: The server did not start, or refused something.
    """
    token = Tokens(directory).create("bench", (Scope.NOTICES,), _MADE_AT)
    offered = max(1, rate * seconds // per_call)
    lines = map(line_of, map(made_notice, range((_WARM + offered + offered // 2) * per_call + SINGLE)))
    bodies = [b"\n".join(islice(lines, per_call)) for _ in range(_WARM + offered + offered // 2)]
    alone = [
        msgspec.json.encode({k: v for k, v in msgspec.json.decode(one).items() if k != "idempotency_key"})
        for one in lines
    ]
    with serving(directory) as (port, process):
        to = _Target(port=port, token=token)
        _sent(to, bodies[:_WARM], 0.0, per_call, progress)
        begun_s = _processors_s(process.pid)
        paced_ms, paced_s = _sent(to, bodies[_WARM : _WARM + offered], per_call / rate, per_call, progress)
        used_s = _processors_s(process.pid) - begun_s
        flat_ms, flat_s = _sent(to, bodies[_WARM + offered :], 0.0, per_call, progress)
        begun_s = _processors_s(process.pid)
        single_ms, single_s = _sent(to, alone, 0.0, 1, progress)
        single_used_s = _processors_s(process.pid) - begun_s
    return {
        "notices": offered * per_call,
        "notices_per_call": per_call,
        "clients": CLIENTS,
        "durable_per_s": round(offered * per_call / paced_s, 1),
        "p50_ms": quantile(paced_ms, 0.5),
        "p99_ms": quantile(paced_ms, 0.99),
        "max_ms": round(paced_ms[-1], 1),
        "cpu_ms_a_notice": round(used_s * 1000 / (offered * per_call), 3),
        "unthrottled_per_s": round(len(flat_ms) * per_call / flat_s, 1),
        "single_per_s": round(len(single_ms) / single_s, 1),
        "single_p50_ms": quantile(single_ms, 0.5),
        "single_p99_ms": quantile(single_ms, 0.99),
        "single_cpu_ms_a_notice": round(single_used_s * 1000 / len(single_ms), 3),
    }


def _sent(
    to: _Target, bodies: Sequence[bytes], pause_s: float, per_call: int, progress: Callable[[int], None]
) -> tuple[list[float], float]:
    """Send bodies, one every `pause_s` or as they are taken; return sorted milliseconds and how long all took."""
    if not bodies:
        raise Fatal("too few notices to measure")
    following = iter(enumerate(bodies))
    started = time.perf_counter()

    def work() -> list[float]:
        connection = http.client.HTTPConnection("127.0.0.1", to.port, timeout=_TIMEOUT_S)
        times = []
        # Two threads cannot both be inside `next` of an iterator over a list: it is one step of the interpreter.
        for n, body in following:
            due = started + n * pause_s if pause_s else time.perf_counter()
            if (early := due - time.perf_counter()) > 0:
                time.sleep(early)
            _send(connection, to.token, body, per_call)
            times.append((time.perf_counter() - due) * 1000)
            progress(per_call)
        connection.close()
        return times

    with ThreadPoolExecutor(CLIENTS) as pool:
        times = [one for done in [pool.submit(work) for _ in range(CLIENTS)] for one in done.result()]
    return sorted(times), time.perf_counter() - started


def _send(connection: http.client.HTTPConnection, token: str, body: bytes, per_call: int) -> None:
    kind = LINES[0] if per_call > 1 else "application/json"
    connection.request("POST", "/api/v1/notices", body, {"Content-Type": kind, "Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    said = answer.read()
    if per_call == 1 and answer.status == 201:
        return
    if answer.status != 200 or said.count(b'"status":201') != per_call:
        wrong = next((line for line in said.splitlines() if b'"status":201' not in line), said)
        raise Fatal(f"the door answered {answer.status}: {wrong[:300]!r}")


def _processors_s(pid: int) -> float:
    """Return the processor time of a process and its children, in seconds."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return sum(processor_s(one) for one in [pid, *(int(child) for task in tasks for child in task.read_text().split())])


def bench_stages(office: Office, pen: ReceiptPen, count: int, per_call: int) -> Figures:
    """Return the processor time a notice of each stage, in milliseconds, measured in one thread."""
    caller = Caller(name="bench", key="", at=_MADE_AT)
    spent = dict.fromkeys(("reading", "keeping", "receipts"), 0.0)
    for start in range(0, count, per_call):
        lines = [line_of(made_notice(n)) for n in range(start, start + per_call)]
        begun = time.thread_time()
        read = [one for one in read_lines(lines, caller) if isinstance(one, ReadNotice)]
        after_reading = time.thread_time()
        kept = receive_many(office, [one.notice for one in read])
        after_keeping = time.thread_time()
        owed = [owed_for(one.notice, got) for one, got in zip(read, kept, strict=True) if isinstance(got, Received)]
        give_receipts(office, pen, owed)
        after = time.thread_time()
        spent["reading"] += after_reading - begun
        spent["keeping"] += after_keeping - after_reading
        spent["receipts"] += after - after_keeping
    return {f"{name}_cpu_ms_a_notice": round(took * 1000 / count, 3) for name, took in spent.items()}
