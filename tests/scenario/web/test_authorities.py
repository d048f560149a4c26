"""The portal for authorities: regimes' forms, receipts, enrolment with vouching, following; nothing about others."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evenhand.doors.http.tokens import Scope, Tokens
from evenhand.doors.web.accounts import create_staff
from evenhand.doors.web.desk import WebDesk
from evenhand.flow.answering import send_reply
from evenhand.flow.authorities import RegistryFile
from evenhand.flow.enrolment import LINKS_A_DAY, decide_enrolment, hand_over, open_enrolments
from evenhand.flow.follow import receipts_of
from evenhand.flow.log import open_directory
from evenhand.flow.office import Office
from evenhand.flow.receipt_check import check_receipt
from evenhand.flow.receipts import open_pen
from evenhand.flow.requests import approve_reply, assess_matter, draft_reply, load_matter, matter_of
from evenhand.ledger.log import reader_of
from evenhand.rulebook.load import load_law
from evenhand.store.memory import MemoryStore
from evenhand.store.postgres import PostgresStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.reference import References
from evenhand.vocabulary.request import RequestFacts, TargetFacts
from postgres import empty_docket

BOTH = pytest.mark.parametrize("taking", ["memory", "postgresql"], indirect=True)
PASSWORD = "correct horse battery staple"
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANNA = Actor(id="staff-1", roles=frozenset({Role.LEGAL}))
FORM = {
    "issuer_name": "Bundeskriminalamt",
    "issuer_country": "DE",
    "issuer_kind": "police",
    "address": "tco@bka.example",
    "ask": "remove",
    "targets": "p77\r\np78\r\np77",
    "legal_basis": "Regulation (EU) 2021/784, Art. 3",
    "reasons": "It solicits.",
    "redress": "VG Wiesbaden",
    "language": "de",
}
WISH = {
    "agency": "Bundeskriminalamt",
    "state": "DE",
    "address": "new.officer@bka.example",
    "administrator": "admin@bka.example",
    "officer": "N. Officer",
    "phone": "+49 611 550 12",
}


class Clock:
    """A clock that a test moves."""

    now = AT


@pytest.fixture
def taking(desk: WebDesk, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[WebDesk]:
    """A desk that takes requests, with one registered authority; where a test asks for it, on PostgreSQL."""
    store: Any = MemoryStore()
    if getattr(request, "param", "memory") == "postgresql":
        store = PostgresStore(empty_docket(request.getfixturevalue("postgres_server")), Vault(bytes(32)))
    Clock.now = AT
    row = {"source": "bka.example", "date": "2026-01-02"}
    entry = {"id": "bka", "name": "Bundeskriminalamt", "state": "DE", "kind": "police", "competence": ["terror"]}
    authority = {**entry, **row, "domains": [{"domain": "bka.example", **row}]}
    (tmp_path / "registry.json").write_text(json.dumps({"authorities": [authority]}), "utf-8")
    own = replace(desk.settings, data=tmp_path)
    log = open_directory(own)
    yield replace(
        desk,
        office=Office(docket=store, queries=store, references=References(bytes(16)), index_key=bytes(32)),
        now=lambda: Clock.now,
        pen=open_pen(own),
        law=load_law,
        tokens=Tokens(tmp_path),
        identifier=RegistryFile(tmp_path).identifier,
        receipts=lambda stream: receipts_of(store, stream, reader_of(log)),
    )
    if isinstance(store, PostgresStore):
        store.close()


def visitor(desk: WebDesk) -> Any:
    """A visitor whose forms must carry the page's own secret."""
    from django.test import Client

    return Client(headers={"host": "localhost"}, enforce_csrf_checks=False, **{"evenhand.desk": desk})


