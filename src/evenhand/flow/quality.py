"""Known cases hidden among others, and blind double review. What a test case causes stays in this room.

A test case is opened, queued, claimed and decided like any other; that it is one stands in a kept order that only this
module reads. When it is decided, nothing of it becomes a decision, an entry, an effect, a strike or a figure.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from evenhand.access.rules import rights
from evenhand.desk.quality import Rate, rate
from evenhand.flow.decision import Chance
from evenhand.flow.office import Deed, Office, load_case
from evenhand.flow.opening import Opening, Subject, at_place, open_case_for
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import CaseFile, Origin
from evenhand.vocabulary.commit import Commit, Place, Record, Stream, Tally, commit_key
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import Conflict, Denied
from evenhand.vocabulary.eu import Category, Keyword, Source
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.places import TEST, TEST_DONE, by_instant
from evenhand.vocabulary.rights import Right

LOOKS_DONE_AFTER = timedelta(seconds=40)
"""Like any other, a test case is shown as done a moment after it was decided."""
_PREFIX = "STATEMENT_CATEGORY_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """`test.planted`: what a test case is for.

    Attributes:
        kind: "known" or "double".
        expected: The right action, or that of the first decision.
        first: For a double review: the first case's stream, in hex.
    """

    kind: str
    expected: Action
    category: Category
    by: str
    first: str = ""


_PLANTED = msgspec.json.Decoder(Planted)


def plant_known(
    office: Office,
    actor: Actor,
    item: Snapshot,
    expected: Action,
    *,
    category: Category,
    keyword: Keyword | None = None,
    rule: str,
    because: str,
    at: datetime,
    chance: Chance,
) -> Stream:
    """Hide a case whose answer is known among the others, as if `rule` had sent it to a person."""
    _require(actor)
    planted = Planted(kind="known", expected=expected, category=category, by=actor.id)
    return _plant(office, item, planted, keyword, rule, because, (actor.id,), at, chance)


def plant_double(office: Office, actor: Actor, case: Stream, *, at: datetime, chance: Chance) -> Stream:
    """Have a decided case decided once more, blindly, by somebody who had no hand in it."""
    _require(actor)
    first = load_case(office, case)
    if first.decision is None or first.snapshot is None:
        raise Conflict("only a decided case whose item is still kept can be decided once more")
    planted = Planted(
        kind="double",
        expected=first.decision.proposal.action,
        category=first.opened.category,
        by=actor.id,
        first=case.hex(),
    )
    excluded = tuple(sorted({actor.id, *first.touched, first.decider}))
    rule = first.opened.rule or "reported"
    return _plant(office, first.snapshot, planted, first.opened.keyword, rule, first.because, excluded, at, chance)


def _plant(
    office: Office,
    item: Snapshot,
    planted: Planted,
    keyword: Keyword | None,
    rule: str,
    because: str,
    excluded: tuple[str, ...],
    at: datetime,
    chance: Chance,
) -> Stream:
    stream = Stream(commit_key(at.date(), b"case", chance(16)))
    opening = open_case_for(
        office,
        stream,
        _apart(office, item, stream),
        item,
        at=at,
        origin=Origin.SCREENING,
        category=planted.category,
        keyword=keyword,
        source=Source.VOLUNTARY,
        rule=rule,
        because=because,
        excluded=excluded,
    )
    office.docket.commit([_commit(opening, planted, at)])
    return stream


def _apart(office: Office, item: Snapshot, stream: Stream) -> Subject:
    """Return a subject of its own: a test case is found by no item, silences nothing and strikes nobody."""
    own = office.hashed("test", stream.hex())
    return Subject(
        item=own,
        content=office.hashed("test-content", stream.hex()),
        content_sha256=item.content_sha256,
        author=None,
        sealed_for=item.author or item.channel or f"item/{item.item_id or item.url}",
    )


def _commit(opening: Opening, planted: Planted, at: datetime) -> Commit:
    stream = opening.file.stream
    new, fact = opening.commit_parts()
    record = Record(kind="test.planted", stream=test_stream(stream), at=at, subject=None, body=encode(planted))
    # The item's index of places belongs to real items.
    own = tuple(place for place in opening.places if place.view not in ("item-now", "url"))
    return Commit(
        key=commit_key(at.date(), b"test", stream),
        records=(*opening.records, record),
        places=(*own, Place(view=TEST, sort=stream, stream=test_stream(stream))),
        tallies=opening.tallies,
        relies_on=(new,),
        advances=(fact,),
    )


def test_stream(case: Stream) -> Stream:
    """Return the stream of what is known of a test case."""
    return Stream(b"\0\0\0\6" + case[4:])


def is_test(office: Office, file: CaseFile) -> bool:
    """Tell whether a case is a test. Only what makes decisions asks; no page and no list does."""
    return at_place(office, TEST, file.stream) is not None


def without_outside(office: Office, file: CaseFile, deed: Deed, at: datetime) -> Deed:
    """Return what is left of a test case's decision: the record, and how right it was."""
    assert file.proposed is not None  # noqa: S101 - the caller has looked
    rows = office.queries.records(test_stream(file.stream))
    planted = next(_PLANTED.decode(row.body) for row in rows if row.kind == "test.planted" and row.body)
    right = file.proposed.proposal.action is planted.expected
    policy = planted.category.removeprefix(_PREFIX)
    said = "right" if right else "wrong"
    tallies = (
        Tally(f"quality/{planted.kind}/{policy}/{said}", 1),
        Tally(f"quality/by/{file.proposed.by}/{planted.kind}/{said}", 1),
    )
    return replace(
        deed,
        moves=tuple(move for move in deed.moves if move.kind != "statement"),
        decisions=(),
        entries=(),
        effects=(),
        records=(),
        places=(Place(view=TEST_DONE, sort=by_instant(at + LOOKS_DONE_AFTER, file.stream), stream=file.stream),),
        drops=(),
        tallies=tallies,
        also=(),
        advances=(),
        hidden=True,
    )


def rates(office: Office, actor: Actor) -> list[Rate]:
    """Return agreement by policy, each with its interval.

    Raises:
        Denied: The actor's role does not include it.
    """
    _require(actor)
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for name, value in office.queries.tallies("quality/").items():
        _, kind, policy, *said = name.split("/")
        if kind != "by":
            counts.setdefault((kind, policy), {})[said[0]] = value
    return [
        rate(kind, policy, said.get("right", 0), said.get("right", 0) + said.get("wrong", 0))
        for (kind, policy), said in sorted(counts.items())
    ]


def _require(actor: Actor) -> None:
    if Right.QUALITY not in rights(actor):
        raise Denied("your role does not include this")
