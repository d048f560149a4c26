"""A rule's examples: does it hold where it must, and only there?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pyarrow as pa

from evenhand.screening.counts import Window
from evenhand.screening.emit_polars import emit_polars
from evenhand.screening.rules import Rule
from evenhand.screening.service import Screener
from evenhand.vocabulary.post import POST_SCHEMA

_POSTED = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An example that a rule does not keep, or that is no post.

    Attributes:
        line: Where the example stands in the rule's file, from 1.
        reason: What is wrong, in a sentence.
    """

    line: int
    reason: str


def check_examples(screener: Screener, rule: Rule) -> Iterator[Broken]:
    """Yield the examples of a rule that do not come out as they must."""
    holds = emit_polars(rule.condition).fill_null(value=False)
    for example in rule.examples:
        try:
            signals = screener.measure(_batch(example.post), Window())
            signals = signals.with_columns(
                pl.lit(value, dtype=signals.schema[name]).alias(name) for name, value in example.signals.items()
            )
        except (pa.ArrowException, pl.exceptions.PolarsError, TypeError, ValueError, OverflowError) as error:
            yield Broken(line=example.line, reason=f"is not a post: {str(error).splitlines()[0]}")
            continue
        if bool(signals.select(holds).item()) is not example.holds:
            word = "must match, and does not" if example.holds else "must not match, and does"
            yield Broken(line=example.line, reason=f"{word}: {rule.when}")


def _batch(fields: Mapping[str, object]) -> pa.RecordBatch:
    if unknown := set(fields) - set(POST_SCHEMA.names):
        raise ValueError(f"{min(unknown)} is not a field of the post format")
    post: dict[str, Any] = {"id": "example", "kind": "post", "posted_at": _POSTED, **fields}
    if "channel_id" not in post and "author_id" not in post:
        post |= {"channel_id": "example", "author_id": "example"}
    for name in ("posted_at", "author_created_at"):
        if isinstance(post.get(name), str):
            post[name] = datetime.fromisoformat(post[name])
    return pa.RecordBatch.from_pylist([post], POST_SCHEMA)
