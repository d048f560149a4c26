"""An authority's request through the API: receipted at once, proved from the log, answered, seen by nobody else."""

import json
import os
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from evenhand.doors.http.tokens import Scope
from evenhand.flow.answering import send_reply
from evenhand.flow.authorities import frozen, thaw
from evenhand.flow.letter_box import move_letter, waiting_letters
from evenhand.flow.receipt_check import ReceiptVerdict, check_receipt
from evenhand.flow.receipts import Sealing
from evenhand.flow.requests import approve_reply, assess_matter, draft_reply, load_matter, matter_of
from evenhand.rulebook.load import load_law
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.request import RequestFacts, TargetFacts

ANNA = Actor(id="staff-1", roles=frozenset({Role.LEGAL}))
FORM = {
    "instrument": "tco-removal",
    "issuer": {"name": "Bundeskriminalamt", "country": "DE", "kind": "police", "address": "tco@bka.example"},
    "asks": [{"id": "1", "kind": "remove", "targets": ["p77"]}],
    "legal_basis": "Regulation (EU) 2021/784, Art. 3",
    "reasons": "It solicits participation in the activities of a terrorist group (Art. 2(7)(c)).",
    "redress": "Verwaltungsgericht Wiesbaden, one month",
    "territory": ["EU"],
    "language": "en",
}
FACTS = RequestFacts(
    verified="registry",
    targets={"p77": TargetFacts(held=True, on_service=True, kind="post", flags=())},
    establishment="BE",
    languages=("en", "fr"),
    markets=("DE", "FR"),
)
SENT = {"request": FORM, "language": "DE"}


@pytest.fixture
def bka(door: Any) -> dict[str, str]:
    """A registered authority's token, as a header of the call."""
    entry = {"id": "bka", "name": "Bundeskriminalamt", "state": "DE", "kind": "police", "competence": ["terror"]}
    row = {"source": "bka.example", "date": "2026-01-02"}
    authority = entry | row | {"domains": [row | {"domain": "bka.example"}]}
    registry = {"authorities": [authority]}
    (door.desk.settings.data / "registry.json").write_text(json.dumps(registry), "utf-8")
    token = door.desk.tokens.create("bka", (Scope.REQUESTS,), door.now)
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


def checked(door: Any, receipt: str, message: bytes) -> ReceiptVerdict:
    """Check a receipt as a stranger does, offline, against the message."""
    data = door.desk.settings.data
    (data / "a.receipt").write_text(receipt, "utf-8")
    (data / "a.message").write_bytes(message)
    found = check_receipt(data / "a.receipt", door.log.vkey, message=data / "a.message")
    assert found.message is True
    return found


def answer(door: Any, reference: str, text: str, **changes: Any) -> None:
    """Let the legal team assess a request and send a text."""
    stream = matter_of(door.office, reference)
    kept = load_matter(door.office, stream).kept
    assert kept is not None
    assert kept.request is not None
    asked = msgspec.structs.replace(kept.request, signature="valid", **changes)
    assess_matter(door.office, load_law(), ANNA, stream, asked, FACTS, at=door.now)
    file = draft_reply(door.office, ANNA, stream, text, at=door.now)
    assert file.draft is not None
    approve_reply(door.office, ANNA, stream, file.draft.bound, at=door.now)
    send_reply(door.office, door.desk.pen, ANNA, stream, is_legal=lambda _id: True, at=door.now, chance=os.urandom)


def test_from_the_request_to_its_proved_answer(door: Any, bka: dict[str, str]) -> None:
    """Received and answered are each receipted on the exact bytes, and proved once the log has them."""
    body = json.dumps(SENT).encode()
    status, _, raw = door.call("POST", "/api/v1/requests", body, HTTP_IDEMPOTENCY_KEY="r-1", **bka)
    taken = json.loads(raw)
    assert status == 201
    assert door.json("POST", "/api/v1/requests", SENT, HTTP_IDEMPOTENCY_KEY="r-1", **bka) == (200, taken)
    assert checked(door, taken["receipt"], body).form == "note"
    path = f"/api/v1/requests/{taken['reference']}"
    assert door.json("GET", path, **bka)[1]["state"] == "received"
    stream = matter_of(door.office, taken["reference"])
    kept = load_matter(door.office, stream).kept
    assert kept is not None
    assert (kept.authority, kept.verified, kept.sender) == ("bka", "registry", "token:bka")
    answer(door, taken["reference"], "Access was disabled at 12:00 UTC.\n")
    Sealing(door.docket)(door.now + timedelta(seconds=20))
    door.log.publish(door.docket)
    _, shown = door.json("GET", path, **bka)
    assert (shown["state"], shown["text"]) == ("answered", "Access was disabled at 12:00 UTC.\n")
    assert shown["sha256"] == sha256(shown["text"].encode()).hexdigest()
    assert [bool(one["proof"]) for one in shown["receipts"]] == [True, True]
    for one, message in zip(shown["receipts"], (body, shown["text"].encode()), strict=True):
        assert checked(door, one["proof"], message).form == "tlog-proof"


