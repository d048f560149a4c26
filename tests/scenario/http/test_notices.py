"""A notice's whole life through the API: sent, followed, decided at the desk, appealed against."""

import base64
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from evenhand.flow.cases import next_case
from evenhand.flow.deciding import close_proposals, propose_decision
from evenhand.flow.letter_box import move_letter, waiting_letters
from evenhand.flow.requests import load_matter, matter_of
from evenhand.flow.telling_machine import tell_machine_decisions
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.case import CaseFile, Proposal
from evenhand.vocabulary.decision import Action, Policy
from evenhand.vocabulary.eu import Category, Ground
from scenario.desk.machine_scene import judged, posted, screener
from scenario.desk.scene import effects

NOTICE = {
    "items": [
        {"id": "p77", "url": "https://platform.example/c/9/77", "author_id": "a5", "text": "buy this fake watch"}
    ],
    "reasons": "This offers counterfeit watches of our brand; see the attached photograph.",
    "name": "Nadia Example",
    "email": "nadia@brand.example",
    "good_faith": True,
    "category": "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
    "attachments": [{"name": "../../watch.png", "content": base64.b64encode(b"\x89PNG\r\n\x1a\n...").decode()}],
}
LAWYER = Actor(id="staff-9", roles=frozenset({Role.LEGAL}))
MODERATOR = Actor(id="staff-1", roles=frozenset({Role.MODERATOR}))


def decide(door: Any, action: Action) -> CaseFile:
    """Let a moderator take the next case and decide it; its window closes."""
    file = next_case(door.office, MODERATOR, at=door.now)
    assert file is not None
    policy = Policy(
        ground=Ground.ILLEGAL_CONTENT,
        category=Category.INTELLECTUAL_PROPERTY_INFRINGEMENTS,
        keyword=None,
        reference="Regulation (EU) 2017/1001, Art. 9",
    )
    proposal = Proposal(action=action, policy=policy, facts="The post offers counterfeit watches.", because="Seen.")
    propose_decision(door.office, MODERATOR, file.stream, proposal, at=door.now)
    door.now += timedelta(minutes=2)
    assert close_proposals(door.office, at=door.now, chance=os.urandom) == 1
    return file


def test_a_notice_from_its_sending_to_its_appeal(door: Any) -> None:
    """Sent once, followed by its reference, decided by a person; the platform's action is ready, all are told."""
    status, answer = door.json("POST", "/api/v1/notices", NOTICE, HTTP_IDEMPOTENCY_KEY="n-1")
    assert (status, answer["state"], answer["missing"]) == (201, "opened", [])
    again = door.json("POST", "/api/v1/notices", NOTICE, HTTP_IDEMPOTENCY_KEY="n-1")
    assert again == (200, answer)
    _, joined = door.json("POST", "/api/v1/notices", NOTICE | {"email": "other@brand.example"})
    assert joined["state"] == "joined"
    matter = f"/api/v1/matters/{answer['reference']}"
    assert door.json("GET", matter)[1]["state"] == "received"
    decide(door, Action.REMOVE)
    _, told = door.json("GET", matter)
    assert (told["party"], told["state"], told["decision"], told["may_appeal_until"]) == (
        "notifier",
        "decided",
        "remove",
        "",
    )
    removal, letter = door.json("GET", "/api/v1/actions")[1]["actions"]
    assert (removal["type"], removal["data"]["id"]) == ("platform.remove", "p77")
    assert (letter["type"], letter["data"]["what"]) == ("person.letter", "decision")
    assert door.json("POST", f"{matter}/appeals", {"text": "I want more."})[0] == 409
    effects = door.docket.effects(after=0, limit=100)
    assert {"platform.remove", "tell.affected", "tell.notifier"} <= {row.kind for row in effects}


def test_a_notifier_appeals_when_nothing_was_done(door: Any) -> None:
    """What was looked at and found fine silences the same content until it changes, and can be appealed against."""
    _, answer = door.json("POST", "/api/v1/notices", NOTICE)
    decide(door, Action.NONE)
    _, silenced = door.json("POST", "/api/v1/notices", NOTICE | {"email": "third@brand.example"})
    assert silenced["state"] == "silenced"
    status, appealed = door.json(
        "POST", f"/api/v1/matters/{answer['reference']}/appeals", {"text": "Look again, please."}
    )
    assert status == 201
    assert appealed["reference"] != answer["reference"]
    event = {"id": "e1", "change": "edited", "at": "2026-11-24T13:00:00Z", "item": NOTICE["items"][0] | {"text": "new"}}
    assert door.json("POST", "/api/v1/items/events", {"events": [event]})[0] == 200
    edited = NOTICE | {"items": [NOTICE["items"][0] | {"text": "new"}], "email": "fourth@brand.example"}
    assert door.json("POST", "/api/v1/notices", edited)[1]["state"] == "opened"


