"""What the platform says that it did of a machine's decision: in its case, on its page, at its link, in differences."""

from datetime import datetime
from pathlib import Path

from evenhand.flow.action_delivery import asked, deliver
from evenhand.flow.action_reports import Report, Status, chase, differences, report_actions
from evenhand.flow.actions import read_actions
from evenhand.flow.carried_out import carried_out
from evenhand.flow.conversation import follow_link
from evenhand.flow.office import Office, load_case, story_of
from evenhand.flow.telling_machine import tell_machine_decisions
from evenhand.flow.ticks import settle_reports
from evenhand.vocabulary.case import CaseState
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.places import LAST_DONE
from scenario.desk.machine_scene import judged, posted, screener
from scenario.desk.scene import NOON, effects, later


def removed(office: Office, folder: Path, *names: str) -> list[str]:
    """Have a machine remove posts, and their authors told; return the ids of the actions."""
    judged(office, screener(folder), *(posted(name, author_id=f"author-{name}") for name in names))
    tell_machine_decisions(office, at=NOON)
    return [one.id for one in read_actions(office.docket, 0, 99) if one.type == "platform.remove"]  # type: ignore[arg-type]


def says(office: Office, action: str, status: Status, *, at: datetime, detail: str = "") -> int:
    """Report an action as the platform does; return how many cases it reached."""
    report = [Report(id=action, status=status, at=at, detail=detail)]
    report_actions(office.docket, report, at)  # type: ignore[arg-type] # a store is both sides
    return settle_reports(office, report, at=at)


def kinds(office: Office, case: Stream) -> list[str]:
    """Return what the platform said, as the case tells it."""
    return [row.kind for row in story_of(office, case) if row.kind.startswith("effect.")]


def case_of(office: Office, decision: int) -> Stream:
    """Return the case in which a machine made a decision."""
    row = office.queries.decision(decision)
    assert row is not None
    return next(one.stream for one in office.queries.records_of_act(row.act) if one.kind == "case.opened")


def test_done_reaches_the_case_its_page_and_its_link(office: Office, tmp_path: Path) -> None:
    """Asked for or sent; said twice it is there once; the link says that it was carried out, and not before."""
    [action, other] = removed(office, tmp_path / "rules", "p1", "p2")
    link = next(body["redress"] for body in effects(office, "tell.affected") if body["item"] == "p1")
    assert follow_link(office, link).carried_out == ""
    assert says(office, action, "done", at=later(minutes=5)) == 1
    assert says(office, action, "done", at=later(minutes=5)) == 0
    case = case_of(office, 1)
    assert load_case(office, case).state is CaseState.DONE
    assert kinds(office, case) == ["effect.done"]
    assert kinds(office, case_of(office, 2)) == []
    assert follow_link(office, link).carried_out == later(minutes=5).date().isoformat()
    for number, said in ((1, ["done"]), (2, [])):
        row = office.queries.decision(number)
        assert row is not None
        [one] = carried_out(office.queries, row)
        assert ([each.status for each in one.said], one.taken, one.differs) == (said, False, False)
    assert not office.queries.places(LAST_DONE), "a machine's decision moves no test case of people's"
    # Sent only now: what was carried out is not chased.
    assert deliver(office.docket, lambda *_: "taken", later(minutes=6)) > 0  # type: ignore[arg-type]
    assert action not in {one.id for one in differences(office.queries, later(days=1))}
    assert other in {one.id for one in differences(office.queries, later(days=1))}


def test_what_was_not_done_as_decided_is_shown_and_chased(office: Office, tmp_path: Path) -> None:
    """Failed and something else at once, silence after an hour; late and not found stay on the page; none is lost."""
    names = ("failed", "other", "gone", "late", "silent", "done")
    by_name = dict(zip(names, removed(office, tmp_path / "rules", *names), strict=True))
    docket = office.docket
    last = read_actions(docket, 0, 99)[-1].number  # type: ignore[arg-type] # a store is both sides
    assert asked(docket, last, NOON) > len(names)  # type: ignore[arg-type]
    assert asked(docket, last, NOON) == asked(docket, last + 50, NOON) == 0  # type: ignore[arg-type]
    soon = later(minutes=10)
    for name in ("failed", "other", "gone", "done"):
        assert says(office, by_name[name], name, at=soon, detail=f"said {name}") == 1  # type: ignore[arg-type]
    shown = {one.id: one.said for one in differences(docket, later(minutes=11))}  # type: ignore[arg-type]
    assert shown == {by_name["failed"]: "failed", by_name["other"]: "other"}
    # Said again it is not chased more often.
    assert chase(docket, None, later(minutes=11)) == 2  # type: ignore[arg-type]
    says(office, by_name["failed"], "failed", at=later(minutes=12), detail="said failed again")
    assert chase(docket, None, later(minutes=13)) == 0  # type: ignore[arg-type]
    assert says(office, by_name["late"], "done", at=later(minutes=90)) == 1
    overdue = {one.id: one.said for one in differences(docket, later(hours=2))}  # type: ignore[arg-type]
    assert {by_name["failed"], by_name["other"], by_name["silent"]} <= overdue.keys()
    assert not {by_name["gone"], by_name["late"], by_name["done"]} & overdue.keys()
    for number, name in enumerate(names, 1):
        row = office.queries.decision(number)
        assert row is not None
        [one] = carried_out(office.queries, row)
        assert one.differs == (name not in ("silent", "done")), name
        wanted = {"late": "done", "silent": None}.get(name, name)
        assert ({each.status for each in one.said} or {None}) == {wanted}
        state = load_case(office, case_of(office, number)).state
        assert state is (CaseState.DONE if name in ("gone", "late", "done") else CaseState.DECIDED)
    assert office.queries.tallies("out/actions/late/") == {f"out/actions/late/{NOON.date()}": 1}
    # A person is called in the end, and done is done.
    at = later(hours=3)
    for _ in range(4):
        chase(docket, None, at)  # type: ignore[arg-type]
        at += later(hours=2) - NOON
    assert "platform-not-done" in str(effects(office, "page.person"))
    assert says(office, by_name["failed"], "done", at=at) == 1
    assert by_name["failed"] not in {one.id for one in differences(docket, later(days=9))}  # type: ignore[arg-type]


def test_an_action_named_twice_in_one_call_ends_as_it_was_said_last(office: Office, tmp_path: Path) -> None:
    """Failed, then done, in one call: nothing is left to chase, and the case tells both."""
    [action] = removed(office, tmp_path / "rules", "p1")
    deliver(office.docket, lambda *_: "taken", NOON)  # type: ignore[arg-type]
    both: list[Status] = ["failed", "done"]
    reports = [Report(id=action, status=status, at=later(minutes=1)) for status in both]
    assert report_actions(office.docket, reports, later(minutes=1)).new == 2  # type: ignore[arg-type]
    assert settle_reports(office, reports, at=later(minutes=1)) == 2
    assert kinds(office, case_of(office, 1)) == ["effect.failed", "effect.done"]
    assert action not in {one.id for one in differences(office.queries, later(days=1))}
