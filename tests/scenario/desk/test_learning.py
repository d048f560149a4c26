"""From moderators' decisions to labelled messages: only what says spam or fine, once it is recorded who reads."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evenhand.flow.learning import decided_messages
from evenhand.flow.office import Office
from evenhand.flow.reading import Reading, ask_to_record, record_asked
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category
from scenario.desk.scene import ANNA, BORIS, CHIARA, FINE, NOON, REMOVE, later
from scenario.desk.test_consequences import decided

KEY = bytes(range(32))
SCAM = replace(REMOVE, policy=replace(REMOVE.policy, category=Category.SCAMS_AND_FRAUD, keyword=None))
SINCE = NOON - timedelta(days=7)
READING = Reading(by="staff-anna", purpose="weekly retraining", what="decided-texts", since=SINCE, at=NOON)


def test_decisions_become_labels(office: Office) -> None:
    """A scam that was removed is spam, a post that was found fine ham; a threat is neither; authors are not named."""
    decided(office, "free money for everybody", SCAM, author="author-1")
    decided(office, "see you at home", FINE, by=BORIS, at=1, author="author-2")
    decided(office, "I will find you", REMOVE, by=CHIARA, at=2, author="author-1")
    decided(office, "buy now", replace(REMOVE, action=Action.REMOVE, spam=True), at=3, author="author-1")
    found = list(decided_messages(office.queries, SINCE, KEY))
    assert [(each.text, each.spam, each.by) for each in found] == [
        ("free money for everybody", True, ANNA.id),
        ("see you at home", False, BORIS.id),
        ("buy now", True, ANNA.id),
    ]
    assert found[0].subject == found[2].subject != found[1].subject
    assert all("author" not in each.subject for each in found)
    assert list(decided_messages(office.queries, later(days=1), KEY)) == []


def test_who_reads_is_recorded_by_the_desk_that_is_up(office: Office, tmp_path: Path) -> None:
    """A reader beside a desk waits for its record; without a desk nothing is read."""
    with pytest.raises(InputError, match="nothing was read"):
        ask_to_record(READING, tmp_path / "reads", office.queries, wait_s=0.2)
    asking = threading.Thread(target=ask_to_record, args=(READING, tmp_path / "reads", office.queries))
    asking.start()
    while asking.is_alive():
        record_asked(tmp_path / "reads", office.docket.commit)
        asking.join(0.05)
    (row,) = office.queries.records(READING.stream)
    assert (row.kind, b"weekly retraining" in (row.body or b"")) == ("training.read", True)
    assert list((tmp_path / "reads").iterdir()) == []


@pytest.mark.parametrize("garbage", ["{", "[]", '{"by": 1}', '{"by": "a", "purpose": "", "since": "x", "at": "y"}'])
def test_what_is_no_request_is_dropped(office: Office, tmp_path: Path, garbage: str) -> None:
    """It records nothing and stops nobody."""
    (tmp_path / f"{'ab' * 20}.json").write_text(garbage, "utf-8")
    assert record_asked(tmp_path, office.docket.commit) == []
    assert list(tmp_path.glob("*.json")) == []


@pytest.mark.parametrize("wrong", [{"by": " "}, {"purpose": ""}, {"purpose": "x" * 201}])
def test_nobody_reads_without_name_and_purpose(wrong: dict[str, str]) -> None:
    """Both are asked for."""
    with pytest.raises(InputError, match="who reads"):
        replace(READING, **wrong).commit()
