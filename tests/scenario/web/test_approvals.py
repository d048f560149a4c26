"""The second person's pages, and what an emergency needs before any answer leaves, tried by those who would cheat."""

import re
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from evenhand.doors.web.desk import WebDesk
from evenhand.flow.authorities import find_authority, frozen
from evenhand.flow.call_back import CallBackGuard
from evenhand.flow.intake import accept_request
from evenhand.flow.requests import load_matter, matter_of
from evenhand.vocabulary.matter import Incoming, MatterFile, MatterState
from evenhand.vocabulary.request import Ask
from legal_pages import AT, KNOWN, ORDER, Clock, form_of, legal_desk, signed_in, take

COURT = msgspec.structs.replace(
    ORDER,
    instrument="court-order",
    asks=(Ask(id="1", kind="disclose", data=("subscriber",), targets=("a1",)),),
    issuer=msgspec.structs.replace(ORDER.issuer, kind="court"),
    territory=("DE",),
)
EMERGENCY = msgspec.structs.replace(
    COURT, instrument="emergency-disclosure", issuer=ORDER.issuer, emergency="A child was abducted an hour ago."
)
ACCOUNT = KNOWN | {"targets": "a1 | yes | yes | account | -"}
LIST = "/console/approvals/"


@pytest.fixture
def legal(desk: WebDesk, tmp_path: Path) -> WebDesk:
    """A desk with a docket of its own that takes requests."""
    return legal_desk(desk, tmp_path)


def drafted(desk: WebDesk, person: Any, text: str = "", known: dict[str, str] = ACCOUNT, **changes: Any) -> str:
    """Receive a request, assess it and put a reply down; return its reference."""
    reference = take(desk, **changes).reference
    path = f"/console/legal/{reference}/"
    answer = person.post(path, form_of(person.get(path).content.decode(), "assess") | known)
    assert answer.status_code == 302, re.findall(r'class="wrong"[^>]*>(.*?)<', answer.content.decode())
    draft = form_of(person.get(path).content.decode(), "draft")
    if text:
        draft = {name: value for name, value in draft.items() if name != "interim"} | {"text": text}
    assert person.post(path, draft).status_code == 302
    return reference


def test_the_form_of_who_looks_at_it_answers_nothing(legal: WebDesk) -> None:
    """Whatever box is ticked: sent as it is, the matter stays open, and its clock goes on."""
    anna, bela = signed_in(legal, "anna"), signed_in(legal, "bela")
    reference = drafted(legal, anna, known=KNOWN | {"verified": "none"})
    path = f"/console/legal/{reference}/"
    page = anna.get(path).content.decode()
    assert "the matter stays open" in page
    assert anna.post(path, form_of(page, "draft")).status_code == 302
    draft = file_of(legal, reference).draft
    assert draft is not None
    assert draft.interim
    bela.post(path, form_of(bela.get(path).content.decode(), "approve"))
    anna.post(path, form_of(anna.get(path).content.decode(), "approve"))
    assert "the matter stays open" in bela.post(path, {"act": "send"}, follow=True).content.decode()
    assert file_of(legal, reference).state is MatterState.ASSESSED
    assert reference in anna.get("/console/legal/").content.decode()


@pytest.mark.parametrize(("language", "title"), [("fa", "یک انسان"), ("de", "Ein Mensch")])
def test_a_form_is_the_same_form_in_either_language(legal: WebDesk, language: str, title: str) -> None:
    """Offered in the request's language and in English; in both it answers nothing, and an emergency may be told it."""
    anna = signed_in(legal, "anna")
    request = msgspec.structs.replace(EMERGENCY, language=language)
    reference = drafted(legal, anna, request=request, known=ACCOUNT | {"verified": "none"})
    path = f"/console/legal/{reference}/"
    for query, words in (("?form=under-review", title), ("?form=under-review&language=en", "A person looks")):
        form = form_of(anna.get(path + query).content.decode(), "draft")
        assert form["text"].startswith(words)
        text = form["text"].replace("\n", "\r\n")  # as browsers send it
        plain = {name: value for name, value in form.items() if name != "interim"} | {"text": text}
        assert anna.post(path, plain).status_code == 302
        draft = file_of(legal, reference).draft
        assert draft is not None
        assert draft.interim
        assert draft.text.startswith(words)
        assert legal.office is not None
        guard = CallBackGuard(identifier=legal.identifier(), book=legal.law(), settings=legal.settings)
        assert guard(legal.office, file_of(legal, reference)) is None
        anna.post(path, plain | {"text": text.replace(reference, f"{reference} enclosed: +49 611 1")})
        assert "after a call-back" in str(guard(legal.office, file_of(legal, reference)))


