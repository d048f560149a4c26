"""Training of the classifier on labelled texts, and what its answers on other texts are worth."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse import csgraph

from evenhand.screening.characters import LETTER, UNSPACED, tables
from evenhand.screening.classifier import BITS, SHAPE_SCALE, SHAPES, Model, distinct_ngrams, shape_bins
from evenhand.screening.intervals import Interval
from evenhand.screening.normalise import Joined
from evenhand.screening.signals import TextSignals, read_texts
from evenhand.vocabulary.errors import InputError

if TYPE_CHECKING:  # scikit-learn takes two seconds to load: only who trains waits for it
    from sklearn.linear_model import LogisticRegression

__all__ = ["Interval", "Quality", "near_copies", "quality", "score_texts", "train"]

Marks = NDArray[np.bool_]
Index = NDArray[np.int64]

FOLDS = 5
EXAMPLES_MIN = 2 * FOLDS
PRECISION_AIM = 0.98
WEIGHTS_MAX = 160_000
"""Weights kept, the largest: a saved model stays under 1 MB."""

_REGULARISATION = 1000.0
_EDGE_LETTERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How often "spam" was right, and how much of the spam was found, among `texts` texts."""

    texts: int
    precision: Interval
    recall: Interval


def quality(scores: NDArray[np.float64], spam: Marks) -> Quality:
    """Compare scores (spam from 0.5 on) with the labels."""
    called = scores >= 0.5
    right = int((called & spam).sum())
    return Quality(
        texts=len(spam),
        precision=Interval(part=right, whole=int(called.sum())),
        recall=Interval(part=right, whole=int(spam.sum())),
    )


def score_texts(model: Model, texts: pl.Series) -> NDArray[np.float64]:
    """Return the model's score of each text, as `measure` would give it."""
    read = read_texts(texts)
    return model.score(read.skeleton, shape_bins(read.values))


def train(texts: pl.Series, spam: Marks, seed: int) -> Model:
    """Return a model trained on all the texts; its threshold comes from cross-validation among them.

    Args:
        texts: No nulls.
        spam: Labels.
        seed: Same texts and seed, same model.

    Raises:
        InputError: Too few examples of a label.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold

    if min(int(spam.sum()), int((~spam).sum())) < EXAMPLES_MIN:
        raise InputError("label", f"at least {EXAMPLES_MIN} different messages of each label, spam and ham, are needed")
    read = read_texts(texts)
    features, groups = _features(read), near_copies(read.skeleton)
    sums = np.zeros(len(spam))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for learnt, held in folds.split(features, spam, groups):
        if spam[learnt].all() or not spam[learnt].any():
            raise InputError("label", "the messages of one label are all near-copies of each other")
        sums[held] = _fitted(features[learnt], spam[learnt], seed).decision_function(features[held])
    fitted = _fitted(features, spam, seed)
    slope = LogisticRegression().fit(sums[:, None], spam).coef_[0, 0]
    return Model(
        weights=_kept(fitted.coef_[0, : 1 << BITS]),
        shapes=_rounded(fitted.coef_[0, 1 << BITS :]),
        bias=float(fitted.intercept_[0]),
        slope=float(np.clip(slope, 0.05, 20)),
        midpoint=_threshold(sums, spam),
    )


def near_copies(texts: Joined) -> Index:
    """Return a group number for each text: texts that share their first or last 40 letters are of one group."""
    kind = tables().kind[texts.codes]
    kept = (kind == LETTER) | (kind == UNSPACED) | (texts.codes == 0)
    letters = pl.Series([texts.codes[kept].tobytes().decode("utf-32-le")[1:-1]]).str.split("\0").explode()
    ends = (letters.str.head(_EDGE_LETTERS), letters.str.tail(_EDGE_LETTERS))
    head, tail = (end.rank("dense").to_numpy().astype(np.int64) for end in ends)
    size, link = len(letters), np.arange(len(letters))
    rows, columns = np.concatenate((link, link)), np.concatenate((head, tail + size))
    shared = sp.csr_matrix((np.ones(2 * size), (rows, columns)), shape=(size, 2 * size + 1))
    groups: Index = csgraph.connected_components(shared @ shared.T, directed=False)[1].astype(np.int64)
    return groups


def _features(read: TextSignals) -> sp.csr_matrix:
    count = len(read.skeleton.starts)
    found = [(first + rows, buckets) for first, _, rows, buckets in distinct_ngrams(read.skeleton)]
    rows = np.concatenate([pair[0] for pair in found])
    buckets = np.concatenate([pair[1] for pair in found])
    worth = 1 / np.sqrt(np.bincount(rows, minlength=count))[rows]
    ngrams = sp.csr_matrix((worth, (rows, buckets)), shape=(count, 1 << BITS))
    bins = shape_bins(read.values)
    places = (np.repeat(np.arange(count), bins.shape[1]), bins.ravel())
    shapes = sp.csr_matrix((np.full(bins.size, SHAPE_SCALE), places), shape=(count, SHAPES))
    return sp.hstack([ngrams, shapes]).tocsr()


def _fitted(features: sp.csr_matrix, spam: Marks, seed: int) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=_REGULARISATION, solver="liblinear", max_iter=1000, random_state=seed)
    return model.fit(features, spam)


def _threshold(sums: NDArray[np.float64], spam: Marks) -> float:
    """Return the lowest sum from which on precision reaches its aim, or comes closest to it: half-way to the next."""
    order = np.argsort(-sums, kind="stable")
    right = np.cumsum(spam[order])
    precision = right / np.arange(1, len(order) + 1)
    reached = np.flatnonzero(precision >= min(PRECISION_AIM, float(precision.max())))
    last = int(reached[-1])
    return float(sums[order[last : last + 2]].mean())


def _kept(weights: NDArray[np.float64]) -> NDArray[np.float32]:
    if np.count_nonzero(weights) > WEIGHTS_MAX:
        least = np.partition(np.abs(weights), -WEIGHTS_MAX)[-WEIGHTS_MAX]
        weights = np.where(np.abs(weights) >= least, weights, 0)
    return _rounded(weights)


def _rounded(weights: NDArray[np.float64]) -> NDArray[np.float32]:
    return weights.astype(np.float16).astype(np.float32)
