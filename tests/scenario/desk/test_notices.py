"""Notices: what they lack, what they join, who sends them, what many of them do and do not do."""

from dataclasses import replace

import pytest

from evenhand.flow.cases import next_case
from evenhand.flow.deciding import close_proposals, propose_decision
from evenhand.flow.notices import receive_notice
from evenhand.flow.notifiers import lift_suspension, misuse_of, record_of_sender
from evenhand.flow.office import Office, load_case
from evenhand.flow.telling import confirm_receipts
from evenhand.views import desk
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category, Keyword
from evenhand.vocabulary.notice import Attachment, NoticeState
from scenario.desk.scene import ANNA, FINE, NOON, chance, effects, later, notice, post


def test_what_is_missing_is_kept_and_named(office: Office) -> None:
    """An incomplete notice opens nothing, is kept as it came, and its sender is told what the law asks for."""
    received = receive_notice(office, notice(reasons="bad", name="", email="", good_faith=False))
    assert received.state is NoticeState.INCOMPLETE
    assert [field for field, _ in received.missing] == ["reasons", "name", "email", "good_faith"]
    assert received.missing[0][1].endswith("Art. 16(2)(a)")
    assert desk.open_cases(office.queries) == []
    row = office.queries.record(received.number)
    assert row is not None
    assert [one.body for one in office.queries.records_of_act(row.act) if one.kind == "notice.raw"] == [notice().raw]


def test_nobody_is_asked_their_name_about_child_abuse(office: Office) -> None:
    """Name and e-mail are not required there, and the case goes behind the wall."""
    anonymous = notice(
        name="", email="", category=Category.PROTECTION_OF_MINORS, keyword=Keyword.CHILD_SEXUAL_ABUSE_MATERIAL
    )
    assert receive_notice(office, anonymous).state is NoticeState.OPENED
    [line] = desk.open_cases(office.queries)
    assert (line.queue, line.walled, line.harm) == ("child-safety", True, 3)
    assert next_case(office, ANNA, at=NOON) is None


def test_a_trusted_flagger_goes_first_only_within_their_area(office: Office) -> None:
    """Priority follows from verified identity and area of expertise, never from what a notice says."""
    by = {"flagger": "tf-1", "flagger_areas": (Category.VIOLENCE,)}
    receive_notice(office, notice("plain", post("a")))
    receive_notice(office, notice("outside", post("b"), **{**by, "flagger_areas": (Category.SCAMS_AND_FRAUD,)}))
    receive_notice(office, notice("inside", post("c"), **by))
    first = desk.waiting(office.queries, "violence")[0]
    assert load_case(office, first.case).opened.urgent
    assert [line.harm for line in desk.waiting(office.queries, "violence")] == [3, 2, 2]


def test_one_notice_about_many_items(office: Office) -> None:
    """Each item has a case; the same item twice is one; more than fifty are refused."""
    received = receive_notice(office, notice("n", post("a"), post("b"), post("a")))
    assert received.state is NoticeState.OPENED
    assert len(desk.open_cases(office.queries)) == 2
    with pytest.raises(InputError, match="more than 50"):
        receive_notice(office, notice("n-2", *(post(f"p-{n}") for n in range(51))))


def test_a_location_is_the_item_that_the_platform_named(office: Office) -> None:
    """A stranger's notice by URL alone joins the case of the same item."""
    receive_notice(office, notice())
    by_url = replace(post(), item_id="", author="", channel="", content_sha256="", text="")
    assert receive_notice(office, notice("n-2", by_url, email="b@example.org")).state is NoticeState.JOINED


def test_attachments_are_kept_byte_for_byte(office: Office) -> None:
    """A file is kept as it came, whatever its name says."""
    files = (Attachment(name="../../etc/passwd", body=b"\x00\xffMZ"),)
    received = receive_notice(office, notice(attachments=files))
    row = office.queries.record(received.number)
    assert row is not None
    kept = [one.body for one in office.queries.records_of_act(row.act) if one.kind == "notice.file"]
    assert kept == [b"\x00\xffMZ"]


def test_receipt_is_confirmed_by_mail_once(office: Office) -> None:
    """Who wrote by form or mail gets the reference; an API caller has it in the answer."""
    by_form = receive_notice(office, notice(channel="form"))
    receive_notice(office, notice("n-2", email="api@example.org"))
    assert confirm_receipts(office, at=later(seconds=1)) == 1
    assert confirm_receipts(office, at=later(seconds=2)) == 0
    [told] = effects(office, "tell.notifier")
    assert (told["what"], told["redress"], told["to"]) == ("receipt", by_form.reference, "nora@example.org")
    assert by_form.reference in str(told["letter"])


def test_a_campaign_is_one_thing_and_takes_nothing_down(office: Office) -> None:
    """Coordinated reports on innocent channels: one campaign, one case a channel, no decision by number."""
    words = "This channel spreads terrible lies and must be removed from the platform at once, today, number {}."
    for n in range(60):
        received = receive_notice(
            office,
            notice(f"n-{n}", post(f"channel-{n % 6}"), reasons=words.format(n), email=f"user-{n}@example.org"),
        )
        assert received.state in (NoticeState.OPENED, NoticeState.JOINED)
    lines = desk.open_cases(office.queries)
    assert len(lines) == 6
    assert {line.state.value for line in lines} == {"waiting"}
    assert effects(office, "platform.") == []
    [(campaign, sent)] = desk.campaigns(office.queries)
    assert sent >= 50
    assert set(desk.of_campaign(office.queries, campaign)) == {line.case for line in lines}
    assert sum(desk.notices_of(office.queries, line.case) for line in lines) == 60


def test_misuse_is_warned_of_then_suspended_then_lifted(office: Office) -> None:
    """Five manifestly unfounded notices bring a warning, ten a suspension; while it lasts nothing is processed."""
    sender = "notifier/nora@example.org"
    states = []
    for n in range(10):
        receive_notice(office, notice(f"n-{n}", post(f"p-{n}"), received_at=later(hours=n)))
        file = next_case(office, replace(ANNA, id=f"staff-{n}"), at=later(hours=n))
        assert file is not None
        unfounded = replace(FINE, unfounded=True)
        propose_decision(office, replace(ANNA, id=f"staff-{n}"), file.stream, unfounded, at=later(hours=n))
        close_proposals(office, at=later(hours=n, minutes=1), chance=chance)
        states.append(misuse_of(office, sender, later(hours=n, minutes=2))[0])
    assert states == ["", "", "", "", "warned", "warned", "warned", "warned", "warned", "suspended"]
    assert record_of_sender(office, sender, later(hours=10)).unfounded == 10
    told = [body["what"] for body in effects(office, "tell.notifier")]
    assert (told.count("warning"), told.count("suspension"), told.count("answer")) == (1, 1, 10)
    ignored = receive_notice(office, notice("n-11", post("p-11"), received_at=later(days=1)))
    assert (ignored.state, ignored.warning) == (NoticeState.SUSPENDED, "suspended")
    other = notice("n-12", post("p-11"), email="other@example.org", received_at=later(days=1))
    assert receive_notice(office, other).state is NoticeState.OPENED
    over = receive_notice(office, notice("n-13", post("p-13"), received_at=later(days=40)))
    assert (over.state, over.warning) == (NoticeState.OPENED, "warned")
    with pytest.raises(Exception, match="not suspended"):
        lift_suspension(office, ANNA, sender, "looked at", at=later(days=40))
    lift_suspension(office, ANNA, sender, "looked at", at=later(days=2))
    assert misuse_of(office, sender, later(days=2))[0] == "warned"
