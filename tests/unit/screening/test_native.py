"""The compiled kernel says what NumPy says, of any text."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.screening import classifier, domains, shape
from evenhand.screening.compiled import Compiled
from evenhand.screening.counts import Window
from evenhand.screening.native import build
from evenhand.screening.native import kernel as loaded
from evenhand.screening.near_copies import NearCopies, Texts, compiled_texts, letter_keys, text_keys
from evenhand.screening.normalise import as_joined, compatible, fold, join, native_forms, normalise
from evenhand.screening.perceptual import PdqIndex
from evenhand.screening.phrases import PhraseMatcher, Phrases

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler here")

ALPHABET = "aab. \n0123ßİẞéйаА漢字ل️😀@[(d{.。-Ή\u200bＡ"
TEXTS = st.lists(st.text(ALPHABET, max_size=60) | st.text(max_size=30) | st.none(), max_size=6)
SENTENCE = "Call this number now and win a thousand pounds in cash today, no questions asked"


@pytest.fixture(scope="module", autouse=True)
def _kernel() -> None:
    assert loaded.prepare(Compiled()) is not None


@contextmanager
def by_numpy() -> Iterator[None]:
    """Leave the kernel aside."""
    kept, loaded._kernel = loaded._kernel, None
    try:
        yield
    finally:
        loaded._kernel = kept


def both(task):  # type: ignore[no-untyped-def]
    """Return what the kernel says and what NumPy says."""
    with by_numpy():
        numpy = task()
    return task(), numpy


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_kernel_measures_what_numpy_measures(texts: list[str | None]) -> None:
    """Shape, keys, n-grams and where hosts may be."""
    raw = as_joined(join(pl.Series(texts, dtype=pl.String)))
    weights = np.random.default_rng(1).normal(size=1 << classifier.BITS).astype(np.float16).astype(np.float32)
    tasks = (
        lambda: shape.raw_shape(raw),
        lambda: shape.word_shape(raw),
        lambda: text_keys(raw, 3),
        lambda: letter_keys(raw, 3),
        lambda: classifier.ngram_sums(raw, weights),
        lambda: domains._maybe(raw),
    )
    for task in tasks:
        native, numpy = both(task)
        pairs = zip(*(each.values() if isinstance(each, dict) else each for each in (native, numpy)), strict=True)
        for one, other in pairs:
            np.testing.assert_array_equal(one, other)


def assert_same_forms(texts: pl.Series) -> None:
    """The kernel's short ways, the long way for hard texts, and the long way for all end alike."""
    native = loaded.kernel()
    assert native is not None
    found, joined = native_forms(native, texts), join(texts)
    compat = compatible(joined)
    long = fold(compat)
    assert found.text == compat.encode()
    pairs = [
        (found.raw, as_joined(joined)),
        (found.compat, as_joined(compat)),
        (found.normalised.skeleton, long.skeleton),
    ]
    for one, other in pairs:
        for name in ("codes", "starts", "ends"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    np.testing.assert_array_equal(found.normalised.plain, long.plain)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(ALPHABET + "\0\u0301\u0345각ﬁⅣΝ™ﷺᾳᾀẖẛ\u0323\u0316", max_size=30) | st.text(max_size=20), max_size=8
    )
)
def test_kernel_normalises_as_unicode_does(texts: list[str]) -> None:
    """Plain, simple and hard texts side by side, with marks, ligatures, Hangul, NULs."""
    assert_same_forms(pl.Series(texts, dtype=pl.String))


def test_kernel_bares_the_words_that_bear_a_mark() -> None:
    """Folding İ leaves a mark, which takes the accents of its whole word, and of no other."""
    words = ("é", "éİé", "éß", "İßé", "àéİẞ", "é1İé1é", "×İ", "漢éİ", "İ\u0316é", "İ\u200dé", "I\u0307é", "ªİé")
    texts = [*words, " ".join(words), "  ".join(reversed(words)), "é " * 40 + "éİé", ""]
    assert_same_forms(pl.Series(texts))
    plain = native_forms(loaded.kernel(), pl.Series(["é éİé É"])).normalised.skeleton.texts()[0]
    assert plain == "é eie é"


def test_kernel_normalises_every_character_as_unicode_does() -> None:
    """Each by itself, between letters and doubled."""
    codes = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    chosen = [code for code in codes if code < 0x32400 or (code >= 0xE0000 and code < 0xE1100)]
    assert_same_forms(pl.Series([text for code in chosen for text in (f"a{chr(code)}b", chr(code) * 2)]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("ab 1é漢🙂", min_size=1, max_size=12), min_size=1, max_size=40), TEXTS, st.booleans())
def test_kernel_finds_the_phrases_that_hyperscan_finds(
    phrases: list[str], texts: list[str | None], words: bool
) -> None:
    """Also where one phrase is a part of another, and in texts made of them."""
    column = normalise(pl.Series([*texts, "".join(phrases), " ".join(phrases)], dtype=pl.String))
    lists = [Phrases(n, words or n == 1, pl.Series(phrases[n::2], dtype=pl.String)) for n in range(2)]
    native, numpy = both(lambda: PhraseMatcher(lists).count(column, 2).tolist())
    assert native == numpy
    assert sum(native[-2]) or words or not normalise(pl.Series(phrases[:1])).skeleton.texts()[0]


