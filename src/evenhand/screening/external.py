"""Classifiers of others, asked over HTTP: each gives one signal from 0 to 1, unknown where it does not answer in time.

What is sent and what comes back is in docs/reference/external_classifiers.md. Screening never waits longer than a
classifier's time limit, and stops asking one that keeps failing for a while.
"""

import json
import math
import re
import threading
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import polars as pl
import pyarrow as pa

from evenhand.screening.built_in import Signal
from evenhand.vocabulary.errors import InputError

FORM = 1
ANSWER_BYTES_MAX = 1 << 20
AT_ONCE = 4
FAILURES_MAX = 3
REST_S = 30.0
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_SENT = ("id", "kind", "lang", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class External:
    """One classifier.

    Attributes:
        name: Of its signal.
        url: Where it is asked; http or https, set by the operator, never by a post.
        timeout_s: For all of a batch.
        posts_a_call: Posts in one request.
        token: Sent as "Authorization: Bearer …"; "": none.
    """

    name: str
    url: str
    timeout_s: float = 0.5
    posts_a_call: int = 256
    token: str = ""

    @property
    def signal(self) -> Signal:
        """The signal that rules may name."""
        return Signal(self.name, "DOUBLE", "0 to 1", f"What the classifier {self.name} says.", "0.9", nullable=True)


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing: texts go to the address that the operator set, and nowhere else."""


class Asked:
    """Asks one classifier; any number of threads may use it."""

    def __init__(self, external: External) -> None:
        self.external = external
        self._opener = build_opener(_NoRedirects)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"external-{external.name}")
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_until = 0.0

    def scores(self, batch: pa.RecordBatch) -> pl.Series:
        """Return a score a post, null where there is none; never raises, never takes longer than the time limit."""
        if not batch.num_rows or not self._awake():
            return self.unknown(batch.num_rows)
        until = time.monotonic() + self.external.timeout_s
        posts = batch.select(list(_SENT)).to_pylist()
        size = self.external.posts_a_call
        calls = [
            self._pool.submit(self._call, posts[start : start + size], until) for start in range(0, len(posts), size)
        ]
        wait(calls, timeout=max(until - time.monotonic(), 0))
        found: list[float | None] = []
        for number, call in enumerate(calls):
            answered = _result(call)
            self._note(failed=answered is None)
            found += answered if answered is not None else [None] * len(posts[number * size : (number + 1) * size])
        return pl.Series(self.external.name, found, dtype=pl.Float64)

    def unknown(self, posts: int) -> pl.Series:
        """Return as many unknown scores."""
        return pl.repeat(None, posts, dtype=pl.Float64, eager=True).alias(self.external.name)

    def _awake(self) -> bool:
        with self._lock:
            return time.monotonic() >= self._rests_until

    def _note(self, *, failed: bool) -> None:
        with self._lock:
            self._failures = self._failures + 1 if failed else 0
            if self._failures >= FAILURES_MAX:
                self._failures, self._rests_until = 0, time.monotonic() + REST_S

    def _call(self, posts: Sequence[dict[str, Any]], until: float) -> list[float | None] | None:
        left = until - time.monotonic()
        if left <= 0:
            return None
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.external.token:
            headers["Authorization"] = f"Bearer {self.external.token}"
        body = json.dumps({"version": FORM, "classifier": self.external.name, "posts": posts}).encode()
        request = Request(self.external.url, data=body, headers=headers, method="POST")  # noqa: S310 - checked when read
        try:
            with self._opener.open(request, timeout=left) as answer:
                return parse_scores(answer.read(ANSWER_BYTES_MAX + 1), len(posts))
        except (OSError, HTTPException, ValueError, OverflowError, RecursionError):
            return None


def _result(call: "Future[list[float | None] | None]") -> list[float | None] | None:
    if not call.done():
        call.cancel()
        return None
    return call.result()


def parse_scores(body: bytes, posts: int) -> list[float | None]:
    """Return the scores of an answer.

    Args:
        body: JSON, {"scores": [0.93, null, …]}, one a post in the order of the request.
        posts: How many were asked about.

    Raises:
        ValueError: It is not such an answer.
    """
    if len(body) > ANSWER_BYTES_MAX:
        raise ValueError("the answer is too long")
    told = json.loads(body)
    scores = told.get("scores") if isinstance(told, dict) else None
    if not isinstance(scores, list) or len(scores) != posts:
        raise ValueError("the answer has not one score a post")
    return [_score(each) for each in scores]


def _score(value: object) -> float | None:
    if value is None:
        return None
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if not 0 <= number <= 1:
        raise ValueError("a score is a number from 0 to 1, or null")
    return number


def load_externals(path: Path, taken: Sequence[str]) -> tuple[External, ...]:
    """Read the classifiers that a file names; no file, no classifiers.

    Args:
        path: TOML with [[classifier]] tables.
        taken: Names of signals that exist already.

    Raises:
        InputError: Names the file, and what was meant.
    """
    if not path.exists():
        return ()
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InputError(str(path), f"is not TOML: {error}") from error
    tables = values.pop("classifier", [])
    if values or not isinstance(tables, list):
        raise InputError(str(path), "has [[classifier]] tables and nothing else")
    found = tuple(_external(path, n, table) for n, table in enumerate(tables))
    names = [each.name.casefold() for each in found]
    for name in names:
        if names.count(name) > 1 or name in {each.casefold() for each in taken}:
            raise InputError(str(path), f"{name} is the name of another signal")
    return found


def _external(path: Path, number: int, table: Any) -> External:
    where = f"{path}: classifier[{number}]"
    if not isinstance(table, dict):
        raise InputError(where, "must be a table")
    if unknown := set(table) - {"name", "url", "timeout_s", "posts_a_call", "token_file"}:
        raise InputError(f"{where}.{min(unknown)}", "is not a setting of a classifier")
    name, url = table.get("name"), table.get("url")
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise InputError(f"{where}.name", "must be lower-case letters, digits and underscores, at most 63")
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise InputError(f"{where}.url", "must be an http or https address")
    timeout_s, posts = table.get("timeout_s", 0.5), table.get("posts_a_call", 256)
    if isinstance(timeout_s, bool) or not isinstance(timeout_s, int | float) or not 0 < timeout_s <= 60:
        raise InputError(f"{where}.timeout_s", "must be a number of seconds, at most 60")
    if isinstance(posts, bool) or not isinstance(posts, int) or not 0 < posts <= 10_000:
        raise InputError(f"{where}.posts_a_call", "must be a number from 1 to 10000")
    return External(
        name=name, url=url, timeout_s=float(timeout_s), posts_a_call=posts, token=_token(where, table.get("token_file"))
    )


def _token(where: str, file: object) -> str:
    if file is None:
        return ""
    try:
        return Path(str(file)).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{where}.token_file", f"{file} cannot be read") from error
