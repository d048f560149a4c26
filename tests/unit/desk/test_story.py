"""A case is what its records come to, and where it stands follows from that alone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.desk.rules import moved, standing
from evenhand.desk.states import next_state
from evenhand.desk.story import Move, Step, begin, follow, read_body, record_of, tell
from evenhand.vocabulary.case import Act, Decided, Message, Opened, Origin, Proposal, Proposed, Seen, Words
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.decision import Action, Policy
from evenhand.vocabulary.eu import Category, Ground
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.places import Hash16
from evenhand.vocabulary.post import ItemKind

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
CASE = Stream(bytes(range(20)))
POLICY = Policy(ground=Ground.ILLEGAL_CONTENT, category=Category.VIOLENCE, keyword=None, reference="§ 241")
OPENED = Opened(
    origin=Origin.NOTICE,
    kind=ItemKind.POST,
    item_key="00" * 16,
    author_key="11" * 16,
    content_key="22" * 16,
    category=Category.VIOLENCE,
    queue="violence",
    due_at=AT + timedelta(hours=24),
)
PEOPLE = st.sampled_from(["anna", "boris", "chiara"])
PROPOSALS = st.builds(Proposal, action=st.sampled_from(list(Action)), policy=st.just(POLICY))
ACTS = st.builds(
    Act, by=PEOPLE, to=st.sampled_from(["anna", "boris", "general", "child-safety"]), text=st.text(max_size=9)
)


def _move(kind: str) -> st.SearchStrategy[Move]:
    bodies: dict[str, st.SearchStrategy[object]] = {
        "proposal": st.builds(Proposed, by=PEOPLE, proposal=PROPOSALS, closes_at=st.just(AT)),
        "proposal.first": st.builds(Proposed, by=PEOPLE, proposal=PROPOSALS, closes_at=st.just(AT)),
        "decision": st.builds(Decided, by=PEOPLE, second=st.just(""), proposal=PROPOSALS, informed_at=st.just(AT)),
        "reversal": st.builds(Decided, by=PEOPLE, second=st.just(""), proposal=PROPOSALS, informed_at=st.just(AT)),
        "words": st.builds(Words, facts=st.text(max_size=9)),
        "message": st.builds(Message, audience=st.sampled_from(["notifier", "affected"]), text=st.text(max_size=9)),
        "snapshot": st.builds(Seen, item=st.builds(Snapshot, text=st.text(max_size=9))),
        "item.deleted": st.builds(Seen, item=st.just(Snapshot())),
        "item.restored": st.builds(Seen, item=st.just(Snapshot())),
        "item.edited": st.builds(Seen, item=st.builds(Snapshot, text=st.text(max_size=9))),
    }
    return st.builds(Move, st.just(kind), bodies.get(kind, ACTS), st.just("author"))


KINDS = (
    *("case.claimed", "case.released", "case.handed-over", "case.moved", "case.overdue", "opinion.asked"),
    *("opinion.given", "proposal", "proposal.first", "proposal.seconded", "proposal.objected", "proposal.undone"),
    *("decision", "reversal", "effect.done", "effect.failed", "words", "message", "snapshot", "item.edited"),
    *("item.deleted", "item.restored", "note", "access", "alarm.raised"),
)
WALKS = st.lists(st.sampled_from(KINDS).flatmap(_move), max_size=25)


def holder(name: str) -> Hash16 | None:
    """Return a stand-in for a person's keyed hash."""
    return Hash16(name.encode().ljust(16, b".")) if name else None


@settings(max_examples=75, deadline=None)
@given(WALKS)
def test_kept_orders_follow_the_case(moves: list[Move]) -> None:
    """Drops and places of every act, taken together, leave exactly where the case stands now, and count it once."""
    file = begin(CASE, Step(kind="case.opened", at=AT, body=OPENED))
    now = standing(file, None)
    places, tallies = dict(now.places), dict(now.tallies)
    steps = [Step(kind="case.opened", at=AT, body=OPENED)]
    for n, move in enumerate(moves):
        if next_state(file.state, move.kind) is None:
            continue
        at = AT + timedelta(minutes=n)
        before, file = file, follow(file, Step(kind=move.kind, at=at, body=move.body))
        record = record_of(CASE, at, move)
        steps.append(Step(kind=record.kind, at=at, body=read_body(record.kind, record.body)))
        drops, put, counts = moved(CASE, standing(before, holder(before.holder)), standing(file, holder(file.holder)))
        for where in drops:
            del places[where]
        places.update(((place.view, place.sort), place.label) for place in put)
        for name, by in counts:
            tallies[name] = tallies.get(name, 0) + by
    assert places == standing(file, holder(file.holder)).places
    assert {name: value for name, value in tallies.items() if value} == standing(file, None).tallies
    assert tell(CASE, steps) == file
    assert file.is_open == bool(tallies.get("case/open", 0))


@settings(deadline=None)
@given(WALKS)
def test_a_case_once_walled_stays_walled(moves: list[Move]) -> None:
    """No sequence of acts brings a case out from behind the child-safety wall."""
    file = begin(CASE, Step(kind="case.opened", at=AT, body=OPENED))
    walled = False
    for move in moves:
        if next_state(file.state, move.kind) is not None:
            file = follow(file, Step(kind=move.kind, at=AT, body=move.body))
            assert file.walled or not walled
            walled = file.walled


@settings(deadline=None)
@given(WALKS)
def test_an_erased_case_is_still_told(moves: list[Move]) -> None:
    """When the author's key is destroyed, what was sealed is gone and the case's life is the same."""
    file = begin(CASE, Step(kind="case.opened", at=AT, body=OPENED))
    erased = file
    for move in moves:
        if next_state(file.state, move.kind) is None:
            continue
        file = follow(file, Step(kind=move.kind, at=AT, body=move.body))
        sealed = move.kind in ("words", "snapshot", "item.edited", "message")
        erased = follow(erased, Step(kind=move.kind, at=AT, body=None if sealed else move.body))
    assert (erased.state, erased.holder, erased.touched) == (file.state, file.holder, file.touched)
    assert standing(erased, None) == standing(file, None)
