"""From moderators' decisions to a new classifier, which serves only if it is better than the one that serves now."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.flow.shipped import MODEL_FILE
from evenhand.flow.train import Labelled, held_back
from evenhand.screening.classifier import Model, load_model
from evenhand.screening.normalise import normalise
from evenhand.screening.samples import Suspect, Vetted, vet
from evenhand.screening.training import PRECISION_AIM, Quality, near_copies, quality, score_texts, train
from evenhand.vocabulary.errors import InputError

__all__ = ["Quality", "Relearned", "Suspect", "Vetted", "promote", "relearn"]

CHANCE_MAX = 0.05
HELD_BACK_MIN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Relearned:
    """What came of it.

    Attributes:
        model: Trained on everything that was kept.
        vetted: What was left out, and why.
        held_back: Decisions that neither model's training saw.
        serving: The serving model's quality on them.
        candidate: That of the new model's twin, which was trained without them.
        gained: Of them, those that only the twin is right about.
        lost: Those that only the serving model is right about.
        chance: Probability of such a gain between two equally good models (one-sided sign test).
        better: Whether it may serve: the gain is no chance, and precision is no worse or reaches its aim.
    """

    model: Model
    serving_version: str
    vetted: Vetted
    held_back: int
    serving: Quality
    candidate: Quality
    gained: int
    lost: int
    chance: float
    better: bool


def relearn(
    decided: Sequence[Labelled], base: Sequence[Labelled], serving: Model, test_share: float, seed: int
) -> Relearned:
    """Train on decisions beside a base of labelled messages, and compare with the serving model.

    Near-copies of a text never fall on both sides.

    Args:
        decided: What moderators decided, as labelled messages.
        base: What is learnt beside it, so that nothing old is forgotten.
        serving: The model that serves now.
        test_share: Share of the decisions held back.
        seed: Same input and seed, same answer.

    Raises:
        InputError: Too few decisions to tell.
    """
    if not decided:
        raise InputError("", "there are no decisions to learn from")
    texts = pl.Series([each.text for each in decided], dtype=pl.String)
    spam = np.array([each.spam for each in decided])
    vetted = _vetted(texts, spam, decided, serving)
    texts, spam = texts.filter(pl.Series(vetted.kept)), spam[vetted.kept]
    held = held_back(texts, spam.astype(np.str_), test_share, seed) if len(texts) else np.zeros(0, np.bool_)
    if int(held.sum()) < HELD_BACK_MIN:
        raise InputError("", f"{int(held.sum())} decisions can be held back; at least {HELD_BACK_MIN} are needed")
    learnt = _with_base(base, texts.filter(pl.Series(~held)), spam[~held], texts.filter(pl.Series(held)))
    twin = train(*learnt, seed)
    tested, truth = texts.filter(pl.Series(held)), spam[held]
    old, new = score_texts(serving, tested), score_texts(twin, tested)
    return _compared(
        model=train(*_with_base(base, texts, spam, pl.Series([], dtype=pl.String)), seed),
        serving_version=serving.version,
        vetted=vetted,
        old=old,
        new=new,
        truth=truth,
    )


def promote(found: Relearned, directory: Path) -> Path:
    """Let the new model serve; the one before stays beside it under its version. Return its path.

    Raises:
        InputError: It is not better.
    """
    if not found.better:
        raise InputError("--promote", "the new model is not better than the serving one on held-back decisions")
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / MODEL_FILE
    if path.exists():
        path.replace(directory / f"spam-{load_model(path).version}.npz")
    fresh = path.with_name(f".{MODEL_FILE}.new")
    found.model.save(fresh)
    fresh.replace(path)
    return path


def _vetted(texts: pl.Series, spam: NDArray[np.bool_], decided: Sequence[Labelled], serving: Model) -> Vetted:
    groups = near_copies(normalise(texts).skeleton)
    scores = score_texts(serving, texts)
    return vet(spam, groups, scores, [each.by for each in decided], [each.subject for each in decided])


def _with_base(
    base: Sequence[Labelled], texts: pl.Series, spam: NDArray[np.bool_], held: pl.Series
) -> tuple[pl.Series, NDArray[np.bool_]]:
    """Return the base and the decisions together, without what is a near-copy of a held-back text."""
    both = pl.concat([pl.Series([each.text for each in base], dtype=pl.String), texts.rename("")])
    labels = np.concatenate((np.array([each.spam for each in base], np.bool_), spam))
    groups = near_copies(normalise(pl.concat([both, held.rename("")])).skeleton)
    free = ~np.isin(groups[: len(both)], groups[len(both) :])
    return both.filter(pl.Series(free)), labels[free]


def _compared(
    *,
    model: Model,
    serving_version: str,
    vetted: Vetted,
    old: NDArray[np.float64],
    new: NDArray[np.float64],
    truth: NDArray[np.bool_],
) -> Relearned:
    right_before, right_now = (old >= 0.5) == truth, (new >= 0.5) == truth
    gained, lost = int((right_now & ~right_before).sum()), int((right_before & ~right_now).sum())
    serving, candidate = quality(old, truth), quality(new, truth)
    chance = sign_test(gained, lost)
    precise = candidate.precision.share >= min(serving.precision.share, PRECISION_AIM)
    return Relearned(
        model=model,
        serving_version=serving_version,
        vetted=vetted,
        held_back=len(truth),
        serving=serving,
        candidate=candidate,
        gained=gained,
        lost=lost,
        chance=chance,
        better=chance <= CHANCE_MAX and precise,
    )


def sign_test(gained: int, lost: int) -> float:
    """Return the probability of `gained` or more heads in `gained + lost` throws of a fair coin."""
    throws = gained + lost
    return float(sum(comb(throws, heads) for heads in range(gained, throws + 1)) / 2**throws)
