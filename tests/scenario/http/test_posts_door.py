"""Posts through the API, as a platform sends them: over the whole application, with a real docket and real rules."""

import gzip
import io
import json
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from evenhand.doors.http.bodies import PACKED_BYTES_MAX, PLAIN_BYTES_MAX
from evenhand.doors.http.stopwatch import read_timing
from evenhand.doors.stream.columns import PostRow, batches
from evenhand.doors.web.wsgi import make_application
from evenhand.flow.calls import open_calls
from evenhand.flow.live import SETTLED
from evenhand.flow.outbox import sort_effects
from evenhand.screening.grown import GrownLists
from evenhand.screening.lists import Lists
from evenhand.vocabulary.errors import Fatal, InputError

DAY = date(2026, 11, 24)


def post(n: int, text: str = "good morning", **more: Any) -> dict[str, Any]:
    """Return a post as a platform sends it."""
    line = {"id": f"p{n}", "kind": "post", "channel_id": "c1", "posted_at": "2026-11-24T09:30:00Z", "text": text}
    return line | more


def ndjson(*posts: dict[str, Any]) -> bytes:
    """Return posts, one a line."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in posts)


def test_verdicts_come_back_and_are_durable(door: Any) -> None:
    """Each post gets a verdict in its order; what was decided is in the docket when the answer comes."""
    shady = "Send 1 BTC to double your money guaranteed, claim your prize now http://free-crypto-prize.example"
    status, headers, lines = door.posts(ndjson(post(1), post(2, shady), post(3)))
    assert (status, headers["Evenhand-Posts"], headers["Evenhand-Refused"]) == (200, "3", "0")
    assert [line["id"] for line in lines] == ["p1", "p2", "p3"]
    decided = [row.item_id for row in door.docket.decisions_on(DAY, before=None, limit=10)]
    flagged = [line["id"] for line in lines if line["verdict"] not in ("allow", "review")]
    assert sorted(decided) == sorted(flagged)
    assert door.docket.entry_count() >= 1
    before = door.docket.entry_count()
    assert door.posts(ndjson(post(1), post(2, shady), post(3)))[0] == 200
    assert door.docket.entry_count() == before


def test_the_answer_tells_where_its_time_went(door: Any) -> None:
    """Every stage stands in the header with its milliseconds, in the order in which they came."""
    _, headers, _ = door.posts(ndjson(post(1)))
    stages = list(read_timing(headers["Server-Timing"]))
    assert stages == ["body", "parse", "read", "judge", "bans", "figures", "decide", "commit", "review", "answer"]


def test_bad_lines_are_told_and_the_rest_goes_on(door: Any) -> None:
    """A line that cannot be used is answered with its number, field and reason."""
    body = ndjson(post(1), post(2, kind="poem"), {"id": "p3"}) + b"{broken\n" + ndjson(post(5))
    status, headers, lines = door.posts(body)
    assert (status, headers["Evenhand-Posts"], headers["Evenhand-Refused"]) == (200, "2", "3")
    assert [(line.get("line"), line.get("field")) for line in lines[2:]] == [(2, "kind"), (3, "kind"), (4, "")]


def test_signals_come_when_asked_for(door: Any) -> None:
    """`?signals=1` adds each post's signals."""
    _, _, (line,) = door.posts(ndjson(post(1, "zebra crossing")), query="signals=1")
    assert line["signals"]["our_words"] == 1


@pytest.mark.parametrize("pack", ["gzip", "zstd"])
def test_packed_bodies(door: Any, pack: str) -> None:
    """Either packing is undone."""
    plain = ndjson(post(1), post(2))
    packed = gzip.compress(plain) if pack == "gzip" else pa.compress(plain, codec="zstd", asbytes=True)
    assert door.posts(packed, HTTP_CONTENT_ENCODING=pack)[1]["Evenhand-Posts"] == "2"


def test_arrow(door: Any) -> None:
    """An Arrow stream gives the same verdicts as the same posts in NDJSON."""
    rows = [
        PostRow(
            id=f"p{n}", kind="post", posted_at=datetime(2026, 11, 24, tzinfo=UTC), channel_id="c", text="zebra crossing"
        )
        for n in range(3)
    ]
    (batch,) = batches(rows)
    status, headers, lines = door.posts(stream_of(batch), "application/vnd.apache.arrow.stream")
    assert (status, headers["Evenhand-Posts"]) == (200, "3")
    assert len({line["verdict"] for line in lines}) == 1


