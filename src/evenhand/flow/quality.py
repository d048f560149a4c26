"""Known cases hidden among others, and blind double review. What a test case causes stays in this room.

A test case is opened, queued, claimed and decided like any other; that it is one stands in a kept order that only this
module reads. When it is decided, nothing of it becomes a decision, an entry, an effect, a strike or a figure.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256, shake_256
from string import ascii_lowercase, ascii_uppercase, digits

import msgspec
from msgspec.structs import replace as with_fields

from evenhand.access.rules import rights
from evenhand.desk.quality import Rate, Reversals, rate, reversals
from evenhand.desk.rules import NO_EFFECT
from evenhand.flow.cases import shown
from evenhand.flow.decision import Chance
from evenhand.flow.office import Deed, Office, is_test, load_case
from evenhand.flow.opening import Opening, Subject, at_place, open_case_for, subject_of
from evenhand.flow.telling import sender_of_kept
from evenhand.views.desk import decided as decided_lines
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import CaseFile, Origin
from evenhand.vocabulary.commit import Commit, Place, Record, Stream, Tally, commit_key
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.eu import Category, Keyword, Source
from evenhand.vocabulary.notice import KeptNotice, Snapshot
from evenhand.vocabulary.places import (
    ITEM_NOW,
    SIMILAR,
    TEST,
    TEST_DONE,
    TEST_OF,
    URL,
    by_instant,
    instant_key,
    notices_stream,
)
from evenhand.vocabulary.rights import Right

LOOKS_DONE_S = (5, 90)
"""Like any other, a test case is shown as done a while after it was decided, no two after the same; and never while
the platform says nothing of what was decided at the same time (`flow.ticks`).
"""
DOUBLE_DAYS = 30
"""Blind double reviews are drawn from the decisions of so many days."""
_DRAWN_FROM = 400
ID_CHARS_MAX = 200
REACH_DIGITS_MAX = 12
NOTICES_COPIED = 20
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
_KEPT = msgspec.json.Decoder(KeptNotice)


def plant_known(
    office: Office,
    actor: Actor,
    item: Snapshot,
    expected: Action,
    *,
    category: Category,
    keyword: Keyword | None = None,
    rule: str,
    edition: str = "",
    because: str,
    at: datetime,
    chance: Chance,
) -> Stream:
    """Hide a case whose answer is known among the others, as if `rule` had sent it to a person.

    Args:
        office: The desk.
        actor: Who sets it; never asked to decide it.
        item: The item; what screening knows of no item (its location) is left out.
        expected: The right action.
        category: What the rule is said to have found.
        keyword: As narrow as the rule says.
        rule: Name of the rule.
        edition: Edition of the rules that judge now; "": that of the rule's newest decided case.
        because: The rule's sentence.
        at: Now: as posted and found at this moment.
        chance: Dice.
    """
    _require(actor)
    if not rule.strip():
        raise InputError("rule", "name the rule that is said to have sent it")
    planted = Planted(kind="known", expected=expected, category=category, by=actor.id)
    like = _Like(
        origin=Origin.SCREENING,
        keyword=keyword,
        source=Source.VOLUNTARY,
        rule=rule,
        edition=edition or newest_edition(office, rule, item.language),
        because=because,
    )
    return _plant(office, replace(item, url="", posted_at=at), planted, like, (actor.id,), at, chance)


def known_item(
    *, text: str, item_id: str, url: str, author: str, language: str, channel: str = "", reach: str = ""
) -> Snapshot:
    """Return the item of a known case from what somebody wrote.

    Raises:
        InputError: It says nothing, or names nothing.
    """
    if not text.strip():
        raise InputError("text", "say what the post says")
    if not item_id.strip() or len(item_id) > ID_CHARS_MAX:
        raise InputError("item_id", f"give it an id of the usual shape, at most {ID_CHARS_MAX} characters")
    if language and not (language.isascii() and language.isalpha() and len(language) == 2):
        raise InputError("language", "must be two letters")
    if reach and not (reach.isascii() and reach.isdigit() and len(reach) < REACH_DIGITS_MAX):
        raise InputError("reach", "must be a whole number")
    words = text.encode("utf-8", "surrogatepass")
    return Snapshot(
        item_id=item_id.strip(),
        url=url.strip()[:2000],
        author=author.strip()[:ID_CHARS_MAX],
        channel=channel.strip()[:ID_CHARS_MAX],
        reach=int(reach) if reach else None,
        text=text,
        language=language.upper() or None,
        content_sha256=sha256(words).hexdigest(),
    )


def plant_double(office: Office, actor: Actor, case: Stream, *, at: datetime, chance: Chance) -> Stream:
    """Have a decided case decided once more, blindly, by somebody who had no hand in it.

    Its item comes under another name: whoever looks for the name that they are shown finds this case and not the first.

    Raises:
        Denied: The actor's role does not include it.
        Conflict: The case is not decided, its item was erased, or it was decided twice already.
    """
    _require(actor)
    first = load_case(office, case)
    if first.decision is None or first.snapshot is None:
        raise Conflict("only a decided case whose item is still kept can be decided once more")
    if is_test(office, first) or at_place(office, TEST_OF, case) is not None:
        raise Conflict("the case was decided twice already")
    planted = Planted(
        kind="double",
        expected=first.decision.proposal.action,
        category=first.opened.category,
        by=actor.id,
        first=case.hex(),
    )
    excluded = tuple(sorted({actor.id, *first.touched, first.decider}))
    salt = chance(16)
    item = disguised(first.snapshot, salt)
    if item.posted_at is not None:
        item = replace(item, posted_at=item.posted_at + (at - first.opened_at))
    like = _Like(
        origin=first.opened.origin,
        keyword=first.opened.keyword,
        source=first.opened.source,
        rule=first.opened.rule,
        edition=first.opened.edition,
        because=first.because,
        urgent=first.opened.urgent,
        notices=_copied(office, first, item, salt),
    )
    return _plant(office, item, planted, like, excluded, at, chance)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Like:
    """What a test case says of how it came: as a rule's, or as reported.

    Attributes:
        notices: Whose key seals each, and what is kept of it.
    """

    origin: Origin
    keyword: Keyword | None
    source: Source
    rule: str
    edition: str
    because: str
    urgent: bool = False
    notices: tuple[tuple[str, KeptNotice], ...] = ()


def _copied(office: Office, first: CaseFile, item: Snapshot, salt: bytes) -> tuple[tuple[str, KeptNotice], ...]:
    """Return the first notices of a case as notices about its item's other name; nobody who sent them hears of it."""
    assert first.snapshot is not None  # noqa: S101 - the caller has looked
    names = ((first.snapshot.url, item.url), (first.snapshot.item_id, item.item_id))
    copied = []
    for row in office.queries.records(notices_stream(first.stream), limit=NOTICES_COPIED):
        if row.kind != "notice" or row.body is None:
            continue
        kept, reasons = _KEPT.decode(row.body), _KEPT.decode(row.body).reasons
        for name, other in names:
            reasons = reasons.replace(name, other) if name else reasons
        location = disguised(Snapshot(url=kept.location), salt).url
        copied.append(
            (
                sender_of_kept(kept) or f"case/{kept.case}",
                with_fields(kept, location=location, reasons=reasons, campaign="", attachments=()),
            )
        )
    return tuple(copied)


