"""A series of published figures replayed: what the log says afterwards is the series again."""

import io
from datetime import date
from pathlib import Path

import pytest

from evenhand.flow.figures import LogFigures
from evenhand.flow.replay import COLUMNS, SeriesDay, bulletin_of, read_series, replay, sampled, sums_of
from evenhand.flow.report import daily_report, fold_log
from evenhand.ledger.log import LogDirectory
from evenhand.settings import Settings
from evenhand.store.memory import MemoryStore
from evenhand.vocabulary.errors import InputError

SERIES = [
    SeriesDay(day=date(2024, 12, 31), total=40, child_abuse=4),
    SeriesDay(day=date(2025, 1, 1), total=300, child_abuse=30),
    SeriesDay(day=date(2025, 1, 2), total=5, child_abuse=0),
]
HEADER = ",".join(COLUMNS)


def published(directory: Path, store: MemoryStore) -> LogDirectory:
    """Publish a store's entries and return the log."""
    log = LogDirectory(directory, "example.org/log", bytes(32))
    log.publish(store)
    return log


def test_the_log_says_the_series_again(tmp_path: Path) -> None:
    """Months, years, bulletins; replayed again, nothing changes."""
    store, told = MemoryStore(), []
    replay(SERIES, store, told.append)
    replay(SERIES, store, told.append)
    assert told == [345, 345]
    log = published(tmp_path, store)
    days = fold_log(str(log.path))
    assert sums_of(days) == {
        "months": {"2024-12": {"total": 40, "csam": 4}, "2025-01": {"total": 305, "csam": 30}},
        "years": {"2024": {"total": 40, "csam": 4}, "2025": {"total": 305, "csam": 30}},
    }
    assert bulletin_of(days, date(2025, 1, 2), Settings()).startswith(
        "0 groups and channels related to child abuse banned on January, 2.\nTotal this month: 30\n"
    )


def test_a_sample_is_a_part_of_the_whole() -> None:
    """Both parts of each day times the share; the whole after a sample adds only what is missing."""
    store = MemoryStore()
    part = sampled(SERIES, 0.1)
    assert [(day.total, day.child_abuse) for day in part] == [(4, 0), (30, 3), (0, 0)]
    replay(part, store, lambda _: None)
    replay(SERIES, store, lambda _: None)
    assert store.entry_count() == 345


def test_reports_of_a_copied_log_are_the_same_bytes(tmp_path: Path) -> None:
    """The site's figures, the command's report and that of a copy elsewhere agree, also after the log has grown."""
    store = MemoryStore()
    replay(SERIES[:1], store, lambda _: None)
    log = published(tmp_path / "log", store)
    figures = LogFigures(str(log.path), log.vkey, Settings())
    assert list(figures.days()) == [date(2024, 12, 31)]
    replay(SERIES, store, lambda _: None)
    log.publish(store)
    figures._looked = float("-inf")
    assert [sum(each.decisions.values()) for each in figures.year_to_date(date(2025, 6, 1))] == [300, 5]
    (tmp_path / "log").rename(tmp_path / "elsewhere")
    assert figures.report(date(2025, 1, 1), "json") == daily_report(
        str(tmp_path / "elsewhere"), date(2025, 1, 1), "json", Settings()
    )
    with pytest.raises(InputError, match="form"):
        figures.report(date(2025, 1, 1), "pdf")


@pytest.mark.parametrize(
    ("line", "field", "said"),
    [
        ("2025-02-30,1,1", "date", "must be a day"),
        ("0001-01-01,1,1", "date", "1970 to 2099"),
        ("2025-01-01,-1,0", COLUMNS[1], "whole number"),
        ("2025-01-01,1e3,0", COLUMNS[1], "whole number"),
        ("2025-01-01,٣,0", COLUMNS[1], "whole number"),
        ("2025-01-01,5,6", COLUMNS[2], "larger than the day's total"),
        ("2025-01-01,5", "", "2 fields instead of 3"),
        ("2025-01-05,5,1", "date", "twice"),
    ],
)
def test_bad_lines_are_told_and_the_rest_is_read(line: str, field: str, said: str) -> None:
    """With line number, field and reason."""
    told: list[tuple[int, str, str]] = []
    data = f"{HEADER}\n2025-01-05,9,1\n{line}\n2025-01-06,9,1\n".encode()
    series = read_series(io.BytesIO(data), lambda *error: told.append(error))
    assert [day.day.day for day in series] == [5, 6]
    assert [(n, name) for n, name, _ in told] == [(3, field)]
    assert said in told[0][2]


def test_another_header_is_refused() -> None:
    """Columns are not guessed."""
    with pytest.raises(InputError, match="header"):
        read_series(io.BytesIO(b"day,total\n"), lambda *_: None)


def test_what_is_no_series_is_refused_with_its_line() -> None:
    """A cell without an end is refused with its line; days in other forms than the documented one are bad lines."""
    with pytest.raises(InputError, match="line 2: cannot be read"):
        read_series(io.BytesIO(f"{HEADER}\n{'a' * 200_000},1,0\n".encode()), lambda *_: None)
    with pytest.raises(InputError, match="line 1: cannot be read"):
        read_series(io.BytesIO(b"a" * 200_000), lambda *_: None)
    told: list[tuple[int, str]] = []
    lines = f"{HEADER}\n20240311,1,0\n2024-W11-2,1,0\n2024-03-13,1,0\n".encode()
    found = read_series(io.BytesIO(lines), lambda line, field, _reason: told.append((line, field)))
    assert ([day.day for day in found], told) == ([date(2024, 3, 13)], [(2, "date"), (3, "date")])