def file_of(desk: WebDesk, reference: str) -> MatterFile:
    """Return the matter as it stands."""
    assert desk.office is not None
    return load_matter(desk.office, matter_of(desk.office, reference))


def sent(desk: WebDesk, person: Any, reference: str) -> str:
    """Try to send what stands; return the page that follows, as text."""
    page = person.post(f"/console/legal/{reference}/", {"act": "send"}, follow=True).content.decode()
    assert desk.office is not None
    told = [row for row in desk.office.queries.effects(after=0, limit=99) if b'"what":"reply"' in (row.body or b"")]
    assert bool(told) == (file_of(desk, reference).state is MatterState.ANSWERED)
    return page


def test_a_senior_is_the_second_person(legal: WebDesk) -> None:
    """They find it in their list, read the bytes and findings but not the request's text, approve: then it leaves."""
    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    reference = drafted(legal, anna, "The account's subscriber is enclosed.", request=COURT)
    path = f"{LIST}{reference}/"
    digest = file_of(legal, reference).draft.sha256  # type: ignore[union-attr] # it was just drafted
    assert reference in sena.get(LIST).content.decode()
    page = sena.get(path).content.decode()
    assert digest in page
    assert "court-order" in page
    assert "you are the assessor now" not in page
    body = sena.get(f"{path}bytes").content
    assert sha256(body).hexdigest() == digest
    anna.post(f"/console/legal/{reference}/", {"act": "approve", "sha256": digest})
    assert reference not in anna.get(LIST).content.decode()
    assert "second person must approve" in sent(legal, anna, reference)
    assert sena.post(path, form_of(sena.get(path).content.decode(), "approve")).status_code == 302
    assert reference not in sena.get(LIST).content.decode()
    assert sena.get(path).status_code == 404
    assert "answered" in sent(legal, anna, reference)
    office = legal.office
    assert office is not None
    reads = [row for row in office.queries.records(matter_of(office, reference)) if row.kind == "access"]
    assert any(b'"approve"' in (row.body or b"") for row in reads)


def test_two_seniors_are_not_enough(legal: WebDesk) -> None:
    """One of the two is of the legal team: the second senior has nothing to approve."""
    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    sven = signed_in(legal, "sven", "senior")
    reference = drafted(legal, anna, request=COURT)
    path = f"{LIST}{reference}/"
    approve = form_of(sena.get(path).content.decode(), "approve")
    sena.post(path, approve)
    assert reference not in sven.get(LIST).content.decode()
    assert sven.post(path, approve).status_code == 404
    assert "legal team must approve" in sent(legal, anna, reference)


def test_changed_bytes_void_both_approvals(legal: WebDesk) -> None:
    """Whoever approved the first bytes has approved nothing of the second; the old hash approves nothing."""
    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    reference = drafted(legal, anna, request=COURT)
    path, desk_path = f"{LIST}{reference}/", f"/console/legal/{reference}/"
    old = form_of(sena.get(path).content.decode(), "approve")
    sena.post(path, old)
    anna.post(desk_path, old)
    assert len(set(file_of(legal, reference).approved_by)) == 2
    again = form_of(anna.get(desk_path).content.decode(), "draft")
    anna.post(desk_path, again | {"text": again["text"] + "And this."})
    assert file_of(legal, reference).approved_by == ()
    assert "must approve" in sent(legal, anna, reference)
    assert "has changed since" in sena.post(path, old, follow=True).content.decode()
    assert file_of(legal, reference).approved_by == ()


