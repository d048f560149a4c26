"""Posts → verdicts → decisions, cases, entries, effects: the journey of a batch.

Only rows with a verdict other than `allow` are touched one by one; all else is columns.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import msgspec
import polars as pl
import pyarrow as pa

from evenhand.desk.rules import action_for
from evenhand.flow.ban_watch import BanWatch, Covered
from evenhand.flow.content import content_sha256
from evenhand.flow.machine import Ways, machine_case
from evenhand.flow.office import Office
from evenhand.flow.policies import PolicyBook
from evenhand.flow.quotas import hours_of, learn_usage, share_usage
from evenhand.flow.restored import spare, why
from evenhand.flow.reviews import Review, open_reviews
from evenhand.flow.screen import cores, read_ahead
from evenhand.release.rules import decision_entry, screened_entry
from evenhand.screening.counts import Window
from evenhand.screening.ports import SignalKeeper
from evenhand.screening.released import ReleasedScreener
from evenhand.screening.rollout import Runaway
from evenhand.screening.screened import Screened
from evenhand.screening.signals import Mark, unmarked
from evenhand.vocabulary.commit import Commit, CommitKey, Done, Effect, Stream, commit_key
from evenhand.vocabulary.decision import Action, Decision
from evenhand.vocabulary.entry import UNKNOWN_LANGUAGE
from evenhand.vocabulary.eu import Automation, Source
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.post import ItemKind, Verdict

_GROUP = 4096
_ENCODE = msgspec.json.Encoder().encode
_KINDS = {kind.value: kind for kind in ItemKind}
_VERDICTS = {verdict.value: verdict for verdict in Verdict}


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOutcome:
    """What became of one batch.

    Attributes:
        posts: Rows in it.
        verdicts: Rows by verdict.
        decided: Decisions made durable now (not those that were there already).
        opened: Cases opened now.
        again: The very batch was there already: nothing of it is new.
    """

    posts: int
    verdicts: dict[str, int]
    decided: int
    opened: int
    again: bool = False


def judge_stream(
    screener: ReleasedScreener, batches: Iterable[pa.RecordBatch], office: Office, keeper: SignalKeeper | None = None
) -> Iterator[BatchOutcome]:
    """Screen and commit a stream of posts, batch by batch; once committed, its signals go to the keeper."""
    window, watch = Window(), BanWatch(office)
    for batch, read in read_ahead(screener, batches, cores()):
        learn_usage(screener, hours_of(batch) if screener.has_quotas else (), office)
        yield settle_batch(screener, batch, screener.judge(read, window), office, keeper, watch)[1]
    if keeper is not None:
        keeper.flush()


def settle_batch(
    screener: ReleasedScreener,
    batch: pa.RecordBatch,
    screened: Screened,
    office: Office,
    keeper: SignalKeeper | None,
    watch: BanWatch,
    mark: Mark = unmarked,
) -> tuple[pa.Table, BatchOutcome]:
    """Commit what follows from a screened batch, call a person where a rule ran away, and keep the signals.

    `mark` is told the name of each stage when it is done.

    Returns:
        The verdicts, with what bans say of the batch, and what became of it.
    """
    share_usage(screener, office)
    covered = watch.cover(batch, screened.verdicts, screener.edition)
    covered = _spared(office, pl.DataFrame(pl.from_arrow(batch)), covered, screener)
    mark("bans")
    outcome = judge_batch(batch, covered.verdicts, screener, office, covered, mark)
    if runaways := screener.take_runaways():
        office.docket.commit([call_of(each) for each in runaways])
    if keeper is not None and not outcome.again:
        keeper.keep(batch, replace(screened, verdicts=covered.verdicts), screener.edition, screener.model.version)
        mark("keep")
    return covered.verdicts, outcome


def call_of(runaway: Runaway) -> Commit:
    """Return the commit that calls a person because a rule reached its quota; once a rule, version and hour."""
    day = runaway.hour.date()
    parts = (b"runaway", runaway.rule.encode(), runaway.version.encode(), runaway.hour.isoformat().encode())
    body = {"hour": runaway.hour.isoformat(), "quota": runaway.quota, "rule": runaway.rule, "version": runaway.version}
    body["why"] = "runaway"
    effect = Effect(
        kind="page.runaway",
        key=commit_key(day, b"effect", *parts),
        body=json.dumps(body, sort_keys=True).encode(),
        subject=None,
    )
    return Commit(key=commit_key(day, *parts), effects=(effect,))


def judge_batch(
    batch: pa.RecordBatch,
    verdicts: pa.Table,
    book: PolicyBook,
    office: Office,
    covered: Covered | None = None,
    mark: Mark = unmarked,
) -> BatchOutcome:
    """Commit what screening said of a batch, and the batch's own public counts.

    Args:
        batch: Posts (POST_SCHEMA).
        verdicts: One row a post, in the batch's order (VERDICT_SCHEMA).
        book: Policies and sentences by rule.
        office: Where it becomes durable, in groups, and where cases are opened.
        covered: What bans say of it; their rows have policies of their own.
        mark: Told the name of each stage when it is done.

    Raises:
        Fatal: A write failed; the process must end.
    """
    posts = pl.DataFrame(pl.from_arrow(batch))
    if covered is None:
        covered = _spared(office, posts, Covered(verdicts, {}), book)
    frame = _with_verdicts(posts, covered.verdicts)
    figures = list(_figures(frame, book.edition))
    mark("figures")
    return _settled(frame, covered, book, office, figures, mark)


def judge_found(found: pl.DataFrame, verdicts: pa.Table, book: PolicyBook, office: Office) -> BatchOutcome:
    """Commit what rules say now of posts that were screened before: the same acts, but the batch is not counted again.

    Args:
        found: POST_SCHEMA's columns, and content_sha256 (hex digest, as screening computed it) and decided_at (now).
        verdicts: One row a post, in their order.
        book: Policies and sentences by rule.
        office: Where it becomes durable.

    Raises:
        Fatal: A write failed; the process must end.
    """
    covered = _spared(office, found, Covered(verdicts, {}), book)
    return _settled(_with_verdicts(found, covered.verdicts), covered, book, office, [], unmarked)


def _spared(office: Office, posts: pl.DataFrame, covered: Covered, book: PolicyBook) -> Covered:
    """Return verdicts that do not take down again what was restored on appeal."""

    def key_of(n: int, row: Mapping[str, Any], rule: str) -> CommitKey:
        return _screened_key(row, content_sha256(row), rule, covered.books.get(n, book))

    spared = spare(office, posts, covered.verdicts, key_of)
    return replace(covered, verdicts=spared.verdicts, again=spared.again)


def _with_verdicts(posts: pl.DataFrame, verdicts: pa.Table) -> pl.DataFrame:
    return posts.with_columns(verdict=pl.Series(verdicts.column("verdict").to_pylist(), dtype=pl.String))


def _settled(
    frame: pl.DataFrame, covered: Covered, book: PolicyBook, office: Office, figures: list[Commit], mark: Mark
) -> BatchOutcome:
    acts, reviews = _acts(frame, covered, book, office)
    mark("decide")
    acts.extend(figures)
    new: list[Done] = []
    for start in range(0, len(acts), _GROUP):
        outcomes = office.docket.commit(acts[start : start + _GROUP])
        new.extend(outcome for outcome in outcomes if isinstance(outcome, Done))
    mark("commit")
    decided = sum(len(outcome.decisions) for outcome in new)
    opened = sum(open_reviews(office, reviews[start : start + _GROUP]) for start in range(0, len(reviews), _GROUP))
    counts = frame.group_by("verdict").len().rows()
    mark("review")
    return BatchOutcome(posts=frame.height, verdicts=dict(counts), decided=decided, opened=opened, again=not new)


def _acts(frame: pl.DataFrame, covered: Covered, book: PolicyBook, office: Office) -> tuple[list[Commit], list[Review]]:
    """Return what a machine decides, and what waits for a person."""
    flagged = (frame["verdict"] != Verdict.ALLOW.value).arg_true()
    acts: list[Commit] = []
    reviews: list[Review] = []
    if flagged.is_empty():
        return acts, reviews
    rows = _rows(frame[flagged])
    said = pl.DataFrame(pl.from_arrow(covered.verdicts))[flagged]
    of_bans, of_restored = covered.books, covered.again
    salts = os.urandom(16 * len(rows))
    ways: Ways = {}
    pairs = zip(rows, said["rule"].to_list(), said["because"].to_list(), strict=True)
    for n, (row, rule, because) in enumerate(pairs):
        says = of_bans.get(flagged[n], book) if of_bans else book
        action = action_for(_VERDICTS[row["verdict"]], row["kind"])
        if of_restored and (again := of_restored.get(flagged[n])) is not None:
            reviews.append(replace(_review(row, rule, why(office, again), says), restored=again.restored))
        elif action is None:
            reviews.append(_review(row, rule, because, says))
        else:
            acts.append(_act(office, row, rule, because, says, action, salts[16 * n : 16 * n + 16], ways))
    return acts, reviews


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows with their kinds as ItemKind and their instants in UTC: told once a row, and by columns."""
    zoned = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
    naive = [pl.col(name).dt.convert_time_zone("UTC").dt.replace_time_zone(None) for name in zoned]
    rows = frame.with_columns(naive).to_dicts()
    for row in rows:
        row["kind"] = _KINDS[row["kind"]]
        for name in zoned:
            if (instant := row[name]) is not None:
                row[name] = instant.replace(tzinfo=UTC)
    return rows


