"""Signals of screened posts, kept as Parquet: a directory a UTC day of receipt, under pseudonyms, without texts.

Beside a post that carries media or names a domain stands its address, sealed: what it takes to decide about it when a
list names it later (docs/decisions/0093). Where the operator says so, texts are hunted, too: by a fingerprint, or by
the text itself, sealed (docs/decisions/0104).

It is history, not truth: rows still in memory when the process dies are lost, and nothing rests on them. A file is
written beside its place and renamed into it, so that readers see whole files only.
"""

import os
import threading
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from evenhand.screening.kept_runs import Fingerprints, fingerprints
from evenhand.screening.listfiles import ListKind
from evenhand.screening.named_domains import named_domains
from evenhand.screening.ports import AddressSealer, TextSealer
from evenhand.screening.pseudonyms import Pseudonyms
from evenhand.screening.screened import Screened
from evenhand.vocabulary.errors import InputError

POST, AUTHOR, CHANNEL = "evenhand.post", "evenhand.author", "evenhand.channel"
POSTED_AT, VERDICT, RULE = "evenhand.posted_at", "evenhand.verdict", "evenhand.rule"
EDITION, MODEL = "evenhand.edition", "evenhand.model"
SHA256, MD5, PDQ = "evenhand.sha256", "evenhand.md5", "evenhand.pdq"
DOMAINS, ADDRESS = "evenhand.domains", "evenhand.address"
RUNS, RUNS_OF, TEXT = "evenhand.runs", "evenhand.runs_of", "evenhand.text"
KEPT_BESIDE = (
    *(POST, AUTHOR, CHANNEL, POSTED_AT, VERDICT, RULE, EDITION, MODEL),
    *(SHA256, MD5, PDQ, DOMAINS, ADDRESS, RUNS, RUNS_OF, TEXT),
)
"""Columns beside the signals; no list may have such a name."""

ROWS_PER_FILE = 1 << 17
_GROUP_ROWS = 1 << 17


