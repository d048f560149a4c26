"""Bans in screening: the banned thing itself is removed when it comes again, what may be evasion goes to a person.

Obvious evasion, for a machine: the banned channel or account again, what is posted in or by it, and the very content
of what was banned. For people: the same media, a near copy, a name that looks the same, a banned person's next channel
or account.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import polars as pl
import pyarrow as pa

from evenhand.flow.bans import EVASION, REUPLOAD
from evenhand.flow.content import content_sha256
from evenhand.flow.office import Office, load_case
from evenhand.flow.policies import PolicyBook
from evenhand.flow.restored import Again
from evenhand.screening.banned import COPY, MEMBER, NEAR, SAME, Ban, Banned, BannedBeside
from evenhand.vocabulary.case import CaseFile
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.decision import Policy
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.places import BANNED
from evenhand.vocabulary.post import VERDICT_SCHEMA, Verdict

_SURE = {SAME, MEMBER, COPY}
_PAGE = 1000
BESIDE_MAX = 256
"""Bans that stand beside the tables before they are made part of them, in a thread of its own."""
_SAID = {
    "same": "It was banned and is there again.",
    "member": "It was posted in a channel or by an account that was banned.",
    "copy": "The very content of a banned item.",
    "media": "It carries the media of a banned item.",
    "near": "It is nearly the text of a banned item.",
    "name": "Its name looks like that of a banned item.",
    "person": "It belongs to a person whose channel or account was banned.",
}
_STATEMENT = "This is, or belongs to, what was banned before; a ban covers it when it is put up again."
_STATEMENT_IN = MappingProxyType(
    {
        "de": "Dies ist oder gehört zu dem, was zuvor gesperrt wurde; eine Sperre gilt auch, wenn es wieder erscheint.",
        "fr": "Ceci est, ou fait partie de, ce qui a été banni ; un bannissement vaut aussi pour ce qui est remis en "
        "ligne.",
        "ar": "هذا هو ما حُظر من قبل أو جزء منه؛ ويشمله الحظر حين يُنشر من جديد.",
        "fa": "این همان است که پیش‌تر مسدود شد یا بخشی از آن؛ مسدودی آنچه را دوباره گذاشته شود هم در بر می‌گیرد.",
    }
)


@dataclass(frozen=True, slots=True)
class BanBook:
    """What is said of a post that meets a ban: the ban's own ground."""

    of_ban: Policy
    edition: str

    def policy(self, rule: str) -> Policy:  # noqa: ARG002 - a PolicyBook
        """Return the law or term that the ban applied."""
        return self.of_ban

    def statement(self, rule: str, language: str | None) -> str:  # noqa: ARG002 - a PolicyBook
        """Return the sentence for the statement of reasons."""
        return _STATEMENT_IN.get((language or "").lower(), _STATEMENT)

    def spam(self, rule: str) -> bool:  # noqa: ARG002 - a PolicyBook
        """Whoever meets a ban is told."""
        return False

    def version(self, rule: str) -> str:  # noqa: ARG002 - a PolicyBook
        """Return the version of the two rules."""
        return "1"