def _language(row: dict[str, Any]) -> str | None:
    return row["lang"].upper() if row["lang"] and len(row["lang"]) == 2 else None


def _review(row: dict[str, Any], rule: str, because: str, book: PolicyBook) -> Review:
    policy = book.policy(rule)
    return Review(
        item=_snapshot(row, content_sha256(row)),
        at=row.get("decided_at") or row["posted_at"],
        category=policy.category,
        keyword=policy.keyword,
        rule=rule,
        version=book.version(rule),
        edition=book.edition,
        because=because,
    )


def _screened_key(row: Mapping[str, Any], content: bytes, rule: str, book: PolicyBook) -> CommitKey:
    """Return what names a machine's decision about a post, and its case."""
    parts = (row["id"].encode(), content, rule.encode(), book.version(rule).encode())
    return commit_key(row["posted_at"].astimezone(UTC).date(), b"screened", *parts)


def _snapshot(row: dict[str, Any], content: bytes) -> Snapshot:
    return Snapshot(
        kind=row["kind"],
        item_id=row["id"],
        author=row["author_id"] or "",
        channel=row["channel_id"] or "",
        text=row["text"] or "",
        media_sha256=tuple(one["sha256"] for one in row["media"] or () if one["sha256"]),
        language=_language(row),
        region=row["country"],
        reach=row["channel_members"],
        content_sha256=content.hex(),
        posted_at=row["posted_at"],
    )


