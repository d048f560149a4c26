"""`POST /api/v1/posts`: posts in, their verdicts out once they are durable.

Answered before Django is asked: a batch is columns from its first byte to its last.
"""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import polars as pl
import pyarrow as pa

from evenhand.doors.http.bodies import Refused, read_body
from evenhand.doors.http.problems import Problem
from evenhand.doors.stream.arrow import read_arrow
from evenhand.doors.stream.ndjson_reader import read_ndjson
from evenhand.flow.live import Taken
from evenhand.vocabulary.errors import InputError

POSTS_MAX = 10_000
NDJSON, ARROW = "application/x-ndjson", "application/vnd.apache.arrow.stream"
ERRORS_TOLD_MAX = 1000


class TakesPosts(Protocol):
    """What the door hands batches to."""

    def take(self, batch: pa.RecordBatch) -> Taken:
        """Screen a batch and make what follows from it durable."""
        ...


class _Errors:
    """Bad lines: all are counted, the first are told; with more than a call may have, nothing more is read."""

    def __init__(self) -> None:
        self.seen = 0
        self.told: list[dict[str, Any]] = []

    def __call__(self, line: int, field: str, reason: str) -> None:
        self.seen += 1
        if self.seen > POSTS_MAX:
            # A small packed body can hold millions of them, each as dear to refuse as a post.
            raise Refused(Problem(status=413, detail=f"A call has at most {POSTS_MAX:,} posts; more cannot be read."))
        if len(self.told) < ERRORS_TOLD_MAX:
            self.told.append({"line": line, "field": field, "reason": reason})


def answer_posts(environ: Mapping[str, Any], screening: TakesPosts) -> tuple[bytes, dict[str, str]]:
    """Return the answer's body (a verdict or an error a line) and headers.

    Raises:
        Refused: The whole request cannot be used; nothing was done.
    """
    body = read_body(environ)
    errors = _Errors()
    with_signals = "signals=1" in str(environ.get("QUERY_STRING", "")).split("&")
    try:
        batches = list(_batches(str(environ.get("CONTENT_TYPE", "")), body, errors))
    except InputError as error:
        whole = {"field": error.field, "reason": error.reason}
        raise Refused(Problem(status=422, detail=f"The body {error.reason}", errors=[whole])) from error
    rows = sum(batch.num_rows for batch in batches)
    if rows > POSTS_MAX:
        raise Refused(Problem(status=413, detail=f"A call has at most {POSTS_MAX:,} posts; this one has more."))
    out = io.BytesIO()
    for batch in batches:
        _write(out, screening.take(batch), with_signals=with_signals)
    for told in errors.told:
        out.write(json.dumps(told).encode() + b"\n")
    headers = {"Evenhand-Posts": str(rows), "Evenhand-Refused": str(errors.seen)}
    return out.getvalue(), headers


def _batches(kind: str, body: bytes, errors: _Errors) -> Iterator[pa.RecordBatch]:
    match kind.partition(";")[0].strip().lower():
        case "application/x-ndjson" | "application/ndjson" | "application/jsonl":
            yield from _bounded(read_ndjson(io.BytesIO(body), errors, POSTS_MAX))
        case "application/vnd.apache.arrow.stream":
            yield from _bounded(batch for batch in read_arrow(body, errors) if batch.num_rows)
        case _:
            raise Refused(Problem(status=415, detail=f"Content-Type is {NDJSON} or {ARROW}."))


def _bounded(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Stop reading soon after there are too many: who sends a million lines has only some of them parsed."""
    rows = 0
    for batch in batches:
        yield batch
        rows += batch.num_rows
        if rows > POSTS_MAX:
            return


def _write(out: io.BytesIO, taken: Taken, *, with_signals: bool) -> None:
    said = pl.DataFrame(taken.verdicts)
    more = [taken.signals.to_struct("signals")] if with_signals else []
    said.select("id", "verdict", "rule", "category", "keyword", *more, "because").write_ndjson(out)
