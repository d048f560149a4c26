"""A large docket in minutes, for measuring only: a day of machines' decisions, copied row by row inside the file."""

from collections.abc import Callable
from pathlib import Path

import apsw

from evenhand.store.docket_file import open_writer

_DAY_US = 86_400_000_000
# A copied key is the same key on another day: its first four bytes are the day.
_COPIES = (
    "INSERT INTO act SELECT n + :rows, CAST(:day_key || substr(key, 5) AS BLOB) FROM act WHERE n <= :count",
    """
    INSERT INTO effect
    SELECT n + :rows, act + :rows, CAST(:day_key || substr(key, 5) AS BLOB), kind, subject, body
    FROM effect WHERE act <= :count
    """,
    "INSERT INTO entry SELECT n + :rows, act + :rows, body FROM entry WHERE act <= :count",
    """
    INSERT INTO decision
    SELECT n + :rows, act + :rows, day + :days, decided_at + :days * :day_us, item, action, entry + :rows, ground,
      reference, category, keyword, source, automated_detection, automation, language, territory, rule, edition,
      replayed, reverses, content_sha256, subject, private
    FROM decision WHERE n <= :count
    """,
    """
    INSERT INTO day_count
    SELECT day + :days, category, action, count(*) FROM decision WHERE n <= :count GROUP BY day, category, action
    """,
)


def copy_decisions(path: Path, decisions: int, progress: Callable[[int], None]) -> None:
    """Copy a docket's decisions onto the days that follow, until there are so many.

    Tables and indexes grow as they would by deciding; only the way there is short. The sealed parts of a copy cannot
    be opened, as they are bound to the key of the act that they were copied from: what is measured must not read them.

    Args:
        path: The docket's file, open nowhere else. It holds nothing but acts of one decision, one entry and one effect
            each, all of one UTC day.
        decisions: How many there shall be.
        progress: Told how many each copy added.
    """
    db = open_writer(path)
    try:
        have, day = (int(str(value)) for value in db.execute("SELECT max(n), max(day) FROM decision").fetchall()[0])
        for turn in range(1, -(-decisions // have)):
            count = min(have, decisions - turn * have)
            _copy(db, {"count": count, "rows": turn * have, "days": turn, "day": day + turn})
            progress(count)
    finally:
        db.close()


def _copy(db: apsw.Connection, numbers: dict[str, int]) -> None:
    values = {**numbers, "day_us": _DAY_US, "day_key": numbers["day"].to_bytes(4, "big")}
    with db:
        for statement in _COPIES:
            db.execute(statement, values)