def stream_of(batch: pa.RecordBatch, **options: Any) -> bytes:
    """Return a batch as an Arrow IPC stream."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


REFUSALS: list[tuple[str, bytes, dict[str, Any], int]] = [
    ("chunked", b"", {"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
    ("no length", b"", {"CONTENT_LENGTH": ""}, 411),
    ("odd length", b"", {"CONTENT_LENGTH": "-1"}, 411),
    ("too large", b"", {"CONTENT_LENGTH": str(PACKED_BYTES_MAX + 1)}, 413),
    ("a length of 10^30", b"", {"CONTENT_LENGTH": "1" + "0" * 30}, 413),
    ("cut short", b"{}", {"CONTENT_LENGTH": "10"}, 400),
    ("a bomb", gzip.compress(bytes(PLAIN_BYTES_MAX + 1)), {"HTTP_CONTENT_ENCODING": "gzip"}, 413),
    (
        "a zstd bomb",
        pa.compress(bytes(PLAIN_BYTES_MAX + 1), "zstd", asbytes=True),
        {"HTTP_CONTENT_ENCODING": "zstd"},
        413,
    ),
    ("not gzip", b"plain", {"HTTP_CONTENT_ENCODING": "gzip"}, 400),
    ("not zstd", b"plain", {"HTTP_CONTENT_ENCODING": "zstd"}, 400),
    ("half a gzip", gzip.compress(b"x" * 1000)[:-9], {"HTTP_CONTENT_ENCODING": "gzip"}, 400),
    ("other packing", b"x", {"HTTP_CONTENT_ENCODING": "br"}, 415),
    ("other kind", b"x", {"CONTENT_TYPE": "text/plain"}, 415),
    ("no token", b"", {"HTTP_AUTHORIZATION": ""}, 401),
    ("wrong token", b"", {"HTTP_AUTHORIZATION": "Bearer eh_no"}, 401),
    ("GET", b"", {"REQUEST_METHOD": "GET"}, 405),
    ("not Arrow", b"ARROW1", {"CONTENT_TYPE": "application/vnd.apache.arrow.stream"}, 422),
]


@pytest.mark.parametrize(("body", "more", "status"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_refusals(door: Any, body: bytes, more: dict[str, Any], status: int) -> None:
    """What cannot be taken is refused as a problem, and nothing becomes durable."""
    got, headers, (problem,) = door.posts(body, **more)
    assert (got, headers["Content-Type"], problem["status"]) == (status, "application/problem+json", status)
    assert door.docket.entry_count() == 0


def test_scope(door: Any) -> None:
    """A token for something else is refused."""
    assert door.posts(ndjson(post(1)), HTTP_AUTHORIZATION=f"Bearer {door.other}")[0] == 403


def test_too_many_posts(door: Any) -> None:
    """More than 10,000 posts a call are refused before any is judged."""
    line = json.dumps(post(1)).encode() + b"\n"
    assert door.posts(line * 10_001)[0] == 413
    assert door.docket.entry_count() == 0


def test_a_new_list_entry_is_live_without_a_restart(door: Any) -> None:
    """A phrase added to a list's file judges the next batch; a file that does not load leaves the old ones serving."""
    asked = {"query": "signals=1"}
    assert door.posts(ndjson(post(1, "purple giraffe")), **asked)[2][0]["signals"]["our_words"] == 0
    (door.lists / "our_words.txt").write_text("zebra crossing\npurple giraffe\n", "utf-8")
    assert door.screening.renew(door.now)
    assert door.posts(ndjson(post(2, "purple giraffe")), **asked)[2][0]["signals"]["our_words"] == 1
    (door.lists / "our_words.txt").write_bytes(b"\xff\xfe broken")
    assert not door.screening.renew(door.now)
    assert door.screening.broken is not None
    with pytest.raises(InputError, match="our_words"):  # at the second look: for the operator's log
        door.screening.renew(door.now)
    assert not door.screening.renew(door.now)  # told once
    sort_effects(door.docket, door.now)
    assert [one.why for one in open_calls(door.docket)] == ["lists-broken"]
    assert door.posts(ndjson(post(3, "purple giraffe")), **asked)[2][0]["signals"]["our_words"] == 1