def test_questions_are_answered_from_the_reference(door: Any) -> None:
    """Who holds the reference may write; the answer shows their own thread only."""
    _, answer = door.json("POST", "/api/v1/notices", NOTICE)
    path = f"/api/v1/matters/{answer['reference']}"
    _, matter = door.json("POST", f"{path}/messages", {"text": "I forgot: it is the third photograph."})
    assert [(line["ours"], line["text"]) for line in matter["messages"]] == [
        (False, "I forgot: it is the third photograph.")
    ]


INCOMPLETE: list[tuple[dict[str, Any], str]] = [
    ({"reasons": ""}, "reasons"),
    ({"name": ""}, "name"),
    ({"email": ""}, "email"),
    ({"good_faith": False}, "good_faith"),
    ({"items": []}, "items"),
]


@pytest.mark.parametrize(("change", "lacks"), INCOMPLETE)
def test_what_the_law_asks_for_is_named(door: Any, change: dict[str, Any], lacks: str) -> None:
    """A notice that lacks something is kept, and what is missing is told with its article."""
    status, answer = door.json("POST", "/api/v1/notices", NOTICE | change)
    assert (status, answer["state"]) == (201, "incomplete")
    assert any(lacks in one["field"] and "16" in one["source"] for one in answer["missing"])


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"items": [{"media_sha256": ["x"]}]}, "items.0.media_sha256.0"),
    ({"category": "spam"}, "category"),
    ({"colour": "red"}, "colour"),
    ({"attachments": [{"name": "a", "content": "%%%"}]}, "attachments[0].content"),
    ({"reasons": "x" * 20_001}, "reasons"),
]


@pytest.mark.parametrize(("change", "field"), WRONG)
def test_what_cannot_be_read_is_refused(door: Any, change: dict[str, Any], field: str) -> None:
    """A field that cannot be used is named."""
    status, problem = door.json("POST", "/api/v1/notices", NOTICE | change)
    assert (status, [error["field"] for error in problem["errors"]]) == (422, [field])


def test_references_of_nobody(door: Any) -> None:
    """A reference that nobody was given opens nothing."""
    for reference in ("x", "7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2", "A" * 26):
        assert door.json("GET", f"/api/v1/matters/{reference}")[0] == 404


def test_two_notifiers_with_the_same_words_appeal_each_for_themselves(door: Any) -> None:
    """The same text, or the same Idempotency-Key, from another reference is another act: nobody gets another's."""
    _, first = door.json("POST", "/api/v1/notices", NOTICE)
    _, second = door.json("POST", "/api/v1/notices", NOTICE | {"email": "other@brand.example"})
    decide(door, Action.NONE)
    told = [
        door.json("POST", f"/api/v1/matters/{one['reference']}/appeals", {"text": "Again."}) for one in (first, second)
    ]
    assert [status for status, _ in told] == [201, 201]
    assert told[0][1]["reference"] != told[1][1]["reference"]


def test_a_machines_decision_is_appealed_from_its_link(door: Any, tmp_path: Path) -> None:
    """The affected person's link opens the matter and takes one appeal; a person decides it."""
    judged(door.office, screener(tmp_path / "rules"), posted("p1"))
    tell_machine_decisions(door.office, at=door.now)
    link = next(body["redress"] for body in effects(door.office, "tell.affected") if body["what"] == "decision")
    matter = f"/api/v1/matters/{link}"
    _, told = door.json("GET", matter)
    assert (told["party"], told["decision"], bool(told["may_appeal_until"])) == ("affected", "remove", True)
    assert door.json("POST", f"{matter}/appeals", {"text": "It was a warning."})[0] == 201
    assert next_case(door.office, MODERATOR, at=door.now) is not None


@pytest.mark.parametrize("path", ["messages", "appeals"])
def test_an_order_in_a_conversation_or_an_appeal_is_shown_to_a_person(door: Any, path: str) -> None:
    """It stays what it was, its sender is told the right address, and their notice's address gets the receipt."""
    _, taken = door.json("POST", "/api/v1/notices", NOTICE)
    matter = f"/api/v1/matters/{taken['reference']}"
    if path == "appeals":
        decide(door, Action.NONE)
    status, said = door.json("POST", f"{matter}/{path}", {"text": "Thank you, but it is still there."})
    assert (status // 100, said["right_address"]) == (2, "")
    assert waiting_letters(door.office) == []
    asks = (
        "We are investigating case 12 Js 345/26. Under section 100j of the code of criminal procedure you are ordered "
        "to disclose the subscriber data of the account without delay. Public prosecutor's office."
    )
    status, said = door.json("POST", f"{matter}/{path}", {"text": asks})
    assert (status // 100, said["right_address"]) == (2, "authorities@desk.example")
    [letter] = waiting_letters(door.office)
    came = "appeal" if path == "appeals" else "conversation"
    assert (letter.to, letter.went, letter.text) == (came, "proposed", asks)
    reference = move_letter(door.office, door.desk.pen, LAWYER, letter.reference, at=door.now, request=True)
    file = load_matter(door.office, matter_of(door.office, reference))
    assert file.kept is not None
    assert (file.kept.sender, file.kept.text) == (NOTICE["email"], asks)
