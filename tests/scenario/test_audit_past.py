"""`evenhand audit consistency --past` and `--decisions`, beside a desk that holds its docket open; both databases."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from evenhand.doors.cli.app import evenhand
from evenhand.flow import alike
from evenhand.flow.office import Office
from evenhand.flow.past import past_requests
from evenhand.flow.reading import record_asked
from evenhand.flow.requests import assess_matter, receive_request, sealed_for
from evenhand.main import Desk
from evenhand.rulebook.desk_tables import DeskTables
from evenhand.rulebook.load import load_law
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.commit import Commit, commit_key
from evenhand.vocabulary.decision import Action, Decision, Policy
from evenhand.vocabulary.eu import Automation, Category, Ground, Keyword, Source
from evenhand.vocabulary.matter import Incoming
from evenhand.vocabulary.post import ItemKind
from evenhand.vocabulary.request import Ask, Issuer, Request, RequestFacts, TargetFacts
from postgres import empty_docket

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECRET = "https://desk.example/u/jane.roe"
ORDER = Request(
    instrument="national-order",
    issuer=Issuer(name="Press Council of Jane Roe", country="RU", kind="administrative", address="jane@office.ru"),
    received_at=AT,
    asks=(Ask(id="1", kind="remove", targets=(SECRET,)),),
    legal_basis="Law 1 about Jane Roe",
    reasons="Jane Roe wrote it.",
    redress="Court of Jane Roe",
    signature="valid",
    language="ru",
    territory=("RU",),
)
FACTS = RequestFacts(
    verified="registry",
    targets={SECRET: TargetFacts(held=True, on_service=True, kind="post", flags=())},
    establishment="BE",
    languages=("en", "ru"),
    markets=("RU", "EU"),
)
ANNA = Actor(id="staff-1", roles=frozenset({Role.LEGAL}))


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk whose service holds its docket open for writing while the audits run."""
    monkeypatch.setenv("EVENHAND_DATA", str(tmp_path))
    if request.param == "sqlite":
        desk = Desk()
        yield desk
        desk._docket.close()
        return
    monkeypatch.setenv("EVENHAND_DATABASE_URL", empty_docket(request.getfixturevalue("postgres_server")))
    desk = Desk()
    yield desk
    desk._docket.close()


def audit(desk: Desk, *options: str) -> Result:
    """Run the command as a process of its own would, beside a desk that is up and records who reads."""
    done: list[Result] = []
    words = ["audit", "consistency", *options]
    beside = threading.Thread(target=lambda: done.append(CliRunner().invoke(evenhand, words, obj=Desk())))
    beside.start()
    while beside.is_alive():
        record_asked(desk.settings.data / "reads", desk._docket.commit)
        beside.join(0.05)
    return done[0]


def readings(desk: Desk) -> list[dict[str, Any]]:
    """Return what the docket says of who read it."""
    rows = (row for number in range(1, 40) if (row := desk._docket.record(number)) is not None)
    return [json.loads(row.body or b"{}") for row in rows if row.kind == "audit.read"]


def receive(office: Office, key: str, request: Request | None = ORDER) -> Any:
    """Receive a request."""
    return receive_request(
        office,
        Incoming(
            key=key, received_at=AT, raw=b"raw", entrance="api", sender="token:x", request=request, text="Jane Roe"
        ),
    )


def test_past_requests_are_judged_without_their_texts(desk: Desk, tmp_path: Path) -> None:
    """Each assessed one by its reference; what was not assessed, or was erased, is counted; nothing names anybody."""
    office = desk._office(desk._docket)
    taken = receive(office, "1")
    assess_matter(office, load_law(), ANNA, taken.stream, ORDER, FACTS, at=AT)
    receive(office, "2", None)
    erased = receive(office, "3")
    desk._docket.erase_subject(sealed_for(erased.stream))
    done = audit(desk, "--past", "--purpose", "yearly audit", "--json", "--jobs", "1")
    assert done.exit_code == 0, done.output
    found, summary = map(json.loads, done.stdout.splitlines())
    assert found["reference"] == taken.reference
    assert "country RU -> STATE" in found["substituted"]
    assert found["differences"]
    assert all(row["explained"] for row in found["differences"])
    assert summary["requests"] == 1
    assert summary["not_judged"] == {"nobody has assessed it": 1, "erased": 1}
    for name in ("Jane", "jane", "Press Council", "Law 1", SECRET):
        assert name not in done.output
    [read] = readings(desk)
    assert (read["purpose"], read["what"]) == ("yearly audit", "requests")
    assert read["by"]
    plain = audit(desk, "--past", "--purpose", "again")
    assert f"{taken.reference}: substituted" in plain.output
    assert len(readings(desk)) == 2
    assert list((tmp_path / "reads").iterdir()) == []


