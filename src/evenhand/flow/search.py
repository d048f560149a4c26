"""Search over references, ids and locations (as keyed hashes), category, rule, action and day; and saved searches."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from evenhand.flow.cases import shown
from evenhand.flow.office import Office, load_case
from evenhand.flow.opening import at_place, subject_of
from evenhand.views import desk
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import QueueLine
from evenhand.vocabulary.commit import Commit, Place, Record, Stream, commit_key
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.notice import KeptNotice, Snapshot
from evenhand.vocabulary.places import BY_ITEM, SAVED, instant_key
from evenhand.vocabulary.post import ItemKind
from evenhand.vocabulary.reference import RefKind

ROWS = 50
NAME_CHARS_MAX = 60
LOOKED_THROUGH_MAX = 2_000
_STEP = 500
_KEPT = msgspec.json.Decoder(KeptNotice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for. Only one of `text`, `queue`, `category`, `rule` and `action` leads, in this order.

    Attributes:
        text: A reference, a platform id or an exact location.
        category: Code without its prefix, e.g. "VIOLENCE".
        first, last: Days of the decision (UTC), both included.
        queue: What waits in this queue, the most pressing first; `category` and `language` then choose among it.
        language: Two letters, in capitals.
    """

    text: str = ""
    category: str = ""
    rule: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None
    queue: str = ""
    language: str = ""


def search(office: Office, actor: Actor, asked: Search, *, after: bytes = b"", limit: int = ROWS) -> list[QueueLine]:
    """Return cases that fit and that the actor may see; hand back the last line's cursor for the next page.

    Raises:
        InputError: The days are the wrong way round.
    """
    if asked.text.strip():
        return shown(actor, _by_text(office, asked.text.strip()))
    if asked.queue:
        return _waiting(office, actor, asked, after, limit)
    by = next((name for name in ("category", "rule", "action") if getattr(asked, name)), "")
    if asked.first and asked.last and asked.last < asked.first:
        raise InputError("last", "is before the first day")
    start = after or (instant_key(_midnight(asked.first)) if asked.first else b"")
    until = instant_key(_midnight(asked.last + timedelta(days=1))) if asked.last else None
    value = getattr(asked, by) if by else ""
    return shown(actor, desk.decided(office.queries, by, value, after=start, until=until, limit=limit))


def _waiting(office: Office, actor: Actor, asked: Search, after: bytes, limit: int) -> list[QueueLine]:
    """Return what waits in a queue and fits; at most some thousand lines are looked at, in the queue's own order."""
    found: list[QueueLine] = []
    for _turn in range(LOOKED_THROUGH_MAX // _STEP):
        lines = desk.waiting(office.queries, asked.queue, after=after, limit=_STEP)
        for line in shown(actor, lines):
            fits = asked.category in ("", line.category.removeprefix("STATEMENT_CATEGORY_"))
            if fits and asked.language in ("", line.language):
                found.append(line)
                if len(found) == limit:
                    return found
        if len(lines) < _STEP:
            break
        after = lines[-1].cursor
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=UTC)


def _by_text(office: Office, text: str) -> list[QueueLine]:
    """Return what a reference, an id or a location leads to."""
    if (case := _by_reference(office, text)) is not None:
        return _line_of(office, case)
    lines: list[QueueLine] = []
    for kind in ItemKind:
        lines += desk.of_item(office.queries, office.hashed("item", kind.value, text), limit=ROWS)
    if "/" in text:
        lines += desk.of_item(office.queries, subject_of(office, Snapshot(url=text)).item, limit=ROWS)
    lines += desk.of_author(office.queries, office.hashed("author", text), limit=ROWS)
    return list({line.case: line for line in lines}.values())[:ROWS]


def _by_reference(office: Office, text: str) -> Stream | None:
    kinds: tuple[RefKind, ...] = ("case", "affected", "notice", "appeal")
    for kind in kinds:
        try:
            number = office.references.parse(kind, text)
        except InputError:
            continue
        row = office.queries.record(number)
        if row is None:
            return None
        if kind in ("case", "affected"):
            return row.stream
        if row.body is not None and (case := msgspec.json.decode(row.body).get("case")):
            return Stream(bytes.fromhex(case))
    return None


def _line_of(office: Office, case: Stream) -> list[QueueLine]:
    file = load_case(office, case)
    item = bytes.fromhex(file.opened.item_key)
    there = at_place(office, BY_ITEM, item + instant_key(file.opened_at) + case)
    lines = desk.of_item(office.queries, item, limit=ROWS) if there else []
    if found := [line for line in lines if line.case == case]:
        return found
    author = bytes.fromhex(file.opened.author_key)
    return [line for line in desk.of_author(office.queries, author, limit=ROWS) if line.case == case]


def save_search(office: Office, actor: Actor, name: str, asked: Search, *, at: datetime) -> None:
    """Keep a search under a name of one's own; the same name again replaces it."""
    words = name.strip()
    if not words or len(words) > NAME_CHARS_MAX:
        raise InputError("name", f"has 1 to {NAME_CHARS_MAX} characters")
    person = office.hashed("person", actor.id)
    stream = Stream(commit_key(date(1970, 1, 1), b"saved", person, words.encode()))
    body = encode({"name": words, "search": asked})
    record = Record(kind="search.saved", stream=stream, at=at, subject=f"staff/{actor.id}", body=body)
    place = Place(view=SAVED, sort=person + stream[4:], stream=stream)
    key = commit_key(at.date(), b"saved", stream, instant_key(at))
    office.docket.commit([Commit(key=key, records=(record,), places=(place,))])


def saved_searches(office: Office, actor: Actor) -> list[tuple[str, Search]]:
    """Return a person's saved searches."""
    person = office.hashed("person", actor.id)
    found = []
    for line in office.queries.places(SAVED, after=person, until=person + b"\xff" * 17, limit=ROWS):
        rows = office.queries.records(line.stream)
        if rows and rows[-1].body is not None:
            kept = msgspec.json.decode(rows[-1].body)
            found.append((str(kept["name"]), msgspec.convert(kept["search"], Search)))
    return found