def checked(desk: WebDesk, tmp_path: Path, receipt: str, message: bytes) -> None:
    """Check a receipt as a stranger does."""
    (tmp_path / "r").write_text(receipt, "utf-8")
    (tmp_path / "m").write_bytes(message)
    vkey = open_directory(replace(desk.settings, data=tmp_path)).vkey
    assert check_receipt(tmp_path / "r", vkey, message=tmp_path / "m").message is True


def unescaped(page: str, heading: str) -> str:
    """Return what stands in the first block of preformatted text below a heading."""
    import html

    found = re.search(f'id="{heading}".*?<pre[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def test_every_regime_has_its_form(taking: WebDesk) -> None:
    """What the public page lists can be opened, and names the article beside each field that the law requires."""
    client = visitor(taking)
    page = client.get("/authorities/").content.decode()
    assert "authorities@desk.example" in page
    assert "PT1H" in page
    forms = re.findall(r'href="(/authorities/submit/[a-z-]+/)"', page)
    assert len(forms) >= 10
    for path in forms:
        assert client.get(path).status_code == 200, path
    removal = client.get("/authorities/submit/tco-removal/").content.decode()
    assert "Regulation (EU) 2021/784, Art. 3(4)" in removal
    assert client.get("/authorities/submit/no-such-thing/").status_code == 404


@BOTH
def test_a_signed_form_is_kept_byte_for_byte(taking: WebDesk, tmp_path: Path) -> None:
    """The receipt stands on the file's own bytes; nothing that a sender writes makes them verified."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    body = b"%PDF-1.7\n" + os.urandom(200_000)
    client = visitor(taking)
    sent = FORM | {"file": SimpleUploadedFile("../../x.exe", body, "application/pdf")}
    answer = client.post("/authorities/submit/tco-removal/", sent)
    assert answer.status_code == 201
    page = answer.content.decode()
    checked(taking, tmp_path, unescaped(page, "receipt"), body)
    reference = re.findall(r"/authorities/follow/([0-9A-Z-]+)\"", page)[0]
    assert taking.office is not None
    kept = load_matter(taking.office, matter_of(taking.office, reference)).kept
    assert kept is not None
    assert kept.request is not None
    assert (kept.verified, kept.request.signature, kept.sender) == ("none", "none", "tco@bka.example")
    assert kept.request.asks[0].targets == ("p77", "p78")
    download = client.get(f"/authorities/follow/{reference}/receipt")
    assert download["Content-Disposition"].startswith("attachment")
    checked(taking, tmp_path, download.content.decode(), body)
    assert client.get(f"/authorities/follow/{reference}/receipt?n=2").status_code == 404
    for wrong in (b"MZ\x90", b"<html>%PDF-"):
        sent = FORM | {"file": SimpleUploadedFile("x.pdf", wrong, "application/pdf")}
        assert client.post("/authorities/submit/tco-removal/", sent).status_code == 422


def test_a_form_with_gaps_is_received(taking: WebDesk, tmp_path: Path) -> None:
    """What the law requires and is not there is asked for later; the bytes that stand for the form are shown."""
    sent = {name: FORM[name] for name in ("issuer_country", "issuer_kind", "address", "ask")}
    page = visitor(taking).post("/authorities/submit/tco-removal/", sent).content.decode()
    checked(taking, tmp_path, unescaped(page, "receipt"), unescaped(page, "bytes").encode())


@BOTH
def test_a_token_makes_the_sender_known(taking: WebDesk) -> None:
    """An enrolled officer's token names the authority; one that is not known is said, and nothing is sent."""
    text = taking.tokens.create("bka--1", (Scope.REQUESTS,), AT)
    other = taking.tokens.create("platform", (Scope.POSTS,), AT)
    client = visitor(taking)
    for wrong in ("eh_wrong", other):
        assert client.post("/authorities/submit/tco-removal/", FORM | {"token": wrong}).status_code == 422
    page = client.post("/authorities/submit/tco-removal/", FORM | {"token": text}).content.decode()
    reference = re.findall(r"/authorities/follow/([0-9A-Z-]+)\"", page)[0]
    assert taking.office is not None
    kept = load_matter(taking.office, matter_of(taking.office, reference)).kept
    assert kept is not None
    assert (kept.verified, kept.authority, kept.sender) == ("registry", "bka", "token:bka--1")


def answered(desk: WebDesk, reference: str, text: str) -> None:
    """Let the legal team send a text."""
    assert desk.office is not None
    assert desk.pen is not None
    stream = matter_of(desk.office, reference)
    kept = load_matter(desk.office, stream).kept
    assert kept is not None
    assert kept.request is not None
    facts = RequestFacts(verified="registry", targets={}, establishment="BE")
    assess_matter(desk.office, load_law(), ANNA, stream, kept.request, facts, at=Clock.now)
    file = draft_reply(desk.office, ANNA, stream, text, at=Clock.now)
    assert file.draft is not None
    for person in (ANNA, replace(ANNA, id="staff-2")):
        approve_reply(desk.office, person, stream, file.draft.bound, at=Clock.now)
    send_reply(desk.office, desk.pen, ANNA, stream, is_legal=lambda _id: True, at=Clock.now, chance=os.urandom)


@BOTH
def test_following_shows_no_more_than_it_may(taking: WebDesk) -> None:
    """State and questions to who has the reference; the answer to the token that sent it; to others nothing at all."""
    text = taking.tokens.create("bka--1", (Scope.REQUESTS,), AT)
    other = taking.tokens.create("bka--2", (Scope.REQUESTS,), AT)
    client = visitor(taking)
    page = client.post("/authorities/submit/mlat/", FORM | {"ask": "preserve", "token": text}).content.decode()
    found = re.findall(r"/authorities/follow/([0-9A-Z-]+)\"", page)
    if not found:
        page = client.post("/authorities/submit/tco-removal/", FORM | {"token": text}).content.decode()
        found = re.findall(r"/authorities/follow/([0-9A-Z-]+)\"", page)
    path = f"/authorities/follow/{found[0]}"
    shown = client.get(path).content.decode()
    assert "received" in shown
    assert "It solicits" not in shown
    answered(taking, found[0], "The subscriber is J. Doe.")
    assert "J. Doe" not in client.get(path).content.decode()
    assert client.post(path, {"token": other}).status_code == 422
    if "answered" in client.get(path).content.decode():
        assert "J. Doe" in client.post(path, {"token": text}).content.decode()
    made_up = client.get("/authorities/follow/7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2")
    assert made_up.status_code == 404
    asked = client.post("/authorities/follow/", {"reference": "7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2"})
    assert asked.status_code == 422


def link_in(desk: WebDesk) -> str:
    """Return the path of the one link that was mailed."""
    assert desk.office is not None
    mails = [json.loads(row.body) for row in desk.office.queries.effects(after=0, limit=9) if row.body is not None]
    [mail] = [one for one in mails if one["what"] == "vouching"]
    assert mail["to"] == "admin@bka.example"
    found = re.search(r"https?://[^/]+(/authorities/vouch/\S+)", mail["text"])
    assert found is not None
    return found[1]


def signed_in(desk: WebDesk, name: str) -> Any:
    """A member of the legal team."""
    from django.contrib.auth.models import User

    create_staff(desk.settings, name, "legal", PASSWORD)
    client = visitor(desk)
    client.force_login(User.objects.get(username=name))
    return client


@BOTH
def test_enrolment_from_the_wish_to_the_token(taking: WebDesk) -> None:
    """The administrator's button vouches once, the legal team accepts, the token is shown once and works."""
    client = visitor(taking)
    assert client.post("/authorities/enrol/", WISH).status_code == 201
    anna = signed_in(taking, "anna")
    queue = anna.get("/console/legal/").content.decode()
    assert "N. Officer" in queue
    assert 'value="accept"' not in queue
    reference = re.findall(r'name="reference" value="([^"]+)"', queue)[0]
    early = anna.post("/console/legal/enrolments/", {"reference": reference, "act": "accept"}, follow=True)
    assert "nobody at a registered domain has vouched" in early.content.decode()
    path = link_in(taking)
    assert client.get(path).status_code == 200
    assert client.get(path).status_code == 200, "opening the link vouches for nobody"
    assert "Thank you" in client.post(path).content.decode()
    assert client.post(path).status_code == 404
    assert 'value="accept"' in anna.get("/console/legal/").content.decode()
    page = anna.post("/console/legal/enrolments/", {"reference": reference, "act": "accept"}).content.decode()
    token = re.findall(r"<pre[^>]*>(eh_[^<]+)</pre>", page)[0]
    known = taking.tokens.find(f"Bearer {token}")
    assert known is not None
    assert known.name.startswith("bka--")
    assert known.scopes == (Scope.REQUESTS,)
    again = anna.post("/console/legal/enrolments/", {"reference": reference, "act": "accept"}, follow=True)
    assert "it is decided" in again.content.decode()
    assert "N. Officer" not in anna.get("/console/legal/").content.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"address": "new.officer@bka.example.evil.test"},
        {"administrator": "admin@bka-example.test"},
        {"address": "officer@xn--bk-mia.example"},
        {"address": "officer@sub.bka.example"},
    ],
)
def test_no_link_leaves_for_a_domain_that_is_not_the_agencys(taking: WebDesk, change: dict[str, str]) -> None:
    """The answer is the same as for a known domain; the legal team sees the wish, nobody is mailed."""
    client = visitor(taking)
    good = client.post("/authorities/enrol/", WISH)
    assert taking.office is not None
    before = len(taking.office.queries.effects(after=0, limit=9))
    answer = client.post("/authorities/enrol/", WISH | {"address": "second@bka.example"} | change)
    assert answer.status_code == good.status_code == 201
    plain = re.compile(r"<code dir=\"ltr\">[^<]+</code>")
    assert plain.sub("", answer.content.decode()) == plain.sub("", good.content.decode())
    assert len(taking.office.queries.effects(after=0, limit=9)) == before


