"""The archive of signals: pseudonyms, no texts, expiry, erasure; and rules over it, beside plain counts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from tests.unit.screening.test_signals import POST, model

from evenhand.flow import shipped
from evenhand.flow.backtest import BacktestRequest, decided_posts, find_rule, run_backtest
from evenhand.screening.archive import ADDRESS, AUTHOR, POSTED_AT, SHA256, SignalArchive
from evenhand.screening.archive import POST as POST_COLUMN
from evenhand.screening.counts import Window
from evenhand.screening.emit_polars import emit_polars
from evenhand.screening.lists import load_lists
from evenhand.screening.ports import Decided
from evenhand.screening.pseudonyms import Pseudonyms
from evenhand.screening.rulefiles import load_rules
from evenhand.screening.service import Screener
from evenhand.screening.signals import signal_table
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.post import POST_SCHEMA

DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
_EVERYTHING = """
name = "everything"
verdict = "review"
when = "text_length >= 0"
because = "x"
statement = "x"
[policy]
ground = "DECISION_GROUND_INCOMPATIBLE_CONTENT"
category = "STATEMENT_CATEGORY_VIOLENCE"
reference = "Terms, 1"
[[must_match]]
text = "x"
[[must_not_match]]
text = "x"
"""


def insults(directory: Path) -> str:
    """Write a rule about the shipped list of insults; return its path."""
    path = directory / "insulting.toml"
    text = _EVERYTHING.replace('"everything"', '"insulting"').replace("text_length >= 0", "insults > 0")
    path.write_text(text, "utf-8")
    return str(path)


class Told:
    """Decisions that a test tells."""

    def __init__(self, *decided: Decided) -> None:
        self._decided = decided

    def decided_since(self, day: date) -> Iterator[Decided]:
        """Yield them."""
        yield from (each for each in self._decided if each.decided_at.date() >= day)


def decided(name: str, *, harmful: bool, hour: int = 12) -> Decided:
    """Return a person's decision about a post."""
    return Decided(item_id=name, decided_at=NOW.replace(hour=hour), harmful=harmful, category="VIOLENCE")


@pytest.fixture
def archive(tmp_path: Path) -> SignalArchive:
    """Give an archive of three days whose clock stands still."""
    return SignalArchive(tmp_path / "signals", Pseudonyms(b"k" * 32), 3, lambda: DAY)


@pytest.fixture(scope="module")
def screener() -> Screener:
    """Give the shipped lists and rules with a small model."""
    lists = load_lists(shipped.LISTS)
    return Screener(lists, model(), load_rules([shipped.RULES], signal_table(lists)))


def posts(*rows: dict[str, Any]) -> pa.RecordBatch:
    """Return a batch of posts."""
    made = [{**POST, "id": f"p{n}", "posted_at": NOW - timedelta(hours=1), **row} for n, row in enumerate(rows)]
    return pa.RecordBatch.from_pylist(made, schema=POST_SCHEMA)


def keep(archive: SignalArchive, screener: Screener, batch: pa.RecordBatch) -> None:
    """Screen a batch and keep its signals."""
    screened = screener.screen(batch, Window())
    archive.keep(batch, screened, screener.edition, screener.model.version)
    archive.flush()


def stored(archive: SignalArchive) -> pl.DataFrame:
    """Return all rows."""
    return pl.concat([pl.read_parquet(path) for path in archive.files(date.min)], how="diagonal")


def test_no_text_and_no_id_is_kept(archive: SignalArchive, screener: Screener) -> None:
    """What is kept names nobody: ids are numbers under a key, texts are not there; versions and media hashes are."""
    batch = posts({"text": "A word in private", "author_id": "alice-in-clear", "media": [{"sha256": "ab" * 32}]}, {})
    keep(archive, screener, batch)
    rows = stored(archive)
    said = rows.drop(ADDRESS).write_json()
    assert rows[ADDRESS].null_count() == rows.height  # no sealer, no address
    assert "private" not in said
    assert "alice" not in said
    assert rows[POST_COLUMN].to_list() == [archive.post("p0"), archive.post("p1")]
    assert rows[SHA256].to_list() == [["ab" * 32], None] or rows[SHA256].to_list() == [["ab" * 32], []]
    assert set(rows["evenhand.model"]) == {screener.model.version}
    assert SignalArchive(Path("x"), Pseudonyms(b"other" * 7), 3, lambda: DAY).post("p0") != archive.post("p0")


def test_signals_come_back_as_they_were(archive: SignalArchive, screener: Screener) -> None:
    """Every signal of every post of the demo's day is in the file with its type and value."""
    batch = posts(*({"text": text} for text in ("free money", "", "текст 👍", "x" * 3000)), {"lang": None})
    screened = screener.screen(batch, Window())
    archive.keep(batch, screened, "e", "m")
    archive.flush()
    assert stored(archive).select(screened.signals.columns).equals(screened.signals)


def test_days_expire_by_our_clock(archive: SignalArchive, screener: Screener, tmp_path: Path) -> None:
    """A day is kept for as many days as are set; a post that claims to be of another day changes nothing."""
    keep(archive, screener, posts({"posted_at": datetime(2099, 1, 1, tzinfo=UTC)}))
    rows = stored(archive)
    for back in range(1, 6):
        archive.write_day(DAY - timedelta(days=back), rows)
    assert archive.expire() == [DAY - timedelta(days=back) for back in (5, 4, 3)]
    assert sorted(path.name for path in (tmp_path / "signals").iterdir()) == ["2026-11-22", "2026-11-23", "2026-11-24"]


