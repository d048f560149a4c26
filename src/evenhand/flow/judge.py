"""Posts → verdicts → decisions, cases, entries, effects: the journey of a batch.

Only rows with a verdict other than `allow` are touched one by one; all else is columns.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import polars as pl
import pyarrow as pa

from evenhand.desk.rules import action_for
from evenhand.flow.office import Office
from evenhand.flow.policies import PolicyBook
from evenhand.flow.reviews import Review, open_reviews
from evenhand.flow.screen import cores, read_ahead
from evenhand.release.rules import decision_entry, screened_entry
from evenhand.screening.counts import Window
from evenhand.screening.ports import SignalKeeper
from evenhand.screening.released import ReleasedScreener
from evenhand.screening.rollout import Runaway
from evenhand.screening.service import Screened
from evenhand.vocabulary.commit import Commit, Done, Effect, commit_key
from evenhand.vocabulary.decision import Action, Decision
from evenhand.vocabulary.entry import UNKNOWN_LANGUAGE
from evenhand.vocabulary.eu import Automation, Source
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.post import ItemKind, Verdict

_GROUP = 4096


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
    window = Window()
    for batch, read in read_ahead(screener, batches, cores()):
        yield settle_batch(screener, batch, screener.judge(read, window), office, keeper)
    if keeper is not None:
        keeper.flush()


def settle_batch(
    screener: ReleasedScreener, batch: pa.RecordBatch, screened: Screened, office: Office, keeper: SignalKeeper | None
) -> BatchOutcome:
    """Commit what follows from a screened batch, call a person where a rule ran away, and keep the signals."""
    outcome = judge_batch(batch, screened.verdicts, screener, office)
    if runaways := screener.take_runaways():
        office.docket.commit([call_of(each) for each in runaways])
    if keeper is not None and not outcome.again:
        keeper.keep(batch, screened.verdicts, screened.signals, screener.edition, screener.model.version)
    return outcome


def call_of(runaway: Runaway) -> Commit:
    """Return the commit that calls a person because a rule reached its quota; once a rule, version and hour."""
    day = runaway.hour.date()
    parts = (b"runaway", runaway.rule.encode(), runaway.version.encode(), runaway.hour.isoformat().encode())
    body = {"hour": runaway.hour.isoformat(), "quota": runaway.quota, "rule": runaway.rule, "version": runaway.version}
    effect = Effect(
        kind="page.runaway",
        key=commit_key(day, b"effect", *parts),
        body=json.dumps(body, sort_keys=True).encode(),
        subject=None,
    )
    return Commit(key=commit_key(day, *parts), effects=(effect,))


def judge_batch(batch: pa.RecordBatch, verdicts: pa.Table, book: PolicyBook, office: Office) -> BatchOutcome:
    """Commit what screening said of a batch, and the batch's own public counts.

    Args:
        batch: Posts (POST_SCHEMA).
        verdicts: One row a post, in the batch's order (VERDICT_SCHEMA).
        book: Policies and sentences by rule.
        office: Where it becomes durable, in groups, and where cases are opened.

    Raises:
        Fatal: A write failed; the process must end.
    """
    frame = pl.DataFrame(pl.from_arrow(batch)).with_columns(
        verdict=pl.Series(verdicts.column("verdict").to_pylist(), dtype=pl.String)
    )
    acts, reviews = _acts(frame, verdicts, book)
    acts.extend(_figures(frame, book.edition))
    new: list[Done] = []
    for start in range(0, len(acts), _GROUP):
        outcomes = office.docket.commit(acts[start : start + _GROUP])
        new.extend(outcome for outcome in outcomes if isinstance(outcome, Done))
    decided = sum(len(outcome.decisions) for outcome in new)
    opened = sum(open_reviews(office, reviews[start : start + _GROUP]) for start in range(0, len(reviews), _GROUP))
    counts = frame.group_by("verdict").len().rows()
    return BatchOutcome(posts=frame.height, verdicts=dict(counts), decided=decided, opened=opened, again=not new)


def _acts(frame: pl.DataFrame, verdicts: pa.Table, book: PolicyBook) -> tuple[list[Commit], list[Review]]:
    """Return what a machine decides, and what waits for a person."""
    flagged = (frame["verdict"] != Verdict.ALLOW.value).arg_true()
    acts: list[Commit] = []
    reviews: list[Review] = []
    if flagged.is_empty():
        return acts, reviews
    rows = frame[flagged].to_dicts()
    said = pl.DataFrame(pl.from_arrow(verdicts))[flagged]
    salts = os.urandom(16 * len(rows))
    pairs = zip(rows, said["rule"].to_list(), said["because"].to_list(), strict=True)
    for n, (row, rule, because) in enumerate(pairs):
        action = action_for(Verdict(row["verdict"]), ItemKind(row["kind"]))
        if action is None:
            reviews.append(_review(row, rule, because, book))
        else:
            acts.append(_act(row, rule, because, book, action, salts[16 * n : 16 * n + 16]))
    return acts, reviews


def content_sha256(row: dict[str, Any]) -> bytes:
    """Return the hash of what was judged of a post: its text, media and origin; an edit makes it another."""
    content = {name: row[name] for name in ("forwarded_from", "kind", "media", "text")}
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")).digest()


def _language(row: dict[str, Any]) -> str | None:
    return row["lang"].upper() if row["lang"] and len(row["lang"]) == 2 else None


def _review(row: dict[str, Any], rule: str, because: str, book: PolicyBook) -> Review:
    policy = book.policy(rule)
    item = Snapshot(
        kind=ItemKind(row["kind"]),
        item_id=row["id"],
        author=row["author_id"] or "",
        channel=row["channel_id"] or "",
        text=row["text"] or "",
        media_sha256=tuple(one["sha256"] for one in row["media"] or () if one["sha256"]),
        language=_language(row),
        region=row["country"],
        reach=row["channel_members"],
        content_sha256=content_sha256(row).hex(),
        posted_at=row["posted_at"].astimezone(UTC),
    )
    return Review(
        item=item,
        at=row["posted_at"].astimezone(UTC),
        category=policy.category,
        keyword=policy.keyword,
        rule=rule,
        version=book.version(rule),
        edition=book.edition,
        because=because,
    )


def _act(row: dict[str, Any], rule: str, because: str, book: PolicyBook, action: Action, salt: bytes) -> Commit:
    item = ItemKind(row["kind"])
    posted_at: datetime = row["posted_at"].astimezone(UTC)
    content = content_sha256(row)
    version = book.version(rule)
    key = commit_key(posted_at.date(), b"screened", row["id"].encode(), content, rule.encode(), version.encode())
    subject = row["author_id"] or row["channel_id"]
    decision = Decision(
        item=item,
        item_id=row["id"],
        subject=subject,
        content_sha256=content,
        decided_at=posted_at,
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
        facts=book.statement(rule),
        salt=salt,
    )
    body = json.dumps({"action": action.value, "id": row["id"], "kind": item.value, "rule": rule}).encode()
    effect = Effect(
        kind=f"platform.{action.value}",
        key=commit_key(posted_at.date(), b"effect", key),
        body=body,
        subject=subject,
    )
    return Commit(key=key, decisions=(decision,), entries=(decision_entry(decision),), effects=(effect,))


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
