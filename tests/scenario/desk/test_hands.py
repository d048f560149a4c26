"""Cases in people's hands: two at once, four eyes, second opinions, deadlines, the wall, bulk."""

from dataclasses import replace

import pytest

from evenhand.flow.bulk import begin_bulk, propose_bulk, undo_bulk
from evenhand.flow.cases import (
    ask_opinion,
    claim,
    give_opinion,
    hand_over,
    move_case,
    next_case,
    note,
    open_case,
    release,
    shown,
)
from evenhand.flow.deadlines import call_overdue
from evenhand.flow.deciding import close_proposals, preview, propose_decision, second, undo_proposal
from evenhand.flow.notices import receive_notice
from evenhand.flow.office import Office, load_case
from evenhand.views import desk
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.case import CaseFile, CaseState
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.eu import Category, Keyword
from scenario.desk.scene import ANNA, BORIS, CHIARA, FINE, NOON, REMOVE, chance, effects, later, notice, post


def claimed(office: Office, *, actor: Actor = ANNA, **more: object) -> CaseFile:
    """Return a case in somebody's hands."""
    receive_notice(office, notice(**more))  # type: ignore[arg-type] # parts of a notice
    file = next_case(office, actor, at=NOON)
    assert file is not None
    return file


def test_a_released_case_goes_to_somebody_else(office: Office) -> None:
    """Nobody gets the same item twice, not even in another case about it."""
    file = claimed(office)
    release(office, ANNA, file.stream, "I know the author", at=later(minutes=1))
    assert next_case(office, ANNA, at=later(minutes=2)) is None
    receive_notice(office, notice("n-2", post(text="edited since"), received_at=later(minutes=3)))
    assert next_case(office, ANNA, at=later(minutes=4)) is None
    taken = next_case(office, BORIS, at=later(minutes=4))
    assert taken is not None
    assert taken.touched == (ANNA.id, BORIS.id)


def test_next_gives_back_what_is_in_hand(office: Office) -> None:
    """Who has a case gets that one again instead of a second."""
    file = claimed(office)
    receive_notice(office, notice("n-2", post("other")))
    again = next_case(office, ANNA, at=later(minutes=1))
    assert again is not None
    assert again.stream == file.stream


def test_hand_over_goes_to_who_may_have_it(office: Office) -> None:
    """A colleague takes over; one who had it before, or may not, does not."""
    file = claimed(office)
    with pytest.raises(Denied):
        hand_over(office, ANNA, file.stream, Actor(id="x", roles=frozenset({Role.ANALYST})), "", at=NOON)
    handed = hand_over(office, ANNA, file.stream, BORIS, "speaks the language", at=NOON)
    assert (handed.holder, handed.state) == (BORIS.id, CaseState.CLAIMED)
    with pytest.raises(Conflict, match="not in your hands"):
        release(office, ANNA, file.stream, "", at=NOON)
    with pytest.raises(Denied, match="had this item before"):
        hand_over(office, BORIS, file.stream, ANNA, "", at=NOON)


def test_a_second_opinion_comes_from_somebody_else(office: Office) -> None:
    """The case stays with who asked; the opinion is somebody else's."""
    file = claimed(office)
    ask_opinion(office, ANNA, file.stream, "Is this satire?", at=NOON)
    assert [line.case for line in desk.for_second(office.queries, "violence")] == [file.stream]
    with pytest.raises(Denied):
        give_opinion(office, ANNA, file.stream, "No.", at=NOON)
    given = give_opinion(office, BORIS, file.stream, "No, it names a place and a day.", at=NOON)
    assert (given.state, given.holder) == (CaseState.CLAIMED, ANNA.id)


