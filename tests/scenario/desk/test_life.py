"""The whole life of a notice, from its receipt to the reversal on appeal, on every store."""

import json

import pytest
from msgspec.structs import replace as with_fields

from evenhand.flow.action_reports import Report
from evenhand.flow.actions import read_actions
from evenhand.flow.appeals import receive_appeal
from evenhand.flow.cases import claim, next_case, open_case
from evenhand.flow.conversation import follow_link
from evenhand.flow.deciding import close_proposals, propose_decision, undo_proposal
from evenhand.flow.notices import receive_notice
from evenhand.flow.office import Office, load_case
from evenhand.flow.ticks import settle_reports, tick
from evenhand.views import desk
from evenhand.vocabulary.appeal import Appeal
from evenhand.vocabulary.case import AppealOutcome, CaseState, Origin, Proposal
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.notice import NoticeState
from scenario.desk.scene import ANNA, BORIS, FINE, NOON, REMOVE, chance, effects, later, notice, post


def test_the_whole_life_of_a_notice(office: Office) -> None:
    """Received, claimed, proposed, decided, told, appealed, reversed, told again: nothing is edited on the way."""
    received = receive_notice(office, notice())
    assert (received.state, received.missing, received.again) == (NoticeState.OPENED, (), False)
    assert receive_notice(office, notice()) == with_fields(received, again=True)

    file = next_case(office, ANNA, at=later(minutes=1))
    assert file is not None
    assert (file.queue, file.holder, file.state) == ("violence", ANNA.id, CaseState.CLAIMED)
    assert next_case(office, BORIS, at=later(minutes=1)) is None
    with pytest.raises(Conflict, match="somebody else has it"):
        claim(office, BORIS, file.stream, at=later(minutes=1))
    seen = open_case(office, ANNA, file.stream, "review", at=later(minutes=1))
    assert seen.snapshot is not None
    assert seen.snapshot.text == "I will kill you, Mr Example"

    propose_decision(office, ANNA, file.stream, REMOVE, at=later(minutes=2))
    undo_proposal(office, ANNA, file.stream, at=later(minutes=2, seconds=10))
    assert close_proposals(office, at=later(minutes=3), chance=chance) == 0
    propose_decision(office, ANNA, file.stream, REMOVE, at=later(minutes=4))
    assert close_proposals(office, at=later(minutes=4, seconds=29), chance=chance) == 0
    assert close_proposals(office, at=later(minutes=4, seconds=30), chance=chance) == 1
    assert close_proposals(office, at=later(minutes=5), chance=chance) == 0

    decided = load_case(office, file.stream)
    assert (decided.state, decided.decider) == (CaseState.DECIDED, ANNA.id)
    [removal] = effects(office, "platform.")
    assert (removal["action"], removal["id"], removal["case"]) == ("remove", "post-1", file.stream.hex())
    told, warned = effects(office, "tell.affected")
    assert (warned["what"], warned["step"]) == ("warning", "warning")
    [answer] = effects(office, "tell.notifier")
    assert (answer["to"], answer["acted"], answer["redress"]) == ("nora@example.org", True, received.reference)
    assert "nora" not in json.dumps(told)
    [row] = office.queries.decisions_on(later(minutes=4).date(), before=None, limit=5)
    assert (row.action, row.rule, row.entry, row.facts) == ("remove", "person", 0, REMOVE.facts)

    appeal = Appeal(
        key="a-1", received_at=later(days=30), reference=str(told["redress"]), text="It was a joke.", raw=b"joke"
    )
    appealed = receive_appeal(office, appeal)
    assert receive_appeal(office, appeal).again
    assert appealed.reference != received.reference
    [line] = desk.waiting(office.queries, "appeals")
    assert line.origin is Origin.APPEAL
    with pytest.raises(Denied, match="you decided what is appealed"):
        claim(office, ANNA, line.case, at=later(days=31))
    assert next_case(office, ANNA, at=later(days=31)) is None
    assert next_case(office, BORIS, at=later(days=31)) is not None
    restore = Proposal(action=Action.RESTORE, policy=REMOVE.policy, outcome=AppealOutcome.REVERSED, facts="A joke.")
    propose_decision(office, BORIS, line.case, restore, at=later(days=31))
    assert close_proposals(office, at=later(days=31, minutes=1), chance=chance) == 1

    assert load_case(office, file.stream).state is CaseState.REVERSED
    assert load_case(office, line.case).state is CaseState.DECIDED
    assert [effect["action"] for effect in effects(office, "platform.")] == ["remove", "restore"]
    # Nobody is told that it is undone, and no link shows it, before the platform has undone it.
    assert [effect["what"] for effect in effects(office, "tell.notifier")] == ["answer"]
    assert follow_link(office, received.reference).state == "in review"
    restoring = [one for one in read_actions(office.docket, 0, 99) if one.type == "platform.restore"]  # type: ignore[arg-type]
    done = [Report(id=one.id, status="done", at=later(days=31, minutes=2)) for one in restoring]
    assert settle_reports(office, done, at=later(days=31, minutes=2)) == 1
    tick(office, at=later(days=31, minutes=2), chance=chance)
    assert follow_link(office, received.reference).state == "reversed"
    assert load_case(office, line.case).state is CaseState.DONE
    tick(office, at=later(days=40), chance=chance)
    assert [effect["what"] for effect in effects(office, "tell.affected")] == [
        "decision",
        "warning",
        "reversal",
        "appeal",
    ]
    assert [effect["what"] for effect in effects(office, "tell.notifier")] == ["answer", "reversal"]
    entries = [json.loads(entry) for entry in office.queries.entries(0, 9)]  # type: ignore[attr-defined]
    assert [(entry["action"], entry.get("reverses")) for entry in entries] == [("remove", None), ("restore", 0)]
    assert office.queries.tallies("case/open") == {}


