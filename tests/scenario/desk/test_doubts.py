"""What is sent twice, what joins no case, and what moved behind the wall."""

from dataclasses import replace

import pytest

from evenhand.flow.appeals import receive_appeal
from evenhand.flow.cases import claim, move_case, next_case
from evenhand.flow.conversation import answer, follow_link
from evenhand.flow.deciding import close_proposals, propose_decision
from evenhand.flow.dossier import decisions_shown, load_dossier, people_decided
from evenhand.flow.notices import receive_notice
from evenhand.flow.office import Office, load_case
from evenhand.flow.search import Search, save_search, saved_searches, search
from evenhand.views import desk
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.appeal import Appeal
from evenhand.vocabulary.case import AppealOutcome, CaseFile
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import InputError
from scenario.desk.scene import ANNA, BORIS, CHIARA, FINE, NOON, REMOVE, chance, effects, later, notice, post

LEGAL = Actor(id="staff-legal", roles=frozenset({Role.LEGAL}))
SAFE = Actor(id="staff-safe", roles=frozenset({Role.CHILD_SAFETY}))
WORDS = "I will come to your house tonight and you will regret every word that you have written about us"


def decide(office: Office, name: str, proposal: object = REMOVE, *, hours: float = 0, text: str = "") -> CaseFile:
    """Return a case, decided by Anna."""
    when = later(hours=hours)
    receive_notice(office, notice(f"n-{name}", post(name, text=text or name), received_at=when))
    file = next_case(office, ANNA, at=when)
    assert file is not None
    propose_decision(office, ANNA, file.stream, proposal, at=when)  # type: ignore[arg-type] # a proposal
    close_proposals(office, at=later(hours=hours, minutes=1), chance=chance)
    return load_case(office, file.stream)


def test_a_key_holds_over_midnight(office: Office) -> None:
    """The same key the day after is the same notice; two days after it is a new one: the bound that is documented."""
    first = receive_notice(office, notice("n-1"))
    again = receive_notice(office, notice("n-1", received_at=later(hours=12, minutes=1)))
    assert (again.again, again.number) == (True, first.number)
    assert receive_notice(office, notice("n-1", received_at=later(days=1))).again
    assert not receive_notice(office, notice("n-1", received_at=later(days=2))).again
    other = notice("n-1", email="somebody@example.org", received_at=later(hours=12, minutes=1))
    assert not receive_notice(office, other).again


def test_both_sides_appeal_with_one_key(office: Office) -> None:
    """One key of two parties is two appeals; the same bytes from one link are one, on whatever day they come again."""
    label = replace(REMOVE, action=Action.LABEL)
    receive_notice(office, notice())
    file = next_case(office, ANNA, at=NOON)
    assert file is not None
    propose_decision(office, ANNA, file.stream, label, at=NOON)
    close_proposals(office, at=later(minutes=1), chance=chance)
    [row] = [one for one in _all(office) if one.kind == "notice"]
    sent = Appeal(
        key="a",
        received_at=later(hours=1),
        reference=office.references.format("affected", load_case(office, file.stream).number),
        text="Wrong.",
        raw=b"wrong",
    )
    other = replace(sent, reference=office.references.format("notice", row.number))
    one, two = receive_appeal(office, sent), receive_appeal(office, other)
    assert (one.again, two.again) == (False, False)
    assert one.number != two.number
    late = receive_appeal(office, replace(sent, key="b", received_at=later(days=3)))
    assert (late.again, late.number) == (True, one.number)


def _all(office: Office) -> list:  # type: ignore[type-arg] # rows of whatever kind
    found, number = [], 1
    while row := office.queries.record(number):
        found.append(row)
        number += 1
    return found


def test_a_notice_without_a_case_can_be_followed(office: Office) -> None:
    """Its sender sees what is missing; there is no case to write in or to appeal about."""
    received = receive_notice(office, notice("n-1", reasons="", good_faith=False))
    found = follow_link(office, received.reference)
    assert (found.party, found.state, found.may_write) == ("notifier", "incomplete", False)
    assert set(found.missing) == {"reasons", "good_faith"}
    assert found.item == "https://example.org/post-1"
    with pytest.raises(InputError, match="no case"):
        answer(office, received.reference, "Hello?", key="k", at=NOON)


def test_what_moved_behind_the_wall_is_in_nobodys_list(office: Office) -> None:
    """A case is moved to child safety and decided there under a keyword that says nothing of it: the list is silent."""
    receive_notice(office, notice())
    file = next_case(office, ANNA, at=NOON)
    assert file is not None
    move_case(office, ANNA, file.stream, "child-safety", "a child is in the picture", at=NOON)
    taken = next_case(office, SAFE, at=NOON)
    assert taken is not None
    propose_decision(office, SAFE, taken.stream, REMOVE, at=NOON)
    close_proposals(office, at=later(minutes=1), chance=chance)
    decide(office, "other", hours=1)
    rows = office.queries.decisions_on(NOON.date(), before=None, limit=9)
    assert len(rows) == 2
    assert [row.item_id for row in decisions_shown(office, LEGAL, rows)] == ["other"]
    # Who decides cases sees people's decisions as cases, each on its side of the wall.
    assert decisions_shown(office, SAFE, rows) == []
    seen = {actor: people_decided(office, actor, NOON.date(), "", after=b"", limit=9)[0] for actor in (CHIARA, SAFE)}
    assert [one.line.walled for one in seen[CHIARA]] == [False]
    assert sorted(one.line.walled for one in seen[SAFE]) == [False, True]


