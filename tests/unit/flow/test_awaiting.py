"""A question of ours whose answer never comes: reminders, a call, a person's word, and the regime's own form."""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.flow.answering import send_reply
from evenhand.flow.awaiting import OVERDUE, adopt_waiting, lapse_question, watch_answers
from evenhand.flow.follow import follow
from evenhand.flow.intake import accept_message
from evenhand.flow.legal import open_matters, replies_for
from evenhand.flow.office import Office, story_of
from evenhand.flow.receipts import ReceiptPen, open_pen
from evenhand.flow.requests import AWAITING, approve_reply, assess_matter, draft_reply, load_matter, receive_request
from evenhand.orders.awaiting import awaited
from evenhand.rulebook.load import load_law
from evenhand.rulebook.tables import LawBook
from evenhand.settings import Settings
from evenhand.statements.wording import load_wordings
from evenhand.store.memory import MemoryStore
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.commit import Commit, Stream, commit_key
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.matter import Incoming, MatterState
from evenhand.vocabulary.reference import References
from evenhand.vocabulary.request import Ask, Issuer, Request, RequestFacts, TargetFacts

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ANNA = Actor(id="staff-1", roles=frozenset({Role.LEGAL}))
BELA = Actor(id="staff-2", roles=frozenset({Role.LEGAL}))
LEGAL = {"staff-1", "staff-2"}.__contains__
MODERATOR = Actor(id="staff-9", roles=frozenset({Role.MODERATOR}))
BOOK = load_law()
ORDER = Request(
    instrument="tco-removal",
    issuer=Issuer(name="Bundeskriminalamt", country="DE", kind="police", address="tco@bka.example"),
    received_at=AT,
    asks=(Ask(id="1", kind="remove", targets=("p77",)),),
    legal_basis="Regulation (EU) 2021/784, Art. 3",
    signature="valid",
    language="en",
)
FACTS = RequestFacts(
    verified="registry",
    targets={"p77": TargetFacts(held=True, on_service=True, kind="post", flags=())},
    establishment="BE",
    languages=("en",),
    markets=("DE",),
)


@pytest.fixture
def office() -> Office:
    """A desk with sentences."""
    store = MemoryStore()
    return Office(
        docket=store, queries=store, references=References(bytes(16)), index_key=bytes(32), wordings=load_wordings()
    )


@pytest.fixture(scope="module")
def pen(tmp_path_factory: pytest.TempPathFactory) -> ReceiptPen:
    """A pen with keys of its own."""
    return open_pen(Settings(data=tmp_path_factory.mktemp("keys")))


def asked(office: Office, pen: ReceiptPen, request: Request = ORDER, *, language: str = "EN") -> Stream:
    """Return a matter whose sender was asked for what lacks."""
    incoming = Incoming(
        key="k",
        received_at=AT,
        raw=b"raw",
        entrance="mail",
        sender="tco@bka.example",
        request=request,
        language=language,
    )
    stream = receive_request(office, incoming).stream
    assessed = assess_matter(office, BOOK, ANNA, stream, request, FACTS, at=AT)
    assert assessed.assessed is not None
    assert assessed.assessed.ruling.outcome == "clarify"
    sent(office, pen, stream, "Please give the reasons.", at=AT)
    assert load_matter(office, stream).state is MatterState.CLARIFYING
    return stream


def sent(office: Office, pen: ReceiptPen, stream: Stream, text: str, *, at: datetime) -> None:
    """Draft, approve and send a reply."""
    file = draft_reply(office, ANNA, stream, text, at=at)
    assert file.draft is not None
    approve_reply(office, ANNA, stream, file.draft.bound, at=at)
    if file.lapsed is not None:
        with pytest.raises(Conflict, match="second person"):
            send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=at, chance=os.urandom)
        approve_reply(office, BELA, stream, file.draft.bound, at=at)
    send_reply(office, pen, ANNA, stream, is_legal=LEGAL, at=at, chance=os.urandom)


