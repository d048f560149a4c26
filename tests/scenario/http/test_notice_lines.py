"""Many notices in one call: a line in, a line out, each on its own."""

import gzip
import json
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from evenhand.doors.http.notice_body import Caller, read_lines
from evenhand.doors.http.notice_door import NOTICES_MAX
from evenhand.doors.http.notice_reader import LINES_FROM, NoticeReader
from evenhand.flow.bench_notices import made_notice
from evenhand.flow.letter_box import waiting_letters
from evenhand.flow.notices import receive_many
from evenhand.flow.office import Office
from evenhand.ledger.note import parse_vkey
from evenhand.ledger.receipt import commit_to, open_receipt
from evenhand.store.committer import Committer
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.commit import Commit, Outcome, Stale
from evenhand.vocabulary.notice import Received
from evenhand.vocabulary.places import OPEN
from evenhand.vocabulary.reference import References

FIRST = "nadia-1@example.org"
ORDER = (
    "The Public Prosecutor's Office hereby orders your company under section 95 of the Code of Criminal Procedure to "
    "provide the subscriber data and login IP addresses of the account named below within 48 hours. Case number "
    "123 Js 4567/26. Chief Inspector, Cybercrime Unit, Criminal Police."
)


def line(n: int, **more: Any) -> bytes:
    """Return a notice about post `n`."""
    told = {
        "items": [{"id": f"p{n}", "text": f"what was posted as {n}"}],
        "reasons": "It threatens my sister and gives the address of her flat.",
        "name": "Nadia Example",
        "email": f"nadia-{n}@example.org",
        "good_faith": True,
    }
    return json.dumps(told | more).encode()


def send(door: Any, lines: Sequence[bytes], **more: Any) -> tuple[int, Any]:
    """Return status and the answer's lines."""
    body = more.pop("body", b"\n".join(lines))
    status, _, answer = door.call("POST", "/api/v1/notices", body, more.pop("kind", "application/x-ndjson"), **more)
    return status, [json.loads(one) for one in answer.splitlines()]


def test_each_line_has_its_answer(door: Any) -> None:
    """Kept, joined, lacking, refused: in order, and what is wrong with one concerns no other."""
    status, told = send(
        door,
        [
            line(1),
            line(1, email="other@example.org"),
            line(2, reasons="bad", good_faith=False),
            b"no json",
            line(3, surprise=1),
            line(4, attachments=[{"name": "a", "content": "%%%"}]),
            b"",
            line(5, items=[{"id": "x"}] * 51),
            line(6),
        ],
    )
    assert status == 200
    assert [one["line"] for one in told] == list(range(1, 10))
    assert [one["status"] for one in told] == [201, 201, 201, 422, 422, 422, 422, 422, 201]
    assert [one.get("state") for one in told[:3]] == ["opened", "joined", "incomplete"]
    assert {one["field"] for one in told[2]["missing"]} == {"reasons", "good_faith"}
    fields = [one["errors"][0]["field"] for one in told[3:8]]
    assert fields == ["", "surprise", "attachments[0].content", "", "items"]
    kept = [row for row in door.docket.records_of_act(1) if row.kind == "notice.raw"]
    assert [row.body for row in kept] == [line(1)]


def test_a_receipt_stands_on_its_line(door: Any) -> None:
    """What is proved of each is its own line without the line's end."""
    _, (one, two) = send(door, [line(1), line(2)], body=line(1) + b"\n" + line(2) + b"\n")
    for told, raw, other in ((one, line(1), line(2)), (two, line(2), line(1))):
        receipt = open_receipt(told["receipt"].encode(), parse_vkey(door.desk.pen.vkey))
        assert receipt.reference == told["reference"]
        assert receipt.opens_with(commit_to(receipt.salt, raw))
        assert not receipt.opens_with(commit_to(receipt.salt, other))


def test_the_same_again_is_the_same(door: Any) -> None:
    """By a line's own key, by the call's key and the line's number, by the bytes; within a call too."""
    _, first = send(door, [line(1, idempotency_key="k-1"), line(2), line(2)])
    assert [one["status"] for one in first] == [201, 201, 200]
    assert first[1]["reference"] == first[2]["reference"]
    assert first[1]["receipt"] == first[2]["receipt"]
    _, again = send(door, [line(9, idempotency_key="k-1", email=FIRST), line(2)])
    assert [one["status"] for one in again] == [200, 200]
    assert [one["reference"] for one in again] == [one["reference"] for one in first[:2]]
    status, alone = door.json("POST", "/api/v1/notices", {"email": FIRST}, HTTP_IDEMPOTENCY_KEY="k-1")
    assert (status, alone["reference"]) == (200, first[0]["reference"])
    _, keyed = send(door, [line(3), line(3)], HTTP_IDEMPOTENCY_KEY="call-1")
    assert [one["status"] for one in keyed] == [201, 201]
    door.now += timedelta(days=1)
    _, later = send(door, [line(3), line(3)], HTTP_IDEMPOTENCY_KEY="call-1")
    assert [one["reference"] for one in later] == [one["reference"] for one in keyed]
    assert {one["status"] for one in later} == {200}


