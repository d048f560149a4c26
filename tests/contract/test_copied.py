"""A large docket for measuring: copies are rows like the first ones, and the docket goes on after them."""

import os
from datetime import date
from pathlib import Path

from evenhand.flow.bench import made_commits
from evenhand.store.copied import copy_decisions
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import KEY_BYTES, Vault
from evenhand.vocabulary.commit import Done


def test_copies_fill_the_days_that_follow(tmp_path: Path) -> None:
    """Each day has its counts, numbers go on without gaps, and the next commit follows."""
    path, key = tmp_path / "docket.sqlite3", os.urandom(KEY_BYTES)
    with SqliteStore(path, Vault(key)) as store:
        store.commit(made_commits(0, 300))
    told: list[int] = []
    copy_decisions(path, 700, told.append)
    assert told == [300, 100]
    days = [date(2026, 11, 25), date(2026, 11, 24), date(2026, 11, 23)]
    with SqliteStore(path, Vault(key)) as store:
        assert store.days() == days
        assert [sum(store.counts_on(day).values()) for day in days] == [100, 300, 300]
        assert store.entry_count() == 700
        assert [number for number, _, _ in store.effect_kinds(after=0, limit=1000)] == list(range(1, 701))
        assert isinstance(store.commit(made_commits(300, 1))[0], Done)
        assert store.entry_count() == 701
        assert not isinstance(store.commit(made_commits(299, 1))[0], Done), "the first day's keys are still known"