def letters(office: Office, what: str) -> list[dict[str, Any]]:
    """Return the bodies of letters to authorities of a kind."""
    rows = office.queries.effects(after=0, limit=500)
    bodies = [json.loads(row.body or b"{}") for row in rows if row.kind == "tell.authority"]
    return [body for body in bodies if body.get("what") == what]


def calls(office: Office) -> int:
    """Return how often a person was called because an answer is late."""
    rows = office.queries.effects(after=0, limit=500)
    return sum(row.kind == "page.person" and OVERDUE in str(row.body) for row in rows)


def ticking(office: Office, start: datetime, end: datetime, step: timedelta = timedelta(minutes=30)) -> None:
    """Let the clock run."""
    while start <= end:
        watch_answers(office, BOOK, at=start)
        start += step


def test_reminders_a_call_and_a_recorded_end(office: Office, pen: ReceiptPen) -> None:
    """Twelve hours, a day, three days: reminded twice, a person called each day, ended by a person in Annex III."""
    stream = asked(office, pen)
    watch_answers(office, BOOK, at=AT)
    file = load_matter(office, stream)
    assert file.awaited is not None
    assert (file.awaited.due_at, file.awaited.row) == (AT + timedelta(days=3), "tco-removal-answer@2018-01-01")
    assert follow(office, stream).answer_until == AT + timedelta(days=3)
    [line], _ = open_matters(office, at=AT)
    assert (line.answer_until, line.answer_late, line.due_at) == (AT + timedelta(days=3), False, None)
    ticking(office, AT, AT + timedelta(days=3) - timedelta(minutes=1))
    assert [body["text"] for body in letters(office, "reminder")] == ["Please give the reasons."] * 2
    assert "2026-11-27 09:00 UTC" in str(letters(office, "reminder")[0]["letter"])
    assert calls(office) == 0
    with pytest.raises(Conflict, match="2026-11-27 09:00 UTC"):
        lapse_question(office, ANNA, stream, "Nothing came.", at=AT + timedelta(days=2))
    late = AT + timedelta(days=5, hours=1)
    ticking(office, AT + timedelta(days=3), late)
    assert calls(office) == 3
    assert open_matters(office, at=late)[0][0].answer_late
    with pytest.raises(Denied):
        lapse_question(office, MODERATOR, stream, "Nothing came.", at=late)
    with pytest.raises(InputError, match="why"):
        lapse_question(office, ANNA, stream, " ", at=late)
    file = lapse_question(office, ANNA, stream, "Nothing came, nor by telephone.", at=late)
    assert file.state is MatterState.ASSESSED
    annex, plain = replies_for(office, BOOK, Settings(), file)
    assert (annex.form, plain.form) == ("tco-annex-iii", "unclarified")
    assert "insufficient information" in annex.text
    assert "2026-11-24 09:00:00 UTC" in plain.text
    assert "not executed: the information that was asked for did not come" in plain.text
    # Until its sender knows, somebody is called each day.
    ticking(office, late, late + timedelta(days=1, hours=1))
    assert calls(office) == 4
    sent(office, pen, stream, annex.text, at=late + timedelta(days=1, hours=2))
    file = load_matter(office, stream)
    assert file.sent is not None
    assert (file.state, file.sent.outcome, file.sent.unclarified) == (MatterState.ANSWERED, "refuse", True)
    assert [row.kind for row in story_of(office, stream) if row.kind == "question.sent"] == ["question.sent"]
    assert not office.queries.places(AWAITING)
    assert not any(row.kind.startswith("platform.") for row in office.queries.effects(after=0, limit=500))
    ticking(office, late + timedelta(days=2), late + timedelta(days=4))
    assert calls(office) == 4
    assert "Nothing came, nor by telephone." not in str(letters(office, "reply"))


