"""What screening needs from outside, and what others may ask of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

import polars as pl
import pyarrow as pa

from evenhand.screening.screened import Screened


class SignalKeeper(Protocol):
    """Keeps what was measured of posts, for backtests and retraining."""

    def keep(self, batch: pa.RecordBatch, screened: Screened, edition: str, model: str) -> None:
        """Keep a batch's signals under pseudonyms; its texts only sealed, and only where the operator says so.

        Args:
            batch: Posts (POST_SCHEMA).
            screened: What was said of it.
            edition: Of rules, lists and model together, 16 hex digits.
            model: Version of the classifier behind the scores, 16 hex digits.
        """
        ...

    def flush(self) -> None:
        """Write what is still in memory."""
        ...


class AddressSealer(Protocol):
    """Seals what it takes to decide about a post later: whose it is and where, never what it says."""

    def seal_all(self, posts: pl.DataFrame) -> Sequence[bytes]:
        """Return each post's address (fields of POST_SCHEMA but its text), sealed for itself."""
        ...


class TextSealer(Protocol):
    """Seals texts that the operator keeps, so that lists of phrases that come later find them."""

    def seal_all(self, texts: pl.Series) -> pl.Series:
        """Return each text sealed for itself (Binary); null stays null."""
        ...

    def open_all(self, sealed: pl.Series) -> pl.Series:
        """Return the texts; null for what was sealed under a key that is gone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a person decided of an item.

    Attributes:
        item_id: The platform's id.
        decided_at: Aware UTC.
        harmful: Something was done about it; False: looked at, fine, or restored.
        category: Code of the EU database.
        subject: Pseudonym or id of whose item it was, "" if that is not known.
        by: Who decided, "" if that is not known.
    """

    item_id: str
    decided_at: datetime
    harmful: bool
    category: str
    subject: str = ""
    by: str = ""


class Decisions(Protocol):
    """What moderators decided."""

    def decided_since(self, day: date) -> Iterator[Decided]:
        """Yield the decisions that people took on `day` (UTC) or later, in any order; of one item the last counts."""
        ...
