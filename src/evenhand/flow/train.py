"""From labelled messages to a classifier, and to what it is worth on messages that it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.flow.shipped import MODEL_FILE
from evenhand.screening.classifier import Model, load_model
from evenhand.screening.normalise import normalise
from evenhand.screening.training import Quality, near_copies, quality, score_texts, train
from evenhand.vocabulary.errors import InputError

__all__ = ["MODEL_FILE", "Labelled", "Training", "held_back", "load_model", "save_model", "train_classifier"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One labelled message.

    Attributes:
        source: Where it was collected, "" if that is not known.
        by: Who decided so, "" if that is not known.
        subject: Whose message it is, likewise.
    """

    source: str
    spam: bool
    text: str
    by: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What training gave.

    Attributes:
        model: Trained on all messages.
        trained_on: Messages that the tested twin was trained on.
        overall: The twin's quality on the rest.
        by_source: The same by source.
    """

    model: Model
    trained_on: int
    overall: Quality
    by_source: dict[str, Quality]


def train_classifier(messages: Sequence[Labelled], test_share: float, seed: int) -> Training:
    """Train on one part of the messages, test on the rest, then train on all.

    Near-copies of a text never fall on both sides.

    Raises:
        InputError: Too few messages of a label.
    """
    if not messages:
        raise InputError("", "there are no labelled messages to train on")
    texts = pl.Series([message.text for message in messages], dtype=pl.String)
    spam = np.array([message.spam for message in messages])
    sources = np.array([message.source for message in messages])
    held = held_back(texts, np.char.add(sources.astype(str), spam.astype(str)), test_share, seed)
    twin = train(texts.filter(~held), spam[~held], seed)
    scores = score_texts(twin, texts.filter(held))
    tested = sources[held]
    return Training(
        model=train(texts, spam, seed),
        trained_on=int((~held).sum()),
        overall=quality(scores, spam[held]),
        by_source={str(s): quality(scores[tested == s], spam[held][tested == s]) for s in np.unique(tested) if s},
    )


def save_model(model: Model, directory: Path) -> Path:
    """Write the model into `directory`, which is made if need be, and return its path."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / MODEL_FILE
    model.save(path)
    return path


def held_back(texts: pl.Series, strata: NDArray[np.str_], share: float, seed: int) -> NDArray[np.bool_]:
    """Mark about `share` of the messages of each stratum, whole groups of near-copies at a time."""
    groups = near_copies(normalise(texts).skeleton)
    place = np.random.default_rng(seed).permutation(int(groups.max()) + 1)[groups]
    _, first = np.unique(groups, return_index=True)
    stratum = strata[first][groups]
    held = np.zeros(len(texts), np.bool_)
    for each in np.unique(stratum):
        mine = np.flatnonzero(stratum == each)
        ordered = mine[np.argsort(place[mine], kind="stable")]
        cut = place[ordered[min(int(len(mine) * share), len(mine) - 1)]]
        held[mine] = place[mine] < cut
    return held
