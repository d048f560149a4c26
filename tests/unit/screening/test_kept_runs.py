"""Fingerprints that are kept instead of texts: found again by near copies, by nobody without the key."""

import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.screening import kept_runs
from evenhand.screening.compiled import Compiled
from evenhand.screening.kept_runs import RUNS_MAX, fingerprints, keyed, likely_copies, listed_runs
from evenhand.screening.native.kernel import kernel, prepare
from evenhand.screening.near_copies import NearCopies, Texts, letters_of
from evenhand.screening.normalise import normalise

KEY = bytes(range(16))


def sentence(seed: int, count: int = 40) -> str:
    """Return words by chance, always the same for a seed."""
    chance = random.Random(seed)
    return " ".join("".join(chance.choices("abcdefghijklmnop", k=chance.randint(3, 8))) for _ in range(count))


def edited(text: str, every: int) -> str:
    """Return a text with one letter in so many replaced."""
    return "".join("q" if n % every == every - 1 else letter for n, letter in enumerate(text))


def found(posts: list[str], listed: list[str], key: bytes = KEY) -> list[tuple[int, int]]:
    """Return the posts whose fingerprints look like listed texts."""
    kept = fingerprints(normalise(pl.Series(posts)).skeleton, KEY)
    pairs: list[tuple[int, int]] = likely_copies(kept, listed_runs(pl.Series(listed), key)).rows()  # type: ignore[assignment]
    return pairs


def test_hashes_are_siphash() -> None:
    """The published vector: key 00…0f, message 00…07."""
    number = np.array([0x0706050403020100], np.uint64)
    assert keyed(number, np.frombuffer(KEY, "<u8").astype(np.uint64))[0] == 0x9A932462  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80) | st.sampled_from([sentence(1), sentence(2) * 3, "ab" * 300]), max_size=6))
def test_the_compiled_loop_keeps_what_numpy_keeps(texts: list[str]) -> None:
    """The same runs, in the same order."""
    prepare(Compiled())
    if kernel() is None:
        pytest.skip("no compiler")
    skeleton = normalise(pl.Series(texts, dtype=pl.String)).skeleton
    made = fingerprints(skeleton, KEY)
    kept, counts, sizes = kept_runs._plain(letters_of(skeleton), np.frombuffer(KEY, "<u8").astype(np.uint64))
    assert made.runs.explode().drop_nulls().to_list() == kept.tolist()
    assert (made.runs.list.len().to_list(), made.sizes.to_list()) == (counts.tolist(), sizes.tolist())
    assert int(counts.max(initial=0)) <= RUNS_MAX


def test_near_copies_are_found_and_others_are_not() -> None:
    """Of exact near copies, those with a sign in 24 changed and those in a longer post; of others, none."""
    texts = [sentence(n) for n in range(60)]
    posts = [*(edited(text, 24) for text in texts), *(f"{sentence(900 + n)}. {text}" for n, text in enumerate(texts))]
    posts += [sentence(500 + n) for n in range(60)]
    pairs = found(posts, texts)
    assert set(pairs) <= {(n, n % 60) for n in range(120)}
    assert len([row for row, _ in pairs if row < 60]) >= 58
    assert len([row for row, _ in pairs if row >= 60]) >= 58
    exact = NearCopies([Texts(0, pl.Series(texts))]).find(normalise(pl.Series(posts)).skeleton)[0]
    assert set(exact.tolist()) == set(range(120))


def test_another_key_finds_nothing() -> None:
    """Without the archive's key a text cannot be looked for."""
    assert found([sentence(1)], [sentence(1)]) == [(0, 0)]
    assert found([sentence(1)], [sentence(1)], key=bytes(16)) == []
    assert found(["too short"], [sentence(1)]) == []
