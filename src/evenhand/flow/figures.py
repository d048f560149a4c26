"""The public site's figures: kept up with the log as it grows, each entry read once."""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import date

from evenhand.flow.report import REPORT_FORMS, fold_entries, report_of
from evenhand.ledger.checkpoint import parse_head
from evenhand.ledger.note import split_note
from evenhand.ledger.reader import open_log
from evenhand.reports.fold import Fold
from evenhand.settings import Settings
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.figures import DayFigures

LOOK_AGAIN_S = 1.0


class LogFigures:
    """Figures of one log (`views.site.SiteFigures`); any number of threads may ask."""

    def __init__(self, where: str, vkey: str, settings: Settings) -> None:
        self._reader = open_log(where)
        self._vkey, self._settings = vkey, settings
        self._lock = threading.Lock()
        self._fold = Fold()
        self._size = 0
        self._looked = float("-inf")
        self._days: dict[date, DayFigures] = {}
        self._checkpoint = ""
        self._reports: dict[tuple[date, str], bytes] = {}

    def days(self) -> Mapping[date, DayFigures]:
        """Return every day that the log speaks of, in order."""
        self._keep_up()
        return self._days

    def report(self, day: date, form: str) -> bytes:
        """Return the day's report: the bytes that the command line prints.

        Raises:
            InputError: There is no such form.
        """
        if form not in REPORT_FORMS:
            raise InputError("form", f"is one of {', '.join(REPORT_FORMS)}")
        self._keep_up()
        with self._lock:
            if (kept := self._reports.get((day, form))) is not None:
                return kept
            days = self._days
        report = report_of(days, day, form, self._settings)
        with self._lock:
            if days is self._days and day in days:
                self._reports[day, form] = report
        return report

    def checkpoint(self) -> str:
        """Return the newest signed checkpoint; empty before the first."""
        self._keep_up()
        return self._checkpoint

    def vkey(self) -> str:
        """Return the log's verifier key."""
        return self._vkey

    def year_to_date(self, today: date) -> Sequence[DayFigures]:
        """Return the days of today's year, up to today."""
        return [figures for day, figures in self.days().items() if day.year == today.year and day <= today]

    def _keep_up(self) -> None:
        """Read what is new, at most once a second; whoever asks meanwhile waits and gets the new figures."""
        with self._lock:
            now = time.monotonic()
            if now - self._looked < LOOK_AGAIN_S:
                return
            note = self._reader.read("checkpoint")
            if note is not None and note.decode("utf-8", "replace") != self._checkpoint:
                size = parse_head(split_note(note)[0]).size
                fold_entries(self._fold, self._reader, self._size, size)
                self._days, self._size = self._fold.days(), size
                self._checkpoint = note.decode()
                self._reports = {}
            self._looked = now
