"""The batch leaf: every ten seconds, full or empty, the root of a small private tree goes into the public log.

The tree has BATCH_SIZE places. A commitment gets a place by chance, whatever came before or after it, so that its place
tells its holder nothing of how many others there are. Where no commitment is below, the tree has random hashes, which
nobody without the openings can tell from others: the entry is as long, and looks the same, for none as for all places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec

from evenhand.ledger.tree import HASH_BYTES, inclusion_root, leaf_hash, node_hash
from evenhand.vocabulary.entry import ENTRY_VERSION

SLOT_S = 10
DEPTH = 16
BATCH_SIZE = 1 << DEPTH
"""Places in a batch: 6,553 receipts a second, above what the desk takes in; what is over waits for the next batch."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENCODE = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Where a commitment stands in its batch: its place, and the hashes from its sibling up to the root's child."""

    place: int
    path: tuple[bytes, ...]


def slot_of(instant: datetime) -> int:
    """Return the number of the ten seconds that an aware instant falls into; 0 begins with 1970."""
    return (instant - _EPOCH) // timedelta(seconds=SLOT_S)


def slot_start(slot: int) -> datetime:
    """Return the first instant of a slot, aware UTC."""
    return _EPOCH + timedelta(seconds=slot * SLOT_S)


def batch_entry(slot: int, root: bytes) -> bytes:
    """Return a batch's public entry (docs/reference/log_entries.md), always of the same length."""
    at = slot_start(slot).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _ENCODE({"at": at, "root": root.hex(), "size": BATCH_SIZE, "type": "batch", "v": ENTRY_VERSION})


def seal_batch(slot: int, commitments: Sequence[bytes], chance: Random) -> tuple[bytes, list[Opening]]:
    """Return the public entry of a slot's batch and the openings of its commitments, in their order.

    Args:
        slot: The ten seconds that the batch is named after.
        commitments: What to commit to, each with at least 128 random bits in it; at most BATCH_SIZE.
        chance: random.SystemRandom outside of tests.

    Raises:
        ValueError: There are more commitments than places; the caller's bug.
    """
    places = chance.sample(range(BATCH_SIZE), len(commitments))
    nodes = {place: leaf_hash(commitment) for place, commitment in zip(places, commitments, strict=True)}
    levels = []
    for _ in range(DEPTH):
        for index in list(nodes):
            if index ^ 1 not in nodes:
                nodes[index ^ 1] = chance.randbytes(HASH_BYTES)
        levels.append(nodes)
        nodes = {index >> 1: node_hash(nodes[index], nodes[index + 1]) for index in nodes if not index & 1}
    root = nodes[0] if nodes else chance.randbytes(HASH_BYTES)
    return batch_entry(slot, root), [_opening(place, levels) for place in places]


def _opening(place: int, levels: Sequence[dict[int, bytes]]) -> Opening:
    return Opening(place=place, path=tuple(nodes[place >> level ^ 1] for level, nodes in enumerate(levels)))


def batch_root(commitment: bytes, opening: Opening) -> bytes | None:
    """Return the root that an opening leads to from a commitment; None: it is no place in a batch."""
    if len(opening.path) != DEPTH:
        return None
    return inclusion_root(opening.place, BATCH_SIZE, leaf_hash(commitment), opening.path)
