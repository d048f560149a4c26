"""New list entries → posts that were kept → decisions and cases by the list's policy: a round at a time.

A round is called every second or two. It notes new entries as hunts, and takes each hunt through the files of the
archive that it has not searched. A hunt stays open for a while, because other processes still write rows that they
screened before the entries came.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa

from evenhand.flow.addresses import Addresses
from evenhand.flow.hunt_book import HuntBook, OpenHunt, wanted_of
from evenhand.flow.judge import BatchOutcome, call_of, judge_found
from evenhand.flow.office import Office
from evenhand.flow.quotas import learn_usage, share_usage
from evenhand.screening.archive import ADDRESS, POSTED_AT, SHA256, TEXT, VERDICT, SignalArchive
from evenhand.screening.listfiles import ListKind, read_entries
from evenhand.screening.rehunt import GUESSED, Hunter, graver, newest_of_each, signals_now
from evenhand.screening.released import ReleasedScreener
from evenhand.screening.rollout import Runaway
from evenhand.screening.signals import signal_table
from evenhand.vocabulary.errors import Fatal, InputError
from evenhand.vocabulary.post import POST_SCHEMA, VERDICT_SCHEMA, Verdict

LIMIT = 1000
"""Posts that new entries of a list may act on before a person looks."""
SAMPLES = 20
"""Of the posts over the limit, those that go to people as cases: so that who is called sees what it is about."""
STAYS_OPEN = timedelta(minutes=5)
"""Longer than rows wait in memory, and than full lists take to load."""

_DERIVED = frozenset({"list_hits", "lists_hit", "unclaimed_list_hits"})
_TOLD = " (Found in what was kept, by a new entry of the list {}.)"
_GUESSED = " (Its text was not kept; by its fingerprint it is nearly a listed one: a person decides.)"
_OVER = " (Its new entries reached {} posts: a person decides.)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunted:
    """What came of a hunt by hand.

    Attributes:
        hunt: What was found and done.
        handed_over: The docket is another process's: the desk that is up does it within seconds.
    """

    hunt: OpenHunt
    handed_over: bool


class Hunting:
    """The hunts of one data directory; of several processes one hunts at a time.

    Args (of the constructor):
        screener: The lists and rules in force.
        office: Where decisions become durable; None: another process has the docket, and hunts are only noted.
        archive: Of signals.
        addresses: Open what was sealed beside them.
        book: What was hunted.
        limit: Posts that new entries of a list may act on before a person looks.
    """

    def __init__(
        self,
        screener: Callable[[], ReleasedScreener],
        office: Office | None,
        archive: SignalArchive,
        addresses: Addresses,
        book: HuntBook,
        limit: int = LIMIT,
    ) -> None:
        self.screener, self.office, self._archive = screener, office, archive
        self._addresses, self.book, self._limit = addresses, book, limit

    @property
    def _desk(self) -> Office:
        if self.office is None:
            raise Fatal("the docket is another process's")
        return self.office

    @property
    def kinds(self) -> tuple[ListKind, ...]:
        """The kinds of lists that can be hunted for in what is kept."""
        return self._archive.hunted

    def round(self, now: datetime) -> list[OpenHunt]:
        """Note what is new, and go on with every hunt; return those that went on.

        Raises:
            Fatal: A write failed; the process must end.
        """
        with self.book.held() as mine:
            if not mine:
                return []
            self.book.note_new(self.screener().lists, now, self._limit, self.kinds)
            return [self.pursue(hunt, now) for hunt in self.book.under_way()]

    def pursue(self, hunt: OpenHunt, now: datetime, *, once: bool = False) -> OpenHunt:
        """Take a hunt through the files that it has not searched, the newest first.

        Args:
            hunt: Under way.
            now: When what follows is decided.
            once: Close it then, instead of when its time is over.
        """
        files = self._archive.files((now - timedelta(days=min(hunt.days, 36_500))).date())
        waiting = [path for path in reversed(files) if path.name not in set(hunt.seen)]
        if waiting:
            hunter = Hunter(self.book.wanted(hunt), self._archive)
            for path in waiting:
                hunt = self._searched(hunt, hunter, path, now)
                self.book.save(hunt)
        if once or now - hunt.began_at >= STAYS_OPEN:
            self.book.close(hunt)
        return hunt

    def _searched(self, hunt: OpenHunt, hunter: Hunter, path: Path, now: datetime) -> OpenHunt:
        hunt = replace(hunt, seen=(*hunt.seen, path.name))
        try:
            found = hunter.found(path)
        except (FileNotFoundError, pl.exceptions.ComputeError):
            return hunt  # its day is over, or it is no file of ours
        return self._settled(hunt, newest_of_each(found), now) if found.height else hunt

    def _settled(self, hunt: OpenHunt, found: pl.DataFrame, now: datetime) -> OpenHunt:
        """Decide about found posts, within the limit."""
        posts = self._addressed(found)
        named = posts["id"].is_not_null()
        hunt = replace(hunt, found=hunt.found + found.height, unnamed=hunt.unnamed + int((~named).sum()))
        found, posts = found.filter(named), posts.filter(named)
        verdicts = self._verdicts(hunt, found, posts, now)
        acts = graver(found[VERDICT], verdicts["verdict"])
        hunt = replace(hunt, stood=hunt.stood + int((~acts).sum()))
        posts, verdicts = posts.filter(acts), verdicts.filter(acts)
        within = max(hunt.limit - hunt.acted, 0)
        hunt = self._done(hunt, posts.head(within), verdicts.head(within), now)
        over = posts.slice(within)
        return self._stopped(hunt, over, verdicts.slice(within), now) if over.height else hunt

    def _addressed(self, found: pl.DataFrame) -> pl.DataFrame:
        """Return posts as far as they were kept; of those without address only nulls, and their text where it was."""
        sealed = found[ADDRESS].to_list() if ADDRESS in found.columns else [None] * found.height
        opened = [self._addresses.open(each) or {} for each in sealed]
        names = [field.name for field in POST_SCHEMA if field.name not in ("posted_at", "author_created_at", "media")]
        fields = {"channel_members": pl.Int64}
        posts = pl.DataFrame(
            {name: [each.get(name) for each in opened] for name in (*names, "content_sha256")},
            schema={name: fields.get(name, pl.String) for name in (*names, "content_sha256")},
        )
        if self._archive.texts is not None and TEXT in found.columns:
            posts = posts.with_columns(text=self._archive.texts.open_all(found[TEXT]))
        media = [[_medium(each) for each in hashes or ()] for hashes in found[SHA256].to_list()]
        return posts.with_columns(
            pl.Series("posted_at", found[POSTED_AT]).dt.replace_time_zone("UTC"),
            pl.Series("media", media, dtype=_MEDIA),
            pl.lit(None, pl.Datetime("us", "UTC")).alias("author_created_at"),
        )

    def _verdicts(self, hunt: OpenHunt, found: pl.DataFrame, posts: pl.DataFrame, now: datetime) -> pl.DataFrame:
        """Return what rules that read the list say of the posts now."""
        screener = self.screener()
        signals = signal_table(screener.lists) + tuple(each.signal for each in screener.externals)
        names = {each.name for each in signals}
        if hunt.list not in names:
            return _allowed(posts["id"])
        claimed = screener.claims(hunt.list)
        measured = signals_now(found, hunt.list, signals, claimed=claimed)
        learn_usage(screener, [int(now.timestamp()) // 3600], self._desk)
        verdicts = pl.DataFrame(screener.again(posts["id"], measured, now, _DERIVED | {hunt.list}))
        told = verdicts.with_columns(pl.col("because") + _TOLD.format(hunt.list))
        guessed = found[GUESSED] & (told["verdict"] != Verdict.ALLOW.value)
        review, why = pl.lit(Verdict.REVIEW.value), pl.col("because") + _GUESSED
        return told.with_columns(
            verdict=pl.when(guessed).then(review).otherwise("verdict"),
            because=pl.when(guessed).then(why).otherwise("because"),
        )

    def _done(self, hunt: OpenHunt, posts: pl.DataFrame, verdicts: pl.DataFrame, now: datetime) -> OpenHunt:
        outcome = self._judged(posts, verdicts, now)
        acted = outcome.decided + outcome.opened
        return replace(
            hunt,
            decided=hunt.decided + outcome.decided,
            opened=hunt.opened + outcome.opened,
            stood=hunt.stood + posts.height - acted,
        )

    def _stopped(self, hunt: OpenHunt, posts: pl.DataFrame, verdicts: pl.DataFrame, now: datetime) -> OpenHunt:
        """Keep posts over the limit for people, some of them as cases, and call a person; once a hunt and hour."""
        left = 0 if hunt.held else SAMPLES
        samples = verdicts.head(left).with_columns(
            pl.lit(Verdict.REVIEW.value).alias("verdict"), pl.col("because") + _OVER.format(hunt.limit)
        )
        self._judged(posts.head(left), samples, now)
        hour = now.replace(minute=0, second=0, microsecond=0)
        runaway = Runaway(rule=f"list {hunt.list}", version=hunt.id[:16], hour=hour, quota=hunt.limit)
        self._desk.docket.commit([call_of(runaway)])
        return replace(hunt, held=hunt.held + posts.height)

    def _judged(self, posts: pl.DataFrame, verdicts: pl.DataFrame, now: datetime) -> BatchOutcome:
        screener = self.screener()
        dated = posts.with_columns(pl.lit(now).dt.cast_time_unit("us").dt.convert_time_zone("UTC").alias("decided_at"))
        share_usage(screener, self._desk)
        outcome = judge_found(dated, verdicts.to_arrow().cast(VERDICT_SCHEMA), screener, self._desk)
        if runaways := screener.take_runaways():
            self._desk.docket.commit([call_of(each) for each in runaways])
        return outcome


_MEDIA = pl.Series(pa.array([], POST_SCHEMA.field("media").type)).dtype


def _medium(sha256: str) -> dict[str, str | None]:
    return {"sha256": sha256, "md5": None, "pdq": None, "type": None, "turned": None}


def _allowed(ids: pl.Series) -> pl.DataFrame:
    """Return verdicts of a list that is not in force any more: nothing follows."""
    rows = [{"id": name, "verdict": Verdict.ALLOW.value, "because": ""} for name in ids]
    return pl.DataFrame(pa.Table.from_pylist(rows, schema=VERDICT_SCHEMA))


def hunt_by_hand(hunting: Hunting, name: str, text: bytes, days: float, limit: int, now: datetime) -> Hunted:
    """Hunt for all entries of a list's text, and decide by the policy of the list of that name.

    Args:
        hunting: Hunts of this data directory.
        name: Of a list in force.
        text: Entries as a list's file has them; its header counts.
        days: How far back.
        limit: Posts that it may act on.
        now: Aware UTC.

    Raises:
        InputError: No such list, or one of a kind that cannot be hunted; or an entry that cannot be used.
    """
    lists = hunting.screener().lists.lists
    listed = next((each for each in lists if each.name == name), None)
    if listed is None:
        known = ", ".join(each.name for each in lists if each.kind in hunting.kinds) or "none that can be hunted"
        raise InputError("LIST", f"no list in force is called {name!r}; there are {known}")
    if listed.kind not in hunting.kinds:
        raise InputError("LIST", f"a list of {listed.kind} cannot be hunted: no texts are kept (setting texts_hunted)")
    hunt = hunting.book.open(wanted_of(listed, read_entries(listed, text)), now, limit, days)
    if hunting.office is None:
        return Hunted(hunt=hunt, handed_over=True)
    with hunting.book.held() as mine:
        done = hunting.pursue(hunt, now, once=True) if mine else hunt
    return Hunted(hunt=done, handed_over=not mine)