def test_it_is_sent_back_with_a_reason(legal: WebDesk) -> None:
    """Without a reason it is not; with one every approval is void, and the drafter reads why."""
    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    reference = drafted(legal, anna, request=COURT)
    path, desk_path = f"{LIST}{reference}/", f"/console/legal/{reference}/"
    back = form_of(sena.get(path).content.decode(), "return")
    anna.post(desk_path, back | {"act": "approve"})
    assert "say why" in sena.post(path, back, follow=True).content.decode()
    assert sena.post(path, back | {"why": "It names a <b>third</b> person."}).status_code == 302
    assert file_of(legal, reference).approved_by == ()
    page = anna.get(desk_path).content.decode()
    assert "It names a &lt;b&gt;third&lt;/b&gt; person." in page
    assert 'value="send"' not in page
    assert "no reply to send" in sent(legal, anna, reference)
    assert reference not in anna.get(LIST).content.decode()
    anna.post(desk_path, form_of(page, "draft"))
    assert reference in sena.get(LIST).content.decode()


def test_a_removal_waits_for_no_second_person(legal: WebDesk) -> None:
    """What needs the legal team alone is not shown to seniors; a matter that does not wait for them is not there."""
    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    reference = drafted(legal, anna, known=KNOWN)
    assert reference not in sena.get(LIST).content.decode()
    assert sena.get(f"{LIST}{reference}/").status_code == 404
    assert reference in signed_in(legal, "bela").get(LIST).content.decode()


def test_a_character_that_cannot_be_seen_is_shown(legal: WebDesk) -> None:
    """Also at the end of a long text: nobody approves what the page hides."""
    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    reference = drafted(legal, anna, "x" * 60_000 + "\u202eend", request=COURT)
    assert "⟦U+202E⟧end" in sena.get(f"{LIST}{reference}/").content.decode()


CALL = {"act": "call", "authority": "bka", "channel": "phone", "spoke_to": "KHK Example", "confirmed": "on"}
NUMBER = {"number": "+49 611 550 00"}


def approved_by_both(anna: Any, sena: Any, reference: str) -> None:
    """Both approve what stands."""
    path = f"{LIST}{reference}/"
    form = form_of(sena.get(path).content.decode(), "approve")
    sena.post(path, form)
    anna.post(f"/console/legal/{reference}/", form)


