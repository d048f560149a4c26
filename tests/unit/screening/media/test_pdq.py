"""PDQ: beside a slow reading of its description, and under every turn."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.unit.screening.media.made_pictures import VECTORS, Vector, made

from evenhand.screening.media.pdq import DIHEDRAL, distance, pdq
from evenhand.screening.perceptual import turned_hashes


def picture(rows: int, columns: int, seed: int, *, grey: bool = False) -> NDArray[np.uint8]:
    """Return a smooth random picture."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0 : 1 : rows * 1j, 0 : 1 : columns * 1j]
    channels = []
    for _ in range(1 if grey else 3):
        total = np.zeros((rows, columns))
        for _ in range(12):
            fy, fx, phase, size = *random.uniform(0.5, 9, 2), random.uniform(0, 6.3), random.uniform(0.2, 1)
            total += size * np.sin(2 * np.pi * (fy * y + fx * x) + phase)
        channels.append(255 * (total - total.min()) / (total.max() - total.min()))
    found = np.stack(channels, axis=-1).astype(np.uint8)
    return found[:, :, 0] if grey else found


def slow(image: NDArray[np.uint8]) -> tuple[str, int]:
    """Return hash and quality as the description says it, place by place."""
    rows, columns = image.shape[:2]
    luma = [
        [0.299 * float(p[0]) + 0.587 * float(p[1]) + 0.114 * float(p[2]) for p in line]
        for line in image.reshape(rows, columns, 3)
    ]

    def box(line: list[float], window: int) -> list[float]:
        half = (window + 2) // 2
        out = []
        for i in range(len(line)):
            near = line[max(0, i - (window - half)) : i + half]
            out.append(sum(near) / len(near))
        return out

    for _ in range(2):
        luma = [box(line, math.ceil(columns / 128)) for line in luma]
        turned = [box(list(line), math.ceil(rows / 128)) for line in zip(*luma, strict=True)]
        luma = [list(line) for line in zip(*turned, strict=True)]
    small = [[luma[int((i + 0.5) * rows / 64)][int((j + 0.5) * columns / 64)] for j in range(64)] for i in range(64)]
    gradients = sum(abs(int((small[i][j] - small[i + 1][j]) * 100 / 255)) for i in range(63) for j in range(64))
    gradients += sum(abs(int((small[i][j] - small[i][j + 1]) * 100 / 255)) for i in range(64) for j in range(63))
    matrix = [
        [math.sqrt(2 / 64) * math.cos(math.pi / 128 * (i + 1) * (2 * j + 1)) for j in range(64)] for i in range(16)
    ]
    half = [[sum(matrix[i][k] * small[k][j] for k in range(64)) for j in range(64)] for i in range(16)]
    out = [sum(half[i][k] * matrix[j][k] for k in range(64)) for i in range(16) for j in range(16)]
    median = sorted(out)[127]
    bits = sum(1 << n for n, value in enumerate(out) if value > median)
    return f"{bits:064x}", min(gradients // 90, 100)


@pytest.mark.parametrize(("rows", "columns"), [(64, 65), (70, 200), (128, 128), (129, 257), (300, 100)])
def test_as_the_description_says(rows: int, columns: int) -> None:
    """Every window size, odd and even: the same bits and quality as the slow reading."""
    image = picture(rows, columns, rows + columns)
    expected, quality = slow(image)
    found = pdq(image)
    assert distance(found.hash, expected) <= 2  # sums in another order may tip a value that is the median's twin
    assert abs(found.quality - quality) <= 1


def turned(image: NDArray[np.uint8]) -> dict[str, NDArray[np.uint8]]:
    """Return a picture turned and mirrored, by name."""
    return {
        "rotate90": np.rot90(image, 1),
        "rotate180": np.rot90(image, 2),
        "rotate270": np.rot90(image, 3),
        "flipx": np.flipud(image),
        "flipy": np.fliplr(image),
        "flipplus1": image.transpose(1, 0, 2),
        "flipminus1": np.rot90(image, 2).transpose(1, 0, 2),
    }


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_turned_pictures_have_the_turned_hashes(seed: int) -> None:
    """What is computed for a turn is the hash of the turned picture itself, where nothing is scaled."""
    image = picture(64, 64, seed)
    found = dict(zip(DIHEDRAL, pdq(image).hashes, strict=True))
    for name, other in turned(image).items():
        assert distance(found[name], pdq(other).hash) <= 2, name


@pytest.mark.parametrize(("rows", "columns"), [(700, 500), (333, 200)])
def test_scaled_pictures_have_the_turned_hashes_too(rows: int, columns: int) -> None:
    """Windows of even width lean to one side: what is derived from the frequencies is off, what is computed is not."""
    image = picture(rows, columns, 21)
    found = pdq(image)
    for name, computed, derived in zip(DIHEDRAL[1:], found.hashes[1:], found.derived[1:], strict=True):
        expected = pdq(turned(image)[name]).hash
        assert distance(computed, expected) <= 2, name
        assert distance(derived, expected) <= 40, name
    assert any(distance(a, b) > 4 for a, b in zip(found.hashes, found.derived, strict=True))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda each: f"{each.kind} {each.rows} x {each.columns}")