@dataclass(frozen=True, slots=True)
class Covered:
    """A batch's verdicts with what bans say of it, and by row what stands behind those.

    Attributes:
        again: By row, what was restored on appeal before (`flow.restored`).
    """

    verdicts: pa.Table
    books: Mapping[int, PolicyBook]
    again: Mapping[int, Again] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """The bans that hold, as they were read at once.

    Attributes:
        changes: How often bans had changed by then.
        files: The decided cases; `banned` counts them from 0.
    """

    changes: int
    files: tuple[CaseFile, ...]
    banned: Banned | BannedBeside


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables of bans, and of which cases, in their order."""

    files: tuple[CaseFile, ...]
    banned: Banned


class BanWatch:
    """Knows the bans that hold; looks for new ones before each batch. Any number of threads may call it."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._reading = threading.Lock()
        self._now = Known(-1, (), Banned(()))
        self._tables = Tables((), Banned(()))
        self._merging: threading.Thread | None = None

    def cover(self, batch: pa.RecordBatch, verdicts: pa.Table, edition: str) -> Covered:
        """Return the verdicts, with a ban's where it is graver; in columns but for the rows that meet one."""
        known = self._renewed()
        if not known.files:
            return Covered(verdicts, {})
        posts = pl.DataFrame(pl.from_arrow(batch))
        met = known.banned.meet(posts)
        if not met.height:
            return Covered(verdicts, {})
        said = pl.DataFrame(pl.from_arrow(verdicts)).to_dicts()
        books: dict[int, PolicyBook] = {}
        for row, ban, how in met.rows():
            file = known.files[ban]
            assert file.decision is not None  # noqa: S101 - a ban is a decision
            sure = self._how(posts, row, file, how) in _SURE
            verdict = Verdict.REMOVE if sure else Verdict.REVIEW
            if said[row]["verdict"] in (Verdict.REMOVE.value, verdict.value):
                continue
            policy = file.decision.proposal.policy
            said[row] |= _verdict(verdict, REUPLOAD if sure else EVASION, policy, _SAID[how])
            books[row] = BanBook(policy, edition)
        return Covered(pa.Table.from_pylist(said, schema=VERDICT_SCHEMA), books)

    def _how(self, posts: pl.DataFrame, row: int, file: CaseFile, how: str) -> str:
        """Return how a post meets a ban: the same words with other media or from elsewhere are a near copy."""
        if how != COPY:
            return how
        return COPY if content_sha256(posts.row(row, named=True)).hex() == file.opened.content_sha256 else NEAR

    def _renewed(self) -> Known:
        """Return the bans that hold now; a thread that finds new ones reads them, the others wait for it."""
        with self._reading:
            changes = self._office.queries.tallies("ban/changed").get("ban/changed", 0)
            if changes != self._now.changes:
                kept = {file.stream: file for file in self._now.files}
                files = tuple(kept.get(each) or load_case(self._office, each) for each in self._streams())
                whole = tuple(file for file in files if file.decision is not None and file.snapshot is not None)
                self._now = Known(changes, whole, self._beside(whole))
            return self._now

    def _beside(self, files: tuple[CaseFile, ...]) -> Banned | BannedBeside:
        """Return what finds these bans: the tables that there are, and small ones of what came since."""
        tables = self._tables
        place = {id(file): n for n, file in enumerate(files)}
        known = {id(file) for file in tables.files}
        fresh = tuple(file for file in files if id(file) not in known)
        if len(fresh) > BESIDE_MAX and (self._merging is None or not self._merging.is_alive()):
            if not tables.files:  # at the start there is nothing to stand beside
                self._tables = tables = _tables(files)
                return tables.banned
            self._merging = threading.Thread(target=self._make_tables, args=(files,), name="bans", daemon=True)
            self._merging.start()
        order = pl.Series([place.get(id(file)) for file in (*tables.files, *fresh)], dtype=pl.UInt32)
        small = Banned([_ban(file) for file in fresh])
        return BannedBeside(tables.banned, small, len(tables.files), order)

    def _make_tables(self, files: tuple[CaseFile, ...]) -> None:
        """Make tables of all bans; the next change stands beside these."""
        self._tables = _tables(files)

    def _streams(self) -> list[Stream]:
        streams: set[Stream] = set()
        after = b""
        while lines := self._office.queries.places(BANNED, after=after, limit=_PAGE):
            streams.update(line.stream for line in lines)
            after = lines[-1].sort
        return sorted(streams)


def _tables(files: tuple[CaseFile, ...]) -> Tables:
    return Tables(files, Banned([_ban(file) for file in files]))


def _ban(file: CaseFile) -> Ban:
    item = file.snapshot
    if item is None or file.decision is None:
        raise InputError("ban", "nothing is known of it")
    return Ban(
        since=file.decision.informed_at,
        kind=item.kind.value,
        item_id=item.item_id,
        person=item.author,
        text=item.text,
        media_sha256=item.media_sha256,
    )


def _verdict(verdict: Verdict, rule: str, policy: Policy, because: str) -> dict[str, Any]:
    return {
        "verdict": verdict.value,
        "rule": rule,
        "category": policy.category.value,
        "keyword": policy.keyword.value if policy.keyword else None,
        "because": because,
    }