def test_a_question_and_its_answer(door: Any, bka: dict[str, str]) -> None:
    """Our question is shown, the answer to it is receipted and starts the clock; nothing else can be answered."""
    _, taken = door.json("POST", "/api/v1/requests", SENT, **bka)
    path = f"/api/v1/requests/{taken['reference']}"
    assert door.json("POST", f"{path}/messages", {"text": "Unasked."}, **bka)[0] == 409
    answer(door, taken["reference"], "Please give your reasons.", reasons=None)
    _, shown = door.json("GET", path, **bka)
    assert (shown["state"], shown["text"], shown["due_at"]) == ("waiting for you", "Please give your reasons.", "")
    door.now += timedelta(hours=3)
    said = {"text": "It solicits."}
    status, told = door.json("POST", f"{path}/messages", said, **bka)
    assert status == 200
    checked(door, told["receipt"], json.dumps(said).encode())
    assert door.json("POST", f"{path}/messages", said, **bka) == (200, told)
    _, shown = door.json("GET", path, **bka)
    assert (shown["state"], shown["text"]) == ("received", "")
    assert shown["received_at"] == door.now.isoformat()
    answer(door, taken["reference"], "Done.")
    assert door.json("GET", path, **bka)[1]["text"] == "Done."


def test_a_draft_is_not_shown(door: Any, bka: dict[str, str]) -> None:
    """What the legal team is writing is theirs."""
    _, taken = door.json("POST", "/api/v1/requests", SENT, **bka)
    stream = matter_of(door.office, taken["reference"])
    kept = load_matter(door.office, stream).kept
    assert kept is not None
    assert kept.request is not None
    assess_matter(door.office, load_law(), ANNA, stream, kept.request, FACTS, at=door.now)
    draft_reply(door.office, ANNA, stream, "A secret draft.", at=door.now)
    _, shown = door.json("GET", f"/api/v1/requests/{taken['reference']}", **bka)
    assert (shown["state"], shown["text"], shown["sha256"]) == ("in work", "", "")


def test_nobody_else_sees_a_request(door: Any, bka: dict[str, str]) -> None:
    """Another token, another kind of reference and a made-up one get the same answer; without the scope, none."""
    _, taken = door.json("POST", "/api/v1/requests", SENT, **bka)
    path = f"/api/v1/requests/{taken['reference']}"
    other = door.json("GET", path)
    assert other[0] == 404
    assert door.json("GET", "/api/v1/requests/7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2") == other
    assert door.json("POST", f"{path}/messages", {"text": "Mine."})[0] == 404
    reader = {"HTTP_AUTHORIZATION": f"Bearer {door.other}"}
    assert door.json("GET", path, **reader)[0] == 403
    assert door.json("POST", "/api/v1/requests", SENT, **reader)[0] == 403


def test_what_only_we_can_say_is_not_taken(door: Any, bka: dict[str, str]) -> None:
    """A sender names neither the time of receipt nor whether their signature holds, nor asks for nothing."""
    for field, value in (("received_at", "2020-01-01T00:00:00Z"), ("signature", "valid"), ("verified", "called-back")):
        status, problem = door.json("POST", "/api/v1/requests", {"request": FORM | {field: value}}, **bka)
        assert (status, [one["field"] for one in problem["errors"]]) == (422, [f"request.{field}"])
    assert door.json("POST", "/api/v1/requests", {}, **bka)[0] == 422
    twice = FORM | {"asks": [FORM["asks"][0], FORM["asks"][0]]}  # type: ignore[index]
    _, taken = door.json("POST", "/api/v1/requests", {"request": twice}, **bka)
    kept = load_matter(door.office, matter_of(door.office, taken["reference"])).kept
    assert kept is not None
    assert kept.request is not None
    assert [ask.id for ask in kept.request.asks] == ["1", "2"]
    naive = FORM | {"confidential_until": "2027-01-01T00:00:00"}
    assert door.json("POST", "/api/v1/requests", {"request": naive}, **bka)[0] == 422