def test_as_the_reference_measured(vector: Vector) -> None:
    """The same bits and quality as the reference on the same pixels: of the picture and of it turned upside down."""
    image = made(vector.kind, vector.rows, vector.columns)
    found, of_turned = pdq(image), pdq(np.rot90(image, 2))
    assert distance(found.hash, vector.hash) <= 2
    assert distance(of_turned.hash, vector.of_turned) <= 2
    assert distance(found.derived[2], vector.derived) <= 2
    assert abs(found.quality - vector.quality) <= 1
    if vector.kind not in ("stripes", "squares", "ramp"):  # there, rounding decides, and is followed for `hash` alone
        assert distance(found.hashes[2], vector.of_turned) <= 2


def test_what_is_too_large_to_be_computed_twice_is_not() -> None:
    """Stripes of a picture that is very long: hashed all the same, in bounded memory."""
    stripes = np.repeat((np.arange(120_000) // 900 % 2 * 255).astype(np.uint8)[None], 6, axis=0)
    assert len(pdq(stripes).hash) == 64


def test_half_of_the_bits_are_set() -> None:
    """A picture with detail has 128 bits."""
    assert int(pdq(picture(200, 300, 5)).hash, 16).bit_count() == 128


def test_pictures_without_detail() -> None:
    """One colour has quality 0; fewer than five rows have no hash at all."""
    assert pdq(np.full((100, 100, 3), 77, np.uint8)).quality == 0
    assert pdq(np.zeros((4, 100, 3), np.uint8)).hashes == ("0" * 64,) * 8


def test_grey_is_as_its_three_equal_channels() -> None:
    """A grey picture and the same in colour agree."""
    grey = picture(120, 90, 3, grey=True)
    assert distance(pdq(grey).hash, pdq(np.stack([grey] * 3, axis=-1)).hash) <= 2


def test_different_pictures_are_far_apart() -> None:
    """Red control: hashes of unrelated pictures are no neighbours."""
    hashes = [pdq(picture(150, 150, seed)).hash for seed in range(12)]
    assert min(distance(a, b) for a in hashes for b in hashes if a is not b) > 60


def test_what_a_hash_tells_of_the_turned_picture_is_near_it() -> None:
    """From its bits alone: within 31 bits of the hash of the picture really turned in nine of ten cases or more."""
    near = [
        min(distance(each.tobytes().hex(), real) for each in turned_hashes(_row(found.hash))) <= 31
        for seed in range(12)
        for found in [pdq(picture(240 + 13 * seed, 320, seed))]
        for real in found.hashes
    ]
    assert np.mean(near) >= 0.9


def _row(digits: str) -> NDArray[np.uint8]:
    return np.frombuffer(bytes.fromhex(digits), np.uint8)[None, :]
