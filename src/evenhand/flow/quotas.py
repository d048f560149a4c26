"""Rules' quotas are counted in the docket: one count for all processes that write it, and after a restart, too.

A process counts at once what it judges itself; what others judge it learns before each batch. So a rule may act beyond
its quota by what other processes have under way at that moment, and by no more.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import polars as pl
import pyarrow as pa

from evenhand.flow.office import Office
from evenhand.screening.released import ReleasedScreener
from evenhand.vocabulary.commit import Commit, Tally, commit_key

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOURS_MAX = 48
"""Hours of one batch that are looked up; posts of more are counted in this process alone."""


def hours_of(batch: pa.RecordBatch) -> list[int]:
    """Return the hours (since 1970, UTC) in which a batch's posts were posted, the latest first."""
    instants = pl.Series("at", batch.column("posted_at")).dt.epoch("us") // 3_600_000_000
    hours: list[int] = instants.unique().sort(descending=True).to_list()
    return hours


def learn_usage(screener: ReleasedScreener, hours: Iterable[int], office: Office) -> None:
    """Tell a screener how often its rules with quotas have acted in some hours, in all processes together."""
    if not screener.has_quotas:
        return
    for hour in list(hours)[:_HOURS_MAX]:
        prefix = f"quota/{hour}/"
        tallies = office.queries.tallies(prefix)
        screener.learn_usage(hour, {name.removeprefix(prefix): count for name, count in tallies.items()})


def share_usage(screener: ReleasedScreener, office: Office) -> None:
    """Add what a screener's rules have used since the last call to the docket's count."""
    usage = screener.take_usage()
    if not usage:
        return
    day = (_EPOCH + timedelta(hours=max(hour for _, hour in usage))).date()
    tallies = tuple(Tally(name=f"quota/{hour}/{rule}", by=count) for (rule, hour), count in sorted(usage.items()))
    office.docket.commit([Commit(key=commit_key(day, b"quota", os.urandom(16)), tallies=tallies)])