@pytest.mark.parametrize(
    "administrator",
    ["New.Officer@bka.example", "new.officer+boss@bka.example", "NEW.OFFICER+x+y@BKA.example"],
    ids=["capitals", "detail", "both"],
)
def test_nobody_vouches_for_themselves_under_another_spelling(taking: WebDesk, administrator: str) -> None:
    """One mailbox has many spellings; a compromised one is not two people."""
    answer = visitor(taking).post("/authorities/enrol/", WISH | {"administrator": administrator})
    assert answer.status_code == 422
    assert "nobody vouches for themselves" in answer.content.decode()
    assert taking.office is not None
    assert not taking.office.queries.effects(after=0, limit=9)


def test_a_name_is_no_letter_of_ours(taking: WebDesk) -> None:
    """What a stranger fills in stands on its line, said to be theirs: no sentence, no heading and no link of ours."""
    client = visitor(taking)
    for lure in ("Log in at https://evil.example", "www.evil.example", "mail boss@evil.example"):
        assert client.post("/authorities/enrol/", WISH | {"officer": lure}).status_code == 422
    lure = "N. Officer\r\n\r\nDear colleague,\u202e your account ends today. " + "x" * 200
    assert client.post("/authorities/enrol/", WISH | {"officer": lure}).status_code == 201
    link_in(taking)
    assert taking.office is not None
    [mail] = [json.loads(row.body or "{}") for row in taking.office.queries.effects(after=0, limit=9)]
    [line] = [line for line in mail["text"].splitlines() if "Dear colleague" in line]
    assert line.startswith("    Officer: N. Officer Dear colleague, your account")
    assert len(line) < 120
    assert "nobody has checked it" in mail["text"]


