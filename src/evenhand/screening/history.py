"""A rule over the archive of signals, through DuckDB: hits a day, examples, and what moderators decided of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl

from evenhand.screening.archive import AUTHOR, CHANNEL, POST, POSTED_AT, VERDICT
from evenhand.screening.built_in import SignalType
from evenhand.screening.emit_sql import DUCKDB, emit_sql, quoted
from evenhand.screening.expression import Column, Value, columns_of, walk
from evenhand.screening.intervals import Interval
from evenhand.screening.rules import Rule

_TYPES: Mapping[SignalType, str] = {
    "TEXT": "VARCHAR",
    "INTEGER": "BIGINT",
    "DOUBLE": "DOUBLE",
    "BOOLEAN": "BOOLEAN",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayHits:
    """One UTC day, by when posts were posted.

    Attributes:
        screened: Screenings in it; a post that was screened again counts again.
        hits: Different posts for which the rule holds.
    """

    day: date
    screened: int
    hits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One post for which the rule holds; ids are pseudonyms, 16 hex digits.

    Attributes:
        verdict: What was said of it then.
        values: The signals that the condition reads.
    """

    post: str
    author: str | None
    channel: str | None
    posted_at: datetime
    verdict: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """The rule beside what people decided of posts that are in the archive.

    Attributes:
        decided: Posts that a person decided.
        precision: Of the rule's hits among them, those that the person found harmful.
        recall: Of those that the person found harmful, the rule's hits.
        by_category: Harmful hits by the category of the person's decision.
    """

    decided: int
    precision: Interval
    recall: Interval
    by_category: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What a rule would have done.

    Attributes:
        already: Hits that had a verdict other than allow at the time.
    """

    rule: str
    version: str
    since: datetime
    days: Sequence[DayHits]
    hits: int
    already: int
    examples: Sequence[Hit]
    overlap: Overlap


def backtest(
    rule: Rule, files: Iterable[Path], since: datetime, decided: pl.DataFrame, examples: int, threads: int = 0
) -> Backtest:
    """Run a rule over archived signals.

    Args:
        rule: Any rule whose condition was read.
        files: Of the archive; none: nothing was kept.
        since: Aware UTC; earlier posts are left out.
        decided: Columns post (UInt64, pseudonym), harmful (Boolean), category (String); a row a post.
        examples: How many of the newest hits are told.
        threads: For DuckDB; 0: as many as there are cores.
    """
    link = duckdb.connect(config={"threads": threads} if threads else {})
    try:
        link.register("decided", decided.to_arrow())
        _see(link, rule, [str(path) for path in files], since)
        days = link.sql(
            f"SELECT CAST({quoted(POSTED_AT)} AS DATE) AS day, count(*) FROM kept GROUP BY day ORDER BY day"  # noqa: S608
        ).fetchall()
        hit_days = dict(link.sql("SELECT day, count(*) FROM hits GROUP BY day").fetchall())
        hits, already = _one(link, "SELECT count(*), coalesce(sum(CAST(flagged AS INTEGER)), 0) FROM hits")
        return Backtest(
            rule=rule.name,
            version=rule.version,
            since=since,
            days=tuple(DayHits(day=day, screened=number, hits=hit_days.get(day, 0)) for day, number in days),
            hits=hits,
            already=int(already),
            examples=_examples(link, rule, examples),
            overlap=_overlap(link),
        )
    finally:
        link.close()


def _see(link: duckdb.DuckDBPyConnection, rule: Rule, files: list[str], since: datetime) -> None:
    """Make `kept`, the archive's rows since then, and `hits`, a row a post for which the rule holds."""
    read = {each.name: each.type for each in walk(rule.condition) if isinstance(each, Column)}
    own = {POST: "UBIGINT", AUTHOR: "UBIGINT", CHANNEL: "UBIGINT", POSTED_AT: "TIMESTAMP", VERDICT: "VARCHAR"}
    wanted = own | {name: _TYPES[kind] for name, kind in read.items()}
    if files:
        link.execute(f"CREATE TEMP VIEW stored AS SELECT * FROM read_parquet({_list(files)}, union_by_name=true)")  # noqa: S608
        there = {str(row[0]) for row in link.sql("DESCRIBE stored").fetchall()}
    else:
        link.execute("CREATE TEMP TABLE stored (nothing INTEGER)")
        there = set()
    columns = ", ".join(
        # A list that came later: its hits are unknown in what was kept before.
        f"{quoted(name) if name in there else f'CAST(NULL AS {kind})'} AS {quoted(name)}"
        for name, kind in wanted.items()
    )
    from_then = f" WHERE {quoted(POSTED_AT)} >= TIMESTAMP '{since:%Y-%m-%d %H:%M:%S}'" if POSTED_AT in there else ""
    link.execute(f"CREATE TEMP VIEW kept AS SELECT {columns} FROM stored{from_then}")  # noqa: S608
    link.execute(
        f"CREATE TEMP TABLE hits AS SELECT {quoted(POST)} AS post, CAST(max({quoted(POSTED_AT)}) AS DATE) AS day, "  # noqa: S608
        f"bool_or({quoted(VERDICT)} <> 'allow') AS flagged "
        f"FROM kept WHERE {emit_sql(rule.condition, DUCKDB)} IS TRUE GROUP BY post"
    )


def _examples(link: duckdb.DuckDBPyConnection, rule: Rule, number: int) -> tuple[Hit, ...]:
    names = sorted(columns_of(rule.condition))
    own = ", ".join(quoted(name) for name in (POST, AUTHOR, CHANNEL, POSTED_AT, VERDICT, *names))
    found = link.sql(
        f"SELECT {own} FROM kept WHERE {emit_sql(rule.condition, DUCKDB)} IS TRUE "  # noqa: S608
        f"ORDER BY {quoted(POSTED_AT)} DESC, {quoted(POST)} LIMIT {number:d}"
    ).fetchall()
    return tuple(
        Hit(
            post=f"{row[0]:016x}",
            author=None if row[1] is None else f"{row[1]:016x}",
            channel=None if row[2] is None else f"{row[2]:016x}",
            posted_at=row[3],
            verdict=row[4],
            values=dict(zip(names, row[5:], strict=True)),
        )
        for row in found
    )


def _overlap(link: duckdb.DuckDBPyConnection) -> Overlap:
    known = f"decided SEMI JOIN kept ON decided.post = kept.{quoted(POST)}"
    link.execute(f"CREATE TEMP TABLE known AS SELECT decided.* FROM {known}")  # noqa: S608
    decided, harmful = _one(link, "SELECT count(*), count(*) FILTER (harmful) FROM known")
    both = "FROM known SEMI JOIN hits USING (post)"
    hit, right = _one(link, f"SELECT count(*), count(*) FILTER (harmful) {both}")
    kinds = link.sql(f"SELECT category, count(*) {both} WHERE harmful GROUP BY category ORDER BY category")
    return Overlap(
        decided=decided,
        precision=Interval(part=right, whole=hit),
        recall=Interval(part=right, whole=harmful),
        by_category=dict(kinds.fetchall()),
    )


def _one(link: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int]:
    first, second = link.sql(query).fetchall()[0]
    return first, second


def _list(names: Sequence[str]) -> str:
    return "[" + ", ".join("'" + name.replace("'", "''") + "'" for name in names) + "]"
