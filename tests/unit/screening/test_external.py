"""External classifiers: asked in batches over real HTTP; slow, down or lying ones leave their signal unknown."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.unit.screening.test_signals import POST, model

from evenhand.screening.counts import Window
from evenhand.screening.external import Asked, External, load_externals, parse_scores
from evenhand.screening.lists import Lists
from evenhand.screening.released import ReleasedScreener
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.post import POST_SCHEMA


class Server(ThreadingHTTPServer):
    """A classifier that calls texts with "spam" spam, and misbehaves on demand."""

    daemon_threads = True
    mode = "good"

    def __init__(self) -> None:
        self.seen: list[tuple[dict[str, Any], str]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}/score"


class Handler(BaseHTTPRequestHandler):
    """Answers one call."""

    server: Server

    def do_POST(self) -> None:
        """Answer as the mode says."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((asked, self.headers.get("Authorization", "")))
        scores: list[Any] = [0.9 if "spam" in (post["text"] or "") else 0.1 for post in asked["posts"]]
        if self.server.mode == "slow":
            time.sleep(1.0)
        body = {
            "good": json.dumps({"scores": scores}),
            "slow": json.dumps({"scores": scores}),
            "short": json.dumps({"scores": scores[1:]}),
            "text": "no JSON",
            "huge": json.dumps({"scores": [7.5] * len(scores)}),
            "endless": '{"scores": [1' + "0" * 400 + ", 0]}",
            "moved": "",
            "broken": "",
        }[self.server.mode]
        self.send_response({"moved": 307, "broken": 500}.get(self.server.mode, 200))
        if self.server.mode == "moved":
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    """Give a running classifier."""
    made = Server()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def batch(*texts: str) -> pa.RecordBatch:
    """Return posts with these texts."""
    rows = [{**POST, "id": f"p{n}", "text": text} for n, text in enumerate(texts)]
    return pa.RecordBatch.from_pylist(rows, schema=POST_SCHEMA)


def test_scores_come_in_order_over_several_calls(server: Server) -> None:
    """Seven posts, three a call: three calls with id, kind, lang and text, and nothing else; scores in their order."""
    asked = Asked(External(name="ours", url=server.url, timeout_s=20, posts_a_call=3, token="secret"))
    texts = [f"spam {n}" if n % 2 else f"fine {n}" for n in range(7)]
    assert asked.scores(batch(*texts)).to_list() == [0.9 if n % 2 else 0.1 for n in range(7)]
    assert sorted(len(each["posts"]) for each, _ in server.seen) == [1, 3, 3]
    assert {tuple(sorted(post)) for each, _ in server.seen for post in each["posts"]} == {
        ("id", "kind", "lang", "text")
    }
    assert {token for _, token in server.seen} == {"Bearer secret"}


@pytest.mark.parametrize("mode", ["short", "text", "huge", "endless", "moved", "broken"])
def test_what_is_no_answer_is_unknown(server: Server, mode: str) -> None:
    """Too few scores, no JSON, numbers out of range, a redirect, an error: unknown; the next good answer counts."""
    server.mode = mode
    asked = Asked(External(name="ours", url=server.url, timeout_s=20))
    assert asked.scores(batch("spam", "fine")).to_list() == [None, None]
    server.mode = "good"
    assert asked.scores(batch("spam")).to_list() == [0.9]
    assert all("elsewhere" not in str(each) for each in server.seen)


def test_a_slow_one_is_not_waited_for(server: Server) -> None:
    """The time limit holds for the whole batch."""
    server.mode = "slow"
    asked = Asked(External(name="ours", url=server.url, timeout_s=0.2, posts_a_call=1))
    began = time.monotonic()
    assert asked.scores(batch(*["spam"] * 6)).to_list() == [None] * 6
    assert time.monotonic() - began < 0.9


def test_one_that_keeps_failing_rests() -> None:
    """After three failures it is not asked for a while; nobody waits for it."""
    asked = Asked(External(name="ours", url="http://127.0.0.1:9/", timeout_s=5))
    for _ in range(3):
        assert asked.scores(batch("x")).to_list() == [None]
    began = time.monotonic()
    assert asked.scores(batch(*["x"] * 5)).to_list() == [None] * 5
    assert time.monotonic() - began < 0.2
    assert not asked._awake()


def test_its_signal_stands_beside_the_others(server: Server) -> None:
    """Rules may name it; offline it is unknown."""
    external = External(name="ours", url=server.url, timeout_s=20)
    screener = ReleasedScreener(Lists(()), model(), (), (external,))
    assert screener.measure(batch("spam"), Window())["ours"].to_list() == [0.9]
    assert screener.offline().measure(batch("spam"), Window())["ours"].to_list() == [None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[classifier]]\nname = 'a b'\nurl = 'http://x/'", "lower-case letters"),
        ("[[classifier]]\nname = 'a'\nurl = 'file:///etc/passwd'", "http or https"),
        ("[[classifier]]\nname = 'a'\nurl = 'http://x/'\ntimeout_s = 0", "seconds"),
        ("[[classifier]]\nname = 'a'\nurl = 'http://x/'\nposts_a_call = 0", "from 1 to"),
        ("[[classifier]]\nname = 'spam_score'\nurl = 'http://x/'", "another signal"),
        ("[[classifier]]\nname = 'a'\nurl = 'http://x/'\ncolour = 1", "is not a setting"),
        ("[[classifier]]\nname = 'a'\nurl = 'http://x/'\ntoken_file = '/nowhere'", "cannot be read"),
        ("classifier = 3", "tables and nothing else"),
        ("[[classifier", "is not TOML"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """With the place, and what was meant."""
    path = tmp_path / "classifiers.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=said):
        load_externals(path, ["spam_score"])


@pytest.mark.parametrize("body", [b"", b"[]", b'{"scores": 1}', b'{"scores": ["1"]}', b'{"scores": [true]}', b"\xff"])
def test_answers_are_checked(body: bytes) -> None:
    """One number or null a post."""
    with pytest.raises(ValueError, match=r"."):
        parse_scores(body, 1)