def test_made_up_officers_fill_nobodys_mailbox(taking: WebDesk) -> None:
    """An administrator gets ten links a day at most; a wish beyond that is kept, answered alike, and mailed nobody."""
    client = visitor(taking)
    pages = []
    for n in range(LINKS_A_DAY + 3):
        capitals = ("admin", "ADMIN", "admin+n")[n % 3]
        wish = WISH | {"address": f"officer{n}@bka.example", "administrator": f"{capitals}@bka.example"}
        answer = client.post("/authorities/enrol/", wish)
        assert answer.status_code == 201
        pages.append(re.sub(r"<code dir=\"ltr\">[^<]+</code>", "", answer.content.decode()))
    assert len(set(pages)) == 1
    assert taking.office is not None
    assert len(taking.office.queries.effects(after=0, limit=99)) == LINKS_A_DAY
    assert len(open_enrolments(taking.office)) == LINKS_A_DAY + 3
    other = client.post("/authorities/enrol/", WISH | {"administrator": "second@bka.example"})
    assert other.status_code == 201
    assert len(taking.office.queries.effects(after=0, limit=99)) == LINKS_A_DAY + 1


@BOTH
def test_made_up_wishes_do_not_hide_who_is_vouched_for(taking: WebDesk) -> None:
    """Whatever anybody filled in before: who has an administrator's word stands first, and leaves when decided."""
    client = visitor(taking)
    for n in range(4):
        client.post("/authorities/enrol/", WISH | {"address": f"nobody{n}@unlisted.test"})
    client.post("/authorities/enrol/", WISH)
    client.post(link_in(taking))
    office = taking.office
    assert office is not None
    first, *others = open_enrolments(office, limit=3)
    assert first.vouched_at is not None
    assert [one.vouched_at for one in others] == [None, None]
    assert len(open_enrolments(office)) == 5
    decide_enrolment(office, ANNA, first.reference, accept=True, why="known", at=AT)
    assert first.reference in {one.reference for one in open_enrolments(office)}, "its token is still to be shown"
    hand_over(office, first.reference, at=AT)
    assert first.reference not in {one.reference for one in open_enrolments(office)}
    decide_enrolment(office, ANNA, others[0].reference, accept=False, why="unknown", at=AT)
    assert len(open_enrolments(office)) == 3


