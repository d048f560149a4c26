"""The table of signals: what each says, for any text, however the stream is cut."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import polars.testing
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.screening.classifier import SHAPES, Model
from evenhand.screening.counts import Window
from evenhand.screening.lists import Lists, load_lists
from evenhand.screening.signals import BUILT_IN, measure, signal_table
from evenhand.vocabulary.post import POST_SCHEMA

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
POST: dict[str, Any] = {"id": "p", "kind": "post", "posted_at": NOON, "channel_id": "c", "author_id": "a"}


@cache
def model() -> Model:
    """Return a model whose weights are arbitrary but fixed."""
    dice = np.random.default_rng(1)
    weights = dice.normal(size=1 << 18).astype(np.float16).astype(np.float32)
    return Model(weights, dice.normal(size=SHAPES).astype(np.float16).astype(np.float32), -0.5, 1.5, 0.25)


def table(posts: list[dict[str, Any]], lists: Lists | None = None, window: Window | None = None) -> pl.DataFrame:
    """Return the signals of posts given as dictionaries."""
    batch = pa.RecordBatch.from_pylist([{**POST, **post} for post in posts], schema=POST_SCHEMA)
    return measure(batch, lists or Lists(()), model(), window or Window())


@pytest.fixture
def lists(tmp_path: Path) -> Lists:
    """Give three lists, one of each kind."""
    (tmp_path / "bad-words.txt").write_text("cheap pills\nСкам\n", "utf-8")
    (tmp_path / "domains.txt").write_text("bad.top\n", "utf-8")
    (tmp_path / "known-files").write_text("ab" * 32 + "\n" + "cd" * 16 + "\n", "utf-8")
    return load_lists(tmp_path)


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        ({"text": None}, {"text_length": 0, "word_count": 0, "uppercase_share": 0.0, "digit_share": 0.0}),
        ({"text": "Hello, World 42"}, {"text_length": 15, "word_count": 3, "uppercase_share": 0.2}),
        ({"text": "a1b2"}, {"digit_share": 0.5, "word_count": 1}),
        ({"text": "see bad.top, http://x.bad.top/y and t.me/z"}, {"link_count": 3, "domain_count": 2}),
        ({"text": "🎉🎉 👨‍👩‍👧 👍🏽 🇫🇷"}, {"emoji_count": 5, "hidden_characters": 0}),
        ({"text": "@ann and @bob, not c@d.org or @"}, {"mention_count": 2}),
        ({"text": "v\u200bi\u200ba\u202eg\u00adra"}, {"hidden_characters": 4, "word_count": 1}),
        ({"text": "می‌خواهم कर्‍म"}, {"hidden_characters": 0}),
        ({"text": "viаgra обычно plain αβγ 5 μm"}, {"mixed_script_words": 1}),
        ({"forwarded_from": "x"}, {"forwarded": True}),
        ({}, {"forwarded": False, "channel_members": None, "author_age_days": None, "lang": None, "media_count": 0}),
        (
            {"author_created_at": NOON - timedelta(hours=36), "channel_members": 7},
            {"author_age_days": 1.5, "channel_members": 7},
        ),
        ({"media": [{"type": "image/png"}, {}]}, {"media_count": 2}),
        ({"media": []}, {"media_count": 0}),
        ({"author_id": None}, {"author_posts": 0, "channel_posts": 1}),
        ({"text": "short"}, {"same_text_posts": 0, "same_text_authors": 0}),
        ({"text": "long enough to be compared"}, {"same_text_posts": 1, "same_text_channels": 1}),
    ],
)
def test_what_each_signal_says(post: dict[str, Any], expected: dict[str, Any]) -> None:
    """Each signal means what its row in the table says."""
    row = table([post]).to_dicts()[0]
    assert {name: row[name] for name in expected} == pytest.approx(expected)


def test_lists_become_signals(lists: Lists) -> None:
    """Each list is a column named like its file; the sums are over all of them."""
    posts = [
        {"text": "CHEAP PILLS, cheаp pills; скам at x.bad.top"},
        {"text": "nothing", "media": [{"sha256": "ab" * 32, "md5": "cd" * 16}, {"md5": "cd" * 16}, {"md5": "00" * 16}]},
        {"text": "cheap pillssss notbad.top"},
    ]
    found = table(posts, lists)
    columns = ["bad-words", "domains", "known-files", "list_hits", "lists_hit"]
    assert found.select(columns).rows() == [(3, 1, 0, 4, 2), (0, 0, 2, 2, 1), (0, 0, 0, 0, 0)]


def test_the_table_is_as_documented(lists: Lists) -> None:
    """Columns come in the order of the documented table with its types, and only nullable ones hold nulls."""
    signals = signal_table(lists)
    found = table([{}, {"text": "x"}], lists)
    kinds = {"TEXT": pl.String, "INTEGER": pl.Int64, "DOUBLE": pl.Float64, "BOOLEAN": pl.Boolean}
    assert signals[: len(BUILT_IN)] == BUILT_IN
    assert found.schema == pl.Schema({signal.name: kinds[signal.type] for signal in signals})
    assert all(found[signal.name].null_count() == 0 for signal in signals if not signal.nullable)
    assert all(signal.meaning.endswith(".") and signal.example for signal in signals)


def test_an_empty_batch_has_the_columns_and_no_rows(lists: Lists) -> None:
    """No posts is no error."""
    assert table([], lists).shape == (0, len(signal_table(lists)))


TEXTS = st.none() | st.text(max_size=60) | st.text("aа1 .:/@[]‍\u200bé\u0301👍🇫مبक्赌。", max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, max_size=8))
def test_measuring_never_fails_for_any_text(texts: list[str | None]) -> None:
    """Whatever people write, every post gets its row, shares lie in 0 to 1 and counts are not negative."""
    found = table([{"text": text} for text in texts])
    assert len(found) == len(texts)
    for signal in BUILT_IN:
        column = found[signal.name]
        if signal.type in ("INTEGER", "DOUBLE"):
            assert (column.drop_nulls() >= 0).all()
        if signal.unit == "0 to 1":
            assert (column <= 1).all()
    assert found["text_length"].to_list() == [len(text or "") for text in texts]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.integers(0, 40), st.integers(0, 2)), min_size=2, max_size=30), st.integers(1, 7))
def test_batches_do_not_matter(stream: list[tuple[str | None, int, int]], size: int) -> None:
    """The same stream in other batches gives the same signals, to the last bit."""
    posts = [
        {"text": text, "posted_at": NOON + timedelta(hours=hour), "author_id": f"a{who}", "channel_id": f"c{hour % 3}"}
        for text, hour, who in stream
    ]
    window = Window()
    parts = [table(posts[i : i + size], window=window) for i in range(0, len(posts), size)]
    polars.testing.assert_frame_equal(pl.concat(parts), table(posts), check_exact=True)
