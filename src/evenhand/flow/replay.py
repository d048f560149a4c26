"""A year of published figures as decisions: what the docket and the log do at real size, checkable against the source.

Nothing is known of the items but their number: so each has an invented id, no content and no person concerned.
"""

import csv
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, BinaryIO

from evenhand.desk.ports import Docket
from evenhand.flow.report import addresses_of
from evenhand.release.rules import SALT_BYTES, decision_entry
from evenhand.reports.bulletin import child_abuse_bulletin
from evenhand.settings import Settings
from evenhand.vocabulary.commit import Commit, commit_key
from evenhand.vocabulary.decision import Action, Decision, Policy
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Automation, Category, Ground, Keyword, Source
from evenhand.vocabulary.figures import TAKEN_DOWN, DayFigures, FigureKey
from evenhand.vocabulary.post import ItemKind

COLUMNS = ("date", "groups_channels_blocked_total", "csam_groups_channels_banned")
GROUP = 4096
BYTES_A_DECISION = 1_400
"""Disk that a replayed decision takes: docket, write-ahead log and public log (docs/decisions/0008-replay.md)."""
NUMBER_MAX = 10_000_000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_RULE = "replay"
_EDITION = "0" * 16
_CHILD_ABUSE = Policy(
    ground=Ground.ILLEGAL_CONTENT,
    category=Category.PROTECTION_OF_MINORS,
    keyword=Keyword.CHILD_SEXUAL_ABUSE_MATERIAL,
    reference="Published daily series of groups and channels banned for child abuse",
)
_OTHER = Policy(
    ground=Ground.INCOMPATIBLE_CONTENT,
    category=Category.OTHER_VIOLATION_TC,
    keyword=None,
    reference="Published daily series of groups and channels blocked",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesDay:
    """One line of a series: all groups and channels blocked that day, and those of them blocked for child abuse."""

    day: date
    total: int
    child_abuse: int


def read_series(stream: BinaryIO, on_error: Callable[[int, str, str], None]) -> list[SeriesDay]:
    """Read a series: CSV with the columns of COLUMNS, a line a day, no day twice.

    Args:
        stream: UTF-8.
        on_error: Told of each bad line: its number from 1, the field, the reason.

    Raises:
        InputError: The header is another.
    """
    lines = csv.reader(io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline=""))
    header = tuple(cell.strip() for cell in next(_cells(lines), []))
    if header != COLUMNS:
        raise InputError("header", f"must be {','.join(COLUMNS)}")
    found: dict[date, SeriesDay] = {}
    for cells in _cells(lines):
        if not cells:
            continue
        try:
            day = _series_day(cells)
        except InputError as error:
            on_error(lines.line_num, error.field, error.reason)
            continue
        if day.day in found:
            on_error(lines.line_num, "date", f"{day.day} is there twice; the first counts")
            continue
        found[day.day] = day
    return [found[day] for day in sorted(found)]


def _cells(lines: Any) -> Iterator[list[str]]:
    """Yield each line's cells.

    Raises:
        InputError: A cell is longer than any reader of CSV takes: this is no series.
    """
    try:
        yield from lines
    except csv.Error as error:
        raise InputError(f"line {lines.line_num}", f"cannot be read: {error}") from error


def _series_day(cells: Sequence[str]) -> SeriesDay:
    if len(cells) != len(COLUMNS):
        raise InputError("", f"has {len(cells)} fields instead of {len(COLUMNS)}")
    try:
        day = date.fromisoformat(_DAY.fullmatch(cells[0].strip())[0])  # type: ignore[index] # None is no day either
    except (ValueError, TypeError) as error:
        raise InputError("date", "must be a day, as in 2024-03-09") from error
    if not 1970 <= day.year < 2100:
        raise InputError("date", "must lie in 1970 to 2099")
    total, child_abuse = (_number(name, cell.strip()) for name, cell in zip(COLUMNS[1:], cells[1:], strict=True))
    if child_abuse > total:
        raise InputError(COLUMNS[2], "is larger than the day's total, of which it is a part")
    return SeriesDay(day=day, total=total, child_abuse=child_abuse)


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 9 or int(text) > NUMBER_MAX:
        raise InputError(name, f"must be a whole number from 0 to {NUMBER_MAX:,}")
    return int(text)


