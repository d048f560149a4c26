"""Statements reach the EU database: a real server that loses answers, refuses, limits and fails; each arrives once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.scenario.couriers.eu_server import TOKEN, EuServer, statement

from evenhand.couriers.eu_database import EuDatabase
from evenhand.flow.outbox import STATEMENTS, dead_of, revived, sort_effects
from evenhand.flow.transparency import FLIGHT, REFUSED, deliver_statements
from evenhand.vocabulary.commit import Commit, Effect, commit_key
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.submission import Submitted

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def eu() -> Iterator[EuServer]:
    """A database."""
    made = EuServer()
    yield made
    made.close()


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """The token's file."""
    path = tmp_path / "eu-database.token"
    path.write_text(f"{TOKEN}\n")
    return path


def decide(docket: Any, *puids: str, **more: Any) -> None:
    """Commit a statement for each identifier."""
    docket.commit(
        [
            Commit(
                key=commit_key(NOW.date(), puid.encode()),
                effects=(
                    Effect(
                        kind="eu-database.statement",
                        key=commit_key(NOW.date(), b"effect", puid.encode()),
                        body=json.dumps({**statement(puid), **more}).encode(),
                        subject=None,
                    ),
                ),
            )
            for puid in puids
        ]
    )


def deliver(docket: Any, database: EuDatabase, now: datetime = NOW) -> int:
    """Sort and send as the clock does."""
    sort_effects(docket, now)
    return deliver_statements(docket, database, now)


def calls(docket: Any) -> list[str]:
    """Return why persons were called."""
    rows = docket.effects(after=0, limit=10_000)
    return [json.loads(row.body)["why"] for row in rows if row.kind == "page.person"]


def test_statements_go_in_batches_of_a_hundred(docket: Any, eu: EuServer, token: Path) -> None:
    """Each once, in order; the day's figure says how many."""
    names = [f"p-{n}" for n in range(250)]
    decide(docket, *names)
    database = EuDatabase(eu.url, token)
    assert deliver(docket, database) == 250
    assert deliver(docket, database) == 0
    assert eu.stored == names
    assert eu.batches == [100, 100, 50]
    assert eu.checks == 0
    assert docket.tallies("out/") == {"out/statements/sent/2026-11-24": 250}


def test_what_is_wrong_is_laid_aside_and_the_rest_sent(docket: Any, eu: EuServer, token: Path) -> None:
    """By the database's word and by our own table, with the reasons; tried again when somebody says so."""
    names = [f"p-{n}" for n in range(120)]
    decide(docket, *names)
    decide(docket, "ours", category="STATEMENT_CATEGORY_NONE")
    eu.bad = {"p-7": "category", "p-99": "decision_facts", "p-110": "category"}
    assert deliver(docket, EuDatabase(eu.url, token)) == 117
    assert sorted(eu.stored) == sorted(set(names) - set(eu.bad))
    dead = dead_of(docket, STATEMENTS, 9)
    assert [one.label.why for one in dead] == ["category", "decision_facts", "category", "category"]
    [why] = docket.records(dead[0].key)
    assert (why.kind, json.loads(why.body)) == (REFUSED, {"category": ["The selected category is invalid."]})
    assert docket.tallies("out/")["out/statements/refused/2026-11-24"] == 4
    eu.bad = {}
    docket.commit([revived(dead[0], NOW)])
    assert deliver(docket, EuDatabase(eu.url, token)) == 1
    assert len(eu.stored) == len(set(eu.stored)) == 118


@pytest.mark.parametrize("loose", [False, True])
def test_a_lost_answer_is_asked_about(docket: Any, token: Path, loose: bool) -> None:
    """What was stored is not sent again, even to a database that would store it twice; what was not, is."""
    eu = EuServer(loose=loose)
    try:
        decide(docket, *(f"p-{n}" for n in range(30)))
        eu.lose = 1
        database = EuDatabase(eu.url, token)
        assert deliver(docket, database) == 0
        assert len(docket.places(FLIGHT)) == 30
        assert deliver(docket, database, NOW + timedelta(seconds=6)) == 30
        assert len(eu.stored) == len(set(eu.stored)) == 30
        assert (eu.checks, eu.batches) == (30, [30])
        decide(docket, "late")
        eu.status = 500
        assert deliver(docket, database, NOW + timedelta(seconds=7)) == 0
        eu.status = 0
        assert deliver(docket, database, NOW + timedelta(seconds=20)) == 1
        assert eu.stored[-1] == "late"
    finally:
        eu.close()


