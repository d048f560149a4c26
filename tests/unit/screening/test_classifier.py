"""The classifier: served as it was trained, saved as it was, and honest about what it is worth."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from evenhand.screening.classifier import BITS, SHAPE_SCALE, Model, distinct_ngrams, load_model, shape_bins
from evenhand.screening.normalise import normalise
from evenhand.screening.signals import read_texts
from evenhand.screening.training import Interval, near_copies, quality, score_texts, train
from evenhand.vocabulary.errors import InputError

WORDS = ["alpha", "bravo", "delta", "gamma", "kilo", "lima", "oscar", "tango"]
NAMES = [f"{one} {other}" for one in WORDS for other in WORDS][:40]
SPAM = [f"{name}! win a free prize now, call 0900 {i:04d} or visit win-{i}.top, {name}" for i, name in enumerate(NAMES)]
HAM = [f"{name}, see you at {i % 12} by the river, shall I bring wine for {name}?" for i, name in enumerate(NAMES)]
OTHERS = ["lunch tomorrow", "the train is late again", "thanks for the photos!", "Привет, как дела?", "ok"] * 3


@pytest.fixture(scope="module")
def trained() -> Model:
    """Give a model trained on a few made-up messages."""
    texts = pl.Series(SPAM + HAM + OTHERS)
    return train(texts, np.arange(len(texts)) < len(SPAM), 1)


def test_it_tells_what_it_has_learnt(trained: Model) -> None:
    """New messages of the same kinds fall on the right side, spelled plainly or not."""
    new = pl.Series(["call 0900 9999 to win a free prize", "саll 0900 9999 to win a frее prіze", "is there wine at 9?"])
    scores = score_texts(trained, new)
    assert scores[0] == scores[1] > 0.5 > scores[2]


def test_serving_is_what_the_definition_says(trained: Model) -> None:
    """The buffer's arithmetic equals a sum over one text's different n-grams, done by hand."""
    texts = pl.Series(["Call me at 7", "", "aaaaaaa 1111", "Приvет 👍"])
    read = read_texts(texts)
    bins = shape_bins(read.values)
    for i, score in enumerate(trained.score(read.skeleton, bins)):
        (_, _, _, buckets), *rest = distinct_ngrams(normalise(texts[i : i + 1]).skeleton)
        assert not rest
        assert len(set(buckets.tolist())) == len(buckets)
        total = float(trained.weights[buckets].astype(np.float64).sum()) / np.sqrt(len(buckets))
        total += SHAPE_SCALE * float(trained.shapes[bins[i]].sum()) + trained.bias
        assert score == pytest.approx(1 / (1 + np.exp(-trained.slope * (total - trained.midpoint))), abs=1e-6)


def test_ngrams_stay_within_their_text_and_take_digits_as_one() -> None:
    """A text's buckets do not depend on its neighbours; 1234 and 9876 look the same."""
    alone = {b for *_, buckets in distinct_ngrams(normalise(pl.Series(["ab 12"])).skeleton) for b in buckets.tolist()}
    among = list(distinct_ngrams(normalise(pl.Series(["zz", "ab 98", "", "q" * 50])).skeleton))
    (_, _, rows, buckets), *_ = among
    assert set(buckets[rows == 1].tolist()) == alone
    assert int(buckets.max()) < 1 << BITS


def test_a_saved_model_is_the_same_model(trained: Model, tmp_path: Path) -> None:
    """Scores and version survive; the file is small and its bytes are the same each time."""
    trained.save(tmp_path / "a.npz")
    trained.save(tmp_path / "b.npz")
    loaded = load_model(tmp_path / "a.npz")
    texts = pl.Series(SPAM + HAM)
    assert (score_texts(loaded, texts) == score_texts(trained, texts)).all()
    assert loaded.version == trained.version
    assert len(loaded.version) == 16
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert (tmp_path / "a.npz").stat().st_size < 1_000_000


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"nonsense", b"\x93NUMPY\x01\x00"])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file that is not a model, or is not there, is an input error."""
    path = tmp_path / "model.npz"
    path.write_bytes(content)
    for wrong in (path, tmp_path / "nowhere.npz"):
        with pytest.raises(InputError, match="not a model"):
            load_model(wrong)


def test_models_of_another_form_or_with_pickles_are_refused(tmp_path: Path) -> None:
    """An old model is named as such; a pickle is never opened."""
    path = tmp_path / "model.npz"
    np.savez(path, header=np.frombuffer(b'{"form": 99}', np.uint8))
    with pytest.raises(InputError, match="form 99"):
        load_model(path)
    np.savez(path, header=np.array([object()], dtype=object))
    with pytest.raises(InputError, match="not a model"):
        load_model(path)


def test_training_is_repeatable_and_asks_for_enough(trained: Model) -> None:
    """Same texts and seed, same version; ten of each label at least."""
    texts = pl.Series(SPAM + HAM + OTHERS)
    assert train(texts, np.arange(len(texts)) < len(SPAM), 1).version == trained.version
    with pytest.raises(InputError, match="at least 10"):
        train(texts, np.arange(len(texts)) < 9, 1)


def test_near_copies_share_a_group() -> None:
    """Texts with the same beginning or end belong together, others do not."""
    body = "this is a long enough beginning of a message that goes on and "
    tail = "ends with the very same words as the other message did before"
    texts = [body + "1", body.upper() + "other", "quite different", body + tail, "Else: " + tail, "", ""]
    groups = near_copies(normalise(pl.Series(texts)).skeleton)
    assert len({groups[i] for i in (0, 1, 3, 4)}) == 1
    assert groups[2] not in (groups[0], groups[5])
    assert groups[5] == groups[6]


def test_intervals_are_wilsons() -> None:
    """Known values; of nothing, nothing is known."""
    low, high = Interval(part=95, whole=100).bounds
    assert (round(low, 4), round(high, 4)) == (0.8882, 0.9785)
    assert Interval(part=0, whole=0).bounds == (0.0, 1.0)
    assert Interval(part=10, whole=10).bounds == (pytest.approx(0.7225, abs=1e-4), 1.0)


def test_quality_counts_what_was_right() -> None:
    """Precision is over what was called spam, recall over what is spam."""
    found = quality(np.array([0.9, 0.5, 0.4, 0.1, 0.8]), np.array([True, True, True, False, False]))
    assert (found.precision.part, found.precision.whole) == (2, 3)
    assert (found.recall.part, found.recall.whole) == (2, 3)
