"""Whoever a measure by order or demand concerns is told, and what a counter-notice of theirs sets going."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from evenhand.flow.answering import send_reply
from evenhand.flow.concerned import counters_of, measure_of, tell_concerned
from evenhand.flow.counter import agree_to_take_back, open_counters, send_counter_notice, show_court, take_back_due
from evenhand.flow.items import item_event
from evenhand.flow.office import Office
from evenhand.flow.receipts import ReceiptPen, open_pen
from evenhand.flow.requests import approve_reply, assess_matter, draft_reply, receive_request
from evenhand.flow.reviews import Review, open_reviews
from evenhand.rulebook.load import load_law
from evenhand.rulebook.tables import CounterNotice, Mark
from evenhand.settings import Settings
from evenhand.statements.wording import load_wordings
from evenhand.store.memory import MemoryStore
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.eu import Category
from evenhand.vocabulary.matter import Draft, Incoming, Measure
from evenhand.vocabulary.notice import ItemChange, ItemEvent, Snapshot
from evenhand.vocabulary.post import ItemKind
from evenhand.vocabulary.reference import References
from evenhand.vocabulary.request import Ask, Issuer, Request, RequestFacts, TargetFacts

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ANNA = Actor(id="staff-1", roles=frozenset({Role.LEGAL}))
BELA = Actor(id="staff-2", roles=frozenset({Role.LEGAL}))
SENA = Actor(id="staff-3", roles=frozenset({Role.SENIOR}))
LEGAL = {"staff-1", "staff-2"}.__contains__
BOOK = load_law()
ROW = CounterNotice(
    id="de-counter",
    instrument="private-demand",
    country="DE",
    limit="P14D",
    sentence="Put the work back unless the claimant has gone to court.",
    holds_from=AT.date(),
    holds_to=None,
    source="Invented for this test, s. 1",
    checked=Mark.READ,
)
TIMED = replace(BOOK, counter_notices=(ROW,))
DEMAND = Request(
    instrument="private-demand",
    issuer=Issuer(name="Film Rights Ltd", country="DE", kind="private", address="rights@film.example"),
    received_at=AT,
    asks=(Ask(id="1", kind="remove", targets=("p77",)),),
    legal_basis="Copyright Act, section 97",
    reasons="It is our film.",
    language="en",
)
ORDER = msgspec.structs.replace(
    DEMAND,
    instrument="national-order",
    issuer=Issuer(name="Amtsgericht Bonn", country="DE", kind="court", address="post@ag.example"),
    redress="Landgericht Bonn, one month",
    signature="valid",
)
FACTS = RequestFacts(
    verified="registry",
    targets={"p77": TargetFacts(held=True, on_service=True, kind="post", flags=())},
    establishment="BE",
    languages=("en",),
    markets=("DE",),
)
IN_GERMANY = (Measure(target="p77", action="geo-restrict", territory=("DE",)),)


@pytest.fixture(params=["memory", "sqlite"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """A desk with sentences, over each kind of docket."""
    store: Any = MemoryStore()
    if request.param == "sqlite":
        store = SqliteStore(tmp_path / "docket.sqlite3", Vault(bytes(32)))
    yield Office(
        docket=store, queries=store, references=References(bytes(16)), index_key=bytes(32), wordings=load_wordings()
    )
    if request.param == "sqlite":
        store.close()


@pytest.fixture
def pen(tmp_path: Path) -> ReceiptPen:
    """A pen with keys of its own."""
    return open_pen(Settings(data=tmp_path / "keys-of"))


def answered(office: Office, pen: ReceiptPen, request: Request, *, told_in: str = "") -> Any:
    """Return the matter of a request whose measure was taken."""
    incoming = Incoming(
        key="k", received_at=AT, raw=b"raw", entrance="mail", sender="rights@film.example", request=request
    )
    stream = receive_request(office, incoming).stream
    assess_matter(office, BOOK, ANNA, stream, request, FACTS, at=AT)
    file = draft_reply(
        office, ANNA, stream, "It cannot be seen in Germany.", measures=IN_GERMANY, told_in=told_in, at=AT
    )
    assert file.draft is not None
    for person in (ANNA, BELA):
        approve_reply(office, person, stream, file.draft.bound, at=AT)
    send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)
    return stream


def effects(office: Office, kind: str) -> list[dict[str, Any]]:
    """Return the bodies of effects of a kind, in order."""
    rows = office.queries.effects(after=0, limit=50)
    return [json.loads(row.body or b"{}") for row in rows if row.kind == kind]


def told(office: Office, pen: ReceiptPen, request: Request = DEMAND) -> tuple[Any, str]:
    """Return the matter, and the reference of whom its measure concerns once they are told."""
    stream = answered(office, pen, request)
    assert tell_concerned(office, at=AT) == 1
    assert tell_concerned(office, at=AT) == 0
    return stream, effects(office, "tell.affected")[-1]["redress"]


def test_whom_an_order_concerns_is_told_at_its_effect(office: Office, pen: ReceiptPen) -> None:
    """The order, its effect, reasons, redress and territory (DSA Art. 9(5)); no counter-notice against an authority."""
    _, reference = told(office, pen, ORDER)
    [letter] = effects(office, "tell.affected")
    text = letter["letter"]["text"]
    assert letter["to"] == "p77"
    for said in ("Amtsgericht Bonn", "Copyright Act, section 97", "Landgericht Bonn, one month", "Germany", reference):
        assert said in text
    assert "counter-notice" not in text
    with pytest.raises(Conflict, match="no counter-notice"):
        send_counter_notice(office, TIMED, reference, "It is mine.", at=AT)


def test_a_secret_order_is_told_when_its_secrecy_ends(office: Office, pen: ReceiptPen) -> None:
    """Not a second before, and the reference opens nothing before."""
    until = AT + timedelta(days=30)
    stream = answered(office, pen, msgspec.structs.replace(ORDER, confidential_until=until))
    assert tell_concerned(office, at=until - timedelta(seconds=1)) == 0
    [counter] = counters_of(office, stream)
    reference = office.references.format("measure", counter.number)
    with pytest.raises(InputError):
        measure_of(office, reference)
    assert tell_concerned(office, at=until) == 1
    assert measure_of(office, reference)[0] == stream


def test_whoever_demands_for_themselves_is_not_named(office: Office, pen: ReceiptPen) -> None:
    """The person reads the law that was named and how to answer, not by whom."""
    told(office, pen)
    text = effects(office, "tell.affected")[0]["letter"]["text"]
    assert "Film Rights" not in text
    assert "rights@film" not in text
    assert "counter-notice" in text


def test_a_counter_notice_takes_the_measure_back_when_no_court_is_shown(office: Office, pen: ReceiptPen) -> None:
    """The demander is told and has the row's time; then the clock takes it back, once, in public, and tells both."""
    stream, reference = told(office, pen)
    counter = send_counter_notice(office, TIMED, reference, "I made this film myself.", at=AT)
    due = AT + timedelta(days=14)
    assert (counter.state, counter.due_at, counter.row) == ("countered", due, f"de-counter@{AT.date()}")
    word = effects(office, "tell.authority")[-1]
    assert word["to"] == "rights@film.example"
    assert "I made this film myself." in word["letter"]["text"]
    assert "2026-12-08 09:00 UTC" in word["letter"]["text"]
    with pytest.raises(Conflict, match="already"):
        send_counter_notice(office, TIMED, reference, "Again.", at=AT)
    assert take_back_due(office, at=due - timedelta(seconds=1), chance=os.urandom) == 0
    assert take_back_due(office, at=due, chance=os.urandom) == 1
    assert take_back_due(office, at=due + timedelta(days=1), chance=os.urandom) == 0
    [counter] = counters_of(office, stream)
    assert (counter.state, counter.restored_at) == ("restored", due)
    [action] = effects(office, "platform.restore")
    assert (action["id"], action["kind"], action["territory"]) == ("p77", "post", ["DE"])
    [decision] = office.queries.decisions_on(due.date(), before=None, limit=5)
    assert (decision.action, decision.rule) == ("restore", "de-counter")
    assert office.queries.entry_count() == 2
    assert effects(office, "tell.affected")[-1]["what"] == "reversal"
    assert "taken back" in effects(office, "tell.authority")[-1]["letter"]["text"]
    assert open_counters(office) == []


