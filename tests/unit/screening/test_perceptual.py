"""PDQ hashes within a distance: exactly what a comparison with every listed hash finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.screening.perceptual import TURNINGS, PdqIndex, turned_hashes
from evenhand.screening.plain import plain_turned


def changed(row: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """Return a hash with some bits turned over."""
    out = row.copy()
    for bit in bits:
        out[bit // 8] ^= 1 << (bit % 8)
    return out


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([1, 2, 300]), st.sampled_from([0, 7, 20, 31]))
def test_nothing_within_the_distance_is_missed(seed: int, size: int, distance: int) -> None:
    """Hashes at distances 0 to 40 of listed ones: those within the distance are found, the others are not."""
    dice = np.random.default_rng(seed)
    listed = dice.integers(0, 256, (size, 32), dtype=np.uint8)
    owners = dice.integers(0, 3, size)
    asked = np.stack(
        [changed(listed[dice.integers(size)], dice.choice(256, bits, replace=False)) for bits in range(41)]
    )
    index = PdqIndex(listed, owners, np.full(size, distance))
    found = set(zip(*(part.tolist() for part in index.find(asked)), strict=True))
    bits = np.bitwise_count(asked[:, None, :] ^ listed[None, :, :]).sum(axis=2)
    assert found == {(int(a), int(owners[b])) for a, b in np.argwhere(bits <= distance)}
    assert {place for place, _ in found} >= set(range(distance + 1))


@pytest.mark.parametrize("bits", range(41))
def test_a_list_of_one_finds_to_its_distance_and_no_further(bits: int) -> None:
    """The worst case: the changed bits are spread over the chunks as evenly as can be."""
    listed = np.arange(32, dtype=np.uint8)[None, :]
    spread = np.array([16 * (n % 16) + n // 16 for n in range(bits)], np.int64)
    rows, owners = PdqIndex(listed, np.array([5]), np.array([31])).find(changed(listed[0], spread)[None, :])
    assert (rows.tolist(), owners.tolist()) == (([0], [5]) if bits <= 31 else ([], []))


def test_no_list_and_nothing_asked() -> None:
    """Nothing to look for, or nothing to look in, is no error."""
    none = np.zeros((0, 32), np.uint8)
    empty = np.zeros(0, np.int64)
    assert len(PdqIndex(none, empty, empty).find(np.zeros((1, 32), np.uint8))[0]) == 0
    assert len(PdqIndex(np.zeros((1, 32), np.uint8), np.zeros(1, np.int64), np.array([31])).find(none)[0]) == 0


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=5))
def test_a_hash_is_turned_as_bit_by_bit(hashes: list[bytes]) -> None:
    """The eight of each, one hash's after the other's."""
    rows = np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32)
    found = [row.tobytes() for row in turned_hashes(rows)]
    assert len(found) == TURNINGS * len(hashes)
    for n, each in enumerate(hashes):
        expected = {form.to_bytes(32) for form in plain_turned(int.from_bytes(each))}
        assert set(found[TURNINGS * n : TURNINGS * (n + 1)]) == expected