def test_similar_cases_by_likeness(office: Office) -> None:
    """The same content first, then near copies, then the same category and language; each with its outcome."""
    decide(office, "far", FINE)
    decide(office, "near", hours=1, text=WORDS + " now")
    decide(office, "same", FINE, hours=2, text=WORDS)
    decide(office, "last", hours=3)
    receive_notice(office, notice("n-now", post("now", text=WORDS), received_at=later(hours=4)))
    file = next_case(office, BORIS, at=later(hours=4))
    assert file is not None
    found = load_dossier(office, BORIS, file, at=later(hours=4)).similar
    assert [(one.why, one.action) for one in found] == [
        ("content", Action.NONE),
        ("near", Action.REMOVE),
        ("category", Action.REMOVE),
        ("category", Action.NONE),
    ]
    other = post("else", text="something else altogether", language="DE")
    receive_notice(office, notice("n-else", other, received_at=later(hours=5)))
    claimed = next_case(office, CHIARA, at=later(hours=5))
    assert claimed is not None
    assert load_dossier(office, CHIARA, claimed, at=later(hours=5)).similar == ()


def test_a_view_over_what_waits(office: Office) -> None:
    """A saved view of a queue, by category and language, in the queue's own order; paged by its cursor."""
    for number in range(6):
        item = post(f"p-{number}", text=f"text {number}", language="DE" if number % 2 else "EN")
        receive_notice(office, notice(f"n-{number}", item, received_at=later(minutes=number)))
    view = Search(queue="violence", language="DE", category="VIOLENCE")
    save_search(office, ANNA, "German violence", view, at=NOON)
    [(name, kept)] = saved_searches(office, ANNA)
    assert (name, kept) == ("German violence", view)
    found = search(office, ANNA, kept)
    assert [line.language for line in found] == ["DE", "DE", "DE"]
    assert search(office, ANNA, kept, after=found[0].cursor) == found[1:]
    assert search(office, ANNA, replace(kept, category="SELF_HARM")) == []
    assert search(office, ANNA, replace(kept, queue="child-safety")) == []
    assert search(office, ANNA, replace(kept, queue="no such queue")) == []


def test_a_person_has_one_open_appeal(office: Office) -> None:
    """From another session, in the same or other words, or from their other notice: joined, kept, counted once."""
    label = replace(REMOVE, action=Action.LABEL)
    receive_notice(office, notice())
    receive_notice(office, notice("n-2", received_at=later(minutes=1)))
    receive_notice(office, notice("n-3", email="somebody@example.org", received_at=later(minutes=1)))
    file = next_case(office, ANNA, at=later(minutes=2))
    assert file is not None
    propose_decision(office, ANNA, file.stream, label, at=later(minutes=2))
    close_proposals(office, at=later(minutes=3), chance=chance)
    links = [office.references.format("notice", one.number) for one in _all(office) if one.kind == "notice"]
    sent = Appeal(key="a", received_at=later(hours=1), reference=links[0], text="Wrong.", raw=b"form=1&text=Wrong.")
    first = receive_appeal(office, sent)
    same_words = receive_appeal(office, replace(sent, key="b", raw=b"form=2&text=Wrong."))
    more_words = receive_appeal(office, replace(sent, key="c", raw=b"more", text="And unfair.", reference=links[1]))
    repeated = receive_appeal(office, replace(sent, key="d", raw=b"more", text="And unfair.", reference=links[1]))
    assert {one.reference for one in (same_words, more_words, repeated)} == {first.reference}
    other = receive_appeal(office, replace(sent, key="a", reference=links[2]))
    assert other.reference != first.reference
    assert desk.appeal_figures(office.queries)["appeal/received/notifier"] == 2
    [line] = desk.waiting(office.queries, "appeals")
    appeals = claim(office, BORIS, line.case, at=later(hours=2))
    seen = load_dossier(office, BORIS, appeals, at=later(hours=2)).appeals
    assert [one.text for one in seen] == ["Wrong.", "Wrong.", "And unfair.", "Wrong."]
    upheld = replace(FINE, outcome=AppealOutcome.UPHELD, facts="It threatens a person.")
    propose_decision(office, BORIS, line.case, upheld, at=later(hours=2))
    close_proposals(office, at=later(hours=2, minutes=1), chance=chance)
    told = [one for one in effects(office, "tell.notifier") if one["what"] == "appeal"]
    assert sorted(one["to"] for one in told) == ["nora@example.org", "somebody@example.org"]
    for number in range(30):
        with pytest.raises(InputError, match="was decided"):
            receive_appeal(office, replace(sent, key=f"e-{number}", raw=b"e%d" % number))
