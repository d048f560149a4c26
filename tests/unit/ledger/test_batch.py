"""The batch leaf looks the same whatever is in it, and opens for each commitment."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.ledger.batch import (
    BATCH_SIZE,
    DEPTH,
    Opening,
    batch_entry,
    batch_root,
    seal_batch,
    slot_of,
    slot_start,
)
from evenhand.ledger.tree import leaf_hash, root_of

SLOT = slot_of(datetime(2026, 11, 24, 8, 0, 10, tzinfo=UTC))


@settings(max_examples=60, deadline=None)
@given(
    load=st.sampled_from([0, 1, 2, 300, 2000]) | st.integers(0, 50),
    seed=st.integers(0, 2**64),
    slot=st.integers(0, 10**9),
)
def test_published_length_and_all_but_the_root_are_the_same(load: int, seed: int, slot: int) -> None:
    """Empty or loaded, the entry has one length, and only its hash differs."""
    entry, openings = seal_batch(slot, [b"%d" % n for n in range(load)], Random(seed))
    empty, _ = seal_batch(slot, [], Random(seed + 1))
    assert len(entry) == len(empty) == len(batch_entry(0, bytes(32)))
    one, other = json.loads(entry), json.loads(empty)
    assert one.pop("root") != other.pop("root")
    assert one == other
    assert len(openings) == load


@settings(max_examples=40, deadline=None)
@given(commitments=st.lists(st.binary(max_size=40), max_size=40), seed=st.integers(0, 2**64))
def test_each_commitment_opens_at_its_own_place_only(commitments: list[bytes], seed: int) -> None:
    """Every opening leads to the root; another commitment, place or hash does not."""
    entry, openings = seal_batch(SLOT, commitments, Random(seed))
    root = bytes.fromhex(json.loads(entry)["root"])
    assert len({opening.place for opening in openings}) == len(commitments)
    for commitment, opening in zip(commitments, openings, strict=True):
        assert batch_root(commitment, opening) == root
        assert batch_root(commitment + b"!", opening) != root
        moved = Opening(place=opening.place ^ 1, path=opening.path)
        assert batch_root(commitment, moved) != root
        assert batch_root(commitment, Opening(place=opening.place, path=opening.path[1:])) is None
        assert batch_root(commitment, Opening(place=BATCH_SIZE, path=opening.path)) is None


def test_tree_is_that_of_the_log() -> None:
    """With a commitment in every place the root is RFC 6962's over them, in order of place."""
    commitments = [b"%d" % n for n in range(BATCH_SIZE)]
    entry, openings = seal_batch(SLOT, commitments, Random(1))
    ordered = sorted(range(BATCH_SIZE), key=lambda n: openings[n].place)
    root = root_of([leaf_hash(commitments[n]) for n in ordered])
    assert json.loads(entry)["root"] == root.hex()
    assert 1 << DEPTH == BATCH_SIZE
    with pytest.raises(ValueError, match="larger than"):
        seal_batch(SLOT, [b""] * (BATCH_SIZE + 1), Random(1))


def test_place_does_not_tell_the_load() -> None:
    """Alone or first of two hundred, a commitment falls into each sixteenth of the places as often (chi squared).

    The control, places in order of arrival, is caught by the same measure.
    """

    def spread(places: list[int]) -> float:
        counts = Counter(place * 16 // BATCH_SIZE for place in places)
        return sum((counts[n] - len(places) / 16) ** 2 / (len(places) / 16) for n in range(16))

    chance = Random(11)
    for load in (1, 200):
        rounds = 2000 if load == 1 else 300
        drawn = [seal_batch(SLOT, [b"x"] * load, chance)[1][0].place for _ in range(rounds)]
        assert spread(drawn) < 50  # 15 degrees of freedom: above 50 once in 100,000
    assert spread(list(range(1000))) > 50


@pytest.mark.parametrize("load", [0, 3])
def test_entry_is_canonical_and_documented(load: int) -> None:
    """RFC 8785, the documented keys, the slot's first instant."""
    entry, _ = seal_batch(SLOT, [b"x"] * load, Random(3))
    value = json.loads(entry)
    assert rfc8785.dumps(value) == entry
    assert {**value, "root": ""} == {
        "at": "2026-11-24T08:00:10Z",
        "root": "",
        "size": 65_536,
        "type": "batch",
        "v": 1,
    }


@settings(deadline=None)
@given(microseconds=st.integers(0, 253_402_300_799_999_999))
def test_slots_are_ten_seconds(microseconds: int) -> None:
    """Every instant up to the year 9999 falls into one slot that begins at most ten seconds before."""
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    start = slot_start(slot_of(instant))
    assert timedelta(0) <= instant - start < timedelta(seconds=10)
    assert start.second % 10 == 0
