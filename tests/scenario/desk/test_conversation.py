"""The conversation: from a link, without an account, and never from one party to the other."""

import pytest

from evenhand.flow.cases import hand_over, next_case
from evenhand.flow.conversation import PARTY_MESSAGES_MAX, answer, follow_link, messages, write_message
from evenhand.flow.notices import receive_notice
from evenhand.flow.office import Office
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.case import CaseFile
from evenhand.vocabulary.errors import Denied, InputError
from evenhand.vocabulary.notice import Received
from scenario.desk.scene import ANNA, BORIS, NOON, effects, later, notice


def opened(office: Office) -> tuple[CaseFile, Received]:
    """Return a case in somebody's hands and its notice."""
    received = receive_notice(office, notice())
    file = next_case(office, ANNA, at=NOON)
    assert file is not None
    return file, received


def test_each_party_has_a_thread_of_its_own(office: Office) -> None:
    """Both are asked, both answer from their link; neither reads the other, staff read both, also after a hand-over."""
    file, received = opened(office)
    affected = office.references.format("affected", file.number)
    write_message(office, ANNA, file.stream, "notifier", "Which sentence?", notice=received.number, at=NOON)
    write_message(office, ANNA, file.stream, "affected", "What did you mean?", at=NOON)
    write_message(office, ANNA, file.stream, "internal", "Looks like satire.", at=NOON)
    asked = [*effects(office, "tell.notifier"), *effects(office, "tell.affected")]
    assert [body["redress"] for body in asked] == [received.reference, affected]
    seen = answer(office, received.reference, "The third one.", key="m-1", at=later(hours=1))
    answer(office, received.reference, "The third one.", key="m-1", at=later(hours=1))
    answer(office, affected, "It was a joke.", key="m-1", at=later(hours=1))
    assert [(line.text, line.ours, line.by) for line in follow_link(office, received.reference).thread] == [
        ("Which sentence?", True, ""),
        ("The third one.", False, ""),
    ]
    assert seen.state == "in review"
    assert [line.text for line in follow_link(office, affected).thread] == ["What did you mean?", "It was a joke."]
    hand_over(office, ANNA, file.stream, BORIS, "my shift ends", at=later(hours=2))
    assert len(messages(office, BORIS, file.stream)) == 5


def test_no_message_names_the_other_party(office: Office) -> None:
    """A name or address of the notifier never goes to the author, however it is written."""
    file, received = opened(office)
    for text in ("Nora Notifier says so", "ask NORA@EXAMPLE.ORG", "our nora, notifier", "Was it Notifier?"):
        with pytest.raises(InputError, match="another party"):
            write_message(office, ANNA, file.stream, "affected", text, at=NOON)
    with pytest.raises(InputError, match="another party"):
        write_message(office, ANNA, file.stream, "notifier", "author-1 denies it", notice=received.number, at=NOON)
    write_message(office, ANNA, file.stream, "notifier", "Dear Nora Notifier", notice=received.number, at=NOON)


def test_sealed_threads_are_for_those_with_the_right(office: Office) -> None:
    """A moderator neither writes nor reads there."""
    file, _ = opened(office)
    lawyer = Actor(id="staff-lawyer", roles=frozenset({Role.LEGAL}))
    write_message(office, lawyer, file.stream, "sealed", "A court has asked.", at=NOON)
    with pytest.raises(Denied):
        write_message(office, ANNA, file.stream, "sealed", "What?", at=NOON)
    assert messages(office, ANNA, file.stream) == []
    assert [line.audience for line in messages(office, lawyer, file.stream)] == ["sealed"]


def test_a_party_does_not_flood(office: Office) -> None:
    """There is an end to how much a party writes into one case."""
    file, received = opened(office)
    for n in range(PARTY_MESSAGES_MAX):
        answer(office, received.reference, f"And {n}", key=f"m-{n}", at=NOON)
    with pytest.raises(InputError, match="please wait"):
        answer(office, received.reference, "And more", key="m", at=NOON)
    assert len(messages(office, ANNA, file.stream)) == PARTY_MESSAGES_MAX


def test_a_message_goes_to_somebody(office: Office) -> None:
    """Empty words, no notice, or another case's notice are refused."""
    file, _ = opened(office)
    for audience, text, number in (("affected", " ", None), ("notifier", "Hello", None), ("notifier", "Hello", 9999)):
        with pytest.raises(InputError):
            write_message(office, ANNA, file.stream, audience, text, notice=number, at=NOON)  # type: ignore[arg-type]