def test_looked_at_and_fine_silences_the_same_content(office: Office) -> None:
    """A second notice about content that was found fine opens nothing and says so."""
    receive_notice(office, notice())
    file = next_case(office, ANNA, at=NOON)
    assert file is not None
    propose_decision(office, ANNA, file.stream, FINE, at=NOON)
    close_proposals(office, at=later(minutes=1), chance=chance)
    again = receive_notice(office, notice("n-2", email="other@example.org", received_at=later(hours=1)))
    assert again.state is NoticeState.SILENCED
    edited = post(text="Something else entirely")
    assert receive_notice(office, notice("n-3", edited, received_at=later(hours=2))).state is NoticeState.OPENED


def test_a_reference_of_one_kind_opens_nothing_else(office: Office) -> None:
    """A made-up link and the link of a case that is still open appeal against nothing."""
    received = receive_notice(office, notice())
    for reference in ("0" * 26, received.reference):
        with pytest.raises(InputError):
            receive_appeal(office, Appeal(key="a", received_at=NOON, reference=reference, text="No!", raw=b"No!"))


def test_an_outcome_is_told_though_the_platform_says_nothing(office: Office) -> None:
    """After a day, once: those concerned have a right to it."""
    received = receive_notice(office, notice())
    file = next_case(office, ANNA, at=NOON)
    assert file is not None
    propose_decision(office, ANNA, file.stream, REMOVE, at=NOON)
    close_proposals(office, at=later(minutes=1), chance=chance)
    link = str(effects(office, "tell.affected")[0]["redress"])
    receive_appeal(office, Appeal(key="a", received_at=later(days=1), reference=link, text="A joke.", raw=b"joke"))
    appeal = next_case(office, BORIS, at=later(days=1))
    assert appeal is not None
    restore = Proposal(action=Action.RESTORE, policy=REMOVE.policy, outcome=AppealOutcome.REVERSED, facts="A joke.")
    propose_decision(office, BORIS, appeal.stream, restore, at=later(days=1))
    told = []
    for hours in (1, 24, 26, 50):
        tick(office, at=later(days=1, hours=hours), chance=chance)
        told.append([effect["what"] for effect in effects(office, "tell.notifier")])
    assert told == [["answer"], ["answer"], ["answer", "reversal"], ["answer", "reversal"]]
    assert follow_link(office, received.reference).state == "reversed"
    restoring = [one for one in read_actions(office.docket, 0, 99) if one.type == "platform.restore"]  # type: ignore[arg-type]
    settle_reports(office, [Report(id=restoring[0].id, status="done", at=NOON)], at=later(days=4))
    tick(office, at=later(days=5), chance=chance)
    assert len(effects(office, "tell.notifier")) == 2