def test_the_gravest_need_four_eyes(office: Office) -> None:
    """A restriction there waits for a second person, who had no hand in it; an objection begins anew."""
    file = claimed(office, keyword=Keyword.TERRORIST_CONTENT)
    assert preview(office, ANNA, file.stream, REMOVE, at=NOON).needs_second
    propose_decision(office, ANNA, file.stream, REMOVE, at=NOON)
    assert close_proposals(office, at=later(hours=1), chance=chance) == 0
    for other, why in ((ANNA, "role"), (replace(CHIARA, id=ANNA.id), "somebody else's"), (BORIS, "role")):
        with pytest.raises(Denied, match=why):
            second(office, other, file.stream, agrees=True, at=later(hours=1))
    objected = second(office, CHIARA, file.stream, agrees=False, text="satire", at=later(hours=1))
    assert (objected.state, objected.holder) == (CaseState.WAITING, "")
    again = next_case(office, BORIS, at=later(hours=2))
    assert again is not None
    propose_decision(office, BORIS, file.stream, REMOVE, at=later(hours=2))
    second(office, replace(CHIARA, id="staff-dora"), file.stream, agrees=True, at=later(hours=3))
    assert close_proposals(office, at=later(hours=3, seconds=29), chance=chance) == 0
    assert close_proposals(office, at=later(hours=3, seconds=31), chance=chance) == 1
    decision = load_case(office, file.stream).decision
    assert decision is not None
    assert (decision.by, decision.second) == (BORIS.id, "staff-dora")


def test_a_listed_target_needs_four_eyes(office: Office) -> None:
    """High-profile targets are listed; what is found fine there needs no second person."""
    listed = replace(office, listed=frozenset({"channel-1"}))
    file = claimed(listed)
    assert file.opened.four_eyes
    propose_decision(listed, ANNA, file.stream, FINE, at=NOON)
    assert close_proposals(listed, at=later(minutes=1), chance=chance) == 1


def test_what_is_late_calls_someone_once(office: Office) -> None:
    """A deadline that passes moves the case among the late ones and calls a person; nothing sits forgotten."""
    claimed(office)
    [line] = desk.by_deadline(office.queries)
    assert call_overdue(office, at=line.due_at) == 0
    assert call_overdue(office, at=later(days=2)) == 1
    assert call_overdue(office, at=later(days=3)) == 0
    [page] = effects(office, "page.person")
    assert (page["cases"], page["queues"]) == (1, {"violence": 1})
    assert [one.overdue for one in desk.overdue(office.queries)] == [True]
    assert desk.by_deadline(office.queries) == []
    assert desk.figures(office.queries)["case/overdue"] == 1


def test_a_call_does_not_name_what_is_behind_the_wall(office: Office) -> None:
    """It is counted, but who reads the call may be outside."""
    receive_notice(office, notice(category=Category.PROTECTION_OF_MINORS, keyword=Keyword.CHILD_SEXUAL_ABUSE_MATERIAL))
    [line] = desk.by_deadline(office.queries)
    assert line.walled
    call_overdue(office, at=later(days=30))
    [page] = effects(office, "page.person")
    assert (page["cases"], page["queues"]) == (1, {})


def test_reading_is_recorded_first(office: Office) -> None:
    """A case opens only for a purpose, which is kept; who may not read it leaves no trace of having read."""
    file = claimed(office)
    with pytest.raises(InputError):
        open_case(office, ANNA, file.stream, " ", at=NOON)
    with pytest.raises(Denied):
        open_case(office, Actor(id="x", roles=frozenset({Role.ANALYST})), file.stream, "curious", at=NOON)
    open_case(office, ANNA, file.stream, "review", at=NOON)
    kinds = [row.kind for row in office.queries.records(file.stream)]
    assert kinds.count("access") == 1


