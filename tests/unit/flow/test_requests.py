"""A request's life: received, assessed, approved by two people bound to the exact bytes, answered with its measures."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from evenhand.flow.answering import release_held, send_reply
from evenhand.flow.follow import follow
from evenhand.flow.office import Office
from evenhand.flow.receipts import ReceiptPen, open_pen
from evenhand.flow.requests import (
    OPEN,
    approve_reply,
    assess_matter,
    clarify,
    draft_reply,
    load_matter,
    matter_of,
    read_matter,
    receive_request,
    wanted_of,
)
from evenhand.rulebook.load import load_law
from evenhand.rulebook.policy import Waiver
from evenhand.rulebook.tables import LawBook
from evenhand.settings import Settings
from evenhand.store.memory import MemoryStore
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.views.conduct import published_rules
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.eu import EU_STATES, Category, Ground, Keyword
from evenhand.vocabulary.matter import Incoming, MatterState, Measure
from evenhand.vocabulary.reference import References
from evenhand.vocabulary.request import Ask, Issuer, Request, RequestFacts, TargetFacts

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BOOK = load_law()
ANNA = Actor(id="staff-1", roles=frozenset({Role.LEGAL}))
BELA = Actor(id="staff-2", roles=frozenset({Role.LEGAL}))
SENA = Actor(id="staff-3", roles=frozenset({Role.SENIOR}))
MODERATOR = Actor(id="staff-9", roles=frozenset({Role.MODERATOR}))
LEGAL = {"staff-1", "staff-2"}.__contains__

ORDER = Request(
    instrument="tco-removal",
    issuer=Issuer(name="Bundeskriminalamt", country="DE", kind="police", address="tco@bka.de"),
    received_at=AT,
    asks=(Ask(id="1", kind="remove", targets=("p77",)),),
    legal_basis="Regulation (EU) 2021/784, Art. 3",
    reasons="It solicits participation in the activities of a terrorist group (Art. 2(7)(c)).",
    redress="Verwaltungsgericht Wiesbaden, one month",
    signature="valid",
    language="en",
    territory=("EU",),
)
FACTS = RequestFacts(
    verified="registry",
    targets={"p77": TargetFacts(held=True, on_service=True, kind="post", flags=())},
    establishment="BE",
    languages=("en", "fr"),
    markets=("DE", "FR"),
)


@pytest.fixture(params=["memory", "sqlite"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """A desk over each kind of docket."""
    store: Any = MemoryStore()
    if request.param == "sqlite":
        store = SqliteStore(tmp_path / "docket.sqlite3", Vault(bytes(32)))
    yield Office(docket=store, queries=store, references=References(bytes(16)), index_key=bytes(32))
    if request.param == "sqlite":
        store.close()


@pytest.fixture
def pen(tmp_path: Path) -> ReceiptPen:
    """A pen with keys of its own."""
    return open_pen(Settings(data=tmp_path / "keys-of"))


def take(office: Office, **changes: Any) -> Any:
    """Receive the order, or one with other fields."""
    return receive_request(
        office,
        replace(
            Incoming(key="k1", received_at=AT, raw=b"raw order", entrance="portal", sender="tco@bka.de", request=ORDER),
            **changes,
        ),
    )


def test_from_receipt_to_answer(office: Office, pen: ReceiptPen) -> None:
    """The order is answered within its hour, by two people, and what it asks for is done and public in the same act."""
    taken = take(office)
    assert take(office) == replace(taken, again=True)
    stream = matter_of(office, taken.reference)
    file = assess_matter(office, BOOK, ANNA, stream, ORDER, FACTS, at=AT + timedelta(minutes=5))
    assert file.assessed is not None
    assert (file.assessed.ruling.outcome, file.due_at) == ("comply", AT + timedelta(hours=1))
    file = draft_reply(
        office,
        ANNA,
        stream,
        "Access was disabled.",
        category=Category.RISK_FOR_PUBLIC_SECURITY,
        keyword=Keyword.TERRORIST_CONTENT,
        at=AT,
    )
    assert file.draft is not None
    with pytest.raises(Conflict, match="legal team must approve"):
        send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)
    approve_reply(office, BELA, stream, file.draft.bound, at=AT)
    note = send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)
    assert taken.reference.encode() in note
    assert load_matter(office, stream).state is MatterState.ANSWERED
    kinds = [row.kind for row in office.queries.effects(after=0, limit=10)]
    assert sorted(kinds) == ["platform.disable", "tell.authority"]
    [decision] = office.queries.decisions_on(AT.date(), before=None, limit=5)
    assert (decision.item_id, decision.action, decision.rule) == ("p77", "disable", "person")
    assert office.queries.entry_count() == 1
    assert office.queries.places(OPEN) == []
    with pytest.raises(Conflict):
        send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)


def test_approvals_are_bound_to_the_bytes(office: Office, pen: ReceiptPen) -> None:
    """A changed draft has no approvals; nobody approves twice; a disclosure needs two people, one of them legal."""
    stream = take(office).stream
    ask = Ask(id="1", kind="disclose", data=("subscriber",), targets=("a1",))
    account = TargetFacts(held=True, on_service=True, kind="account", flags=())
    request = msgspec.structs.replace(ORDER, instrument="court-order", asks=(ask,), territory=("BE",))
    assess_matter(office, BOOK, ANNA, stream, request, msgspec.structs.replace(FACTS, targets={"a1": account}), at=AT)
    first = draft_reply(office, ANNA, stream, "One.", at=AT)
    assert first.draft is not None
    assert first.assessed is not None
    assert "second-person" in first.assessed.ruling.approvals
    approve_reply(office, ANNA, stream, first.draft.bound, at=AT)
    with pytest.raises(Conflict, match="somebody else"):
        approve_reply(office, ANNA, stream, first.draft.bound, at=AT)
    with pytest.raises(Conflict, match="second person"):
        send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)
    second = draft_reply(office, BELA, stream, "Two.", at=AT)
    assert second.draft is not None
    assert second.approved_by == ()
    with pytest.raises(Conflict, match="changed"):
        approve_reply(office, SENA, stream, first.draft.bound, at=AT)
    approve_reply(office, SENA, stream, second.draft.bound, at=AT)
    with pytest.raises(Conflict, match="legal team"):
        send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)
    approve_reply(office, BELA, stream, second.draft.bound, at=AT)
    send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)


def test_only_the_legal_team(office: Office, pen: ReceiptPen) -> None:
    """Moderators neither read nor touch matters."""
    stream = take(office).stream
    with pytest.raises(Denied):
        read_matter(office, MODERATOR, stream, "curious", at=AT)
    with pytest.raises(Denied):
        assess_matter(office, BOOK, MODERATOR, stream, ORDER, FACTS, at=AT)
    with pytest.raises(Denied):
        draft_reply(office, MODERATOR, stream, "x", at=AT)
    with pytest.raises(Denied):
        approve_reply(office, MODERATOR, stream, "0" * 64, at=AT)
    with pytest.raises(Denied):
        send_reply(office, pen, SENA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)
    assert read_matter(office, ANNA, stream, "assess", at=AT).kept is not None


def test_a_question_stops_the_clock_and_its_answer_starts_it(office: Office, pen: ReceiptPen) -> None:
    """What lacks is asked for; the hour of a removal order runs from the answer that completes it (Art. 3(8))."""
    stream = take(office).stream
    unreasoned = msgspec.structs.replace(ORDER, reasons=None)
    file = assess_matter(office, BOOK, ANNA, stream, unreasoned, FACTS, at=AT)
    assert file.assessed is not None
    assert (file.assessed.ruling.outcome, file.due_at) == ("clarify", None)
    file = draft_reply(office, ANNA, stream, "Please give your reasons.", at=AT)
    assert file.draft is not None
    approve_reply(office, BELA, stream, file.draft.bound, at=AT)
    send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)
    assert load_matter(office, stream).state is MatterState.CLARIFYING
    later = AT + timedelta(hours=5)
    assert clarify(office, stream, "It solicits.", b"raw answer", at=later).state is MatterState.RECEIVED
    file = assess_matter(office, BOOK, ANNA, stream, ORDER, FACTS, at=later)
    assert file.due_at == later + timedelta(hours=1)
    assert office.queries.entry_count() == 0


def test_one_thing_named_by_several_asks(office: Office, pen: ReceiptPen) -> None:
    """A measure is taken once against a thing, however often an order asks for it."""
    stream = take(office).stream
    asks = tuple(Ask(id=str(n), kind="remove", targets=("p77", "p77")) for n in range(2))
    assess_matter(office, BOOK, ANNA, stream, msgspec.structs.replace(ORDER, asks=asks), FACTS, at=AT)
    file = draft_reply(office, ANNA, stream, "Done.", at=AT)
    assert file.draft is not None
    approve_reply(office, BELA, stream, file.draft.bound, at=AT)
    approve_reply(office, ANNA, stream, file.draft.bound, at=AT)
    send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)
    assert [row.kind for row in office.queries.effects(after=0, limit=9)] == ["tell.authority", "platform.disable"]
    assert office.queries.entry_count() == 1


def test_a_confidential_order_shows_nothing_until_its_seal_ends(office: Office, pen: ReceiptPen) -> None:
    """The measure is taken at once; its public entry waits for the end of the seal."""
    stream = take(office).stream
    ends = AT + timedelta(days=42)
    sealed = msgspec.structs.replace(ORDER, confidential_until=ends)
    assess_matter(office, BOOK, ANNA, stream, sealed, FACTS, at=AT)
    file = draft_reply(office, ANNA, stream, "Done.", at=AT)
    assert file.draft is not None
    approve_reply(office, BELA, stream, file.draft.bound, at=AT)
    approve_reply(office, ANNA, stream, file.draft.bound, at=AT)
    send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)
    assert [row.kind for row in office.queries.effects(after=0, limit=9)] == ["tell.authority", "platform.disable"]
    assert office.queries.entry_count() == 0
    assert release_held(office, at=ends - timedelta(seconds=1)) == 0
    assert release_held(office, at=ends + timedelta(seconds=1)) == 1
    assert release_held(office, at=ends + timedelta(seconds=2)) == 0
    assert office.queries.entry_count() == 1


def test_the_most_pressing_stands_first(office: Office) -> None:
    """Matters with a deadline come before those without, by it."""
    late, soon = take(office, key="late").stream, take(office, key="soon").stream
    assert [row.stream for row in office.queries.places(OPEN)] == sorted([late, soon])
    assess_matter(office, BOOK, ANNA, soon, ORDER, FACTS, at=AT)
    assert [row.stream for row in office.queries.places(OPEN)] == [soon, late]
    assert office.queries.tallies("matter/")["matter/open"] == 2


def test_what_cannot_be_taken(office: Office) -> None:
    """No key, no bytes, no such reference."""
    with pytest.raises(InputError):
        take(office, key="")
    with pytest.raises(InputError):
        take(office, raw=b"")
    with pytest.raises(InputError):
        matter_of(office, office.references.format("request", 99))
    with pytest.raises(InputError):
        matter_of(office, office.references.format("notice", take(office).number))


def test_a_senders_clock_counts_for_nothing(office: Office) -> None:
    """Whatever instant of receipt a request claims, ours is kept."""
    forged = msgspec.structs.replace(ORDER, received_at=AT - timedelta(days=3))
    stream = take(office, request=forged).stream
    kept = load_matter(office, stream).kept
    assert kept is not None
    assert kept.request is not None
    assert kept.request.received_at == AT
    assessed = assess_matter(office, BOOK, ANNA, stream, forged, FACTS, at=AT).assessed
    assert assessed is not None
    assert assessed.request.received_at == AT


def test_two_people_at_once(office: Office) -> None:
    """Who acts on what somebody else has just changed acts on the new state: neither act is lost, none counts twice."""
    stream = take(office).stream
    assess_matter(office, BOOK, ANNA, stream, ORDER, FACTS, at=AT)
    inner = office.docket

    class Slow:
        """Lets the other person in between reading and writing, once."""

        def __init__(self) -> None:
            self.let_in = True

        def commit(self, commits: Any) -> Any:
            """Commit, after the other one."""
            if self.let_in:
                self.let_in = False
                draft_reply(replace(office, docket=inner), BELA, stream, "Bela's.", at=AT)
            return inner.commit(commits)

    draft_reply(replace(office, docket=Slow()), ANNA, stream, "Anna's.", at=AT)
    kinds = [row.kind for row in office.queries.records(stream)]
    assert kinds.count("reply.drafted") == 2
    draft = load_matter(office, stream).draft
    assert draft is not None
    assert draft.text == "Anna's."


PRIVATE = msgspec.structs.replace(
    ORDER,
    instrument="private-demand",
    issuer=Issuer(name="Song Ltd", country="DE", kind="private", address="law@song.example"),
    legal_basis="§ 97 UrhG",
    redress=None,
    signature="none",
    territory=("DE",),
)
KNOWN = msgspec.structs.replace(FACTS, verified="none")
IN_GERMANY = (Measure(target="p77", action="geo-restrict", territory=("DE",)),)


def settled(office: Office, request: Request, **changes: Any) -> Any:
    """Return a matter with a draft whose measures a person chose."""
    stream = take(office).stream
    file = assess_matter(office, BOOK, ANNA, stream, request, changes.pop("facts", KNOWN), at=AT)
    assert file.assessed is not None
    assert file.assessed.ruling.outcome == "escalate"
    wanted = {"measures": IN_GERMANY, "category": Category.INTELLECTUAL_PROPERTY_INFRINGEMENTS} | changes
    return draft_reply(office, ANNA, stream, "It cannot be seen in Germany any more.", **wanted, at=AT)


def test_what_a_person_settles_ends_in_a_decision(office: Office, pen: ReceiptPen) -> None:
    """Under escalate, two people approve what is done; with the answer it is decided, done and public."""
    file = settled(office, PRIVATE)
    stream = file.stream
    approve_reply(office, ANNA, stream, file.draft.bound, at=AT)
    with pytest.raises(Conflict, match="second person"):
        send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)
    approve_reply(office, SENA, stream, file.draft.bound, at=AT)
    assert send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)
    assert sorted(row.kind for row in office.queries.effects(after=0, limit=9)) == [
        "platform.geo-restrict",
        "tell.authority",
    ]
    [decision] = office.queries.decisions_on(AT.date(), before=None, limit=5)
    assert (decision.action, decision.category) == ("geo-restrict", Category.INTELLECTUAL_PROPERTY_INFRINGEMENTS)
    assert office.queries.entry_count() == 1


def test_approvals_are_bound_to_the_measures(office: Office) -> None:
    """The same text with other measures, another ground or another category is another thing to approve."""
    file = settled(office, PRIVATE)
    seen = {file.draft.bound}
    own = {"ground": Ground.INCOMPATIBLE_CONTENT, "clause": "4.2"}
    for changes in (
        {"measures": ()},
        {"category": Category.OTHER_VIOLATION_TC},
        own,
        own | {"measures": (Measure(target="p77", action="disable"),)},
        {"measures": (), "interim": True},
    ):
        other = draft_reply(office, ANNA, file.stream, file.draft.text, **({"measures": IN_GERMANY} | changes), at=AT)
        assert other.draft is not None
        assert other.draft.bound not in seen
        seen.add(other.draft.bound)
        with pytest.raises(Conflict, match="changed"):
            approve_reply(office, ANNA, file.stream, file.draft.bound, at=AT)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"measures": (Measure(target="other", action="geo-restrict", territory=("DE",)),)}, "no measure may be taken"),
        ({"measures": IN_GERMANY * 2}, "twice"),
        ({"measures": (Measure(target="p77", action="geo-restrict"),)}, "names its states"),
        ({"measures": (Measure(target="p77", action="disable", territory=("DE",)),)}, "names its states"),
        ({"measures": (Measure(target="p77", action="disable"),)}, "reaches DE"),
        ({"measures": (Measure(target="p77", action="geo-restrict", territory=("DE", "FR")),)}, "reaches DE"),
        ({"ground": Ground.INCOMPATIBLE_CONTENT}, "clause"),
        ({"interim": True}, "interim"),
    ],
)
def test_no_person_goes_further_than_law_and_order(office: Office, changes: dict[str, Any], why: str) -> None:
    """Nor at what was not asked for, nor twice, nor with a word that says nothing is done."""
    with pytest.raises(InputError, match=why):
        settled(office, PRIVATE, **changes)


@pytest.mark.parametrize("flags", [None, ("press",)])
def test_press_is_not_a_persons_to_settle(office: Office, flags: Any) -> None:
    """Nor what nobody has looked at yet: no court has decided here."""
    facts = msgspec.structs.replace(
        KNOWN,
        targets={
            "p77": TargetFacts(held=True, on_service=True, kind="post", flags=flags),
            "p78": TargetFacts(held=True, on_service=True, kind="post", flags=()),
        },
    )
    asks = (Ask(id="1", kind="remove", targets=("p77", "p78")),)
    with pytest.raises(InputError, match="no measure may be taken"):
        settled(office, msgspec.structs.replace(PRIVATE, asks=asks), facts=facts)


def test_word_in_between_answers_nothing(office: Office, pen: ReceiptPen) -> None:
    """After an interim letter the matter is open, with its clock; it has no receipt, and its sender can read it."""
    stream = take(office).stream
    due = assess_matter(office, BOOK, ANNA, stream, ORDER, KNOWN, at=AT).due_at
    assert due == AT + timedelta(hours=1)
    places = office.queries.places(OPEN)
    for text in ("We look at it.", "We still look at it.", "We look at it."):
        draft = draft_reply(office, ANNA, stream, text, interim=True, at=AT).draft
        assert draft is not None
        approve_reply(office, BELA, stream, draft.bound, at=AT)
        approve_reply(office, SENA, stream, draft.bound, at=AT)
        assert send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom) == b""
        file = load_matter(office, stream)
        assert (file.state, file.due_at, file.sent) == (MatterState.ASSESSED, due, None)
        assert follow(office, stream).text == text
        assert follow(office, stream).state == "in work"
    assert office.queries.places(OPEN) == places
    assert office.queries.tallies("matter/")["matter/open"] == 1
    assert len(office.queries.effects(after=0, limit=9)) == 3
    draft = draft_reply(office, ANNA, stream, "No.", measures=(), at=AT).draft
    assert draft is not None
    approve_reply(office, BELA, stream, draft.bound, at=AT)
    approve_reply(office, ANNA, stream, draft.bound, at=AT)
    assert send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=AT, chance=os.urandom)
    assert load_matter(office, stream).state is MatterState.ANSWERED


def test_a_restriction_in_the_union_names_its_states(office: Office) -> None:
    """A restriction in no state would be none."""
    stream = take(office).stream
    asks = (Ask(id="1", kind="geo-restrict", targets=("p77",)),)
    request = msgspec.structs.replace(ORDER, instrument="dsa-9", legal_basis="Regulation (EU) 2022/2065", asks=asks)
    file = assess_matter(office, BOOK, ANNA, stream, request, FACTS, at=AT)
    assert file.assessed is not None
    assert file.assessed.ruling.territory == ("EU",)
    draft = draft_reply(office, ANNA, stream, "Done.", at=AT).draft
    assert draft is not None
    assert draft.measures == (Measure(target="p77", action="geo-restrict", territory=EU_STATES),)


NATIONAL = msgspec.structs.replace(ORDER, instrument="national-order", legal_basis="Civil code, section 1004")
REFUSED = msgspec.structs.replace(NATIONAL, asks=(Ask(id="1", kind="keys", targets=("service",)),))
WAIVER = Waiver(
    id="one-lawyer",
    waives="second-person",
    holds_from=AT.date(),
    holds_to=AT.date(),
    source="Board of Example Messenger",
    sentence="Example Messenger has one lawyer.",
)


def drafted(office: Office, request: Request, book: LawBook = BOOK, at: datetime = AT, **draft: Any) -> Any:
    """Return a matter whose reply, written by Anna, waits for its approvals."""
    stream = take(office, received_at=at).stream
    assess_matter(office, book, ANNA, stream, request, FACTS, at=at)
    return draft_reply(office, ANNA, stream, "The answer.", at=at, **draft)


@pytest.mark.parametrize("request_", [NATIONAL, REFUSED], ids=["restriction", "refusal"])
def test_who_wrote_the_answer_is_never_its_only_approver(office: Office, pen: ReceiptPen, request_: Request) -> None:
    """Approvals by two different people bound to the exact bytes; the first alone sends nothing."""
    file = drafted(office, request_)
    assert file.assessed.ruling.approvals == ("legal",)
    approve_reply(office, ANNA, file.stream, file.draft.bound, at=AT)
    with pytest.raises(Conflict, match="second person"):
        send_reply(office, pen, ANNA, file.stream, is_legal=LEGAL, at=AT, chance=os.urandom)
    with pytest.raises(Conflict, match="somebody else"):
        approve_reply(office, ANNA, file.stream, file.draft.bound, at=AT)
    approve_reply(office, SENA, file.stream, file.draft.bound, at=AT)
    assert send_reply(office, pen, ANNA, file.stream, is_legal=LEGAL, at=AT, chance=os.urandom)


def test_less_than_the_automatic_disabling_needs_two(office: Office) -> None:
    """One approval reports what happens by itself, and nothing else: not a refusal in its place, not another word."""
    assert wanted_of(drafted(office, ORDER)) == ("legal",)
    for other in ({"measures": ()}, {"interim": True}):
        assert wanted_of(drafted(office, ORDER, **other)) == ("legal", "second-person")


def test_a_platform_with_one_lawyer_needs_a_written_exception(office: Office, pen: ReceiptPen) -> None:
    """On its day one person is enough, and the record says by which row; never where data leave, never a day later."""
    book = replace(BOOK, waivers=(WAIVER,))
    later = AT + timedelta(days=1)
    assert wanted_of(drafted(office, NATIONAL, book, at=later)) == ("legal", "second-person")
    ask = Ask(id="1", kind="disclose", data=("subscriber",), targets=("p77",))
    data = msgspec.structs.replace(NATIONAL, asks=(ask,))
    assert wanted_of(drafted(office, data, book)) == ("legal", "second-person")
    file = drafted(office, NATIONAL, book)
    assert file.assessed.waived == f"one-lawyer@{AT.date()}"
    approve_reply(office, ANNA, file.stream, file.draft.bound, at=AT)
    assert send_reply(office, pen, ANNA, file.stream, is_legal=LEGAL, at=AT, chance=os.urandom)


def test_the_exception_is_public_while_it_holds() -> None:
    """It stands on the page of rules on its day, and none comes with Evenhand."""
    assert BOOK.waivers == ()
    book = replace(BOOK, waivers=(WAIVER,))
    assert [row.id for row in published_rules(book, AT.date()) if row.kind == "waiver"] == ["one-lawyer"]
    assert [row for row in published_rules(book, (AT + timedelta(days=1)).date()) if row.kind == "waiver"] == []