@pytest.mark.parametrize("what", ["--past", "--decisions"])
def test_nothing_is_read_without_a_purpose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Exit code 2, one line, no record of a reading that did not happen."""
    monkeypatch.setenv("EVENHAND_DATA", str(tmp_path))
    words = [str(Path(sys.executable).with_name("evenhand")), "audit", "consistency", what]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "purpose" in done.stderr
    assert not (tmp_path / "reads").exists()
    assert not list(tmp_path.glob("docket*"))
    for words in ([], [what, "-"]):
        assert CliRunner().invoke(evenhand, ["audit", "consistency", *words], obj=Desk()).exit_code == 2


def decision(number: int, **changes: Any) -> Decision:
    """A decision, or one with other fields."""
    made = Decision(
        item=ItemKind.POST,
        item_id=f"p{number}",
        subject=f"author/{number}",
        content_sha256=bytes(32),
        decided_at=AT,
        action=Action.REMOVE,
        policy=Policy(ground=Ground.ILLEGAL_CONTENT, category=Category.VIOLENCE, keyword=None, reference="s. 1"),
        source=Source.VOLUNTARY,
        automated_detection=True,
        automation=Automation.NOT_AUTOMATED,
        language="DE",
        territory=(),
        rule="person",
        edition="0" * 16,
        because="Jane Roe",
        facts="Jane Roe",
        salt=bytes(16),
    )
    return replace(made, **changes)


def test_past_decisions_are_compared_across_languages_and_states(desk: Desk) -> None:
    """The tables know no language and no state but where they say so; replayed figures are nobody's decisions."""
    made = [
        decision(1),
        decision(2, language="FA"),
        decision(3, action=Action.GEO_RESTRICT, territory=("RU",)),
        decision(4, action=Action.BAN, policy=replace(decision(4).policy, keyword=Keyword.TERRORIST_CONTENT)),
        decision(5, replayed=True, subject=None),
        decision(6, action=Action.NONE),
    ]
    desk._docket.commit([Commit(key=commit_key(AT.date(), b"made"), decisions=tuple(made))])
    done = audit(desk, "--decisions", "--purpose", "yearly audit", "--json")
    assert done.exit_code == 0, done.output
    *shapes, summary = map(json.loads, done.stdout.splitlines())
    assert (summary["decisions"], summary["shapes"], summary["unexplained"]) == (5, 4, 0)
    assert shapes[0]["decisions"] == 2
    rules = {rule for shape in shapes for row in shape["differences"] for rule in row["rules"]}
    assert rules == set(alike.RULES)
    assert "Jane" not in done.output


def test_a_decision_that_one_language_brings_is_found_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: a lane, and a letter's language, that no rule gives fail the command."""
    desk._docket.commit([Commit(key=commit_key(AT.date(), b"made"), decisions=(decision(1),))])
    made_by = alike.consequences_by

    def answers(**wrong: Any) -> Callable[[DeskTables], alike.Judge]:
        """Return tables' consequences with one thing wrong in one language."""

        def consequences_by(tables: DeskTables) -> alike.Judge:
            plain = made_by(tables)
            return lambda given, wordings: plain(given, wordings) | wrong.get(given.language or "", {})

        return consequences_by

    monkeypatch.setattr(alike, "consequences_by", answers(FA={"queue": "general"}))
    done = audit(desk, "--decisions", "--purpose", "yearly audit")
    assert done.exit_code == 1
    assert "queue: violence | FA: general | NO RULE EXPLAINS THIS" in done.output
    monkeypatch.setattr(alike, "consequences_by", answers(AR={"letter": "de"}))
    again = audit(desk, "--decisions", "--purpose", "again").output
    assert "letter: en | AR: de | NO RULE EXPLAINS THIS" in again


def test_targets_are_numbered_and_judged_alike(desk: Desk) -> None:
    """Numbers in the place of names change no outcome; a blank target stays blank, which is what a rule looks at."""
    from evenhand.flow.assess import parse_line
    from evenhand.orders.rules import rule_on

    office, book = desk._office(desk._docket), load_law()
    asks = (Ask(id="1", kind="remove", targets=("x", " ", "y")), Ask(id="2", kind="disclose", targets=("y",)))
    request = msgspec.structs.replace(ORDER, asks=asks)
    known = dict.fromkeys(("x", "y"), FACTS.targets[SECRET])
    facts = msgspec.structs.replace(FACTS, targets=known)
    stream = receive(office, "1", request).stream
    assess_matter(office, book, ANNA, stream, request, facts, at=AT)
    [past] = past_requests(desk._docket, office.references)
    assert past.line is not None
    line = parse_line(past.line)
    assert [ask.targets for ask in line.request.asks] == [("1", " ", "3"), ("3",)]
    one, two = rule_on(request, facts, book), rule_on(line.request, line.facts, book)
    assert [row.outcome for row in one.targets] == [row.outcome for row in two.targets]
    assert (one.outcome, one.deadline, one.missing) == (two.outcome, two.deadline, two.missing)