def test_a_database_that_fails_for_an_hour(docket: Any, eu: EuServer, token: Path) -> None:
    """Nothing is lost or created twice, pauses grow, somebody is called; then all is delivered."""
    names = [f"p-{n}" for n in range(150)]
    decide(docket, *names)
    eu.status, now, sent = 503, NOW, 0
    database = EuDatabase(eu.url, token)
    while now < NOW + timedelta(hours=1):
        assert deliver(docket, database, now) == 0
        now += timedelta(seconds=30)
    assert calls(docket) == ["database-silent"]
    assert len(eu.batches) < 12
    eu.status = 0
    while now < NOW + timedelta(hours=3):
        sent += deliver(docket, database, now)
        now += timedelta(minutes=1)
    assert sent == 150
    assert sorted(eu.stored) == sorted(names)


@pytest.mark.parametrize("status", [301, 302, 404, 200, 500])
def test_only_201_means_stored(docket: Any, eu: EuServer, token: Path, status: int) -> None:
    """A redirect is not followed, and nothing else counts as taken."""
    decide(docket, "a")
    eu.status = status
    assert deliver(docket, EuDatabase(eu.url, token)) == 0
    eu.status = 0
    assert deliver(docket, EuDatabase(eu.url, token), NOW + timedelta(seconds=6)) == 1
    assert eu.stored == ["a"]


def test_limits_are_kept(docket: Any, eu: EuServer, token: Path) -> None:
    """A 429 stored nothing: no questions, and as long a pause as it asks for."""
    decide(docket, "a")
    eu.status, eu.retry_after = 429, "90"
    database = EuDatabase(eu.url, token)
    assert deliver(docket, database) == 0
    eu.status = 0
    assert deliver(docket, database, NOW + timedelta(seconds=80)) == 0
    assert deliver(docket, database, NOW + timedelta(seconds=91)) == 1
    assert (eu.checks, eu.batches) == (0, [1, 1])


def test_a_refused_token_calls_a_person_at_once(docket: Any, eu: EuServer, token: Path) -> None:
    """And a new one in the file works without a restart; a file without a token sends nothing."""
    decide(docket, "a")
    database = EuDatabase(eu.url, token)
    token.write_text("7|old")
    assert deliver(docket, database) == 0
    assert calls(docket) == ["database-refuses"]
    token.unlink()
    assert deliver(docket, database, NOW + timedelta(minutes=11)) == 0
    assert len(calls(docket)) == 1
    token.write_text(TOKEN)
    assert deliver(docket, database, NOW + timedelta(minutes=40)) == 1


def test_a_check_that_is_no_answer_is_no_answer(docket: Any, eu: EuServer, token: Path) -> None:
    """A sign-in page's redirect and a wrong address's 404 say nothing about a statement."""
    decide(docket, "a")
    eu.lose = 1
    database = EuDatabase(eu.url, token)
    deliver(docket, database)
    for n, status in enumerate((302, 404, 500), 1):
        eu.check_status = status
        assert database.exists("a") is None
        assert deliver(docket, database, NOW + timedelta(hours=n)) == 0
    assert eu.batches == [1]
    eu.check_status = 0
    assert deliver(docket, database, NOW + timedelta(hours=9)) == 1
    assert eu.stored == ["a"]


def test_an_identifier_that_somebody_else_used_is_looked_at(docket: Any, eu: EuServer, token: Path) -> None:
    """It was never sent by us: a person looks, and the rest of the batch goes."""
    eu.stored.append("taken")
    decide(docket, "a", "taken", "b")
    assert deliver(docket, EuDatabase(eu.url, token)) == 2
    assert [one.label.why for one in dead_of(docket, STATEMENTS, 9)] == ["puid"]
    assert eu.stored == ["taken", "a", "b"]


def test_what_it_does_not_understand_is_halved(docket: Any) -> None:
    """Until the one stands alone that it stumbles over; that one is laid aside."""

    class Stumbles:
        def __init__(self) -> None:
            self.stored: list[str] = []

        def submit(self, statements: Any) -> Submitted:
            puids = [json.loads(one)["puid"] for one in statements]
            if "p-33" in puids:
                return Submitted(what="not-understood", why="422")
            self.stored += puids
            return Submitted(what="stored")

        def exists(self, puid: str) -> bool:
            return puid in self.stored

    database: Any = Stumbles()
    decide(docket, *(f"p-{n}" for n in range(100)))
    for n in range(10):
        deliver(docket, database, NOW + timedelta(seconds=n))
    assert len(database.stored) == len(set(database.stored)) == 99
    assert [one.label.why for one in dead_of(docket, STATEMENTS, 9)] == ["statement"]


def test_a_token_is_not_sent_in_the_clear(token: Path) -> None:
    """Outside this machine only with encryption."""
    with pytest.raises(InputError, match="eu_database_url"):
        EuDatabase("http://transparency.example/", token)
