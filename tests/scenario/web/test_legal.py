"""The legal team's pages: who gets in, a removal order from its receipt to its answer, an emergency's call-back."""

import re
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from evenhand.doors.web.desk import WebDesk
from evenhand.flow.intake import accept_request
from evenhand.flow.requests import load_matter, matter_of
from evenhand.vocabulary.matter import Incoming
from evenhand.vocabulary.request import Ask
from legal_pages import AT, KNOWN, ORDER, Clock, form_of, legal_desk, signed_in, take


@pytest.fixture
def legal(desk: WebDesk, tmp_path: Path) -> WebDesk:
    """A desk with a docket of its own that takes requests."""
    return legal_desk(desk, tmp_path)


ROUTES = ("/console/legal/", "/console/legal/{}/", "/console/legal/{}/raw/2")


def test_only_the_legal_team_finds_anything(legal: WebDesk) -> None:
    """Strangers may sign in; everybody else gets the answer for what is not there, whether it is or not."""
    from django.test import Client

    reference, made_up = take(legal).reference, "7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2"
    stranger = Client(headers={"host": "localhost"}, **{"evenhand.desk": legal})
    for route in ROUTES:
        assert stranger.get(route.format(reference)).status_code == 302
    for role in ("moderator", "analyst", "admin"):
        person = signed_in(legal, f"the_{role}", role)
        for route in ROUTES:
            answer = person.get(route.format(reference))
            assert answer.status_code == 404, (role, route)
            unknown = person.get(route.format(made_up)).content.decode()
            assert answer.content.decode().replace(reference, made_up) == unknown
            assert person.post(route.format(reference), {"act": "send"}).status_code in (404, 405)
        assert b"/console/legal/" not in person.get("/console/days/2026-11-24/").content
    anna = signed_in(legal, "anna")
    assert [anna.get(route.format(reference)).status_code for route in ROUTES] == [200, 200, 200]
    assert b"/console/legal/" in anna.get("/console/days/2026-11-24/").content
    for path in ("/console/legal/7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2/", f"/console/legal/{reference}/raw/9999"):
        assert anna.get(path).status_code == 404


def test_an_order_from_the_queue_to_its_answer(legal: WebDesk) -> None:
    """Assessed from the prefilled form, one bad target apart, drafted in the regime's form, approved by its bytes."""
    anna, bela = signed_in(legal, "anna"), signed_in(legal, "bela")
    reference = take(legal).reference
    path = f"/console/legal/{reference}/"
    page = anna.get(path).content.decode()
    assert "<script>alert" not in page
    assert "\u202e" not in page
    form = form_of(page, "assess")
    assert form["asks"] == "1 | remove | - | p77 p78"
    assert form["targets"] == "p77 | ? | ? | post | ?\np78 | ? | ? | post | ?"
    assert form["verified"] == "registry"
    wrong = anna.post(path, form)
    assert wrong.status_code == 422
    assert "targets, line 1" in wrong.content.decode()
    assert anna.post(path, form | KNOWN).status_code == 302
    page = anna.get(path).content.decode()
    assert "2026-11-24 13:00:00" in page
    assert "partly" in page
    assert "Art. 3" in page
    draft = form_of(page, "draft")
    assert reference in draft["text"]
    assert anna.post(path, draft | {"text": draft["text"].replace("\n", "\r\n")}).status_code == 302
    page = anna.get(path).content.decode()
    assert "must approve" in page
    assert 'value="send"' not in page
    approve = form_of(page, "approve")
    anna.post(path, form_of(page, "draft") | {"text": "Another text."})
    assert "has changed since" in bela.post(path, approve, follow=True).content.decode()
    anna.post(path, draft)
    bela.post(path, form_of(bela.get(path).content.decode(), "approve"))
    page = bela.post(path, form_of(bela.get(path).content.decode(), "send"), follow=True).content.decode()
    assert "answered" in page
    assert legal.office is not None
    file = load_matter(legal.office, matter_of(legal.office, reference))
    assert file.draft is not None
    assert file.draft.text == draft["text"]
    kinds = [row.kind for row in legal.office.queries.effects(after=0, limit=9)]
    assert sorted(kinds) == ["platform.disable", "tell.authority"]
    assert reference not in anna.get("/console/legal/").content.decode()