def _act(
    office: Office,
    row: dict[str, Any],
    rule: str,
    because: str,
    book: PolicyBook,
    action: Action,
    salt: bytes,
    ways: Ways,
) -> Commit:
    item: ItemKind = row["kind"]
    posted_at: datetime = row["posted_at"]
    day = posted_at.date()
    content = content_sha256(row)
    key = _screened_key(row, content, rule, book)
    subject = row["author_id"] or row["channel_id"]
    decision = Decision(
        item=item,
        item_id=row["id"],
        subject=subject,
        content_sha256=content,
        decided_at=row.get("decided_at") or posted_at,
        action=action,
        policy=book.policy(rule),
        source=Source.VOLUNTARY,
        automated_detection=True,
        automation=Automation.FULLY,
        language=_language(row),
        territory=(),
        rule=rule,
        edition=book.edition,
        because=because,
        facts=book.statement(rule, row["lang"]),
        salt=salt,
    )
    body = _ENCODE({"action": action, "id": row["id"], "kind": item, "rule": rule})
    effect = Effect(
        kind=f"platform.{action.value}",
        key=commit_key(day, b"effect", key),
        body=body,
        subject=subject,
    )
    records, places = machine_case(
        office, Stream(key), _snapshot(row, content), decision, spam=book.spam(rule), ways=ways
    )
    return Commit(
        key=key,
        decisions=(decision,),
        entries=(decision_entry(decision),),
        effects=(effect,),
        records=records,
        places=places,
    )


def _figures(frame: pl.DataFrame, edition: str) -> Iterator[Commit]:
    """Yield the public counts of the batch, one entry a UTC day in it."""
    days = frame.with_columns(
        day=pl.col("posted_at").dt.date(), language=pl.col("lang").str.to_lowercase().fill_null(UNKNOWN_LANGUAGE)
    )
    for (day,), part in sorted(days.group_by("day"), key=lambda pair: str(pair[0])):
        assert isinstance(day, date)  # noqa: S101 - a date column's group
        names = sha256("\n".join(part["id"].to_list()).encode("utf-8", "surrogatepass"))
        names.update(part.select("text", "verdict").hash_rows(seed=7).to_numpy().tobytes())
        entry = screened_entry(
            day,
            edition,
            part.height,
            _counts(part, "kind"),
            _counts(part, "language"),
            _counts(part, "verdict"),
        )
        yield Commit(key=commit_key(day, b"screened-batch", names.digest(), edition.encode()), entries=(entry,))


def _counts(frame: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(sorted(frame.group_by(column).len().rows()))