def newest_edition(office: Office, rule: str, language: str | None) -> str:
    """Return the edition under which a rule's newest case in a language was opened that is decided; "" for none."""
    mark = office.hashed("alike", "rule", rule, language or "")
    rows = office.queries.places(SIMILAR, after=mark, until=mark + b"\xff" * 28, limit=1)
    return load_case(office, rows[0].stream).opened.edition if rows else ""


def draw_doubles(
    office: Office, actor: Actor, category: Category, count: int, *, at: datetime, chance: Chance
) -> list[Stream]:
    """Have some of the last month's decisions of a category decided once more, drawn by lot.

    Returns:
        The new cases; fewer than `count` where there are not so many that can be.
    """
    _require(actor)
    after = instant_key(at - timedelta(days=DOUBLE_DAYS))
    policy = category.removeprefix(_PREFIX)
    lines = shown(actor, decided_lines(office.queries, "category", policy, after=after, limit=_DRAWN_FROM))
    lines.sort(key=lambda line: chance(8) + line.case)
    planted: list[Stream] = []
    for line in lines:
        if len(planted) == count:
            break
        if line.origin is Origin.APPEAL:
            continue
        with suppress(Conflict):
            planted.append(plant_double(office, actor, line.case, at=at, chance=chance))
    return planted


def disguised(item: Snapshot, salt: bytes) -> Snapshot:
    """Return an item under another name of the same shape: other digits, other letters, the same length."""

    def other(text: str) -> str:
        drawn = shake_256(salt + text.encode("utf-8", "surrogatepass")).digest(len(text))
        return "".join(_other(letter, number) for letter, number in zip(text, drawn, strict=True))

    scheme, mark, rest = item.url.rpartition("://")
    host, slash, path = rest.partition("/")
    return replace(
        item,
        item_id=other(item.item_id),
        url=f"{scheme}{mark}{host}{slash}{other(path)}",
        author=other(item.author),
        channel=other(item.channel),
    )