def test_a_link_is_nobodys_after_three_days(taking: WebDesk) -> None:
    """Nor is a guessed one; an officer cannot vouch for themselves."""
    client = visitor(taking)
    client.post("/authorities/enrol/", WISH)
    path = link_in(taking)
    assert client.get(path[:-4] + "AAAA").status_code == 404
    for moved in (timedelta(hours=73), -timedelta(hours=1)):
        Clock.now = AT + moved
        assert client.post(path).status_code == 404
    own = WISH | {"address": "x@bka.example", "administrator": "x@bka.example"}
    assert client.post("/authorities/enrol/", own).status_code == 422


@pytest.mark.parametrize("cut_off", ["renew", "hand_over"])
def test_what_is_cut_off_between_decision_and_token_is_made_again(
    taking: WebDesk, monkeypatch: pytest.MonkeyPatch, cut_off: str
) -> None:
    """A decision without a token stays in the list; the token made then is the only one that counts."""
    from evenhand.doors.web import legal

    anna, client = signed_in(taking, "anna"), visitor(taking)
    anna.raise_request_exception = False
    client.post("/authorities/enrol/", WISH)
    client.post(link_in(taking))
    reference = re.findall(r'name="reference" value="([^"]+)"', anna.get("/console/legal/").content.decode())[0]
    accept = {"act": "accept", "reference": reference, "why": "They answer at the registry's number."}

    def dies(*_given: Any, **_more: Any) -> Any:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(*((taking.tokens, "renew", dies) if cut_off == "renew" else (legal, "hand_over", dies)))
        assert anna.post("/console/legal/enrolments/", accept).status_code == 500
    before = {token.sha256 for token in taking.tokens.all()}
    page = anna.get("/console/legal/").content.decode()
    assert "Accepted; its token was not handed over." in page
    page = anna.post("/console/legal/enrolments/", accept).content.decode()
    text = re.findall(r"<pre[^>]*>(eh_[^<]+)</pre>", page)[0]
    found = taking.tokens.find(f"Bearer {text}")
    assert found is not None
    assert found.name.startswith("bka--")
    assert found.sha256 not in before
    assert len(taking.tokens.all()) == 1
    assert "was not handed over" not in anna.get("/console/legal/").content.decode()
    again = anna.post("/console/legal/enrolments/", accept, follow=True).content.decode()
    assert "it is decided" in again
    assert len(taking.tokens.all()) == 1
    assert taking.tokens.find(f"Bearer {text}") == found
    refused = anna.post("/console/legal/enrolments/", accept | {"act": "refuse"}, follow=True).content.decode()
    assert "it is decided" in refused


