"""A batch's journey with releases and an archive: quotas call a person once, signals are kept after the commit."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.screening.test_archive import DAY, stored
from tests.unit.screening.test_released import LIVE, batch
from tests.unit.screening.test_rulefiles import RULE, write
from tests.unit.screening.test_signals import model

from evenhand.flow.ban_watch import BanWatch
from evenhand.flow.judge import judge_stream, settle_batch
from evenhand.flow.office import Office
from evenhand.screening.archive import SignalArchive
from evenhand.screening.counts import Window
from evenhand.screening.lists import Lists
from evenhand.screening.pseudonyms import Pseudonyms
from evenhand.screening.released import ReleasedScreener
from evenhand.screening.rulefiles import load_rules
from evenhand.screening.signals import signal_table
from evenhand.store.memory import MemoryStore
from evenhand.vocabulary.reference import References


@pytest.fixture
def screener(tmp_path: Path) -> ReleasedScreener:
    """Give one rule that holds for everything and may act on three posts an hour."""
    write(tmp_path, RULE.replace("\nspam_score >= 0.9\nAND link_count > 0\n", "text_length > 0"), "spam-sure")
    rule = load_rules([tmp_path], signal_table(Lists(())))[0]
    return ReleasedScreener(Lists(()), model(), (replace(rule, release=replace(LIVE, quota_per_hour=3)),))


def test_a_runaway_rule_is_stopped_and_a_person_called(screener: ReleasedScreener, tmp_path: Path) -> None:
    """Three decisions, the rest cases, one page for the hour; every post's signals are in the archive."""
    docket = MemoryStore()
    archive = SignalArchive(tmp_path / "signals", Pseudonyms(b"k" * 32), 3, lambda: DAY)
    office = Office(docket=docket, queries=docket, references=References(bytes(16)), index_key=bytes(32))
    outcomes = list(judge_stream(screener, [batch(5), batch(5, first=5)], office, archive))
    assert [(each.decided, each.opened) for each in outcomes] == [(3, 2), (0, 5)]
    pages = [effect for effect in docket._effects.values() if effect.kind == "page.runaway"]
    assert len(pages) == 1
    assert b'"quota": 3' in pages[0].body
    assert stored(archive).height == 10
    assert stored(archive)["evenhand.verdict"].to_list() == ["remove"] * 3 + ["review"] * 7


def desk(docket: MemoryStore) -> Office:
    """Return a process's view of a docket."""
    return Office(docket=docket, queries=docket, references=References(bytes(16)), index_key=bytes(32))


def test_a_quota_counts_for_all_processes_of_a_docket(screener: ReleasedScreener) -> None:
    """Two processes that take turns act three times together, not three times each; so does one that starts again."""
    docket = MemoryStore()
    other = ReleasedScreener(screener.lists, screener.model, screener.rules)
    again = ReleasedScreener(screener.lists, screener.model, screener.rules)
    turns = [(screener, 0), (other, 2), (screener, 4), (other, 6), (again, 8)]
    outcomes = [next(judge_stream(each, [batch(2, first=first)], desk(docket))) for each, first in turns]
    assert [(each.decided, each.opened) for each in outcomes] == [(2, 0), (1, 1), (0, 2), (0, 2), (0, 2)]
    assert len([effect for effect in docket._effects.values() if effect.kind == "page.runaway"]) == 1
    assert sum(docket.tallies("quota/").values()) == 10


def test_processes_at_the_same_moment_differ_by_what_is_under_way(screener: ReleasedScreener) -> None:
    """A batch that another process has judged but not told of counts from the next batch on."""
    docket = MemoryStore()
    other = ReleasedScreener(screener.lists, screener.model, screener.rules)
    posts = [batch(3), batch(3, first=3)]
    seen = [each.screen(part, Window()) for each, part in zip((screener, other), posts, strict=True)]
    for each, part, screened in zip((screener, other), posts, seen, strict=True):
        settle_batch(each, part, screened, desk(docket), None, BanWatch(desk(docket)))
    after = next(judge_stream(other, [batch(3, first=6)], desk(docket)))
    assert (after.decided, after.opened) == (0, 3)