class SignalArchive:
    """The archive in one directory (`ports.SignalKeeper`); any number of threads may use it.

    Args:
        directory: Made on the first write, readable by its owner only.
        pseudonyms: Under the archive's own key.
        kept_days: Days that are kept, today among them.
        today: The UTC day by the house's clock, never a post's.
        sealer: Seals the addresses of posts that a later list can name; None: no address is kept.
        copies: Whether a fingerprint of each text is kept, by which lists of texts find near copies later.
        texts: Seals the texts themselves, which all lists find later; None: no text is kept.
    """

    def __init__(
        self,
        directory: Path,
        pseudonyms: Pseudonyms,
        kept_days: int,
        today: Callable[[], date],
        sealer: AddressSealer | None = None,
        *,
        copies: bool = False,
        texts: TextSealer | None = None,
    ) -> None:
        self._directory, self.pseudonyms, self._sealer = directory, pseudonyms, sealer
        self._copies, self.texts = copies, texts
        self._kept_days, self._today = kept_days, today
        self._lock = threading.Lock()
        self._waiting: list[pl.DataFrame] = []
        self._rows = 0
        self._numbers = count()

    @property
    def hunted(self) -> tuple[ListKind, ...]:
        """The kinds of lists whose new entries can be looked for in what is kept."""
        copies: tuple[ListKind, ...] = ("texts",) if self._copies or self.texts is not None else ()
        texts: tuple[ListKind, ...] = ("phrases", "patterns") if self.texts is not None else ()
        return "hashes", "pdq", "domains", *copies, *texts

    # --- Writing ------------------------------------------------------------------------------------------------------

    def keep(self, batch: pa.RecordBatch, screened: Screened, edition: str, model: str) -> None:
        """Keep a batch's signals under pseudonyms; written once a file's rows are together."""
        if not self._kept_days or not batch.num_rows:
            return
        rows = self._beside(batch, screened, edition, model).hstack(_unclaimed(screened.signals))
        with self._lock:
            self._waiting.append(rows)
            self._rows += rows.height
            if self._rows >= ROWS_PER_FILE:
                self._write()

    def flush(self) -> None:
        """Write what is still in memory, and let go of days whose time is over."""
        with self._lock:
            self._write()
        if self._kept_days:
            self.expire()

    def _beside(self, batch: pa.RecordBatch, screened: Screened, edition: str, model: str) -> pl.DataFrame:
        posts = pl.DataFrame(pa.Table.from_batches([batch]))
        said = pl.DataFrame(screened.verdicts.select(["verdict", "rule"]))
        media = posts["media"].list
        domains = named_domains(_meant(screened, posts["text"]), len(posts), self.pseudonyms).alias(DOMAINS)
        named = (media.len().fill_null(0) > 0) | (domains.list.len() > 0)
        of_texts = self._of_texts(posts["text"], screened)
        for each in of_texts:
            named |= (each.list.len() > 0) if each.name == RUNS else each.is_not_null() & (each.name == TEXT)
        return pl.DataFrame(
            [
                self.pseudonyms.of(posts["id"], "post").alias(POST),
                self.pseudonyms.of(posts["author_id"], "author").alias(AUTHOR),
                self.pseudonyms.of(posts["channel_id"], "channel").alias(CHANNEL),
                posts["posted_at"].dt.replace_time_zone(None).alias(POSTED_AT),
                said["verdict"].alias(VERDICT),
                said["rule"].alias(RULE),
                pl.repeat(edition, batch.num_rows, eager=True).alias(EDITION),
                pl.repeat(model, batch.num_rows, eager=True).alias(MODEL),
                *(
                    media.eval(pl.element().struct.field(field).drop_nulls()).alias(name)
                    for name, field in ((SHA256, "sha256"), (MD5, "md5"))
                ),
                _pictures(posts["media"]).alias(PDQ),
                domains,
                self._addresses(posts, named).alias(ADDRESS),
                *of_texts,
            ]
        )

    def _of_texts(self, texts: pl.Series, screened: Screened) -> list[pl.Series]:
        """Return what is kept of texts: nothing, fingerprints, or the texts themselves, sealed."""
        if self.texts is not None:
            said = texts.set(texts.str.len_bytes().fill_null(0) == 0, None)
            return [self.texts.seal_all(said).alias(TEXT)]
        if not self._copies:
            return []
        prints: Fingerprints = fingerprints(screened.skeleton, self.pseudonyms.runs_key)
        return [prints.runs.alias(RUNS), prints.sizes.alias(RUNS_OF)]

    def _addresses(self, posts: pl.DataFrame, named: pl.Series) -> pl.Series:
        """Return sealed addresses where a later list can name the post, else null: what is not needed is not kept."""
        rows = named.arg_true()
        if self._sealer is None or not len(rows):
            return pl.Series([None] * len(posts), dtype=pl.Binary)
        sealed = pl.Series(self._sealer.seal_all(posts[rows]), dtype=pl.Binary)
        return pl.Series([None] * len(posts), dtype=pl.Binary).scatter(rows, sealed)

    def _write(self) -> None:
        if not self._waiting:
            return
        rows = pl.concat(self._waiting, how="diagonal")
        self._waiting, self._rows = [], 0
        self.write_day(self._today(), rows)

    def write_day(self, day: date, rows: pl.DataFrame) -> None:
        """Write rows that are in the archive's columns already as one more file of a day."""
        directory = self._directory / day.isoformat()
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{os.getpid()}-{next(self._numbers):06d}-{os.urandom(4).hex()}.parquet"
        _put(rows, directory / name)

    # --- Reading ------------------------------------------------------------------------------------------------------

    def files(self, since: date) -> list[Path]:
        """Return the files of what was received on `since` or later."""
        return [path for day, directory in self._days() if day >= since for path in sorted(directory.glob("*.parquet"))]

    def post(self, name: str) -> int:
        """Return the pseudonym under which a post is kept."""
        return self.pseudonyms.one(name, "post")

    def _days(self) -> list[tuple[date, Path]]:
        found = []
        for path in self._directory.iterdir() if self._directory.is_dir() else ():
            try:
                found.append((date.fromisoformat(path.name), path))
            except ValueError:
                continue
        return sorted(found)

    # --- Letting go ---------------------------------------------------------------------------------------------------

    def expire(self) -> list[date]:
        """Delete the days whose time is over; return them."""
        first = self._today() - timedelta(days=max(self._kept_days, 1) - 1)
        gone = []
        for day, directory in self._days():
            if day < first or not self._kept_days:
                for path in directory.iterdir():
                    path.unlink(missing_ok=True)
                directory.rmdir()
                gone.append(day)
        return gone

    def erase(self, authors: Iterable[str] = (), channels: Iterable[str] = ()) -> int:
        """Rewrite each file in which one of these has rows, without them; return how many rows went.

        Args:
            authors: The platform's ids.
            channels: Likewise.
        """
        with self._lock:
            self._write()
            keys = {
                AUTHOR: [self.pseudonyms.one(each, "author") for each in authors],
                CHANNEL: [self.pseudonyms.one(each, "channel") for each in channels],
            }
            return sum(_erased(path, keys) for path in self.files(date.min))


def _meant(screened: Screened, texts: pl.Series) -> pl.DataFrame:
    """Return the hosts of texts in which there is a link or an @: others are two sentences without a space between."""
    meant = (screened.signals["link_count"] > 0) | texts.str.contains("@", literal=True).fill_null(value=False)
    return screened.hosts.filter(meant.gather(screened.hosts["row"]))


def _pictures(media: pl.Series) -> pl.Series:
    """Return the PDQ hashes of each post's pictures, with those of them turned."""
    own = media.list.eval(pl.element().struct.field("pdq").drop_nulls())
    turned = media.list.eval(pl.element().struct.field("turned").explode().drop_nulls())
    return pl.select(pl.when(turned.list.len() > 0).then(own.list.concat(turned)).otherwise(own)).to_series()


def _unclaimed(signals: pl.DataFrame) -> pl.DataFrame:
    if taken := set(KEPT_BESIDE) & set(signals.columns):
        raise InputError(min(taken), "is a name that the archive of signals needs; rename the list")
    return signals


def _erased(path: Path, keys: dict[str, list[int]]) -> int:
    theirs = pl.any_horizontal(
        pl.col(name).is_in(pl.Series(numbers, dtype=pl.UInt64).implode()).fill_null(value=False)
        for name, numbers in keys.items()
    )
    found = int(pl.scan_parquet(path).select(theirs.sum()).collect().item())
    if found:
        _put(pl.read_parquet(path).filter(~theirs), path)
    return found


def _put(rows: pl.DataFrame, path: Path) -> None:
    fresh = path.with_name(f".{path.name}.new")
    options: dict[str, Any] = {"compression": "zstd", "compression_level": 1, "row_group_size": _GROUP_ROWS}
    rows.write_parquet(fresh, statistics=True, **options)
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(path)