OWN_FIELDS = {
    "tco-removal": ("A. Reference number of the order", "C. Non-disclosure", "F. Contact for feedback"),
    "epoc": ("C. Time limit", "G. Conditions", "K. Notified enforcing authority"),
    "epoc-emergency": ("C. Time limit", "L. Transfer"),
    "epoc-pr": ("F. Data to be preserved",),
    "dsa-9": ("Authority that receives the feedback",),
    "dsa-10": ("Identifiers of the recipients",),
}


@pytest.mark.parametrize("instrument", OWN_FIELDS)
def test_a_regimes_own_form_has_its_own_fields(taking: WebDesk, tmp_path: Path, instrument: str) -> None:
    """What was filled in is part of the bytes that are receipted, and the legal team reads it with its label."""
    client = visitor(taking)
    path = f"/authorities/submit/{instrument}/"
    page = client.get(path).content.decode()
    assert all(label in page for label in OWN_FIELDS[instrument])
    names = re.findall(r'name="(form_\w+)"', page)
    ask = re.findall(r'<select name="ask".*?value="([^"]+)"', page, re.DOTALL)[0]
    own = {name: f"own words for {name}" for name in names}
    answer = client.post(path, FORM | {"ask": ask} | own)
    assert answer.status_code == 201
    taken = answer.content.decode()
    message = unescaped(taken, "bytes").encode()
    assert hashlib.sha256(message).hexdigest() in taken
    checked(taking, tmp_path, unescaped(taken, "receipt"), message)
    reference = re.findall(r"/authorities/follow/([0-9A-Z-]+)\"", taken)[0]
    assert taking.office is not None
    kept = load_matter(taking.office, matter_of(taking.office, reference)).kept
    assert kept is not None
    for name in names:
        assert f": own words for {name}" in kept.text
        assert f"own words for {name}".encode() in message


