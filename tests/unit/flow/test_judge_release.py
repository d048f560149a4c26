"""A batch's journey with releases and an archive: quotas call a person once, signals are kept after the commit."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.screening.test_archive import DAY, stored
from tests.unit.screening.test_released import LIVE, batch
from tests.unit.screening.test_rulefiles import RULE, write
from tests.unit.screening.test_signals import model

from evenhand.flow.judge import judge_stream
from evenhand.flow.office import Office
from evenhand.screening.archive import SignalArchive
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
