"""What the public site asks: figures from public entries alone."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from evenhand.vocabulary.figures import DayFigures


class SiteFigures(Protocol):
    """Figures of all published days, kept up with the log."""

    def days(self) -> Mapping[date, DayFigures]:
        """Return every day that the log speaks of, in order."""
        ...

    def report(self, day: date, form: str) -> bytes:
        """Return the day's report as "text", "json", "csv" or "html": the bytes the command line prints."""
        ...

    def checkpoint(self) -> str:
        """Return the newest signed checkpoint."""
        ...

    def vkey(self) -> str:
        """Return the log's verifier key."""
        ...

    def year_to_date(self, today: date) -> Sequence[DayFigures]:
        """Return the days of today's year, up to today."""
        ...