def test_what_came_is_handed_out_as_a_file_only(legal: WebDesk) -> None:
    """Byte for byte, as an attachment of no type that a browser would run."""
    anna = signed_in(legal, "anna")
    reference = take(legal, raw=b"<html><script>alert(1)</script>").reference
    [link] = re.findall(
        r'href="(/console/legal/[^"]+/raw/\d+)"', anna.get(f"/console/legal/{reference}/").content.decode()
    )
    answer = anna.get(link)
    assert answer.content == b"<html><script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    other = take(legal, key="k2", raw=b"other").reference
    assert anna.get(link.replace(reference, other)).status_code == 404


def test_every_reading_is_on_record_before_it(legal: WebDesk) -> None:
    """Opening a matter leaves who did so in its thread."""
    anna = signed_in(legal, "anna")
    reference = take(legal).reference
    anna.get(f"/console/legal/{reference}/")
    assert legal.office is not None
    rows = legal.office.queries.records(matter_of(legal.office, reference))
    assert [row.kind for row in rows].count("access") == 1


def test_an_emergency_from_a_mailbox_needs_a_call_back_by_two(legal: WebDesk) -> None:
    """However good the mail looks: no disclosure before two people heard a confirmation over a number known before."""
    anna, bela = signed_in(legal, "anna"), signed_in(legal, "bela")
    ask = Ask(id="1", kind="disclose", data=("subscriber",), targets=("a1",))
    import msgspec

    emergency = msgspec.structs.replace(
        ORDER, instrument="emergency-disclosure", asks=(ask,), emergency="A child was abducted an hour ago.",
        territory=("DE",),
    )  # fmt: skip
    reference = take(legal, request=emergency, entrance="mail", sender="kdd@bka.example").reference
    path = f"/console/legal/{reference}/"
    form = form_of(anna.get(path).content.decode(), "assess") | KNOWN | {"targets": "a1 | yes | yes | account | -"}
    claimed = anna.post(path, form | {"verified": "called-back"})
    assert claimed.status_code == 422
    anna.post(path, form)
    page = anna.get(path).content.decode()
    assert "call-back" in page
    assert legal.office is not None
    stream = matter_of(legal.office, reference)
    assessed = load_matter(legal.office, stream).assessed
    assert assessed is not None
    assert (assessed.ruling.outcome, assessed.ruling.disclose.allowed) == ("escalate", ())
    call = form_of(page, "call") | {"number": "+49 611 550 00", "spoke_to": "KHK Example", "confirmed": "on"}
    for wrong, said in (({"number": "+49 170 1"}, "was not in the registry"), ({"channel": "mail"}, "same channel")):
        anna.post(path, call | wrong)
        assert said in anna.get(path).content.decode()
    anna.post(path, call)
    assert "A second person of ours" in anna.get(path).content.decode()
    bela.post(path, call)
    assert "counts as called back" in bela.get(path).content.decode()
    form = form_of(bela.get(path).content.decode(), "assess")
    assert form["verified"] == "registry"
    assert bela.post(path, form | {"verified": "called-back", "signature": "valid"}).status_code == 302
    assessed = load_matter(legal.office, stream).assessed
    assert assessed is not None
    assert "call-back" not in assessed.ruling.missing
    assert "second-person" in assessed.ruling.approvals


def test_overdue_is_marked_whatever_the_clock_did(legal: WebDesk) -> None:
    """A clock that jumps forward shows what is late; one that jumps back does not undo the deadline."""
    anna = signed_in(legal, "anna")
    reference = take(legal).reference
    path = f"/console/legal/{reference}/"
    anna.post(path, form_of(anna.get(path).content.decode(), "assess") | KNOWN)
    assert "Overdue" not in anna.get("/console/legal/").content.decode()
    Clock.now = AT + timedelta(hours=2)
    assert "Overdue" in anna.get("/console/legal/").content.decode()
    Clock.now = AT - timedelta(days=40)
    assert "2026-11-24 13:00" in anna.get("/console/legal/").content.decode()
    assert date(2026, 11, 24) == AT.date()


def test_one_bad_target_among_two_hundred(legal: WebDesk) -> None:
    """Each is judged by itself; the page and the form hold them all."""
    anna = signed_in(legal, "anna")
    import msgspec

    names = tuple(f"p{n}" for n in range(200))
    many = msgspec.structs.replace(ORDER, asks=(Ask(id="1", kind="remove", targets=names),))
    path = f"/console/legal/{take(legal, request=many).reference}/"
    lines = [f"{name} | yes | yes | post | {'press' if name == 'p137' else '-'}" for name in names]
    form = form_of(anna.get(path).content.decode(), "assess") | KNOWN | {"targets": "\n".join(lines)}
    assert anna.post(path, form).status_code == 302
    assert legal.office is not None
    assessed = load_matter(legal.office, matter_of(legal.office, path.split("/")[3])).assessed
    assert assessed is not None
    outcomes = {target.target: target.outcome for target in assessed.ruling.targets}
    assert {name for name, outcome in outcomes.items() if outcome != outcomes["p0"]} == {"p137"}