def test_nothing_is_kept_where_that_is_set(screener: Screener, tmp_path: Path) -> None:
    """Zero days: no file, no directory."""
    keep(SignalArchive(tmp_path / "none", Pseudonyms(b"k" * 32), 0, lambda: DAY), screener, posts({}))
    assert not (tmp_path / "none").exists()


def test_erasure_rewrites_what_it_must_and_nothing_else(archive: SignalArchive, screener: Screener) -> None:
    """An author's rows are gone from every file; files without any are left as they are, byte by byte."""
    keep(archive, screener, posts({"author_id": "a"}, {"author_id": "b"}))
    keep(archive, screener, posts({"author_id": "b", "id": "q"}))
    before = {path: path.read_bytes() for path in archive.files(date.min)}
    assert archive.erase(authors=["a", "nobody"]) == 1
    after = {path: path.read_bytes() for path in archive.files(date.min)}
    assert sum(before[path] != after[path] for path in before) == 1
    assert stored(archive)[AUTHOR].to_list() == [Pseudonyms(b"k" * 32).one("b", "author")] * 2
    assert archive.erase(channels=["channel-1", "c1", str(POST.get("channel_id"))]) in (0, 2)


def test_a_list_cannot_take_a_reserved_name(archive: SignalArchive, screener: Screener) -> None:
    """A list named like one of the archive's own columns is refused with its name."""
    batch = posts({})
    screened = screener.screen(batch, Window())
    signals = screened.signals.rename({"scam_phrases": POSTED_AT})
    with pytest.raises(InputError, match="rename the list"):
        archive.keep(batch, replace(screened, signals=signals), "e", "m")


def test_backtest_counts_as_screening_did(archive: SignalArchive, screener: Screener, tmp_path: Path) -> None:
    """Hits a day, examples and totals equal plain counts; a post that was screened twice is one hit."""
    yesterday = {"posted_at": NOW - timedelta(days=1), "text": "Срочно! " * 9}
    batch = posts({"text": "You idiot"}, {"text": "Good day"}, yesterday, {"text": "YOU IDIOT!"})
    keep(archive, screener, batch)
    keep(archive, screener, batch)
    request = BacktestRequest(rule=insults(tmp_path), days=7)
    found = run_backtest(request, archive, Told(), NOW)
    signals = screener.measure(batch, Window())
    expected = int(signals.select(emit_polars(find_rule(request).condition).fill_null(value=False).sum()).item())
    assert found.hits == expected > 0
    assert [(day.day, day.screened) for day in found.days] == [(date(2026, 11, 23), 2), (DAY, 6)]
    assert sum(day.hits for day in found.days) == found.hits
    assert all(hit.values["insults"] for hit in found.examples)
    assert found.overlap.decided == 0
    assert found.overlap.precision.bounds == (0.0, 1.0)


def test_overlap_is_precision_and_recall(archive: SignalArchive, screener: Screener, tmp_path: Path) -> None:
    """Of what people decided: hits that were harmful, and harmful posts that are hits; the last decision counts."""
    texts = ["You idiot"] * 4 + ["Good day"] * 4
    keep(archive, screener, posts(*({"text": text, "author_id": f"a{n}"} for n, text in enumerate(texts))))
    told = Told(
        decided("p0", harmful=False, hour=9),
        decided("p0", harmful=True),
        decided("p1", harmful=True),
        decided("p2", harmful=False),
        decided("p4", harmful=True),
        decided("p5", harmful=False),
        decided("never-screened", harmful=True),
    )
    found = run_backtest(BacktestRequest(rule=insults(tmp_path), days=7), archive, told, NOW)
    assert found.hits == 4
    assert found.overlap.decided == 5
    assert (found.overlap.precision.part, found.overlap.precision.whole) == (2, 3)
    assert (found.overlap.recall.part, found.overlap.recall.whole) == (2, 3)
    assert found.overlap.by_category == {"VIOLENCE": 2}


def test_a_later_list_is_unknown_before(archive: SignalArchive, screener: Screener, tmp_path: Path) -> None:
    """A signal that no file has is unknown: the rule does not hold, and nothing breaks."""
    keep(archive, screener, posts({"text": "You idiot"}))
    for path in archive.files(date.min):
        pl.read_parquet(path).drop("insults").write_parquet(path)
    found = run_backtest(BacktestRequest(rule=insults(tmp_path), days=7), archive, Told(), NOW)
    assert (found.hits, found.days[0].screened) == (0, 1)


def test_everything_and_nothing(archive: SignalArchive, screener: Screener, tmp_path: Path) -> None:
    """A rule that matches everything hits every post; an empty archive answers with nothing."""
    path = tmp_path / "everything.toml"
    path.write_text(_EVERYTHING, "utf-8")
    request = BacktestRequest(rule=str(path), days=7)
    empty = run_backtest(request, archive, Told(decided("p0", harmful=True)), NOW)
    assert (empty.hits, empty.days, empty.overlap.decided) == (0, (), 0)
    keep(archive, screener, posts(*({"author_id": f"a{n}"} for n in range(300))))
    found = run_backtest(request, archive, Told(decided("p0", harmful=True)), NOW)
    assert (found.hits, found.overlap.precision.part, found.overlap.recall.whole) == (300, 1, 1)


def test_pseudonyms_join_decisions(archive: SignalArchive) -> None:
    """Decisions meet the archive under the same pseudonyms."""
    frame = decided_posts(Told(decided("p7", harmful=True)), archive, date.min)
    assert frame.rows() == [(archive.post("p7"), True, "VIOLENCE")]
