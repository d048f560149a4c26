"""Hashes that became known today, looked for in what was kept: exact ones through DuckDB, PDQ bit by bit."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.archive import AUTHOR, CHANNEL, MD5, PDQ, POST, POSTED_AT, SHA256, VERDICT

DISTANCE_MAX = 31
_COLUMNS = (POST, AUTHOR, CHANNEL, POSTED_AT, VERDICT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One post that carries a hash; ids are pseudonyms, 16 hex digits.

    Attributes:
        entry: The hash of the list.
        match: What it was compared with: sha256, md5 or pdq.
        distance: Bits in which they differ; 0 for exact hashes.
        verdict: What was said of the post then.
    """

    entry: str
    match: str
    distance: int
    post: str
    author: str | None
    channel: str | None
    posted_at: datetime
    verdict: str


def hunt(files: Iterable[Path], exact: Sequence[str], pdq: Sequence[str], distance: int = DISTANCE_MAX) -> list[Found]:
    """Return the posts of an archive that carry one of the hashes, the newest first; each post and entry once.

    Args:
        files: Of the archive.
        exact: SHA-256 (64 hex digits) and MD5 (32), in lower case.
        pdq: PDQ hashes, 64 hex digits in lower case.
        distance: Bits in which PDQ hashes may differ, at most 31.
    """
    names = [str(path) for path in files]
    if not names:
        return []
    link = duckdb.connect()
    try:
        listed = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
        link.execute(f"CREATE TEMP VIEW stored AS SELECT * FROM read_parquet([{listed}], union_by_name=true)")  # noqa: S608
        there = {str(row[0]) for row in link.sql("DESCRIBE stored").fetchall()}
        found = [
            *(
                each
                for name, column in (("sha256", SHA256), ("md5", MD5))
                if column in there
                for each in _exact(link, name, column, exact)
            ),
            *(_near(link, pdq, distance) if pdq and PDQ in there else ()),
        ]
    finally:
        link.close()
    once = {(each.entry, each.match, each.post): each for each in found}
    return sorted(once.values(), key=lambda each: (each.posted_at, each.post, each.entry), reverse=True)


def _carrying(link: duckdb.DuckDBPyConnection, column: str) -> duckdb.DuckDBPyRelation:
    """Return a row a post and hash, the hash last."""
    own = ", ".join(f'"{name}"' for name in _COLUMNS)
    return link.sql(f'SELECT {own}, unnest("{column}") AS hash FROM stored WHERE len("{column}") > 0')  # noqa: S608


def _exact(link: duckdb.DuckDBPyConnection, name: str, column: str, hashes: Sequence[str]) -> Iterator[Found]:
    link.register("wanted", pl.DataFrame({"entry": list(hashes)}, schema={"entry": pl.String}).to_arrow())
    _carrying(link, column).create_view("carrying", replace=True)
    for row in link.sql("SELECT carrying.* FROM carrying SEMI JOIN wanted ON lower(hash) = entry").fetchall():
        yield _told(row, row[-1].lower(), name, 0)


def _near(link: duckdb.DuckDBPyConnection, hashes: Sequence[str], distance: int) -> Iterator[Found]:
    rows = _carrying(link, PDQ).fetchall()
    kept = _words([row[-1] for row in rows])
    for entry, wanted in zip(hashes, _words(hashes), strict=True):
        apart = np.bitwise_count(kept ^ wanted).sum(axis=1, dtype=np.int64)
        for place in np.flatnonzero(apart <= distance).tolist():
            yield _told(rows[place], entry, "pdq", int(apart[place]))


def _words(hashes: Sequence[str]) -> NDArray[np.uint64]:
    """Return each hash as four numbers."""
    return np.frombuffer(bytes.fromhex("".join(hashes)), np.uint64).reshape(-1, 4)


def _told(row: tuple[object, ...], entry: str, match: str, distance: int) -> Found:
    post, author, channel, posted_at, verdict = row[:5]
    assert isinstance(post, int)  # noqa: S101 - the archive's types
    assert isinstance(posted_at, datetime)  # noqa: S101
    return Found(
        entry=entry,
        match=match,
        distance=distance,
        post=f"{post:016x}",
        author=f"{author:016x}" if isinstance(author, int) else None,
        channel=f"{channel:016x}" if isinstance(channel, int) else None,
        posted_at=posted_at,
        verdict=str(verdict),
    )