def test_a_frozen_account_is_shown_and_released(legal: WebDesk) -> None:
    """With the reasons; released only with a word on what was found."""
    from evenhand.flow.authorities import find_authority

    anna = signed_in(legal, "anna")
    authority = find_authority(legal.identifier().registry, "bka")
    assert legal.office is not None
    assert legal.pen is not None
    import msgspec

    foreign = msgspec.structs.replace(ORDER, issuer=msgspec.structs.replace(ORDER.issuer, country="RU"))
    incoming = Incoming(
        key="f", received_at=AT, raw=b"x", entrance="api", sender="token:bka", authority="bka", request=foreign
    )
    accept_request(legal.office, legal.pen, incoming, authority=authority)
    assert "names RU" in anna.get("/console/legal/").content.decode()
    page = anna.post("/console/legal/accounts/", {"authority": "bka", "why": " "}, follow=True).content.decode()
    assert "say what you found" in page
    page = anna.post("/console/legal/accounts/", {"authority": "bka", "why": "A typing error."}, follow=True)
    assert "names RU" not in page.content.decode()


def test_a_person_moves_a_letter(legal: WebDesk) -> None:
    """What no model placed is carried over with its own time of receipt, once; or it is put away."""
    from evenhand.doors.mail.reader import MailReader
    from evenhand.flow.mailroom import Mailroom
    from evenhand.flow.wrong_door import shipped_door_model

    assert legal.office is not None
    assert legal.pen is not None
    with MailReader() as reader:
        room = Mailroom(
            office=legal.office,
            pen=legal.pen,
            settings=legal.settings,
            law=legal.law(),
            identifier=legal.identifier,
            model=shipped_door_model(),
            reader=reader,
        )
        for raw in (b"From: a@home.example\r\n\r\nHello there", b"\0" * 40):
            room.receive(raw, envelope_to="people@desk.example", at=AT - timedelta(hours=5))
    anna = signed_in(legal, "anna")
    page = anna.get("/console/legal/").content.decode()
    assert "Hello there" in page
    assert "unreadable" in page
    references = re.findall(r'name="reference" value="([^"]+)"', page)
    moved = anna.post("/console/legal/letters/", {"reference": references[0], "act": "request"})
    matter = anna.get(moved["Location"]).content.decode()
    assert "2026-11-24 07:00:00" in matter
    assert "people@desk.example" in matter
    again = anna.post("/console/legal/letters/", {"reference": references[0], "act": "request"}, follow=True)
    assert "this letter was moved" in again.content.decode()
    anna.post("/console/legal/letters/", {"reference": references[1], "act": "away"})
    assert "Letters that wait" not in anna.get("/console/legal/").content.decode()


def test_an_answer_that_never_comes_is_ended_on_the_matters_page(legal: WebDesk) -> None:
    """The clock that stands, the reminders and the end are shown; before its time nobody can end it; in Annex III."""
    import os

    from evenhand.flow.answering import send_reply
    from evenhand.flow.awaiting import watch_answers
    from evenhand.flow.requests import approve_reply, assess_matter, draft_reply
    from evenhand.rulebook.load import load_law
    from evenhand.vocabulary.actor import Actor, Role
    from evenhand.vocabulary.request import RequestFacts, TargetFacts

    office, book = legal.office, load_law()
    assert office is not None
    assert legal.pen is not None
    reference = take(legal).reference
    stream = matter_of(office, reference)
    targets = {name: TargetFacts(held=True, on_service=True, kind="post", flags=()) for name in ("p77", "p78")}
    facts = RequestFacts(verified="registry", targets=targets, establishment="BE", languages=("en",))
    one = Actor(id="staff-71", roles=frozenset({Role.LEGAL}))
    assess_matter(office, book, one, stream, msgspec.structs.replace(ORDER, reasons=None), facts, at=AT)
    file = draft_reply(office, one, stream, "Please give the reasons.", at=AT)
    assert file.draft is not None
    approve_reply(office, one, stream, file.draft.bound, at=AT)
    send_reply(office, legal.pen, one, stream, is_legal=lambda _: True, at=AT, chance=os.urandom)
    for hours in (0, 12, 24):
        watch_answers(office, book, at=AT + timedelta(hours=hours))
    anna = signed_in(legal, "anna")
    path = f"/console/legal/{reference}/"
    shown = anna.get(path).content.decode()
    assert "tco-removal-answer@2018-01-01" in shown
    assert shown.count("<br>reminded") == 2
    assert "when Annex III tells the authority of an obstacle" in shown
    assert 'value="lapse"' not in shown
    queue = anna.get("/console/legal/").content.decode()
    assert "their answer by" in queue
    early = anna.post(path, {"act": "lapse", "why": "Nothing came."}, follow=True).content.decode()
    assert "the answer may still come until" in early
    watch_answers(office, book, at=AT + timedelta(days=3))
    Clock.now = AT + timedelta(days=3)
    late = anna.post(path, {"act": "lapse", "why": "Nothing came."}, follow=True).content.decode()
    assert "A person found that the answer to our question never came." in late
    assert "insufficient information" in form_of(late, "draft")["text"]


