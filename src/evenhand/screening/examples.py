"""Rules' examples: does each hold where it must, and only there? All are measured at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pyarrow as pa

from evenhand.screening.counts import Window
from evenhand.screening.emit_polars import emit_polars
from evenhand.screening.rules import Example, Rule
from evenhand.screening.service import Screener
from evenhand.vocabulary.post import POST_SCHEMA

_POSTED = datetime(2026, 1, 1, 12, tzinfo=UTC)
_BATCH = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An example that a rule does not keep, or that is no post.

    Attributes:
        line: Where the example stands in the rule's file, from 1.
        reason: What is wrong, in a sentence.
    """

    line: int
    reason: str


def check_examples(screener: Screener, rule: Rule) -> list[Broken]:
    """Return the examples of a rule that do not come out as they must."""
    return check_all_examples(screener, [rule])[0]


def check_all_examples(screener: Screener, rules: Sequence[Rule]) -> list[list[Broken]]:
    """Return for each rule the examples that do not come out as they must."""
    broken: list[list[Broken]] = [[] for _ in rules]
    good: list[tuple[int, Example, pa.RecordBatch]] = []
    for n, rule in enumerate(rules):
        for example in rule.examples:
            try:
                good.append((n, example, _post(example.post)))
            except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
                broken[n].append(_no_post(example, error))
    signals = _alone(screener, [post for _, _, post in good])
    for row, (n, example, _) in enumerate(good):
        try:
            said = _wrong(rules[n], example, signals[row])
        except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError) as error:
            broken[n].append(_no_post(example, error))
            continue
        if said:
            broken[n].append(Broken(line=example.line, reason=said))
    return [sorted(found, key=lambda each: each.line) for found in broken]


def _no_post(example: Example, error: Exception) -> Broken:
    return Broken(line=example.line, reason=f"is not a post: {str(error).splitlines()[0]}")


def _wrong(rule: Rule, example: Example, signals: pl.DataFrame) -> str:
    signals = signals.with_columns(
        pl.lit(value, dtype=signals.schema[name]).alias(name) for name, value in example.signals.items()
    )
    if bool(signals.select(emit_polars(rule.condition).fill_null(value=False)).item()) is example.holds:
        return ""
    return f"{'must match, and does not' if example.holds else 'must not match, and does'}: {rule.when}"


def _alone(screener: Screener, posts: list[pa.RecordBatch]) -> pl.DataFrame:
    """Measure posts in few batches, and give each the counts that it has where no other was seen."""
    measured = []
    for start in range(0, len(posts), _BATCH):
        batch = pa.Table.from_batches(posts[start : start + _BATCH], POST_SCHEMA).combine_chunks().to_batches()[0]
        ids = pl.DataFrame(pa.Table.from_batches([batch])).select("author_id", "channel_id")
        author, channel = (ids[name].is_not_null().cast(pl.Int64) for name in ids.columns)
        same = pl.col("same_text_posts").clip(upper_bound=1)
        measured.append(
            screener.measure(batch, Window()).with_columns(
                author.alias("author_posts"),
                channel.alias("channel_posts"),
                same.alias("same_text_posts"),
                (same * author).alias("same_text_authors"),
                (same * channel).alias("same_text_channels"),
            )
        )
    return pl.concat(measured) if measured else pl.DataFrame()


def _post(fields: Mapping[str, object]) -> pa.RecordBatch:
    if unknown := set(fields) - set(POST_SCHEMA.names):
        raise ValueError(f"{min(unknown)} is not a field of the post format")
    post: dict[str, Any] = {"id": "example", "kind": "post", "posted_at": _POSTED, **fields}
    if "channel_id" not in post and "author_id" not in post:
        post |= {"channel_id": "example", "author_id": "example"}
    for name in ("posted_at", "author_created_at"):
        if isinstance(post.get(name), str):
            post[name] = datetime.fromisoformat(post[name])
    return pa.RecordBatch.from_pylist([post], POST_SCHEMA)
