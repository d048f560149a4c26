"""Bans beside tables of bans: a post meets what it would meet if tables were made of all."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.screening.test_signals import POST

from evenhand.screening.banned import Ban, Banned, BannedBeside
from evenhand.vocabulary.post import POST_SCHEMA

SINCE = datetime(2026, 11, 23, tzinfo=UTC)
TEXTS = ["Cheap pills for everybody, day and night, sent home", "Cheap pills for everybody, day or night, sent home!"]
BANS = st.builds(
    Ban,
    since=st.sampled_from([SINCE, SINCE + timedelta(days=2)]),
    kind=st.sampled_from(["post", "channel", "account"]),
    item_id=st.sampled_from(["", "i1", "i2"]),
    person=st.sampled_from(["", "u1", "u2"]),
    text=st.sampled_from([*TEXTS, "Bees", ""]),
    media_sha256=st.sampled_from([(), ("ab" * 32,)]),
)
ITEMS = [
    {"id": name, "kind": kind, "channel_id": "i1", "author_id": author, "text": text, "media": media}
    for name, kind, author, text, media in (
        ("i1", "channel", "u2", "Bees", None),
        ("i9", "account", "u1", TEXTS[0], None),
        ("p1", "post", "i2", TEXTS[1], [{"sha256": "ab" * 32}]),
        ("p2", "post", "u9", None, None),
    )
]
POSTS = pl.DataFrame(
    pa.Table.from_pylist([{**POST, **item, "posted_at": SINCE + timedelta(days=1)} for item in ITEMS], POST_SCHEMA)
)


@settings(max_examples=30, deadline=None)
@given(st.lists(BANS, max_size=6), st.data())
def test_beside_is_together(bans: list[Ban], data: st.DataObject) -> None:
    """Whatever was in the tables, went, or came since, and wherever it stands among all."""
    in_tables = data.draw(st.lists(st.booleans(), min_size=len(bans), max_size=len(bans)))
    gone = data.draw(st.lists(BANS, max_size=2))
    large = [*gone, *(ban for ban, old in zip(bans, in_tables, strict=True) if old)]
    small = [ban for ban, old in zip(bans, in_tables, strict=True) if not old]
    places = [n for n, old in enumerate(in_tables) if old] + [n for n, old in enumerate(in_tables) if not old]
    order = pl.Series([None] * len(gone) + places, dtype=pl.UInt32)
    beside = BannedBeside(Banned(large), Banned(small), len(large), order)
    assert beside.meet(POSTS).rows() == Banned(bans).meet(POSTS).rows()