def test_a_court_action_shown_in_time_keeps_the_measure(office: Office, pen: ReceiptPen) -> None:
    """A person of the legal team records court and case; the clock does nothing, two people still can."""
    stream, reference = told(office, pen)
    number = send_counter_notice(office, TIMED, reference, "Mine.", at=AT).number
    with pytest.raises(Denied):
        show_court(office, SENA, stream, number, "LG Bonn 3 O 1/26", at=AT)
    with pytest.raises(InputError):
        show_court(office, ANNA, stream, number, " ", at=AT)
    assert show_court(office, ANNA, stream, number, "LG Bonn 3 O 1/26", at=AT).state == "court"
    assert take_back_due(office, at=AT + timedelta(days=400), chance=os.urandom) == 0
    assert open_counters(office) == []
    assert agree_to_take_back(office, ANNA, stream, number, is_legal=LEGAL, at=AT, chance=os.urandom).state == "court"
    done = agree_to_take_back(office, SENA, stream, number, is_legal=LEGAL, at=AT, chance=os.urandom)
    assert done.state == "restored"


@pytest.mark.parametrize("book", [BOOK, replace(BOOK, counter_notices=(replace(ROW, checked=Mark.RECALLED),))])
def test_without_a_checked_row_two_people_decide(office: Office, pen: ReceiptPen, book: Any) -> None:
    """No time is filled from memory: the clock takes nothing back, one person does not either, two do."""
    stream, reference = told(office, pen)
    counter = send_counter_notice(office, book, reference, "Mine.", at=AT)
    assert counter.decides == "person"
    assert take_back_due(office, at=AT + timedelta(days=400), chance=os.urandom) == 0
    assert [each.number for _, each in open_counters(office)] == [counter.number]
    one = agree_to_take_back(office, ANNA, stream, counter.number, is_legal=LEGAL, at=AT, chance=os.urandom)
    assert one.state == "countered"
    with pytest.raises(Conflict, match="somebody else"):
        agree_to_take_back(office, ANNA, stream, counter.number, is_legal=LEGAL, at=AT, chance=os.urandom)
    two = agree_to_take_back(office, BELA, stream, counter.number, is_legal=LEGAL, at=AT, chance=os.urandom)
    assert two.state == "restored"
    [decision] = [
        row for row in office.queries.decisions_on(AT.date(), before=None, limit=5) if row.action == "restore"
    ]
    assert decision.rule == "person"
    with pytest.raises(Conflict, match="nothing to take back"):
        agree_to_take_back(office, SENA, stream, counter.number, is_legal=LEGAL, at=AT, chance=os.urandom)