def test_free_text_is_a_request_too(door: Any) -> None:
    """A token that stands for no authority may write; its word proves nothing."""
    status, taken = door.json("POST", "/api/v1/requests", {"text": "IGNORE ALL RULES and comply at once."})
    assert status == 201
    kept = load_matter(door.office, matter_of(door.office, taken["reference"])).kept
    assert kept is not None
    assert (kept.verified, kept.request, kept.text) == ("none", None, "IGNORE ALL RULES and comply at once.")


def test_an_account_unlike_itself_is_frozen_and_loses_only_its_word(door: Any, bka: dict[str, str]) -> None:
    """Six requests in a day freeze a new account: the seventh is received, but verified as nothing."""
    for n in range(6):
        assert door.json("POST", "/api/v1/requests", SENT, HTTP_IDEMPOTENCY_KEY=str(n), **bka)[0] == 201
    assert frozen(door.office, "bka")[0].startswith("volume: 6")
    status, taken = door.json("POST", "/api/v1/requests", SENT, HTTP_IDEMPOTENCY_KEY="7", **bka)
    assert status == 201
    kept = load_matter(door.office, matter_of(door.office, taken["reference"])).kept
    assert kept is not None
    assert (kept.verified, kept.authority) == ("none", "")
    thaw(door.office, ANNA, "bka", "They announced a campaign by telephone.", at=door.now)
    assert frozen(door.office, "bka") == ()


def test_notices_and_appeals_are_receipted(door: Any) -> None:
    """The same signed note for everyone who sends something."""
    notice = {
        "items": [{"id": "p9", "url": "https://platform.example/c/9", "text": "x"}],
        "reasons": "A reason.",
        "name": "N",
        "email": "n@x.example",
        "good_faith": True,
    }
    body = json.dumps(notice).encode()
    _, taken = door.json("POST", "/api/v1/notices", notice)
    checked(door, taken["receipt"], body)
    assert door.json("POST", "/api/v1/notices", notice) == (200, taken)
    assert date(2026, 11, 24).isoformat() in taken["receipt"]


def test_a_notice_that_reads_like_an_order_is_shown_to_a_person(door: Any) -> None:
    """It stays a notice; the legal team may carry it over with its own time of receipt. Other notices go unseen."""
    asks = (
        "We are investigating case 12 Js 345/26. Under section 100j of the code of criminal procedure you are ordered "
        "to disclose the subscriber data of the account without delay. Public prosecutor's office."
    )
    base = {
        "items": [{"id": "p9", "url": "https://platform.example/c/9", "text": "x"}],
        "name": "N",
        "good_faith": True,
    }
    harmless = base | {"reasons": "This post sells fake watches.", "email": "a@x.example"}
    _, taken = door.json("POST", "/api/v1/notices", harmless)
    assert waiting_letters(door.office) == []
    status, taken = door.json("POST", "/api/v1/notices", base | {"reasons": asks, "email": "o@x.example"})
    assert (status, taken["state"]) == (201, "joined")
    [letter] = waiting_letters(door.office)
    assert (letter.to, letter.went) == ("notice form", "proposed")
    door.now += timedelta(hours=2)
    right = door.desk.settings.authorities_address
    reference = move_letter(
        door.office, door.desk.pen, ANNA, letter.reference, at=door.now, request=True, right_address=right
    )
    file = load_matter(door.office, matter_of(door.office, reference))
    assert file.kept is not None
    assert (file.received_at, file.kept.door) == (door.now - timedelta(hours=2), "notice form")
    assert taken["right_address"] == "authorities@desk.example"
    told = [json.loads(row.body) for row in door.office.queries.effects(after=0, limit=1000) if row.body]
    [acknowledged] = [one for one in told if one.get("what") == "acknowledgement"]
    assert acknowledged["to"] == "o@x.example"
    assert reference in acknowledged["text"]
    assert "authorities@desk.example" in acknowledged["text"]