def test_kernel_finds_long_phrases_by_their_beginning() -> None:
    """A thousand phrases that begin alike, shorter and longer than any mask of lengths tells apart."""
    phrases = [f"https://example.org/{'x' * (n % 90)}{n}" for n in range(1000)]
    lists = [Phrases(0, False, pl.Series(phrases))]
    texts = normalise(pl.Series([*phrases, "https://example.org/", "https://example.org/xxxx"]))
    native, numpy = both(lambda: PhraseMatcher(lists).count(texts, 1))
    native, numpy = native[:, 0].tolist(), numpy[:, 0].tolist()
    assert native == numpy
    assert min(native[:1000]) >= 1
    assert native[1000] == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abcde ф1😀", max_size=80), max_size=5), st.integers(0, 60))
def test_kernel_finds_the_near_copies_that_numpy_finds(texts: list[str], cut: int) -> None:
    """Among texts that share runs of letters with listed ones, and others."""
    listed = [SENTENCE, *(text for text in texts if len(text) > 40)]
    made = compiled_texts([Texts(0, pl.Series(listed))])
    asked = normalise(pl.Series([*texts, SENTENCE[cut:], SENTENCE[:cut] + "!" + SENTENCE[cut:], ""])).skeleton
    native, numpy = both(
        lambda: sorted(zip(*(each.tolist() for each in NearCopies([], made).find(asked)), strict=True))
    )
    assert native == numpy
    assert (len(texts) + 1, 0) in native


STREAM = st.lists(st.tuples(st.integers(0, 60), *[st.integers(0, 9) for _ in range(4)]), min_size=1, max_size=80).map(
    lambda rows: np.array(rows, np.uint64)
)


@settings(max_examples=100, deadline=None)
@given(STREAM, st.lists(st.integers(1, 30), max_size=8), st.sampled_from([5, 20, 1_000_000]))
def test_kernel_counts_what_numpy_counts(stream: np.ndarray, sizes: list[int], posts_max: int) -> None:
    """Over days, with keys that come and go, and with more than may be held."""
    stream[:, 0] = np.sort(stream[:, 0])

    def task() -> tuple[list[list[int]], list[int]]:
        window, found = Window(posts_max=posts_max), []
        cuts = [0, *np.minimum(np.cumsum(sizes), len(stream)).tolist(), len(stream)]
        for a, b in pairwise(cuts):
            hours, author, channel, text, alike = stream[a:b].T
            linked = (np.arange(b - a), author ^ channel)
            found += window.add(hours.astype(np.int64) * 3_600_000_000, author, channel, text, alike, linked).tolist()
        kept = [len(each) for each in (*window._tallies, window._alike, window._domains, *window._varieties)]
        return found, kept

    (native, held), (numpy, kept) = both(task)
    assert native == numpy
    # NumPy's count of items holds one for "none", too.
    assert all(0 <= more - less <= 1 for less, more in zip(held, kept, strict=True))


def test_kernel_forgets_many_keys_one_by_one() -> None:
    """A hundred thousand keys move up and away; those that stay are found still."""
    tally = loaded.kernel().tally()
    keys = np.random.default_rng(1).integers(1, 1 << 64, 100_000, np.uint64)
    for hour, part in enumerate(np.split(keys, 100)):
        tally.add(hour, part)
    tally.forget(49)
    assert len(tally) == 50_000
    assert tally.add(100, keys).tolist() == [1] * 50_000 + [2] * 50_000
    tally.forget(100)
    assert len(tally) == 0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(0, 31))
def test_kernel_finds_the_pictures_that_numpy_finds(seed: int, size: int, distance: int) -> None:
    """At all distances from 0 to 40, with chunks of all zeros and all ones, with a list of one."""
    dice = np.random.default_rng(seed)
    listed = dice.integers(0, 256, (size, 32), np.uint8)
    listed[dice.random(listed.shape) < 0.3] = dice.choice([0, 255])
    asked = np.unpackbits(np.repeat(listed, 3, axis=0), axis=1)
    for row in asked:
        row[dice.choice(256, dice.integers(0, 41), replace=False)] ^= 1
    index = PdqIndex(listed, np.arange(size) % 3, np.minimum(np.full(size, distance) + np.arange(size) % 2, 31))
    native, numpy = both(lambda: [each.tolist() for each in index.find(np.packbits(asked, axis=1))])
    assert native == numpy


def test_many_hits_get_room() -> None:
    """More than there was room for at first: every place of a text hits many phrases."""
    phrases = ["a" * n for n in range(1, 40)]
    matcher = PhraseMatcher([Phrases(0, False, pl.Series(phrases))])
    assert matcher.count(normalise(pl.Series(["a" * 1000])), 1).tolist() == [[1000]]


def test_library_is_kept_sealed_and_loaded_again(tmp_path: Path) -> None:
    """The second time nothing is compiled; what was changed on disk is compiled anew."""
    kept = Compiled(tmp_path, b"key")
    assert build.load_library(kept) is not None
    (file,) = tmp_path.glob("kernel-*/library.npy")
    changed = file.stat().st_mtime_ns
    assert build.load_library(kept) is not None
    assert file.stat().st_mtime_ns == changed
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    assert build.load_library(kept) is not None
    (file,) = tmp_path.glob("kernel-*/library.npy")
    assert file.read_bytes() != bytes(data)


def test_without_a_compiler_numpy_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing fails; there is no library."""
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert build.load_library(Compiled()) is None


def test_a_compiler_that_comes_later_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That there was none, or that it failed, is not kept: the next start asks again."""
    kept = Compiled(tmp_path, b"key")
    with monkeypatch.context() as without:
        without.setattr(shutil, "which", lambda _name: None)
        assert build.load_library(kept) is None
    with monkeypatch.context() as failing:
        failing.setattr(shutil, "which", lambda _name: "/bin/false")
        assert build.load_library(kept) is None
    assert build.load_library(kept) is not None
