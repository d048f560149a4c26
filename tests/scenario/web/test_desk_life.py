"""The whole life of a notice through the pages alone: forms of people, the console of staff, a real docket."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evenhand.doors.http.tokens import Tokens
from evenhand.doors.web.accounts import change_staff, create_staff
from evenhand.doors.web.desk import WebDesk
from evenhand.doors.web.wsgi import make_application
from evenhand.flow.action_reports import Report, report_actions
from evenhand.flow.actions import read_actions
from evenhand.flow.deciding import close_proposals
from evenhand.flow.letter_box import waiting_letters
from evenhand.flow.log import open_directory
from evenhand.flow.office import Office
from evenhand.flow.receipt_check import ReceiptWrongError, check_receipt
from evenhand.flow.receipts import open_pen
from evenhand.flow.statement_made import read_wordings
from evenhand.flow.telling_machine import tell_machine_decisions
from evenhand.flow.ticks import settle_reports
from evenhand.settings import Settings
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.views.desk import waiting
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.reference import References
from scenario.desk.machine_scene import judged, posted, screener
from scenario.desk.scene import effects

PASSWORD = "correct horse battery staple"
HOSTILE = "<script>alert(1)</script>\"'&{{7*191}}{% now %}\u202egnp.exe\u202c \x1b[31m ﷽ " + "Z̷̢̧" * 20
PAGE_BYTES_MAX = 100_000


class Desk:
    """A desk over a docket file whose clock the test moves."""

    def __init__(self, data: Path, docket: Any) -> None:
        self.now = datetime(2026, 11, 24, 9, tzinfo=UTC)
        references = References(b"0123456789abcdef")
        self.office = Office(
            docket=docket,
            queries=docket,
            references=references,
            index_key=bytes(32),
            wordings=read_wordings(data),
        )
        self.web = WebDesk(
            settings=Settings(data=data),
            figures=None,  # type: ignore[arg-type] # no figure is asked for here
            decisions=docket,
            references=references,
            today=self._today,
            now=lambda: self.now,
            docket=docket,
            tokens=Tokens(data),
            office=self.office,
            pen=open_pen(Settings(data=data)),
        )
        self.application = make_application(self.web, on_fatal=lambda: None)

    def _today(self) -> date:
        return self.now.date()

    def visitor(self, **more: Any) -> Any:
        """Return somebody without an account."""
        from django.test import Client

        return Client(headers={"host": "localhost"}, **{"evenhand.desk": self.web}, **more)

    def person(self, name: str, role: str) -> Any:
        """Return a signed-in member of staff."""
        from django.contrib.auth.models import User

        create_staff(self.web.settings, name, role, PASSWORD)
        client = self.visitor()
        client.force_login(User.objects.get(username=name))
        return client

    def close(self) -> None:
        """Let the undo window close."""
        self.now += timedelta(minutes=2)
        close_proposals(self.office, at=self.now, chance=bytes)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty desk."""
    from django.core.cache import cache

    store = SqliteStore(tmp_path / "docket.sqlite3", Vault(bytes(range(32))))
    made = Desk(tmp_path, store)
    cache.clear()
    yield made
    store.close()


def form_token(answer: Any) -> str:
    """Return the token of a form."""
    found = re.search(r'name="form" value="([^"]+)"', answer.content.decode())
    assert found
    return found[1]


def notice(client: Any, **more: Any) -> Any:
    """Send the notice form and return the answer."""
    values = {
        "form": form_token(client.get("/report")),
        "subject": "violence",
        "kind": "post",
        "locations": "https://example.org/post/1",
        "reasons": "It threatens a living person with death.",
        "name": "Nora Notifier",
        "email": "nora@example.org",
        "good_faith": "1",
        **more,
    }
    return client.post("/report", values)


def reference_in(answer: Any) -> str:
    """Return the reference on the page that confirms a notice."""
    found = re.search(r"<code>([0-9A-Z-]{29})</code>", answer.content.decode())
    assert found
    return found[1]


def decide(client: Any, page: str, action: str = "remove", **more: str) -> Any:
    """Send the decision form."""
    values = {
        "action": action,
        "facts": "The post threatens a named person with death.",
        "reference": "Terms, 4.2",
        "ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "category": "STATEMENT_CATEGORY_VIOLENCE",
        **more,
    }
    return client.post(f"{page}decide/", values)


