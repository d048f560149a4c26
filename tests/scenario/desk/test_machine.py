"""What follows from a machine's decision: letter, statement, strike, appeal, reversal."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from evenhand.desk.strikes import STRIKES
from evenhand.flow.appeals import receive_appeal
from evenhand.flow.authors import load_author
from evenhand.flow.cases import next_case, release
from evenhand.flow.conversation import follow_link
from evenhand.flow.deciding import close_proposals, propose_decision
from evenhand.flow.items import effect_reported
from evenhand.flow.office import Office, load_case
from evenhand.flow.outlook import Outlook
from evenhand.flow.telling import answer_notifiers
from evenhand.flow.telling_machine import tell_machine_decisions
from evenhand.views import desk
from evenhand.vocabulary.appeal import Appeal
from evenhand.vocabulary.case import MACHINE, AppealOutcome, CaseFile, CaseState, Proposal
from evenhand.vocabulary.commit import Commit, Stream, commit_key
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.places import TELLING, case_fact
from scenario.desk.machine_scene import judged, posted, screener
from scenario.desk.scene import ANNA, BORIS, NOON, POLICY, chance, effects, later

REVERSED = Proposal(
    action=Action.RESTORE, policy=POLICY, facts="It warned of the fraud.", outcome=AppealOutcome.REVERSED
)


def letters(office: Office) -> list[dict]:
    """Return what affected persons were told of decisions."""
    return [body for body in effects(office, "tell.affected") if body["what"] == "decision"]


def case_behind(office: Office, link: str) -> CaseFile:
    """Return the case behind an affected person's link."""
    row = office.queries.record(office.references.parse("affected", link))
    assert row is not None
    return load_case(office, row.stream)


def appeal(link: str, **when: float) -> Appeal:
    """Return an appeal from a link."""
    return Appeal(key="a", received_at=later(**when), reference=link, text="That is wrong.", raw=b"wrong")


def decide(office: Office, proposal: Proposal, *, hours: float) -> CaseFile:
    """Take what is most pressing and decide it."""
    file = next_case(office, ANNA, at=later(hours=hours))
    assert file is not None
    propose_decision(office, ANNA, file.stream, proposal, at=later(hours=hours))
    close_proposals(office, at=later(hours=hours, minutes=1), chance=chance)
    return load_case(office, file.stream)


def test_the_affected_person_is_told_once_and_truly(office: Office, tmp_path: Path) -> None:
    """One letter with the way to appeal, automated means named; screening again makes no second one."""
    judge = screener(tmp_path / "rules")
    assert judged(office, judge, posted("p1"), posted("p2", "hello")).decided == 1
    assert not letters(office)
    assert tell_machine_decisions(office, at=later(minutes=1)) == 1
    [body] = letters(office)
    assert (body["to"], body["item"], body["action"]) == ("author-1", "p1", "remove")
    text = str(body["letter"])
    assert body["redress"] in text
    assert "automat" in text
    [statement] = effects(office, "eu-database")
    assert (statement["automated_detection"], statement["automated_decision"]) == ("Yes", "AUTOMATED_DECISION_FULLY")
    assert "author-1" not in str(statement)
    assert judged(office, judge, posted("p1")).decided == 0
    assert tell_machine_decisions(office, at=later(minutes=2)) == 0
    assert len(letters(office)) == 1


def test_a_group_of_letters_is_each_ones_own(office: Office, tmp_path: Path) -> None:
    """Told together, each person has a letter of their own; a name that a rule's sentence holds is in no statement."""
    judge = screener(tmp_path / "rules", says="It is author-2's spam.")
    judged(office, judge, *[posted(f"p{n}", author_id=f"author-{n // 2}") for n in range(8)])
    assert tell_machine_decisions(office, at=later(minutes=1)) == 8
    told = {body["item"]: body for body in letters(office)}
    assert {item: body["to"] for item, body in told.items()} == {f"p{n}": f"author-{n // 2}" for n in range(8)}
    assert len({body["redress"] for body in told.values()}) == 8
    for item, body in told.items():
        assert (item in body["letter"]["text"], body["redress"] in body["letter"]["text"]) == (True, True)
        assert case_behind(office, body["redress"]).snapshot.item_id == item  # type: ignore[union-attr] # seen
    facts = [statement["decision_facts"] for statement in effects(office, "eu-database")]
    assert sorted(facts) == ["It is […]'s spam."] * 2 + ["It is author-2's spam."] * 6