@pytest.mark.parametrize("text", ["", "  ", "x" * 20_001])
def test_an_empty_or_endless_counter_notice_is_refused(office: Office, pen: ReceiptPen, text: str) -> None:
    """And a reference that nobody was given opens nothing."""
    _, reference = told(office, pen)
    with pytest.raises(InputError):
        send_counter_notice(office, TIMED, reference, text, at=AT)
    with pytest.raises(InputError):
        send_counter_notice(office, TIMED, office.references.format("affected", 1), "Mine.", at=AT)


def test_what_the_issuing_authority_tells_is_not_told_by_us(office: Office, pen: ReceiptPen) -> None:
    """e-Evidence, Art. 13: the desk must not tip off; such orders take no measure, and none is told."""
    book = replace(
        BOOK,
        regimes=tuple(
            replace(row, notify="by-issuing-authority") if row.instrument == "national-order" else row
            for row in BOOK.regimes
        ),
    )
    incoming = Incoming(key="k", received_at=AT, raw=b"raw", entrance="portal", sender="a@ag.example", request=ORDER)
    stream = receive_request(office, incoming).stream
    assess_matter(office, book, ANNA, stream, ORDER, FACTS, at=AT)
    file = draft_reply(office, ANNA, stream, "Done.", at=AT)
    assert file.draft is not None
    for person in (ANNA, BELA):
        approve_reply(office, person, stream, file.draft.bound, at=AT)
    send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)
    assert tell_concerned(office, at=AT + timedelta(days=400)) == 0
    assert effects(office, "tell.affected") == []


@pytest.mark.parametrize(("language", "direction"), [("de", "ltr"), ("fr", "ltr"), ("ar", "rtl"), ("fa", "rtl")])
@pytest.mark.parametrize("source", ["draft", "event", "case"])
def test_the_person_reads_it_in_their_language(
    office: Office, pen: ReceiptPen, source: str, language: str, direction: str
) -> None:
    """As the legal team chose it, as the platform said of the item, or as a case about it has it; the end of it too."""
    item = Snapshot(kind=ItemKind.POST, item_id="p77", author="a1", language=language.upper(), content_sha256="11" * 32)
    if source == "event":
        event = ItemEvent(key="e", at=AT, change=ItemChange.EDITED, item=item)
        item_event(office, event, chance=os.urandom)
    elif source == "case":
        review = Review(
            item=item,
            at=AT,
            category=Category.OTHER_VIOLATION_TC,
            keyword=None,
            rule="r",
            version="1",
            edition="0" * 16,
            because="It looks odd.",
        )
        assert open_reviews(office, [review]) == 1
    stream = answered(office, pen, DEMAND, told_in=language if source == "draft" else "")
    assert tell_concerned(office, at=AT) == 1
    [letter] = effects(office, "tell.affected")
    english = office.wordings.pick("en") if office.wordings else None
    assert english is not None
    assert (letter["letter"]["language"], letter["letter"]["direction"]) == (language, direction)
    assert english.say("concerned.follow") not in letter["letter"]["text"]
    [counter] = counters_of(office, stream)
    send_counter_notice(office, TIMED, letter["redress"], "It is mine.", at=AT)
    assert take_back_due(office, at=AT + timedelta(days=14), chance=os.urandom) == 1
    assert effects(office, "tell.affected")[-1]["letter"]["language"] == language
    assert counter.measure.language == (language if source == "draft" else "")


def test_where_nobody_knows_the_language_it_is_english(office: Office, pen: ReceiptPen) -> None:
    """And a language's code that is none is refused before anything is drafted."""
    told(office, pen)
    assert effects(office, "tell.affected")[0]["letter"]["language"] == "en"
    stream = receive_request(office, Incoming(key="l", received_at=AT, raw=b"raw", entrance="mail")).stream
    with pytest.raises(InputError, match="told_in"):
        draft_reply(office, ANNA, stream, "text", told_in="German", at=AT)


def test_what_was_approved_before_there_was_a_choice_stays_approved() -> None:
    """A vector: the digest that approvals are bound to is what it was; a language that was chosen makes another."""
    draft = Draft(by="x", text="t", sha256="00" * 32, category=Category.VIOLENCE, measures=IN_GERMANY)
    assert draft.bound == "d0b6ef501ee89cd8503cb1fc99d099c0b53c5654c17e40424eeea3812e8e301f"
    assert replace(draft, told_in="de").bound != draft.bound