def test_a_states_own_rows_are_shown_and_a_form_is_added_without_code(taking: WebDesk, tmp_path: Path) -> None:
    """A regime written as rows: its state's form asks for it, its request is judged by it, the legal queue has it."""
    rows = (Path(__file__).parents[3] / "docs" / "roles" / "legal.md").read_text("utf-8")
    law = tmp_path / "law"
    law.mkdir()
    # The page for the legal team is what is tried here; its state, XE, is none of the tables' states.
    regime, form = re.findall(r"```toml\n(.*?)```", rows, re.DOTALL)[:2]
    (law / "exampleland.toml").write_text(regime.replace('"XE"', '"XK"') + form, "utf-8")
    book = load_law(law)
    desk = replace(taking, law=lambda: book)
    client, anna = visitor(desk), signed_in(desk, "anna")
    general = client.get("/authorities/submit/national-order/").content.decode()
    assert "Exampleland Platform Act 2026, s. 5" not in general
    page = client.get("/authorities/submit/national-order/?state=XK").content.decode()
    assert "Exampleland Platform Act 2026, s. 5" in page
    assert "Number of the order in the Authority" in page
    order = FORM | {"issuer_country": "XK", "issuer_kind": "administrative", "form_act_number": "77/2026"}
    taken = client.post("/authorities/submit/national-order/", order).content.decode()
    reference = re.findall(r"/authorities/follow/([0-9A-Z-]+)\"", taken)[0]
    queue = anna.get("/console/legal/").content.decode()
    assert reference in queue
    assert "national-order" in queue
    assert desk.office is not None
    stream = matter_of(desk.office, reference)
    kept = load_matter(desk.office, stream).kept
    assert kept is not None
    assert kept.request is not None
    assert "77/2026" in kept.text
    known = {name: TargetFacts(held=True, on_service=True, kind="post", flags=()) for name in ("p77", "p78")}
    facts = RequestFacts(verified="none", targets=known, establishment="BE", languages=("de",), markets=("XK",))
    file = assess_matter(desk.office, book, ANNA, stream, kept.request, facts, at=AT)
    assert file.assessed is not None
    ruling = file.assessed.ruling
    assert ruling.regime_version.startswith("xe-platform-act@")
    assert file.due_at == AT + timedelta(hours=12)
    assert "verified" in ruling.missing


IN_LANGUAGES = {
    "de": ("Entfernungsanordnung", "Nummer der Anordnung", "Entfernung von Inhalten", "Staatsanwaltschaft"),
    "fr": ("Injonction de retrait", "Numéro de référence de l’injonction", "Retrait de contenu", "Ministère public"),
    "ar": ("أمر إزالة محتوى إرهابي", "الرقم المرجعي للأمر", "إزالة محتوى", "النيابة العامة"),
    "fa": ("دستور حذف محتوای تروریستی", "شماره‌ی دستور", "حذف محتوا", "دادستان"),
}


@pytest.mark.parametrize("language", IN_LANGUAGES)
def test_forms_speak_the_visitors_language_and_the_record_one(taking: WebDesk, language: str) -> None:
    """Every label is in the page's language; what is receipted reads the same whatever page it was written on."""
    client = visitor(taking)
    root = f"/{language}/authorities/"
    page = client.get(f"{root}submit/tco-removal/").content.decode()
    assert all(words in page for words in IN_LANGUAGES[language])
    assert '<bdi lang="en">' not in page
    assert "Reference number of the order" not in page
    assert f'dir="{"rtl" if language in ("ar", "fa") else "ltr"}"' in page
    portal = client.get(root).content.decode()
    for code in ("tco-removal</a>", "investigating-judge", "legal_basis", "geo-restrict"):
        assert code not in portal
    sent = FORM | {"form_order_reference": "77/2026"}
    taken = client.post(f"{root}submit/tco-removal/", sent).content.decode()
    assert "A. Reference number of the order: 77/2026" in unescaped(taken, "bytes")
    reference = re.findall(r"/authorities/follow/([0-9A-Z-]+)\"", taken)[0]
    follow = client.get(f"{root}follow/{reference}/").content.decode()
    assert "<dd>received</dd>" not in follow


def test_a_label_without_words_says_its_own_language(taking: WebDesk, tmp_path: Path) -> None:
    """A platform's own form that nobody translated is shown in English, marked as such for readers and their tools."""
    form = 'fields = [" | act_number | Number <b>of</b> the order"]\ntitle = "Order"\nlanguage = "en"\n'
    dated = 'id = "request-national-order"\nholds_from = 2026-07-01\nsource = "Act, s. 7"\nchecked = "R"\n'
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "own.toml").write_text(f"[[form]]\n{dated}{form}", "utf-8")
    book = load_law(tmp_path / "law")
    page = visitor(replace(taking, law=lambda: book)).get("/ar/authorities/submit/national-order/").content.decode()
    assert '<bdi lang="en">Number &lt;b&gt;of&lt;/b&gt; the order</bdi>' in page
    assert "Act, s. 7 (" in page