def test_what_happens_while_a_group_is_read_is_told_of_at_the_next_look(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case that somebody moved on after its version was read makes its act stale; nobody is told twice or never."""
    judged(office, screener(tmp_path / "rules"), posted("p1"), posted("p2", author_id="author-2"))
    first = office.queries.places(TELLING)[0].stream
    read, moved = Outlook.read_stories, []

    def and_then(ahead: Outlook, streams: Iterable[Stream]) -> None:
        if not moved:
            moved.append(first)
            office.docket.commit([Commit(key=commit_key(NOON.date(), b"somebody"), advances=(case_fact(first),))])
        read(ahead, streams)

    monkeypatch.setattr(Outlook, "read_stories", and_then)
    assert tell_machine_decisions(office, at=later(minutes=1)) == 2
    assert sorted(body["item"] for body in letters(office)) == ["p1", "p2"]
    assert office.queries.fact(case_fact(first)) == 2


def test_deceptive_advertising_in_volume_is_not_written_to(office: Office, tmp_path: Path) -> None:
    """Art. 17(2): no letter and no statement, but the strike counts all the same."""
    judged(office, screener(tmp_path / "rules", spam=True), posted("p1"))
    assert tell_machine_decisions(office, at=later(minutes=1)) == 1
    assert not effects(office, "tell.affected")
    assert not effects(office, "eu-database")
    assert not office.queries.places(TELLING)
    assert office.queries.tallies("strike/")["strike/given"] == 1


def test_a_person_decides_on_the_appeal_and_a_reversal_undoes_everything(office: Office, tmp_path: Path) -> None:
    """From the link, without an account; restored, strike lifted, a new public entry, the same person told."""
    judged(office, screener(tmp_path / "rules"), posted("p0", "hello"), posted("p1"))
    tell_machine_decisions(office, at=later(days=2))
    link = letters(office)[0]["redress"]
    first = case_behind(office, link)
    assert (first.decider, first.state) == (MACHINE, CaseState.DECIDED)
    assert follow_link(office, link).may_appeal_until == "2027-05-25"  # from the letter, not from the post
    with pytest.raises(InputError, match="six months"):
        receive_appeal(office, appeal(link, days=300))
    entries = office.queries.entry_count()  # type: ignore[attr-defined] # a store
    receive_appeal(office, appeal(link, days=3))
    assert receive_appeal(office, appeal(link, days=3)).again
    closed = decide(office, REVERSED, hours=80)
    assert closed.decision is not None
    assert closed.decision.by == ANNA.id
    assert closed.decision.reverses == 1
    assert case_behind(office, link).state is CaseState.REVERSED
    assert [body["id"] for body in effects(office, "platform.restore")] == ["p1"]
    effect_reported(office, closed.stream, key="done", status="done", at=later(hours=81))
    answer_notifiers(office, at=later(hours=81))
    assert [body["what"] for body in effects(office, "tell.affected")] == ["decision", "reversal", "appeal"]
    assert not load_author(office, first.opened.author_key).strikes
    assert office.queries.entry_count() == entries + 1  # type: ignore[attr-defined] # a store
    figures = desk.appeal_figures(office.queries)
    assert figures["appeal/rule/spam-sure/reversed"] == figures["appeal/by/machine/reversed"] == 1
    assert judged(office, screener(tmp_path / "rules"), posted("p1")).decided == 0


def test_a_milder_decision_on_appeal_is_a_statement_of_its_own(office: Office, tmp_path: Path) -> None:
    """The EU database takes an identifier once: the machine's statement has one, the person's another, on one day."""
    judged(office, screener(tmp_path / "rules"), posted("p1"))
    tell_machine_decisions(office, at=NOON)
    receive_appeal(office, appeal(letters(office)[0]["redress"], hours=1))
    milder = Proposal(action=Action.LABEL, policy=POLICY, facts="It is an advertisement.", outcome=AppealOutcome.PARTLY)
    decide(office, milder, hours=2)
    puids = [statement["puid"] for statement in effects(office, "eu-database")]
    assert len(puids) == len(set(puids)) == 2


def test_an_appeal_that_is_upheld_changes_nothing_but_is_answered(office: Office, tmp_path: Path) -> None:
    """The person is answered; a second appeal leads to a certified body."""
    judged(office, screener(tmp_path / "rules"), posted("p1"))
    tell_machine_decisions(office, at=NOON)
    link = letters(office)[0]["redress"]
    receive_appeal(office, appeal(link, days=1))
    upheld = Proposal(action=Action.REMOVE, policy=POLICY, facts="It is a fraud.", outcome=AppealOutcome.UPHELD)
    decide(office, upheld, hours=30)
    assert effects(office, "tell.affected")[-1]["outcome"] == "upheld"
    assert not effects(office, "platform.restore")
    with pytest.raises(InputError, match="certified body"):
        receive_appeal(office, Appeal(key="b", received_at=later(days=3), reference=link, text="No.", raw=b"no"))


def test_strikes_warn_and_then_a_person_decides(office: Office, tmp_path: Path) -> None:
    """A machine gives the warning; the next step of the table is a case, one for a run of strikes."""
    judge = screener(tmp_path / "rules")
    judged(office, judge, *(posted(f"p{n}") for n in range(3)))
    tell_machine_decisions(office, at=later(minutes=1))
    assert [body["what"] for body in effects(office, "tell.affected")].count("warning") == 1
    assert not desk.open_cases(office.queries)
    for start in (3, 5):
        judged(office, judge, *(posted(f"p{n}") for n in range(start, start + 2)))
        tell_machine_decisions(office, at=later(minutes=start))
    [line] = desk.open_cases(office.queries)
    assert load_case(office, line.case).opened.rule == STRIKES
    assert not [body for body in effects(office, "platform") if body["action"] != "remove"]
    imposed = Proposal(action=Action.INTERACTION_RESTRICT, policy=POLICY, facts="Seven frauds within an hour.")
    file = decide(office, imposed, hours=1)
    author = load_author(office, file.opened.author_key)
    assert [(one.id, one.action) for one in author.sanctions] == [
        ("warning", None),
        ("week", Action.INTERACTION_RESTRICT),
    ]
    assert author.weight(later(hours=2)) == 7  # the sanction itself reproaches nothing new


def test_one_content_brings_one_strike(office: Office, tmp_path: Path) -> None:
    """A rule's next version decides once more on the same post: no second strike; another content brings its own."""
    judge = screener(tmp_path / "rules")
    judged(office, judge, posted("p1"))
    tell_machine_decisions(office, at=later(minutes=1))
    assert judged(office, screener(tmp_path / "next", says="It is spam again."), posted("p1")).decided == 1
    tell_machine_decisions(office, at=later(minutes=2))
    assert office.queries.tallies("strike/")["strike/given"] == 1
    judged(office, judge, posted("p1", "again at https://b.example"))
    tell_machine_decisions(office, at=later(minutes=3))
    assert office.queries.tallies("strike/")["strike/given"] == 2


def test_no_sanction_follows_from_what_was_reversed(office: Office, tmp_path: Path) -> None:
    """Once the strikes are lifted, what the table proposed can no longer be decided."""
    judge = screener(tmp_path / "rules")
    judged(office, judge, *(posted(f"p{n}") for n in range(3)))
    tell_machine_decisions(office, at=later(minutes=1))
    judged(office, judge, posted("p4"), posted("p5"))
    tell_machine_decisions(office, at=later(minutes=2))
    assert len(desk.open_cases(office.queries)) == 1
    link = letters(office)[0]["redress"]
    receive_appeal(office, appeal(link, hours=1))
    sanction = Proposal(action=Action.INTERACTION_RESTRICT, policy=POLICY, facts="Five frauds within an hour.")
    for hours in (2, 3):
        file = next_case(office, ANNA, at=later(hours=hours))
        assert file is not None
        if file.queue == "appeals":
            propose_decision(office, ANNA, file.stream, REVERSED, at=later(hours=hours))
            close_proposals(office, at=later(hours=hours, minutes=1), chance=chance)
            break
        release(office, ANNA, file.stream, "the appeal first", at=later(hours=hours))
    file = next_case(office, BORIS, at=later(hours=4))
    assert file is not None
    assert file.opened.rule == STRIKES
    with pytest.raises(InputError, match="strikes"):
        propose_decision(office, BORIS, file.stream, sanction, at=later(hours=4))