def test_a_counter_notice_from_its_link_to_the_court(legal: WebDesk) -> None:
    """Whom a private demand concerns writes from the letter's link; the legal team records the court action."""
    import os

    from django.test import Client

    from evenhand.flow.answering import send_reply
    from evenhand.flow.concerned import counters_of, tell_concerned
    from evenhand.flow.requests import approve_reply, assess_matter, draft_reply
    from evenhand.rulebook.load import load_law
    from evenhand.vocabulary.actor import Actor, Role
    from evenhand.vocabulary.matter import Measure
    from evenhand.vocabulary.request import Issuer, RequestFacts, TargetFacts

    office = legal.office
    assert office is not None
    assert legal.pen is not None
    demand = msgspec.structs.replace(
        ORDER,
        instrument="private-demand",
        issuer=Issuer(name="Film Rights Ltd", country="DE", kind="private"),
        legal_basis="Copyright Act, section 97",
        territory=(),
    )
    sent_by = {"entrance": "mail", "sender": "a@film.example", "request": demand}
    incoming = Incoming(key="film", received_at=AT, raw=b"raw", **sent_by)  # type: ignore[arg-type] # as it has them
    reference = accept_request(office, legal.pen, incoming).reference
    stream = matter_of(office, reference)
    known = {"p77": TargetFacts(held=True, on_service=True, kind="post", flags=())}
    facts = RequestFacts(verified="none", targets=known, establishment="BE")
    one, two = (Actor(id=f"staff-{n}", roles=frozenset({Role.LEGAL})) for n in (71, 72))
    assess_matter(office, load_law(), one, stream, demand, facts, at=AT)
    measures = (Measure(target="p77", action="geo-restrict", territory=("DE",)),)
    file = draft_reply(office, one, stream, "Restricted.", measures=measures, at=AT)
    assert file.draft is not None
    for person in (one, two):
        approve_reply(office, person, stream, file.draft.bound, at=AT)
    send_reply(office, legal.pen, one, stream, is_legal=lambda _: True, at=AT, chance=os.urandom)
    assert tell_concerned(office, at=AT) == 1
    [counter] = counters_of(office, stream)
    path = f"/matter/{office.references.format('measure', counter.number)}"
    visitor = Client(headers={"host": "localhost"}, **{"evenhand.desk": legal})
    page = visitor.get(path, follow=True)
    shown = page.content.decode()
    assert "Copyright Act, section 97" in shown
    assert "Film Rights" not in shown
    at = page.request["PATH_INFO"]
    token = re.search(r'name="form" value="([^"]+)"', shown)
    assert token
    assert visitor.post(at, {"form": token[1], "text": " "}).status_code == 400
    done = visitor.post(at, {"form": token[1], "text": "I <b>made</b> it."})
    assert "Whoever demanded the measure is told" in done.content.decode()
    anna = signed_in(legal, "anna")
    assert reference in anna.get("/console/legal/").content.decode()
    matter = f"/console/legal/{reference}/"
    page_ = anna.get(matter).content.decode()
    assert "I &lt;b&gt;made&lt;/b&gt; it." in page_
    assert anna.post(matter, {"act": "court", "number": "x", "court": "LG"}).status_code == 404
    shown_court = {"act": "court", "number": str(counter.number), "court": "LG Bonn 3 O 1/26"}
    assert anna.post(matter, shown_court).status_code == 302
    assert counters_of(office, stream)[0].state == "court"
    assert "until the court decides" in visitor.get(at).content.decode()
    anna.post(matter, {"act": "take-back", "number": str(counter.number)})
    bela = signed_in(legal, "bela")
    bela.post(matter, {"act": "take-back", "number": str(counter.number)})
    assert counters_of(office, stream)[0].state == "restored"
    assert "taken back" in visitor.get(at).content.decode()