ATTACKS: dict[str, dict[str, Any]] = {
    "a mailbox that was taken over": {"sender": "kdd@bka.example", "entrance": "mail", "verified": "registry"},
    "a stolen token": {"sender": "token:bka", "entrance": "api", "verified": "registry"},
    "a forged address": {"sender": "kdd@bka.example", "entrance": "mail", "verified": "none", "authority": ""},
    "a look-alike domain": {"sender": "kdd@bka-example.test", "entrance": "mail", "verified": "none", "authority": ""},
    "free text, no form": {"sender": "kdd@bka.example", "entrance": "mail", "request": None},
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_leaves_for_an_emergency_before_the_call_back(legal: WebDesk, attack: str) -> None:
    """However it came and whatever two people wrote and approved in haste: only a confirmed call-back opens it."""
    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    how = {"request": EMERGENCY} | ATTACKS[attack]
    verified = how.get("verified", "registry")
    read = {
        "instrument": "emergency-disclosure",
        "asks": "1 | disclose | subscriber | a1",
        "issuer_country": "DE",
        "emergency": "A child was abducted.",
        "verified": verified,
    }
    reference = drafted(legal, anna, "Subscriber: Jane Roe, Example Street 1.", ACCOUNT | read, **how)
    approved_by_both(anna, sena, reference)
    page = sent(legal, anna, reference)
    assert "after a call-back" in page
    path = f"/console/legal/{reference}/"
    for false in ({"number": "+49 170 666"}, NUMBER | {"channel": how["entrance"]}, NUMBER | {"confirmed": ""}):
        anna.post(path, CALL | false)
        sena.post(f"{LIST}{reference}/", CALL | false)
        assert "after a call-back" in sent(legal, anna, reference)
    assert file_of(legal, reference).state is MatterState.DRAFTED


def test_a_call_heard_by_two_opens_an_emergency(legal: WebDesk) -> None:
    """The senior records what they heard on their own page; one person's word, or a denial after it, is not enough."""
    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    mail = {"request": EMERGENCY, "entrance": "mail", "sender": "kdd@bka.example"}
    reference = drafted(legal, anna, "Subscriber: Jane Roe.", **mail)
    path, page = f"/console/legal/{reference}/", f"{LIST}{reference}/"
    approve = form_of(sena.get(page).content.decode(), "approve")
    anna.post(path, approve)
    anna.post(path, CALL | NUMBER)
    assert "second person of ours must hear" in sent(legal, anna, reference)
    assert sena.post(page, CALL | NUMBER).status_code == 302
    sena.post(page, CALL | NUMBER | {"confirmed": ""})
    assert "has not confirmed" in sent(legal, anna, reference)
    sena.post(page, CALL | NUMBER)
    assert "second person of ours must hear" in sent(legal, anna, reference)
    anna.post(path, CALL | NUMBER)
    sena.post(page, approve)
    assert "answered" in sent(legal, anna, reference)


def test_what_tells_nothing_leaves_without_a_call(legal: WebDesk) -> None:
    """The regime's own draft that nothing is disclosed, as filled from the record; one more word, and it stays."""
    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    reference = drafted(legal, anna, request=EMERGENCY, entrance="mail")
    path = f"/console/legal/{reference}/"
    draft = form_of(anna.get(f"{path}?form=unconfirmed").content.decode(), "draft")
    assert "Nobody there has confirmed this one" in draft["text"]
    anna.post(path, draft | {"text": draft["text"] + "It was Jane Roe."})
    approved_by_both(anna, sena, reference)
    assert "after a call-back" in sent(legal, anna, reference)
    anna.post(path, draft)
    approved_by_both(anna, sena, reference)
    assert "answered" in sent(legal, anna, reference)


def test_reading_it_as_something_else_opens_nothing(legal: WebDesk) -> None:
    """A form that came as an emergency stays one, however a person in a hurry reads it."""
    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    read = {"instrument": "court-order", "issuer_kind": "court", "emergency": ""}
    reference = drafted(legal, anna, "Subscriber: Jane Roe.", ACCOUNT | read, request=EMERGENCY, entrance="mail")
    approved_by_both(anna, sena, reference)
    assert "after a call-back" in sent(legal, anna, reference)


def test_a_replayed_emergency_is_another_request(legal: WebDesk) -> None:
    """The same letter, sent again under another key after a good call-back, has no call-back of its own."""
    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    mail = {"request": EMERGENCY, "entrance": "mail", "sender": "kdd@bka.example"}
    first = drafted(legal, anna, "Subscriber: Jane Roe.", **mail)
    anna.post(f"/console/legal/{first}/", CALL | NUMBER)
    sena.post(f"{LIST}{first}/", CALL | NUMBER)
    approved_by_both(anna, sena, first)
    assert "answered" in anna.post(f"/console/legal/{first}/", {"act": "send"}, follow=True).content.decode()
    again = drafted(legal, anna, "Subscriber: John Doe.", key="replayed", **mail)
    approved_by_both(anna, sena, again)
    page = anna.post(f"/console/legal/{again}/", {"act": "send"}, follow=True).content.decode()
    assert "Nobody has called the authority back" in page
    assert file_of(legal, again).state is MatterState.DRAFTED


def test_what_freezes_an_account_takes_its_own_word_away(legal: WebDesk) -> None:
    """The request that was unlike the account came with its word: until a person has looked, it proves an address."""
    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    assert legal.office is not None
    assert legal.pen is not None
    authority = find_authority(legal.identifier().registry, "bka")
    for n in range(7):
        incoming = Incoming(
            key=f"k{n}",
            received_at=AT + timedelta(minutes=n),
            raw=b"%PDF-1.7",
            entrance="api",
            sender="token:bka",
            authority="bka",
            verified="registry",
            request=EMERGENCY,
        )
        accepted = accept_request(legal.office, legal.pen, incoming, authority=authority)
    assert frozen(legal.office, "bka")[0].startswith("volume")
    path = f"/console/legal/{accepted.reference}/"
    form = form_of(anna.get(path).content.decode(), "assess") | ACCOUNT
    assert anna.post(path, form | {"verified": "registry"}).status_code == 422
    anna.post(path, form | {"verified": "address"})
    anna.post(path, form_of(anna.get(path).content.decode(), "draft") | {"text": "Subscriber: Jane Roe."})
    anna.post(path, CALL | NUMBER)
    sena.post(f"{LIST}{accepted.reference}/", CALL | NUMBER)
    approved_by_both(anna, sena, accepted.reference)
    assert "account is frozen" in sent(legal, anna, accepted.reference)
    anna.post("/console/legal/accounts/", {"authority": "bka", "why": "We called: a large raid, all theirs."})
    assert "answered" in sent(legal, anna, accepted.reference)


def test_an_account_that_was_frozen_since_is_judged_anew(legal: WebDesk) -> None:
    """What was assessed on its word is not sent on it."""
    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    reference = drafted(legal, anna, request=COURT)
    approved_by_both(anna, sena, reference)
    assert legal.office is not None
    assert legal.pen is not None
    foreign = msgspec.structs.replace(ORDER, issuer=msgspec.structs.replace(ORDER.issuer, country="RU"))
    incoming = Incoming(key="f", received_at=AT, raw=b"x", entrance="api", sender="token:bka", request=foreign)
    authority = find_authority(legal.identifier().registry, "bka")
    accept_request(legal.office, legal.pen, replace(incoming, authority="bka"), authority=authority)
    assert "assess the matter anew" in sent(legal, anna, reference)


def test_an_enrolment_of_yesterday_has_no_emergency_power(legal: WebDesk) -> None:
    """Whoever vouched for it and whoever confirms it: 72 hours have to pass before the request."""
    from evenhand.flow.authorities import account_of
    from evenhand.vocabulary.bodies import encode
    from evenhand.vocabulary.commit import Commit, Record, commit_key

    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    assert legal.office is not None
    at = AT - timedelta(hours=71)
    body = encode({"by": "staff-1", "token": "bka--new", "why": ""})
    record = Record(kind="authority.enrolled", stream=account_of("bka"), at=at, subject=None, body=body)
    legal.office.docket.commit([Commit(key=commit_key(at.date(), b"enrolled"), records=(record,))])
    reference = drafted(legal, anna, "Subscriber: Jane Roe.", request=EMERGENCY, sender="token:bka--new")
    anna.post(f"/console/legal/{reference}/", CALL | NUMBER)
    sena.post(f"{LIST}{reference}/", CALL | NUMBER)
    approved_by_both(anna, sena, reference)
    assert "less than 72 hours" in sent(legal, anna, reference)
    Clock.now = AT + timedelta(hours=2)
    later = drafted(legal, anna, "Subscriber: Jane Roe.", request=EMERGENCY, sender="token:bka--new", key="k9")
    anna.post(f"/console/legal/{later}/", CALL | NUMBER)
    sena.post(f"{LIST}{later}/", CALL | NUMBER)
    approved_by_both(anna, sena, later)
    assert "answered" in anna.post(f"/console/legal/{later}/", {"act": "send"}, follow=True).content.decode()


def test_a_private_demand_ends_in_a_measure(legal: WebDesk) -> None:
    """A person writes what is done; the second one reads it beside the text; with the answer it is decided."""
    anna, sena = signed_in(legal, "anna"), signed_in(legal, "sena", "senior")
    issuer = msgspec.structs.replace(ORDER.issuer, name="Song Ltd", kind="private")
    asks = (Ask(id="1", kind="remove", targets=("p77",)),)
    demand = msgspec.structs.replace(ORDER, instrument="private-demand", issuer=issuer, asks=asks, territory=("DE",))
    demand = msgspec.structs.replace(demand, legal_basis="§ 97 UrhG")
    known = KNOWN | {"targets": "p77 | yes | yes | post | -", "verified": "none"}
    reference = drafted(legal, anna, "It is out of sight in Germany.", request=demand, known=known)
    path = f"/console/legal/{reference}/"
    form = form_of(anna.get(path).content.decode(), "draft")
    assert anna.post(path, form | {"measures": "p77 | delete | DE"}).status_code == 422
    assert "by law the effect reaches DE" in anna.post(
        path, form | {"measures": "p77 | geo-restrict | DE FR"}, follow=True
    ).content.decode()  # fmt: skip
    assert anna.post(path, form | {"measures": "p77 | geo-restrict | de"}).status_code == 302
    page = sena.get(f"{LIST}{reference}/").content.decode()
    assert "<bdi>p77</bdi>: geo-restrict (DE)" in page
    assert "legal, second-person" in page
    sena.post(f"{LIST}{reference}/", form_of(page, "approve"))
    anna.post(path, form_of(anna.get(path).content.decode(), "approve"))
    assert "answered" in sent(legal, anna, reference)
    assert legal.office is not None
    kinds = sorted(row.kind for row in legal.office.queries.effects(after=0, limit=9))
    assert kinds == ["platform.geo-restrict", "tell.authority"]
