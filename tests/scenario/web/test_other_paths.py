"""What is no authority's order in its regime's form: from the portal to the sent answer and its receipts."""

import html
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evenhand.doors.web.desk import WebDesk
from evenhand.flow.follow import receipts_of
from evenhand.flow.log import open_directory
from evenhand.flow.receipt_check import check_receipt
from evenhand.flow.receipts import open_pen
from evenhand.flow.requests import load_matter, matter_of
from evenhand.ledger.log import reader_of
from evenhand.vocabulary.matter import MatterState
from legal_pages import KNOWN, form_of, legal_desk, signed_in

ROW = {"source": "justice.example", "date": "2026-01-02"}
COURT = {
    "id": "ag",
    "name": "Amtsgericht Musterstadt",
    "state": "DE",
    "kind": "court",
    "competence": ["civil"],
    **ROW,
    "domains": [{"domain": "ag.example", **ROW}],
    "call_back": [{"number": "+49 30 100", **ROW}],
}
POLICE = COURT | {"id": "pol", "kind": "police", "domains": [{"domain": "pol.example", **ROW}]}
FORM = {
    "issuer_name": "Example Music Ltd",
    "issuer_country": "DE",
    "issuer_kind": "private",
    "address": "rights@label.example",
    "legal_basis": "Section 97 UrhG",
    "reasons": "Our recording, without a licence.",
    "language": "en",
}
POST = "p77 | yes | yes | post | -"
ACCOUNT = "a1 | yes | yes | account | -"
PATHS: dict[str, tuple[str, dict[str, Any], str]] = {
    "copyright": ("private-demand", {"ask": "remove", "targets": "p77"}, POST),
    "mutual assistance": (
        "mlat",
        {"ask": "disclose", "targets": "a1", "data": ["subscriber"], "issuer_kind": "court"},
        ACCOUNT,
    ),
    "a regulator's question": (
        "regulator-question",
        {"ask": "inform", "targets": "", "issuer_kind": "regulator", "text": "How many orders did you receive?"},
        "",
    ),
    "a legal action": ("legal-action", {"ask": "remove", "targets": "p77", "issuer_kind": "court"}, POST),
}


@pytest.fixture
def legal(desk: WebDesk, tmp_path: Path) -> WebDesk:
    """A desk with a log, which takes requests; a court and a police are in its registry."""
    made = legal_desk(desk, tmp_path)
    (tmp_path / "registry.json").write_text(json.dumps({"authorities": [COURT, POLICE]}), "utf-8")
    own = replace(desk.settings, data=tmp_path)
    log = open_directory(own)
    assert made.office is not None
    queries = made.office.queries
    return replace(
        made, pen=open_pen(own), receipts=lambda stream: receipts_of(queries, stream, reader_of(log)), settings=own
    )


def visitor(desk: WebDesk) -> Any:
    """Whoever writes to the portal."""
    from django.test import Client

    return Client(headers={"host": "localhost"}, **{"evenhand.desk": desk})