def sampled(series: Sequence[SeriesDay], share: float) -> list[SeriesDay]:
    """Return a part of each day's figures: both numbers times `share`, rounded."""
    rest = [round(share * (day.total - day.child_abuse)) for day in series]
    part = [round(share * day.child_abuse) for day in series]
    return [
        SeriesDay(day=day.day, total=others + abuse, child_abuse=abuse)
        for day, others, abuse in zip(series, rest, part, strict=True)
    ]


def replay(series: Sequence[SeriesDay], docket: Docket, progress: Callable[[int], None]) -> None:
    """Commit a series; what was replayed before changes nothing.

    Args:
        series: Days, in order.
        docket: Where the decisions become durable, in groups.
        progress: Told of each group's number of decisions once it is durable.

    Raises:
        Fatal: A write failed; the process must end.
    """
    group: list[Commit] = []
    for commit in commits_of(series):
        group.append(commit)
        if len(group) == GROUP:
            docket.commit(group)
            progress(len(group))
            group = []
    if group:
        docket.commit(group)
        progress(len(group))


def commits_of(series: Sequence[SeriesDay]) -> Iterator[Commit]:
    """Yield a commit for each item of a series, day by day, child abuse first."""
    for day in series:
        yield from _commits(day.day, day.child_abuse, _CHILD_ABUSE, "child-abuse")
        yield from _commits(day.day, day.total - day.child_abuse, _OTHER, "other")


def _commits(day: date, number: int, policy: Policy, kind: str) -> Iterator[Commit]:
    noon = datetime.combine(day, time(12), UTC)
    salts = os.urandom(SALT_BYTES * number)
    for n in range(number):
        decision = Decision(
            item=ItemKind.CHANNEL,
            item_id=f"replayed-{day}-{kind}-{n + 1:07d}",
            subject=None,
            content_sha256=bytes(32),
            decided_at=noon,
            action=Action.BAN,
            policy=policy,
            source=Source.VOLUNTARY,
            automated_detection=True,
            automation=Automation.FULLY,
            language=None,
            territory=(),
            rule=_RULE,
            edition=_EDITION,
            because="Replayed from a published daily figure.",
            facts="",
            salt=salts[SALT_BYTES * n : SALT_BYTES * n + SALT_BYTES],
            replayed=True,
        )
        key = commit_key(day, b"replay", kind.encode(), n.to_bytes(4, "big"))
        yield Commit(key=key, decisions=(decision,), entries=(decision_entry(decision),))


def bulletin_of(days: Mapping[date, DayFigures], day: date, settings: Settings) -> str:
    """Return a day's child-abuse bulletin from a log's figures."""
    return child_abuse_bulletin(days, day, addresses_of(settings))


def total_of(figures: DayFigures) -> tuple[int, int]:
    """Return what a log says was replayed of a day: all channels banned, and those of them for child abuse."""
    banned = {key: number for key, number in figures.decisions.items() if _replayed(key)}
    abuse = (n for key, n in banned.items() if key.keyword == Keyword.CHILD_SEXUAL_ABUSE_MATERIAL)
    return sum(banned.values()), sum(abuse)


def _replayed(key: FigureKey) -> bool:
    return key.replayed and key.item == ItemKind.CHANNEL and key.action in TAKEN_DOWN


def sums_of(days: Mapping[date, DayFigures]) -> dict[str, dict[str, dict[str, int]]]:
    """Return what a log says was replayed, by month and by year."""
    sums: dict[str, dict[str, dict[str, int]]] = {"months": {}, "years": {}}
    for day, figures in sorted(days.items()):
        total, abuse = total_of(figures)
        if not total:
            continue
        for span, name in (("months", f"{day:%Y-%m}"), ("years", f"{day:%Y}")):
            row = sums[span].setdefault(name, {"total": 0, "csam": 0})
            row["total"] += total
            row["csam"] += abuse
    return sums