def test_lists_that_have_grown_are_made_whole_in_the_background(door: Any) -> None:
    """At first a new entry stands beside what was compiled; the same is found when nothing stands beside any more."""
    asked = {"query": "signals=1"}
    whole = door.screening.screener.lists
    (door.lists / "our_words.txt").write_text("purple giraffe\n", "utf-8")
    assert door.screening.renew(door.now)
    screener = door.screening.screener
    assert isinstance(screener.lists, GrownLists)
    assert (screener.lists.whole, screener.lists.changed) == (whole, 2)
    told = door.posts(ndjson(post(1, "zebra crossing, purple giraffe")), **asked)[2][0]["signals"]
    assert told["our_words"] == 1
    assert not door.screening.renew(door.now + SETTLED / 2)
    assert door.screening._merging is None
    assert not door.screening.renew(door.now + SETTLED)
    door.screening._merging.join(60)
    assert (door.screening.screener, type(screener.lists)) == (screener, Lists)
    again = door.posts(ndjson(post(3, "zebra crossing, purple giraffe")), **asked)[2][0]["signals"]
    assert {name: again[name] for name in screener.lists.names} == {name: told[name] for name in whole.names}


def test_a_file_that_was_being_written_calls_nobody(door: Any) -> None:
    """Whole at the second look, it serves, and nobody was called for it."""
    (door.lists / "our_words.txt").write_bytes(b"zebra crossing\n\xd0")
    assert not door.screening.renew(door.now)
    (door.lists / "our_words.txt").write_text("zebra crossing\nцирк\n", "utf-8")
    assert door.screening.renew(door.now)
    assert door.screening.broken is None
    sort_effects(door.docket, door.now)
    assert not open_calls(door.docket)


def test_callers_side_by_side_while_lists_are_renewed(door: Any) -> None:
    """Each batch is judged by one edition, whole; every post is counted and becomes durable once."""
    ended = threading.Event()

    def renewing() -> set[str]:
        editions, turn = {door.screening.edition}, 0
        while not ended.is_set():
            turn += 1
            (door.lists / "our_words.txt").write_text("zebra crossing\n" + f"purple giraffe {turn}\n", "utf-8")
            with suppress(InputError):  # it may find a file half written twice
                door.screening.renew(door.now)
            editions.add(door.screening.edition)
        return editions

    def sending(first: int) -> list[int]:
        hits = []
        for n in range(first, first + 4):
            sent = [post(10 * n + m, "zebra crossing") for m in range(10)]
            status, _, rows = door.posts(ndjson(*sent), query="signals=1")
            assert (status, [row["id"] for row in rows]) == (200, [one["id"] for one in sent])
            hits.extend(row["signals"]["our_words"] for row in rows)
        return hits

    with ThreadPoolExecutor(5) as pool:
        editions = pool.submit(renewing)
        sent = [pool.submit(sending, first) for first in range(0, 16, 4)]
        try:
            hits = [hit for each in sent for hit in each.result()]
        finally:
            ended.set()
        assert len(editions.result()) > 1
    assert hits == [1] * 160


def test_a_fatal_write_ends_the_process(door: Any) -> None:
    """A docket that cannot be written stops the desk; the caller gets no verdict."""

    class Broken:
        def take(self, batch: pa.RecordBatch, mark: Any) -> Any:  # noqa: ARG002
            """Fail as a full disk does."""
            raise Fatal("the disk is full")

    desk = replace(door.desk, screening=Broken())  # type: ignore[arg-type]
    stopped: list[bool] = []
    door.application = make_application(desk, on_fatal=lambda: stopped.append(True))
    with pytest.raises(Fatal):
        door.posts(ndjson(post(1)))
    assert stopped == [True]


def test_zlib_concatenation_is_refused(door: Any) -> None:
    """Something behind a gzip's end is not read as posts."""
    body = gzip.compress(ndjson(post(1))) + zlib.compress(b"more")
    assert door.posts(body, HTTP_CONTENT_ENCODING="gzip")[0] == 400


def test_bad_lines_are_bounded_like_posts(door: Any) -> None:
    """A small packed body with millions of bad lines is refused once there are more than a call may have."""
    packed = gzip.compress(b"{}\n" * 1_000_000)
    started = time.monotonic()
    status, _, lines = door.posts(packed, HTTP_CONTENT_ENCODING="gzip")
    assert (status, lines[0]["status"]) == (413, 413)
    assert time.monotonic() - started < 5
    assert door.posts(b"{}\n" * 10_000)[0] == 200
