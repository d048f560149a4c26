"""Screening as a service: one screener for every door of the process, its lists and rules renewed when files change."""

import stat
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path

import polars as pl
import pyarrow as pa

from evenhand.flow.ban_watch import BanWatch
from evenhand.flow.calls import call
from evenhand.flow.judge import BatchOutcome, settle_batch
from evenhand.flow.office import Office
from evenhand.flow.quotas import hours_of, learn_usage
from evenhand.screening.counts import Window
from evenhand.screening.grown import GrownLists
from evenhand.screening.lists import Lists
from evenhand.screening.ports import SignalKeeper
from evenhand.screening.released import ReleasedScreener
from evenhand.screening.signals import Mark, unmarked
from evenhand.vocabulary.commit import Commit, commit_key
from evenhand.vocabulary.decision import Policy
from evenhand.vocabulary.errors import InputError

Loader = Callable[[Lists | None], ReleasedScreener]
"""Lists that were made whole → lists and rules of now, what has changed since beside those; None: all whole."""
SETTLED = timedelta(seconds=30)
"""Lists that were still for so long are made whole again."""
PATIENCE = timedelta(minutes=10)
"""And at the latest so long after the first change: what stands beside them costs each post a little."""
Stamp = tuple[tuple[str, int, int], ...]
"""Name, size and time of change of each file that lists and rules are read from."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch that was taken in.

    Attributes:
        verdicts: VERDICT_SCHEMA, a row a post, in the batch's order.
        signals: A column a signal, a row a post.
        outcome: What became durable.
    """

    verdicts: pa.Table
    signals: pl.DataFrame
    outcome: BatchOutcome


class LiveScreening:
    """Takes batches from any number of threads: read and made durable side by side, counted one after the other.

    A list or rule file that does not load leaves the old ones serving; `broken` says why, and a person is called.
    A list that changes costs its new entries and no more: they stand beside the tables, until all are made whole again
    in the background.
    """

    def __init__(
        self, load: Loader, office: Office, folders: Iterable[Path], keeper: SignalKeeper | None = None
    ) -> None:
        self._load, self._office, self._keeper = load, office, keeper
        self._folders = tuple(folders)
        self._measuring = threading.Lock()
        self._watch = BanWatch(office)
        self._stamp = self._stamp_now()
        self._screener = self._loaded(None)
        self._whole = self._screener.lists
        self._changed_at: tuple[datetime, datetime] | None = None
        self._merging: threading.Thread | None = None
        # Once the compiled loops are loaded, a window counts in them.
        self._window = Window()
        self.broken: InputError | None = None
        self._untold = False

    @property
    def edition(self) -> str:
        """Return the edition that judges now."""
        return self._screener.edition

    @property
    def screener(self) -> ReleasedScreener:
        """Return the lists and rules that judge now."""
        return self._screener

    def written(self, rule: str, language: str | None) -> tuple[Policy, str] | None:
        """Return the law or term that a rule applies and its sentence for the statement; None: no such rule now."""
        screener = self._screener
        try:
            return screener.policy(rule), screener.statement(rule, language)
        except KeyError:
            return None

    def take(self, batch: pa.RecordBatch, mark: Mark = unmarked) -> Taken:
        """Screen a batch and make what follows from it durable; when this returns, it is.

        Args:
            batch: Posts (POST_SCHEMA).
            mark: Told the name of each stage when it is done.
        """
        screener = self._screener
        read = screener.read(batch)
        mark("read")
        with self._measuring:
            learn_usage(screener, hours_of(batch) if screener.has_quotas else (), self._office)
            screened = screener.judge(read, self._window)
        mark("judge")
        verdicts, outcome = settle_batch(screener, batch, screened, self._office, self._keeper, self._watch, mark)
        return Taken(verdicts, screened.signals, outcome)

    def renew(self, now: datetime) -> bool:
        """Load lists and rules anew if their files have changed; tell whether others judge now.

        Raises:
            InputError: They still do not load at the second look (a file that was just being written would by then);
                told once, until the files change again. The old ones serve on.
        """
        stamp = self._stamp_now()
        if stamp == self._stamp:
            self._tell(now)
            self._merge(now)
            return False
        self._stamp = stamp
        try:
            fresh = self._loaded(self._whole)
        except InputError as error:
            self.broken, self._untold = error, True
            return False
        self.broken, self._untold = None, False
        changed = fresh.edition != self._screener.edition
        self._screener = fresh
        grown = isinstance(fresh.lists, GrownLists)
        self._changed_at = (self._changed_at[0] if self._changed_at else now, now) if grown else None
        if changed and self._keeper is not None:
            self._keeper.flush()  # what was screened before the change can be hunted at once
        return changed

    def _merge(self, now: datetime) -> None:
        """Make lists that have grown whole again, in a thread of its own."""
        if self._changed_at is None or (self._merging is not None and self._merging.is_alive()):
            return
        first, last = self._changed_at
        if now - last >= SETTLED or now - first >= PATIENCE:
            self._changed_at = None
            self._merging = threading.Thread(target=self._make_whole, name="lists made whole", daemon=True)
            self._merging.start()

    def _make_whole(self) -> None:
        try:
            self._whole = whole = self._loaded(None).lists
        except InputError:  # a file was broken meanwhile: `renew` finds that, too, and tells
            return
        serving = self._screener
        if serving.lists.edition == whole.edition:
            serving.lists = whole
        else:  # they have changed meanwhile: what is made of them now stands beside these
            self._stamp = ()

    def _loaded(self, before: Lists | None) -> ReleasedScreener:
        """Return lists and rules ready to judge: what is made only later would fail, and wait, in a sender's call."""
        fresh = self._load(before)
        fresh.lists.prepare()
        return fresh

    def _tell(self, now: datetime) -> None:
        """Call a person, once for one state of the files; what stands in them goes nowhere."""
        if self.broken is None or not self._untold:
            return
        state = blake2b(repr(self._stamp).encode(), digest_size=16).digest()
        effect = call(now, "lists-broken", state)
        self._office.docket.commit([Commit(key=commit_key(now.date(), b"lists-broken", state), effects=(effect,))])
        self._untold = False
        raise self.broken

    def _stamp_now(self) -> Stamp:
        files = sorted(file for folder in self._folders if folder.is_dir() for file in folder.rglob("*"))
        return tuple(stamp for file in files if (stamp := _stamp_of(file)) is not None)


def _stamp_of(file: Path) -> tuple[str, int, int] | None:
    """Return a file's name, size and time of change, -1 for what is no file: loading says why. None for directories."""
    try:
        found = file.stat()
    except OSError:
        return (str(file), -1, 0)
    if stat.S_ISDIR(found.st_mode):
        return None
    return (str(file), found.st_size if stat.S_ISREG(found.st_mode) else -1, found.st_mtime_ns)
