"""What people decided, read from the docket by day: not what machines did, was replayed or is erased."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.contract.made import DAY, decision

from evenhand.flow.backtest import DocketDecisions
from evenhand.store.docket_reader import DocketReader
from evenhand.store.memory import MemoryStore
from evenhand.store.postgres import PostgresStore
from evenhand.store.postgres_reader import PostgresReader
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.commit import Commit, commit_key
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.eu import Automation
from postgres import empty_docket

PEOPLE = {"automation": Automation.NOT_AUTOMATED, "rule": "person"}
MADE = (
    decision("machine"),
    replace(decision("removed"), **PEOPLE),
    replace(decision("fine", subject="author-2"), action=Action.NONE, **PEOPLE),
    replace(decision("replayed", subject=None), replayed=True, **PEOPLE),
    replace(decision("old"), decided_at=decision("old").decided_at - timedelta(days=9), **PEOPLE),
    replace(decision("gone", subject="author-3"), **PEOPLE),
)


def commits() -> list[Commit]:
    """Return a commit for each decision."""
    return [Commit(key=commit_key(DAY, each.item_id.encode()), decisions=(each,)) for each in MADE]


def told(queries: DocketReader | PostgresReader | MemoryStore, since: date) -> list[tuple[str, bool]]:
    """Return what people decided since then."""
    return sorted((each.item_id, each.harmful) for each in DocketDecisions(queries).decided_since(since))


def test_only_what_people_decided(tmp_path: Path) -> None:
    """From memory, and from the file that another store owns and is writing."""
    memory = MemoryStore()
    vault = Vault(bytes(32))
    reader = DocketReader(tmp_path / "docket.sqlite3", vault)
    assert told(reader, date.min) == []  # no file yet
    with SqliteStore(tmp_path / "docket.sqlite3", vault) as store:
        for docket in (memory, store):
            docket.commit(commits())
            docket.erase_subject("author-3")
        for queries in (memory, reader):
            assert told(queries, DAY) == [("post-fine", False), ("post-removed", True)]
            assert told(queries, DAY - timedelta(days=9)) == [
                ("post-fine", False),
                ("post-old", True),
                ("post-removed", True),
            ]


@pytest.mark.parametrize("pages", [1, 2])
def test_pages_are_read_to_their_end(pages: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many decisions a day has."""
    monkeypatch.setattr("evenhand.flow.backtest._PAGE", 10)
    memory = MemoryStore()
    many = [replace(decision(f"{n}"), **PEOPLE) for n in range(10 * pages + 3)]
    memory.commit([Commit(key=commit_key(DAY, each.item_id.encode()), decisions=(each,)) for each in many])
    assert len(told(memory, DAY)) == len(many)


def test_a_server_is_read_beside_its_owner(postgres_server: str) -> None:
    """PostgreSQL likewise: no lock is taken, and a docket without tables has no decisions."""
    url, vault = empty_docket(postgres_server), Vault(bytes(32))
    reader = PostgresReader(url, vault)
    try:
        assert told(reader, date.min) == []
        with PostgresStore(url, vault) as store:
            store.commit(commits())
            store.erase_subject("author-3")
            assert told(reader, DAY) == [("post-fine", False), ("post-removed", True)]
    finally:
        reader.close()