def block(page: str, heading: str) -> str:
    """Return what stands in the first block of preformatted text below a heading."""
    found = re.search(f'id="{heading}".*?<pre[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def taken(desk: WebDesk, instrument: str, fields: dict[str, Any]) -> tuple[str, bytes]:
    """Send the portal's form; return the reference and the bytes that were receipted."""
    answer = visitor(desk).post(f"/authorities/submit/{instrument}/", FORM | fields)
    assert answer.status_code == 201
    page = answer.content.decode()
    return re.findall(r"/authorities/follow/([0-9A-Z-]+)\"", page)[0], block(page, "bytes").encode()


def put_down(desk: WebDesk, person: Any, reference: str, targets: str, text: str, **read: str) -> str:
    """Assess a request on its page and put an answer down; return the matter's path."""
    path = f"/console/legal/{reference}/"
    form = form_of(person.get(path).content.decode(), "assess") | KNOWN | {"verified": "none", "targets": targets}
    assert person.post(path, form | {"signature": "none"} | read).status_code == 302
    assert person.post(path, form_of(person.get(path).content.decode(), "draft") | {"text": text}).status_code == 302
    assert desk.office is not None
    return path


def approved_and_sent(anna: Any, bela: Any, path: str) -> str:
    """Two people approve what stands, one sends it; return the page that follows."""
    form = form_of(bela.get(path).content.decode(), "approve")
    anna.post(path, form)
    bela.post(path, form)
    page: str = anna.post(path, {"act": "send"}, follow=True).content.decode()
    return page


def state_of(desk: WebDesk, reference: str) -> MatterState:
    """Return where the matter is."""
    assert desk.office is not None
    return load_matter(desk.office, matter_of(desk.office, reference)).state


@pytest.mark.parametrize("name", PATHS)
def test_from_the_portal_to_the_answer_and_both_receipts(legal: WebDesk, tmp_path: Path, name: str) -> None:
    """A person settles it; the answer is the approved text, and a stranger can check both receipts."""
    instrument, fields, targets = PATHS[name]
    anna, bela = signed_in(legal, "anna"), signed_in(legal, "bela")
    reference, message = taken(legal, instrument, fields)
    assert reference in anna.get("/console/legal/").content.decode()
    text = f"Our answer about {name}.\n"
    path = put_down(legal, anna, reference, targets, text)
    assert "answered" in approved_and_sent(anna, bela, path)
    assert state_of(legal, reference) is MatterState.ANSWERED
    client = visitor(legal)
    page = client.get(f"/authorities/follow/{reference}").content.decode()
    assert "answered" in page.lower()
    for number, body in ((1, message), (2, text.encode())):
        receipt = client.get(f"/authorities/follow/{reference}/receipt?n={number}").content
        (tmp_path / "r").write_bytes(receipt)
        (tmp_path / "m").write_bytes(body)
        found = check_receipt(tmp_path / "r", open_directory(legal.settings).vkey, message=tmp_path / "m")
        assert found.message is True
        assert found.purpose == ("received", "answered")[number - 1]


def test_what_we_ask_is_answered_on_the_same_reference(legal: WebDesk) -> None:
    """Asked what lacks, with what the author objected, they write back through the portal; the legal team reads it."""
    anna, bela = signed_in(legal, "anna"), signed_in(legal, "bela")
    fields = {"ask": "remove", "targets": "p77", "issuer_country": "DE", "reasons": ""}
    reference, _message = taken(legal, "dsa-9", fields)
    path = put_down(legal, anna, reference, POST, "The author objects: it is their own work. What do you say?")
    assert "clarifying" in approved_and_sent(anna, bela, path)
    client = visitor(legal)
    page = client.get(f"/authorities/follow/{reference}").content.decode()
    assert "The author objects" in page
    answer = client.post(f"/authorities/follow/{reference}", {"text": "We have gone to court: 12 O 3/26."})
    assert answer.status_code == 200
    assert "We have gone to court" in anna.get(path).content.decode()
    assert state_of(legal, reference) is MatterState.RECEIVED


CALL = {"act": "call", "channel": "phone", "spoke_to": "Registry of the court", "confirmed": "on"}


def test_a_litigants_subpoena_counts_once_the_court_confirms_it(legal: WebDesk) -> None:
    """Not the lawyer's number, not the police, not a court that denies it: then nothing leaves."""
    anna, bela = signed_in(legal, "anna"), signed_in(legal, "bela")
    fields = {"ask": "disclose", "targets": "a1", "data": ["subscriber"], "legal_basis": "Case 12 O 3/26"}
    reference, _message = taken(legal, "private-demand", fields)
    path = put_down(legal, anna, reference, ACCOUNT, "Subscriber: Jane Roe.\n")
    refused = "once the court has confirmed"
    assert refused in approved_and_sent(anna, bela, path)
    for wrong in (
        {"authority": "ag", "number": "+49 170 1"},
        {"authority": "pol", "number": "+49 30 100"},
        {"authority": "ag", "number": "+49 30 100", "confirmed": ""},
    ):
        anna.post(path, CALL | wrong)
        assert refused in anna.post(path, {"act": "send"}, follow=True).content.decode()
    read = form_of(anna.get(path).content.decode(), "assess") | {"instrument": "court-order", "issuer_kind": "court"}
    anna.post(path, read)
    anna.post(path, form_of(anna.get(path).content.decode(), "draft") | {"text": "Subscriber: Jane Roe.\n"})
    assert refused in approved_and_sent(anna, bela, path)
    assert state_of(legal, reference) is MatterState.DRAFTED
    anna.post(path, CALL | {"authority": "ag", "number": "+49 30 100"})
    assert "answered" in anna.post(path, {"act": "send"}, follow=True).content.decode()
    assert state_of(legal, reference) is MatterState.ANSWERED