def test_an_order_in_the_notice_form_is_shown_to_a_person(desk: Desk) -> None:
    """Its sender is told the right address, in their language; a harmless notice is told nothing of authorities."""
    nora = desk.visitor()
    assert "authorities@desk.example" not in notice(nora).content.decode().partition("<footer")[0]
    asks = (
        "We are investigating case 12 Js 345/26. Under section 100j of the code of criminal procedure you are ordered "
        "to disclose the subscriber data of the account without delay. Public prosecutor's office."
    )
    answer = notice(nora, reasons=asks, locations="https://example.org/post/2")
    assert "authorities@desk.example" in answer.content.decode().partition("<footer")[0]
    [letter] = waiting_letters(desk.office)
    assert (letter.to, letter.went, letter.text) == ("notice form", "proposed", asks)
    link = f"/follow/{reference_in(answer)}/"
    said = nora.post(link, {"form": form_token(nora.get(link)), "what": "answer", "text": asks})
    assert "authorities@desk.example" in said.content.decode().partition("<footer")[0]
    assert {one.to for one in waiting_letters(desk.office)} == {"notice form", "conversation"}


def test_from_report_to_reversal(desk: Desk) -> None:
    """Report, claim, ask, answer, preview, decide, undo, decide again, appeal, reverse: everybody is told, in turn."""
    nora, anna, chiara = desk.visitor(), desk.person("anna", "moderator"), desk.person("chiara", "senior")
    reference = reference_in(notice(nora))
    page = anna.post("/console/next/")["Location"]
    text = anna.get(page).content.decode()
    assert "It threatens a living person with death." in text
    assert "nora@example.org" not in text
    number = re.search(r'value="notifier:(\d+)"', text)
    assert number
    anna.post(f"{page}write/", {"to": f"notifier:{number[1]}", "text": "Who is threatened?"})
    seen = nora.get(f"/follow/{reference}/")
    assert "Who is threatened?" in seen.content.decode()
    nora.post(f"/follow/{reference}/", {"form": form_token(seen), "what": "answer", "text": "My neighbour."})
    assert "My neighbour." in anna.get(page).content.decode()

    shown = decide(anna, page, preview="1").content.decode()
    assert "What will be sent to whom" in shown
    assert "1 answer with the decision" in shown
    assert decide(anna, page).status_code == 302
    assert "seconds left" in anna.get("/console/").content.decode()
    anna.post(f"{page}undo/")
    assert "Proposed:" not in anna.get("/console/").content.decode()
    decide(anna, page)
    desk.close()
    told = nora.get(f"/follow/{reference}/").content.decode()
    assert "It is decided." in told
    assert "anna" not in told

    number_of_case = desk.office.references.parse("case", page.split("/")[-2])
    link = desk.office.references.format("affected", number_of_case)
    author = desk.visitor()
    mine = author.get(f"/matter/{link}", follow=True)
    assert "You may appeal until" in mine.content.decode()
    assert "Nora" not in mine.content.decode()
    sent = author.post(
        f"/follow/{link}/", {"form": form_token(mine), "what": "appeal", "text": "I quoted what was sent to me."}
    )
    assert "Your appeal is received" in sent.content.decode()

    assert anna.post("/console/next/")["Location"] == "/console/", "who decided first does not get the appeal"
    page = chiara.post("/console/next/")["Location"]
    assert "I quoted what was sent to me." in chiara.get(page).content.decode()
    answer = decide(chiara, page, "restore", outcome="reversed", facts="It is a quotation.")
    assert answer.status_code == 302
    desk.close()
    # Not shown as done before the platform has undone it.
    shown = author.get(f"/follow/{link}/").content.decode()
    assert "It is being looked at." in shown
    assert "Removed" in shown
    assert "Restored" not in shown
    actions = read_actions(desk.office.docket, 0, 99)  # type: ignore[arg-type] # a store is both sides
    done = [Report(id=one.id, status="done", at=desk.now) for one in actions if one.type == "platform.restore"]
    assert settle_reports(desk.office, done, at=desk.now) == 1
    assert "The decision was changed." in author.get(f"/follow/{link}/").content.decode()


def test_four_eyes_and_two_people_at_one_case(desk: Desk) -> None:
    """The gravest cases wait for somebody else; who comes second to a case is told so."""
    notice(desk.visitor(), subject="terror")
    anna, boris, chiara = (
        desk.person("anna", "moderator"),
        desk.person("boris", "moderator"),
        desk.person("chiara", "senior"),
    )
    page = anna.post("/console/next/")["Location"]
    boris.post(f"{page}open/", {"purpose": "to claim it"})
    refused = boris.post(f"{page}claim/", follow=True).content.decode()
    assert "somebody else has it" in refused
    decide(anna, page)
    assert "second person" in anna.get(page).content.decode()
    assert boris.post(f"{page}agree/").status_code == 403
    chiara.post(f"{page}open/", {"purpose": "second opinion"})
    assert "Agree" in chiara.get(page).content.decode()
    assert chiara.post(f"{page}agree/", {"text": "Clear."}).status_code == 302
    desk.close()
    assert "Decided" in anna.get(page).content.decode()