def test_a_proposal_lacks_nothing(office: Office) -> None:
    """A restriction without facts, without a clause, or lifting what was never imposed is refused."""
    file = claimed(office)
    for wrong in (
        replace(REMOVE, facts=" "),
        replace(REMOVE, policy=replace(REMOVE.policy, reference="")),
        replace(REMOVE, action=type(REMOVE.action).RESTORE),
        replace(REMOVE, action=type(REMOVE.action).GEO_RESTRICT),
    ):
        with pytest.raises(InputError):
            propose_decision(office, ANNA, file.stream, wrong, at=NOON)
    with pytest.raises(Conflict):
        undo_proposal(office, ANNA, file.stream, at=NOON)
    with pytest.raises(Conflict):
        propose_decision(office, BORIS, file.stream, REMOVE, at=NOON)


def test_what_is_shown_is_what_is_sent(office: Office) -> None:
    """The letter of the preview is the letter in the effect, byte for byte, and so is the statement."""
    file = claimed(office)
    shown_before = preview(office, ANNA, file.stream, REMOVE, at=NOON)
    propose_decision(office, ANNA, file.stream, REMOVE, at=NOON)
    close_proposals(office, at=later(minutes=1), chance=chance)
    told = effects(office, "tell.affected")[0]
    assert shown_before.letter is not None
    assert told["letter"]["text"] == shown_before.letter.text
    assert effects(office, "eu-database.statement") == [shown_before.statement]
    assert "affected" not in str(shown_before.statement)
    assert str(told["redress"]) not in str(shown_before.statement)
    assert str(told["redress"]) in shown_before.letter.text


def test_moved_out_of_child_safety_it_stays_behind_the_wall(office: Office) -> None:
    """The wall goes with the case: another queue does not open it to others."""
    guard = Actor(id="staff-guard", roles=frozenset({Role.CHILD_SAFETY}))
    file = claimed(
        office, actor=guard, category=Category.PROTECTION_OF_MINORS, keyword=Keyword.CHILD_SEXUAL_ABUSE_MATERIAL
    )
    move_case(office, guard, file.stream, "general", "not of a child", at=NOON)
    lines = desk.waiting(office.queries, "general")
    assert [line.walled for line in lines] == [True]
    for role in Role:
        actor = Actor(id=f"staff-{role}", roles=frozenset({role}))
        assert bool(shown(actor, lines)) is (role is Role.CHILD_SAFETY)
        if role is not Role.CHILD_SAFETY:
            with pytest.raises(Denied):
                claim(office, actor, file.stream, at=NOON)
            with pytest.raises(Denied):
                note(office, actor, file.stream, "hello", at=NOON)


def test_many_are_decided_at_once_after_a_sample(office: Office) -> None:
    """Nothing goes before the sample was opened; what somebody else has is left; each can be undone."""
    for n in range(12):
        receive_notice(office, notice(f"n-{n}", post(f"p-{n}")))
    taken = next_case(office, BORIS, at=NOON)
    assert taken is not None
    cases = [line.case for line in desk.open_cases(office.queries)]
    with pytest.raises(Denied):
        begin_bulk(office, ANNA, cases, at=NOON, chance=chance)
    bulk = begin_bulk(office, CHIARA, cases, at=NOON, chance=chance)
    assert len(bulk.sample) == 10
    with pytest.raises(Conflict, match="sample first"):
        propose_bulk(office, CHIARA, bulk.id, FINE, at=NOON)
    for case in bulk.sample:
        open_case(office, CHIARA, bytes.fromhex(case), "bulk", at=later(minutes=1))  # type: ignore[arg-type] # a Stream
    outcome = propose_bulk(office, CHIARA, bulk.id, FINE, at=later(minutes=2))
    assert (outcome.proposed, list(outcome.left)) == (11, [taken.stream.hex()])
    assert undo_bulk(office, CHIARA, bulk.id, at=later(minutes=2, seconds=10)) == 11
    assert close_proposals(office, at=later(minutes=5), chance=chance) == 0
    propose_bulk(office, CHIARA, bulk.id, FINE, at=later(minutes=6))
    assert close_proposals(office, at=later(minutes=7), chance=chance) == 11
