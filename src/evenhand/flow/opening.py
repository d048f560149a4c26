"""How a case is opened, whatever opens it."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from evenhand.desk.routing import due_at, route
from evenhand.desk.rules import moved, standing
from evenhand.desk.story import Move, Step, begin, follow, record_of
from evenhand.flow.calendars import working_on
from evenhand.flow.office import Office
from evenhand.flow.outlook import Outlook
from evenhand.vocabulary.case import CaseFile, Opened, Origin, Party, Seen
from evenhand.vocabulary.commit import Commit, FactVersion, Place, Record, Stream, Tally
from evenhand.vocabulary.eu import Category, Keyword, Source
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.places import CONTENT, ITEM_NOW, URL, Hash16, case_fact, content_fact, item_stream


class Subject(Struct, frozen=True, kw_only=True, gc=False):
    """What a case is about, as hashes.

    Attributes:
        item: Keyed hash of the platform's id, or of the location where only that is known.
        content: Keyed hash of item and content together.
        content_sha256: Hex digest, "" if unknown.
        sealed_for: Whose key seals what was posted.
    """

    item: Hash16
    content: Hash16
    content_sha256: str
    author: Hash16 | None
    sealed_for: str


def subject_of(office: Office, item: Snapshot) -> Subject:
    """Return what a snapshot is about; a location that the platform has named an item for is that item."""
    key = item_key(office, item)
    known = item.content_sha256 or _content_now(office, key)
    return Subject(
        item=key,
        content=office.hashed("content", key.hex(), known),
        content_sha256=known,
        author=office.hashed("author", item.author or item.channel) if item.author or item.channel else None,
        sealed_for=item.author or item.channel or f"item/{item.item_id or item.url}",
    )


def subjects_of(office: Office, outlook: Outlook, items: Sequence[Snapshot]) -> list[Subject]:
    """Return what each of many snapshots is about; what is settled of it is read ahead (CONTENT, its fact)."""
    outlook.read_places((URL, url_hash(office, item)) for item in items if not item.item_id)
    outlook.read_places((ITEM_NOW, item_key(office, item)) for item in items if not item.content_sha256)
    subjects = [subject_of(office, item) for item in items]
    contents = dict.fromkeys(subject.content for subject in subjects)
    # Facts first: a case that is opened after this look makes the commit stale, not the ruling wrong.
    outlook.facts([content_fact(content.hex()) for content in contents])
    outlook.read_places((CONTENT, content) for content in contents)
    return subjects


def subject_after(office: Office, item: Snapshot, before: Subject) -> Subject:
    """Return what a snapshot is about after its group's acts so far: they may have named its location or content."""
    return before if item.item_id and item.content_sha256 else subject_of(office, item)


def item_key(office: Office, item: Snapshot) -> Hash16:
    """Return the hash that stands for an item: of its id, of the one that its location leads to, or of that location.

    What is at a location is looked up; nothing else is.
    """
    if item.item_id:
        return office.hashed("item", item.kind.value, item.item_id)
    key = url_hash(office, item)
    there = at_place(office, URL, key)
    return Hash16(bytes(there[0][4:])) if there else key


def url_hash(office: Office, item: Snapshot) -> Hash16:
    """Return the hash that stands for an item's location."""
    return office.hashed("url", item.url.strip())


def _content_now(office: Office, item: Hash16) -> str:
    there = at_place(office, ITEM_NOW, item)
    return there[1].hex() if there else ""


def at_place(office: Office, view: str, sort: bytes) -> tuple[Stream, bytes] | None:
    """Return stream and label of what stands at a place."""
    found = office.queries.at([(view, sort)]).get((view, sort))
    return (found.stream, found.label) if found else None


def item_places(office: Office, subject: Subject, item: Snapshot) -> tuple[Place, ...]:
    """Return the places by which an item is found by its location, and its content by the item."""
    stream = item_stream(subject.item)
    places = []
    if item.url and item.item_id:
        places.append(Place(view=URL, sort=url_hash(office, item), stream=stream))
    if item.content_sha256:
        sha = bytes.fromhex(item.content_sha256)
        places.append(Place(view=ITEM_NOW, sort=subject.item, stream=stream, label=sha))
    return tuple(places)


class Opening(Struct, frozen=True, kw_only=True, gc=False):
    """A case that is about to be opened."""

    file: CaseFile
    records: tuple[Record, ...]
    places: tuple[Place, ...]
    tallies: tuple[Tally, ...]

    def commit_parts(self) -> tuple[FactVersion, str]:
        """Return the fact that the case's stream is new, and the fact that moves on."""
        fact = case_fact(self.file.stream)
        return FactVersion(name=fact, version=0), fact


def open_case_for(
    office: Office,
    stream: Stream,
    subject: Subject,
    item: Snapshot | None,
    *,
    at: datetime,
    origin: Origin,
    category: Category,
    keyword: Keyword | None,
    source: Source,
    urgent: bool = False,
    because: str = "",
    rule: str = "",
    edition: str = "",
    about: str = "",
    about_decision: int | None = None,
    excluded: tuple[str, ...] = (),
    appellant: Party | None = None,
    campaign: str = "",
    kind: Snapshot | None = None,
    moves: tuple[Move, ...] = (),
) -> Opening:
    """Return the opening of a case: routed, with its deadline, its snapshot and its places."""
    known = item or kind or Snapshot()
    tables = office.tables(at)
    listed = bool({known.author, known.channel, known.item_id} & (office.listed | tables.listed))
    routed = route(tables.queues, category, keyword, origin=origin, reach=known.reach, urgent=urgent, listed=listed)
    opened = Opened(
        origin=origin,
        kind=known.kind,
        item_key=subject.item.hex(),
        author_key=subject.author.hex() if subject.author else "",
        content_key=subject.content.hex(),
        content_sha256=subject.content_sha256,
        category=category,
        keyword=keyword,
        language=known.language,
        region=known.region,
        reach=known.reach,
        queue=routed.queue,
        harm=routed.harm,
        urgent=urgent,
        four_eyes=routed.four_eyes,
        walled=routed.walled,
        due_at=due_at(at, routed, working_on(tables.hours, tables.days_off, at)),
        source=source,
        rule=rule,
        edition=edition,
        about=about,
        about_decision=about_decision,
        excluded=excluded,
        appellant=appellant,
        campaign=campaign,
    )
    seen = Seen(item=item, because=because) if item is not None else None
    file = begin(stream, Step(kind="case.opened", at=at, body=opened), seen)
    for move in moves:
        file = follow(file, Step(kind=move.kind, at=at, body=move.body))
    snapshot = (Move("snapshot", seen, subject.sealed_for),) if seen is not None else ()
    first = (Move("case.opened", opened), *snapshot, *moves)
    _, places, tallies = moved(stream, standing(None, None), standing(file, None))
    return Opening(
        file=file,
        records=tuple([record_of(stream, at, move) for move in first]),
        places=places + (item_places(office, subject, item) if item is not None else ()),
        tallies=tallies,
    )


def opening_commit(opening: Opening, key: bytes, **more: object) -> Commit:
    """Return the commit that opens one case and nothing else."""
    new, fact = opening.commit_parts()
    return Commit(
        key=key,  # type: ignore[arg-type] # a CommitKey
        records=opening.records,
        places=opening.places,
        tallies=opening.tallies,
        relies_on=(new,),
        advances=(fact,),
        **more,  # type: ignore[arg-type] # further parts of a commit
    )