@pytest.mark.parametrize("when", ["waiting", "overdue", "lapsed", "drafted"])
def test_an_answer_that_comes_after_all_starts_the_clock_anew(office: Office, pen: ReceiptPen, when: str) -> None:
    """However late, until ours has left: the request counts from it, and nothing of the waiting is left."""
    stream = asked(office, pen)
    at = AT + (timedelta(hours=1) if when == "waiting" else timedelta(days=4))
    ticking(office, AT, at)
    if when in ("lapsed", "drafted"):
        lapse_question(office, ANNA, stream, "Nothing came.", at=at)
    if when == "drafted":
        draft_reply(office, ANNA, stream, "Nothing is executed.", at=at)
    accept_message(office, pen, stream, "The reasons are these.", b"The reasons.", at=at)
    file = load_matter(office, stream)
    assert (file.state, file.received_at, file.lapsed, file.look_at) == (MatterState.RECEIVED, at, None, None)
    assert not office.queries.places(AWAITING)
    before = calls(office)
    ticking(office, at, at + timedelta(days=5), timedelta(hours=6))
    assert calls(office) == before
    whole = msgspec.structs.replace(ORDER, reasons="It incites.", redress="Court, one month.")
    again = assess_matter(office, BOOK, ANNA, stream, whole, FACTS, at=at)
    assert again.assessed is not None
    assert again.due_at == at + timedelta(hours=1)


def test_what_was_never_asked_takes_no_answer(office: Office, pen: ReceiptPen) -> None:
    """A matter that waits for us does not go back to its start because somebody writes to it."""
    stream = receive_request(
        office, Incoming(key="k", received_at=AT, raw=b"raw", entrance="mail", request=ORDER)
    ).stream
    assess_matter(office, BOOK, ANNA, stream, ORDER, FACTS, at=AT)
    with pytest.raises(Conflict, match="no question of ours"):
        accept_message(office, pen, stream, "Hurry.", b"Hurry.", at=AT)


def test_a_clock_that_jumps_ends_nothing(office: Office, pen: ReceiptPen) -> None:
    """A month ahead and back: one reminder goes out before anybody is called, and nobody may end it too early."""
    stream = asked(office, pen)
    far = AT + timedelta(days=30)
    for at in (far, far + timedelta(seconds=1), far + timedelta(hours=2)):
        watch_answers(office, BOOK, at=at)
    assert (len(letters(office, "reminder")), calls(office)) == (1, 1)
    assert "until" not in str(letters(office, "reminder")[0]["letter"]), "no day that has passed is promised"
    with pytest.raises(Conflict, match="may still come"):
        lapse_question(office, ANNA, stream, "Nothing came.", at=AT + timedelta(days=1))
    ticking(office, AT, AT + timedelta(days=2))
    assert load_matter(office, stream).state is MatterState.CLARIFYING


def test_a_clock_that_was_years_ahead_for_a_moment_silences_nobody(office: Office, pen: ReceiptPen) -> None:
    """Once it is right again, what it put far ahead is taken up: reminded and called for as if nothing had been."""
    stream = asked(office, pen)
    far = AT + timedelta(days=30_000)
    for at in (AT, far, far + timedelta(hours=2)):
        watch_answers(office, BOOK, at=at)
    assert (len(letters(office, "reminder")), calls(office)) == (1, 1)
    ticking(office, AT + timedelta(hours=1), AT + timedelta(days=4))
    assert (len(letters(office, "reminder")), calls(office)) == (3, 3)
    assert lapse_question(office, ANNA, stream, "Nothing came.", at=AT + timedelta(days=4)).lapsed is not None


def test_what_waited_before_there_was_a_line_is_found(office: Office, pen: ReceiptPen) -> None:
    """A docket of before: its questions are waited for from then on, each once."""
    stream = asked(office, pen)
    [line] = office.queries.places(AWAITING)
    office.docket.commit([Commit(key=commit_key(AT.date(), b"before"), drops=((AWAITING, line.sort),))])
    watch_answers(office, BOOK, at=AT + timedelta(days=2))
    assert load_matter(office, stream).awaited is None
    assert [adopt_waiting(office, at=AT + timedelta(days=2)) for _ in range(2)] == [1, 0]
    ticking(office, AT + timedelta(days=2), AT + timedelta(days=2, hours=1))
    assert len(letters(office, "reminder")) == 1