def test_a_purpose_is_recorded_before_anything_is_shown(desk: Desk) -> None:
    """Whoever has no case in hand says what for; the record comes first, and lasts half an hour."""
    notice(desk.visitor())
    anna, legal = desk.person("anna", "moderator"), desk.person("lena", "legal")
    page = anna.post("/console/next/")["Location"]
    asked = legal.get(page).content.decode()
    assert "What do you open it for?" in asked
    assert "threatens" not in asked
    assert legal.post(f"{page}open/", {"purpose": "  "}).status_code == 400
    legal.post(f"{page}open/", {"purpose": "a court asks"})
    assert "threatens" in legal.get(page).content.decode()
    assert "a court asks" in anna.get(page).content.decode()
    desk.now += timedelta(minutes=31)
    assert "What do you open it for?" in legal.get(page).content.decode()


def test_hostile_texts_on_every_new_page(desk: Desk) -> None:
    """Markup, overrides and controls in every field stay text, in forms as in the console; pages stay small."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    nora, anna = desk.visitor(), desk.person("anna", "senior")
    name = "<b>\u202e\x07.html"
    body = b"<html><script>alert(1)</script>"
    again = notice(nora, reasons=HOSTILE, name=HOSTILE, locations="https://example.org/<b>", email="x")
    assert again.status_code == 400
    files = [SimpleUploadedFile(name, body, content_type="text/html")]
    received = notice(nora, reasons=HOSTILE, name="<i>Nora", locations="https://example.org/<b>", files=files)
    reference = reference_in(received)
    page = anna.post("/console/next/")["Location"]
    for act in ("note", "write"):
        anna.post(f"{page}{act}/", {"text": HOSTILE, "to": "internal"})
    matter = nora.get(f"/follow/{reference}/")
    said = nora.post(f"/follow/{reference}/", {"form": form_token(matter), "what": "answer", "text": HOSTILE})
    wrong = decide(anna, page, "", facts=HOSTILE, explanation=HOSTILE, because=HOSTILE, territory=HOSTILE)
    assert wrong.status_code == 400
    preview = decide(anna, page, facts=HOSTILE, reference=HOSTILE, preview="1")
    decide(anna, page, facts=HOSTILE, because=HOSTILE)
    pages = [
        again,
        received,
        matter,
        said,
        wrong,
        preview,
        anna.get(page),
        anna.get("/console/search/", {"text": HOSTILE, "rule": HOSTILE}),
        anna.get("/console/"),
    ]
    for answer in pages:
        text = answer.content.decode()
        assert "<script>alert" not in text
        assert "<b>" not in text.replace("<b>Evenhand</b>", "")
        assert "\u202e" not in text
        assert "\x1b" not in text
        assert "1337" not in text
        assert len(answer.content) < PAGE_BYTES_MAX
        assert "script-src 'self'" in answer["Content-Security-Policy"]
    link = re.search(rf"{page}files/\d+/", anna.get(page).content.decode())
    assert link
    kept = anna.get(link[0])
    assert kept.content == body
    assert kept["Content-Type"] == "application/octet-stream"
    assert kept["Content-Disposition"].startswith("attachment;")
    assert kept["Content-Security-Policy"].startswith("sandbox")


def test_public_forms_set_no_cookie_and_come_from_our_pages_only(desk: Desk) -> None:
    """No cookie, no cross-site post, no old or foreign token; the same form twice is one notice."""
    nora = desk.visitor()
    for path in ("/report", "/follow/", "/de/report"):
        assert nora.get(path).status_code == 200
    token = form_token(nora.get("/report"))
    first, second = notice(nora, form=token), notice(nora, form=token)
    assert reference_in(first) == reference_in(second)
    assert nora.cookies == {}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = nora.post("/report", {"form": token}, headers=headers)
        assert answer.status_code == 403, headers
    assert notice(nora, form=token[:-1] + "x").status_code == 400
    assert "too old" in notice(nora, form="").content.decode()


def test_a_reference_is_no_oracle(desk: Desk) -> None:
    """Made-up, staff's and broken references get the same page; who asks too often has to wait."""
    from evenhand.doors.web.visitors import LOOKS_MAX

    nora = desk.visitor()
    notice(nora)
    [line] = waiting(desk.office.queries, "violence", limit=1)
    number = desk.office.queries.records(line.case)[0].number
    theirs = desk.office.references.format("case", number)
    made_up = desk.office.references.format("notice", 2**40)
    asked = (theirs, made_up, "AAAA", "x" * 500)
    pages = {nora.get(f"/follow/{one}/").content.replace(one.encode(), b"") for one in asked}
    assert len(pages) == 1
    answers = [nora.get("/follow/AAAA/").status_code for _turn in range(LOOKS_MAX)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_what_a_notice_needs(desk: Desk) -> None:
    """Each missing part is named; the abuse of a child needs no name; too large or too many files are refused."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    nora = desk.visitor()
    for field in ("reasons", "locations", "name", "email", "good_faith", "subject"):
        answer = notice(nora, **{field: ""})
        assert answer.status_code == 400, field
    assert notice(nora, subject="child", name="", email="").status_code == 200
    files = [SimpleUploadedFile(f"{number}.bin", b"\x89PNG") for number in range(6)]
    assert "at most five files" in notice(nora, files=files).content.decode()
    large = SimpleUploadedFile("large.bin", bytes((5 << 20) + 1))
    assert "5 MB" in notice(nora, files=[large]).content.decode()


def test_who_has_seen_enough_rests(desk: Desk) -> None:
    """After as many grave items as a person asks for, they are given no more today; after an hour they are told."""
    for number in range(3):
        notice(desk.visitor(), locations=f"https://example.org/post/{number}")
    anna = desk.person("anna", "moderator")
    anna.post("/console/rest/", {"grave_a_day": "2", "rest_every_min": "30"})
    for _turn in range(2):
        page = anna.post("/console/next/")["Location"]
        assert "/console/case/" in page
        decide(anna, page)
    assert anna.post("/console/next/")["Location"] == "/console/rest/"
    assert "Please rest now" in anna.get("/console/rest/").content.decode()
    desk.now += timedelta(days=1)
    assert "/console/case/" in anna.post("/console/next/")["Location"]
    for _turn in range(7):
        desk.now += timedelta(minutes=5)
        page = anna.post("/console/next/", {"anyway": "1"})["Location"]
    assert anna.post("/console/next/")["Location"] == "/console/rest/"
    assert "without a break" in anna.get("/console/").content.decode()
    anna.post("/console/rest/")
    assert "/console/case/" in anna.post("/console/next/")["Location"]


def test_an_area_is_kept_to(desk: Desk) -> None:
    """A person limited to a queue sees no other; a closed account is out at once."""
    notice(desk.visitor(), subject="fraud")
    anna = desk.person("anna", "moderator")
    change_staff(desk.web.settings, "anna", areas={"queues": ["violence"]})
    assert anna.post("/console/next/")["Location"] == "/console/"
    assert anna.get("/console/queues/fraud/").status_code == 404
    change_staff(desk.web.settings, "anna", areas={"queues": []})
    assert "/console/case/" in anna.post("/console/next/")["Location"]
    change_staff(desk.web.settings, "anna", active=False)
    assert anna.get("/console/").status_code == 302
    with pytest.raises(InputError):
        change_staff(desk.web.settings, "nobody_here")


def test_a_campaign_is_decided_together_after_its_sample(desk: Desk) -> None:
    """Nothing happens before the sample was opened; then all are proposed, and all can be taken back."""
    for number in range(12):
        notice(
            desk.visitor(),
            locations=f"https://example.org/post/{number}",
            reasons=f"This channel insults our town and must be closed at once, says reader {number}.",
            subject="goods",
            email=f"reader{number}@example.org",
        )
    chiara = desk.person("chiara", "senior")
    listed = chiara.get("/console/campaigns/").content.decode()
    name = re.search(r"/console/campaigns/([0-9a-f]{32})/", listed)
    assert name
    page = chiara.post("/console/together/", {"campaign": name[1]})["Location"]
    values = {
        "action": "none",
        "reference": "Terms, 1",
        "ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "category": "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS",
    }
    refused = chiara.post(f"{page}propose/", values)
    assert refused.status_code == 409
    for link in re.findall(r'action="(/console/case/[^"]+/open/)"', chiara.get(page).content.decode()):
        chiara.post(link, {"purpose": "sample before a bulk decision"})
    done = chiara.post(f"{page}propose/", values)
    assert "12 cases." in done.content.decode()
    assert "12 proposals are taken back." in chiara.post(f"{page}undo/", follow=True).content.decode()


def test_what_an_address_takes() -> None:
    """The notice form takes files, in every language; no other page does."""
    from evenhand.doors.web.wsgi import BODY_BYTES_MAX, FORM_BYTES_MAX, _body_bytes_max

    assert _body_bytes_max("/report") == _body_bytes_max("/ar/report") == FORM_BYTES_MAX
    for path in ("/report/", "/reports/daily", "/console/report", "/follow/x/", "/arx/report"):
        assert _body_bytes_max(path) == BODY_BYTES_MAX, path


def test_a_receipt_to_download_and_check(desk: Desk, tmp_path: Path) -> None:
    """The form gives a signed note for the very bytes that came; it verifies against them and no others."""
    nora = desk.visitor()
    reference = reference_in(notice(nora))
    note, message = tmp_path / "receipt.txt", tmp_path / "message.bin"
    note.write_bytes(nora.get(f"/follow/{reference}/receipt").content)
    answer = nora.get(f"/follow/{reference}/message")
    message.write_bytes(answer.content)
    assert b"It threatens a living person" in answer.content
    assert answer["Content-Disposition"].startswith("attachment;")
    vkey = open_log_vkey(desk)
    assert check_receipt(note, vkey, (), message).reference == reference
    desk.now += timedelta(days=3)
    assert nora.get(f"/follow/{reference}/receipt").content == note.read_bytes()
    message.write_bytes(answer.content + b" ")
    with pytest.raises(ReceiptWrongError):
        check_receipt(note, vkey, (), message)
    for path in ("/follow/AAAA/receipt", "/follow/AAAA/message", f"/follow/{reference}/other"):
        assert nora.get(path).status_code == 404


def open_log_vkey(desk: Desk) -> str:
    """Return the log's verifier key, which endorses the key of receipts."""
    return open_directory(desk.web.settings).vkey


def test_a_machines_decision_is_appealed_from_its_letter(desk: Desk, tmp_path: Path) -> None:
    """The link in the letter leads to the appeal, without an account; a person sees what the machine saw."""
    judged(desk.office, screener(tmp_path / "rules"), posted("p1", "Do not fall for https://a.example"))
    tell_machine_decisions(desk.office, at=desk.now)
    [letter] = [body for body in effects(desk.office, "tell.affected") if body["what"] == "decision"]
    author, anna = desk.visitor(), desk.person("anna", "moderator")
    assert anna.post("/console/next/")["Location"] == "/console/", "nothing waits yet"
    mine = author.get(f"/matter/{letter['redress']}", follow=True)
    assert "You may appeal until" in mine.content.decode()
    assert "Carried out" not in mine.content.decode()
    [removal] = [one.id for one in read_actions(desk.office.docket, 0, 9) if one.type == "platform.remove"]  # type: ignore[arg-type]
    decision = "/console/decisions/1/"
    assert "The platform does not have it yet." in anna.get(decision).content.decode()
    said = [
        Report(id=removal, status="other", at=desk.now, detail="hidden <b>only</b>"),
        Report(id=removal, status="done", at=desk.now),
    ]
    assert report_actions(desk.office.docket, said, desk.now).new == 2  # type: ignore[arg-type] # a store is both sides
    assert settle_reports(desk.office, said, at=desk.now) == 2
    shown = anna.get(decision).content.decode()
    assert shown.index("The platform did something else") < shown.index("Done by the platform")
    assert "hidden &lt;b&gt;only&lt;/b&gt;" in shown
    followed = author.get(f"/follow/{letter['redress']}/").content.decode()
    assert "Carried out" in followed
    assert "something else" not in followed
    sent = author.post(
        f"/follow/{letter['redress']}/", {"form": form_token(mine), "what": "appeal", "text": "I warned of it."}
    )
    assert "Your appeal is received" in sent.content.decode()
    page = anna.post("/console/next/")["Location"]
    shown = anna.get(page).content.decode()
    assert "I warned of it." in shown
    assert "Do not fall for" in shown
    taken = anna.post(f"{page}claim/", follow=True).content.decode()
    keys = re.findall(r'name="outcome" value="(\w+)" data-key="(.)"', taken)
    assert keys == [("upheld", "U"), ("partly", "P"), ("reversed", "V")]
    decide(anna, page, "restore", outcome="reversed", facts="It is a warning.")
    desk.close()
    actions = read_actions(desk.office.docket, 0, 99)  # type: ignore[arg-type] # a store is both sides
    done = [Report(id=one.id, status="done", at=desk.now) for one in actions if one.type == "platform.restore"]
    assert settle_reports(desk.office, done, at=desk.now) == 1
    assert "The decision was changed." in author.get(f"/follow/{letter['redress']}/").content.decode()