def _other(letter: str, number: int) -> str:
    for alphabet in (digits, ascii_lowercase, ascii_uppercase):
        if letter in alphabet:
            return alphabet[number % len(alphabet)]
    return letter


def _plant(
    office: Office,
    item: Snapshot,
    planted: Planted,
    like: _Like,
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
        origin=like.origin,
        category=planted.category,
        keyword=like.keyword,
        source=like.source,
        rule=like.rule,
        edition=like.edition,
        because=like.because,
        urgent=like.urgent,
        excluded=excluded,
    )
    office.docket.commit([_commit(opening, planted, like.notices, at)])
    return stream


def _apart(office: Office, item: Snapshot, stream: Stream) -> Subject:
    """Return its subject: found by its item like any other, with content and an author of its own.

    So it silences nothing and strikes nobody, and its page says what it says of somebody unknown.
    """
    return Subject(
        item=subject_of(office, item).item,
        content=office.hashed("test-content", stream.hex()),
        content_sha256=item.content_sha256,
        author=office.hashed("test-author", stream.hex()),
        sealed_for=item.author or item.channel or f"item/{item.item_id or item.url}",
    )


def _commit(opening: Opening, planted: Planted, notices: tuple[tuple[str, KeptNotice], ...], at: datetime) -> Commit:
    stream = opening.file.stream
    sent = tuple(
        Record(
            kind="notice",
            stream=notices_stream(stream),
            at=at,
            subject=subject,
            body=encode(with_fields(kept, case=stream.hex(), cases=(stream.hex(),))),
        )
        for subject, kept in notices
    )
    counted = (Tally(f"notices/{stream.hex()}", len(sent)),) if sent else ()
    new, fact = opening.commit_parts()
    record = Record(kind="test.planted", stream=test_stream(stream), at=at, subject=None, body=encode(planted))
    # The item's index of places belongs to real items.
    own = tuple(place for place in opening.places if place.view not in (ITEM_NOW, URL))
    first = (Place(view=TEST_OF, sort=bytes.fromhex(planted.first), stream=stream),) if planted.first else ()
    return Commit(
        key=commit_key(at.date(), b"test", stream),
        records=(*opening.records, *sent, record),
        places=(*own, *first, Place(view=TEST, sort=stream, stream=test_stream(stream))),
        tallies=(*opening.tallies, *counted),
        relies_on=(new,),
        advances=(fact,),
    )


def test_stream(case: Stream) -> Stream:
    """Return the stream of what is known of a test case."""
    return Stream(b"\0\0\0\6" + case[4:])


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
    low, high = LOOKS_DONE_S
    looks_done = at + timedelta(seconds=low + sum(file.stream) % (high - low))
    waits = file.proposed.proposal.action not in NO_EFFECT
    done = (Place(view=TEST_DONE, sort=by_instant(looks_done, file.stream), stream=file.stream),) if waits else ()
    return replace(
        deed,
        decisions=(),
        entries=(),
        effects=(),
        # Strike and warning stand in the record of an author of its own: its page says what it says of anybody.
        places=(*done, *(place for place in deed.places if place.view == SIMILAR)),
        drops=(),
        tallies=tallies,
        advances=tuple(fact for fact in deed.advances if fact.startswith("author/")),
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


def reversal_rates(office: Office, actor: Actor, lists_of: Callable[[str], Iterable[str]]) -> list[Reversals]:
    """Return how often decisions were undone on appeal: by rule, by list, by moderator, each with its interval.

    Args:
        office: The desk.
        actor: Who asks.
        lists_of: The lists that a rule reads as it is written now.

    Raises:
        Denied: The actor's role does not include it.
    """
    _require(actor)
    appeals = {**office.queries.tallies("appeal/rule/"), **office.queries.tallies("appeal/by/")}
    made = {**office.queries.tallies("decided/rule/"), **office.queries.tallies("decided/by/")}
    counts: dict[tuple[str, str], Counter[str]] = {}
    for name, value in (*appeals.items(), *made.items()):
        kind, by, *rest = name.split("/")
        what = "made" if kind == "decided" else rest.pop()
        # A decision's rule is followed by its action.
        who = "/".join(rest[:-1] if (kind, by) == ("decided", "rule") else rest)
        places = [(by, who)] + ([("list", one) for one in lists_of(who)] if by == "rule" else [])
        for place in places:
            counts.setdefault(place, Counter())[what] += value
    return [reversals(by, name, found) for (by, name), found in sorted(counts.items())]


def _require(actor: Actor) -> None:
    if Right.QUALITY not in rights(actor):
        raise Denied("your role does not include this")
