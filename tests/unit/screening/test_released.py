"""Releases: two people, slices that grow, expiry, quotas that send to people, shadow rules that only count."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.screening.test_rulefiles import RULE, write
from tests.unit.screening.test_signals import POST, model

from evenhand.flow.judge import call_of
from evenhand.screening.counts import Window
from evenhand.screening.examples import _alone, _post, check_all_examples, check_examples
from evenhand.screening.lists import Lists
from evenhand.screening.released import ReleasedScreener
from evenhand.screening.rollout import Release, Runaway, Slice, percent_at, place_of
from evenhand.screening.rulefiles import load_rules
from evenhand.screening.rules import Rule
from evenhand.screening.signals import signal_table
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.post import POST_SCHEMA

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIVE = Release(version=1, author="ana", approver="omar", shadow=False, slices=(), expires=None, quota_per_hour=None)
SIGNALS = signal_table(Lists(()))


@pytest.fixture
def rule(tmp_path: Path) -> Rule:
    """Give a rule that holds for every post with a text and removes it."""
    write(tmp_path, RULE.replace("\nspam_score >= 0.9\nAND link_count > 0\n", "text_length > 0"), "spam-sure")
    return load_rules([tmp_path], SIGNALS)[0]


def batch(count: int, at: datetime = NOON, first: int = 0) -> pa.RecordBatch:
    """Return posts of one instant."""
    rows = [{**POST, "id": f"p{n}", "text": "hello", "posted_at": at} for n in range(first, first + count)]
    return pa.RecordBatch.from_pylist(rows, schema=POST_SCHEMA)


def screened(screener: ReleasedScreener, posts: pa.RecordBatch) -> list[str]:
    """Return the verdicts."""
    verdicts: list[str] = screener.screen(posts, Window()).verdicts.column("verdict").to_pylist()
    return verdicts


def test_without_release_nothing_changes(rule: Rule) -> None:
    """A rule without a release acts on everything."""
    assert screened(ReleasedScreener(Lists(()), model(), (rule,)), batch(3)) == ["remove"] * 3


def test_a_slice_takes_its_share_and_keeps_it_as_it_grows(rule: Rule) -> None:
    """20 % of posts, then 60 %: the first are among the second; before the first slice there is none."""
    slices = (Slice(since=NOON, percent=20), Slice(since=NOON + timedelta(hours=1), percent=60))
    screener = ReleasedScreener(Lists(()), model(), (replace(rule, release=replace(LIVE, slices=slices)),))
    assert set(screened(screener, batch(50, NOON - timedelta(seconds=1)))) == {"allow"}
    first = np.array(screened(screener, batch(2000))) == "remove"
    later = np.array(screened(screener, batch(2000, NOON + timedelta(hours=1)))) == "remove"
    assert 0.16 < first.mean() < 0.24
    assert 0.55 < later.mean() < 0.65
    assert not (first & ~later).any()


def test_an_expired_rule_is_silent(rule: Rule) -> None:
    """On the day it expires it acts no more."""
    released = replace(rule, release=replace(LIVE, expires=date(2026, 11, 25)))
    screener = ReleasedScreener(Lists(()), model(), (released,))
    assert screened(screener, batch(1, datetime(2026, 11, 24, 23, 59, 59, 999999, UTC))) == ["remove"]
    assert screened(screener, batch(1, datetime(2026, 11, 25, tzinfo=UTC))) == ["allow"]


def test_a_quota_sends_the_rest_to_people_and_calls_one(rule: Rule) -> None:
    """Five an hour: the sixth goes to review with the reason; a runaway is told once an hour."""
    screener = ReleasedScreener(Lists(()), model(), (replace(rule, release=replace(LIVE, quota_per_hour=5)),))
    assert screened(screener, batch(4)) == ["remove"] * 4
    assert screener.take_runaways() == []
    found = screener.screen(batch(4, first=4), Window()).verdicts.to_pylist()
    assert [row["verdict"] for row in found] == ["remove", "review", "review", "review"]
    assert "quota of 5" in found[1]["because"]
    assert found[1]["rule"] == "spam-sure"
    runaway = Runaway(rule="spam-sure", version=rule.version, hour=NOON, quota=5)
    assert screener.take_runaways() == [runaway]
    assert screened(screener, batch(2, first=8)) == ["review"] * 2
    assert screener.take_runaways() == []
    assert screened(screener, batch(1, NOON + timedelta(hours=1))) == ["remove"]
    assert call_of(runaway).key == call_of(runaway).key
    assert call_of(runaway).effects[0].kind == "page.runaway"


def test_a_quota_of_nothing(rule: Rule) -> None:
    """Zero an hour: everything goes to people."""
    screener = ReleasedScreener(Lists(()), model(), (replace(rule, release=replace(LIVE, quota_per_hour=0)),))
    assert screened(screener, batch(3)) == ["review"] * 3
    assert len(screener.take_runaways()) == 1


@pytest.mark.parametrize("release", [replace(LIVE, shadow=True), replace(LIVE, approver="")])
def test_in_shadow_it_only_counts(rule: Rule, release: Release) -> None:
    """A shadow rule, or one that nobody approved, changes no verdict and counts its hits, new ones apart."""
    live = replace(rule, name="live", release=None)
    alone = ReleasedScreener(Lists(()), model(), (replace(rule, release=release),))
    assert screened(alone, batch(3)) == ["allow"] * 3
    assert alone.shadow_counts() == {"spam-sure": (3, 3)}
    beside = ReleasedScreener(Lists(()), model(), (replace(rule, release=release), live))
    assert screened(beside, batch(3)) == ["remove"] * 3
    assert beside.shadow_counts() == {"spam-sure": (3, 0)}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=20), st.floats(0, 100), st.floats(0, 100))
def test_a_place_is_fixed_and_growth_is_monotone(ids: list[str], one: float, other: float) -> None:
    """The same id always stands in the same place; a larger share holds all of a smaller one."""
    places = place_of("rule", ids)
    assert (places == place_of("rule", ids)).all()
    assert ((places >= 0) & (places < 100)).all()
    assert not ((places < min(one, other)) & ~(places < max(one, other))).any()


def test_shares_by_instant() -> None:
    """A slice begins at its instant, to the microsecond."""
    release = replace(LIVE, slices=(Slice(since=NOON, percent=5), Slice(since=NOON + timedelta(days=1), percent=50)))
    at = int(NOON.timestamp()) * 1_000_000
    shares = percent_at(release, np.array([at - 1, at, at + 86_400_000_000 - 1, at + 86_400_000_000]))
    assert shares.tolist() == [0, 5, 5, 50]


RELEASE = """
[release]
version = 2
author = "ana"
approver = "{approver}"
approved = "{approved}"
expires = 2027-01-01
quota_per_hour = 100
[[release.slice]]
from = 2026-11-24T12:00:00Z
percent = 1
[[release.slice]]
from = 2026-11-25T12:00:00Z
percent = 50
"""


def _same_person(text: str) -> str:
    return text.replace('"omar"', '" ANA"')


def _another_version(text: str) -> str:
    return text.replace("0.9", "0.8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_same_person, "somebody else approves it"),
        (_another_version, "approve it as it is now"),
        (lambda text: text.replace("percent = 50", "percent = 1"), "begins later and is larger"),
        (lambda text: text.replace("2026-11-25T12", "2026-11-24T11"), "begins later and is larger"),
        (lambda text: text.replace("percent = 50", "percent = 150"), "100"),
        (lambda text: text.replace("version = 2", "version = 0"), "1"),
        (lambda text: text.replace("quota_per_hour = 100", "quota = 100"), "is not a field of a rule"),
    ],
)
def test_a_release_is_read_or_refused(tmp_path: Path, change: Callable[[str], str], said: str) -> None:
    """Another person, this very version, growing slices: else the file is refused with its line."""
    path = write(tmp_path, RULE, "spam-sure")
    version = load_rules([tmp_path], SIGNALS)[0].version
    text = RULE.rstrip() + "\n" + RELEASE.format(approver="omar", approved=version)
    path.write_text(text, "utf-8")
    released = load_rules([tmp_path], SIGNALS)[0]
    assert released.version == version
    assert released.release is not None
    assert [each.percent for each in released.release.slices] == [1, 50]
    path.write_text(change(text), "utf-8")
    with pytest.raises(InputError, match=r"spam-sure\.toml:\d+") as refused:
        load_rules([tmp_path], SIGNALS)
    assert said in str(refused.value)


def test_examples_at_once_come_out_as_alone(rule: Rule) -> None:
    """Measuring all examples together gives each what it has alone: no example counts towards another."""
    examples: list[dict[str, Any]] = [{"text": "the very same text in many posts"}] * 3 + [{"text": "x", "nonsense": 1}]
    counting = replace(
        rule,
        examples=tuple(replace(rule.examples[0], line=n, holds=True, post=post) for n, post in enumerate(examples)),
    )
    screener = ReleasedScreener(Lists(()), model(), (counting,))
    together = check_all_examples(screener, [counting, counting])
    assert together[0] == together[1] == check_examples(screener, counting)
    assert [each.line for each in together[0]] == [3]
    signals = _alone(screener, [_post(post) for post in examples[:3]])
    for row, post in enumerate(examples[:3]):
        assert signals[row].equals(screener.measure(_post(post), Window()))