def test_without_a_row_a_person_is_called_and_decides(office: Office, pen: ReceiptPen) -> None:
    """A table that is empty sets no time: somebody is called after a day."""
    stream = asked(office, pen)
    for hours in (0, 23, 25):
        watch_answers(office, LawBook.empty(), at=AT + timedelta(hours=hours))
    file = load_matter(office, stream)
    assert file.awaited is not None
    assert (file.awaited.row, file.awaited.due_at, calls(office)) == ("", None, 1)
    assert lapse_question(office, ANNA, stream, "No use.", at=AT + timedelta(days=2)).lapsed is not None


def test_an_erased_matter_waits_for_nothing(office: Office, pen: ReceiptPen) -> None:
    """Nothing is left of it that anybody could be reminded of."""
    stream = asked(office, pen)
    watch_answers(office, BOOK, at=AT)
    office.docket.erase_subject(f"matter/{stream.hex()}")  # type: ignore[attr-defined] # a store
    ticking(office, AT, AT + timedelta(days=4))
    assert not office.queries.places(AWAITING)
    assert not letters(office, "reminder")


def test_the_five_days_of_an_epoc_are_one_number() -> None:
    """The row of the waiting and the duty that is shown with a ruling say the same, of the same article."""
    for instrument in ("epoc", "epoc-emergency"):
        [row] = [each for each in BOOK.clarifications if each.instrument == instrument]
        [duty] = [each for each in BOOK.duties if each.id == f"{instrument}-clarification"]
        assert (row.limit, row.recalled, row.holds_from) == (duty.limit, True, duty.holds_from)


def test_every_regime_has_a_time() -> None:
    """No request waits for ever for want of a row; all but the law's are the platform's own."""
    assert {row.instrument for row in BOOK.clarifications} == {row.instrument for row in BOOK.regimes}
    for row in BOOK.clarifications:
        assert row.source == "Platform policy on requests" or row.instrument.startswith("epoc")


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(BOOK.clarifications), st.timedeltas(timedelta(0), timedelta(days=500)))
def test_reminders_come_in_order_before_the_end(row: Any, later: timedelta) -> None:
    """Elapsed time in UTC, whatever the season: the end is the limit, every reminder before it."""
    at = AT + later
    found = awaited(msgspec.structs.replace(ORDER, instrument=row.instrument), at, BOOK)
    assert found.due_at is not None
    assert [at, *found.remind_at, found.due_at] == sorted({at, *found.remind_at, found.due_at})
    assert found.look_at == found.remind_at[0]


@pytest.mark.parametrize("language", ["DE", "FR", "AR", "FA"])
def test_reminders_are_in_the_language_of_the_request(office: Office, pen: ReceiptPen, language: str) -> None:
    """The sentences around the question are theirs; the question stands as it was approved."""
    asked(office, pen, language=language)
    ticking(office, AT, AT + timedelta(days=1))
    letter = letters(office, "reminder")[0]["letter"]
    assert (letter["language"], letter["direction"]) == (language.lower(), "rtl" if language in ("AR", "FA") else "ltr")
    assert "Please give the reasons." in letter["text"]
    assert "No answer has reached us" not in letter["text"]


def test_two_people_find_at_once_that_nothing_came(office: Office, pen: ReceiptPen) -> None:
    """The second is told that there is nothing left to find."""
    stream = asked(office, pen)
    ticking(office, AT, AT + timedelta(days=4))
    lapse_question(office, ANNA, stream, "Nothing came.", at=AT + timedelta(days=4))
    with pytest.raises(Conflict, match="no question of ours"):
        lapse_question(office, ANNA, stream, "Nothing came.", at=AT + timedelta(days=4))