@pytest.mark.parametrize("pack", ["gzip", "zstd"])
def test_packed_lines(door: Any, pack: str) -> None:
    """A body may be packed."""
    body = b"\n".join([line(1), line(2)])
    packed = gzip.compress(body) if pack == "gzip" else pa.compress(body, codec="zstd", asbytes=True)
    _, told = send(door, [], body=packed, HTTP_CONTENT_ENCODING=pack)
    assert [one["status"] for one in told] == [201, 201]


@pytest.mark.parametrize(
    ("lines", "more", "status"),
    [
        ([b"{}"] * (NOTICES_MAX + 1), {}, 413),
        ([b"{}"], {"HTTP_AUTHORIZATION": ""}, 401),
        ([b"{}"], {"HTTP_CONTENT_ENCODING": "br"}, 415),
        ([b"{}"], {"CONTENT_LENGTH": "50"}, 400),
        ([b"{}"], {"CONTENT_LENGTH": str(1 << 40)}, 413),
        ([b"{}"], {"HTTP_IDEMPOTENCY_KEY": "two words"}, 422),
    ],
)
def test_a_call_that_cannot_be_used_does_nothing(
    door: Any, lines: Sequence[bytes], more: dict[str, Any], status: int
) -> None:
    """It is refused whole, as a problem."""
    got, (problem,) = send(door, lines, **more)
    assert (got, problem["status"]) == (status, status)
    assert door.docket.records_of_act(1) == []


def test_a_full_call_and_an_empty_one(door: Any) -> None:
    """1,000 lines are taken, through the child; no line is no answer."""
    assert send(door, []) == (200, [])
    _, told = send(door, [b"{}"] * (NOTICES_MAX - 1) + [line(1)])
    assert len(told) == NOTICES_MAX
    assert (told[0]["status"], told[1]["status"], told[-1]["state"]) == (201, 200, "opened")
    door.desk.reader.close()


def test_what_reads_like_an_order_is_shown_to_a_person(door: Any) -> None:
    """It stays a notice; the answer names the right address; the others do not."""
    _, told = send(door, [line(1, reasons=ORDER), line(2)])
    assert [bool(one["right_address"]) for one in told] == [True, False]
    [letter] = waiting_letters(door.office)
    assert letter.text == ORDER


@pytest.fixture
def reader() -> Iterator[NoticeReader]:
    """A reader with a child of its own."""
    made = NoticeReader()
    yield made
    made.close()


def test_the_child_reads_as_this_process_does(door: Any, reader: NoticeReader) -> None:
    """The same notices and refusals, also of what does not come over the pipe, and when the child was killed."""
    caller = Caller(name="platform", key="c", at=door.now)
    lines = [line(1), b"no json", line(2, surprise=1), *(line(n) for n in range(3, LINES_FROM + 3))]
    plain = read_lines(lines, caller)
    assert reader.read(lines, caller) == plain
    child = reader.child.process
    assert child is not None
    surrogates = [*lines, b'{"reasons": "\\ud800"}']
    assert reader.read(surrogates, caller) == read_lines(surrogates, caller)
    assert reader.child.process is child
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert reader.read(lines, caller) == plain
    assert reader.read(lines, caller) == plain
    assert reader.child.process is not None
    assert reader.child.process is not child


class Counting:
    """A docket that counts what was stale."""

    def __init__(self, store: SqliteStore) -> None:
        self.store, self.stale, self.lock = store, 0, threading.Lock()

    def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        """Commit, and count."""
        outcomes = self.store.commit(commits)
        with self.lock:
            self.stale += sum(isinstance(one, Stale) for one in outcomes)
        return outcomes


@pytest.mark.parametrize("queued", [False, True], ids=["alone", "queued"])
def test_callers_at_once_do_not_make_each_other_stale(tmp_path: Path, queued: bool) -> None:
    """Texts that share phrases, from many callers: each is ruled on once, none is sent away unsettled.

    Behind a queue the next group is ruled on while the last one is written, as if that were durable.
    """
    calls = [[made_notice(n) for n in range(start, start + 50)] for start in range(0, 1000, 50)]
    with ExitStack() as stack:
        store = stack.enter_context(SqliteStore(tmp_path / "docket.sqlite3", Vault(bytes(range(32)))))
        counting = Counting(store)
        docket = stack.enter_context(Committer(counting)) if queued else counting
        office = Office(docket=docket, queries=store, references=References(bytes(16)), index_key=bytes(32))
        with ThreadPoolExecutor(4) as pool:
            answers = [one for told in pool.map(lambda call: receive_many(office, call), calls) for one in told]
        assert all(isinstance(one, Received) for one in answers)
        assert store.tallies("case/open")["case/open"] == len(store.places(OPEN, limit=1000))
    # The committer's two threads may come to planning in the other order: then a group is ruled on once more.
    assert counting.stale <= (100 if queued else 0)
