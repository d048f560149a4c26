"""What every journey at the desk is given, how a case is read and how an act on it becomes durable."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from evenhand.desk.ports import Docket
from evenhand.desk.rules import moved, standing
from evenhand.desk.story import Move, Step, follow, read_body, record_of, tell
from evenhand.flow.ahead import Ahead
from evenhand.flow.gathering import Gathering
from evenhand.flow.shipped_law import shipped_desk_book
from evenhand.notices.campaign import Fingerprint
from evenhand.rulebook.desk_tables import DeskBook, DeskTables
from evenhand.statements.sentences import Wordings
from evenhand.views.decisions import DecisionQueries
from evenhand.views.records import RecordQueries, RecordRow
from evenhand.vocabulary.addressee import Addressee
from evenhand.vocabulary.case import CaseFile
from evenhand.vocabulary.commit import (
    Commit,
    CommitKey,
    Done,
    Effect,
    FactVersion,
    Outcome,
    Place,
    Record,
    Stale,
    Stream,
    Tally,
    commit_key,
)
from evenhand.vocabulary.decision import Decision
from evenhand.vocabulary.errors import Conflict, InputError
from evenhand.vocabulary.notice import Notice, Received
from evenhand.vocabulary.places import (
    ANSWERING,
    BANNED,
    CASE_OF_ACTION,
    RESTORED,
    RESTORED_CONTENT,
    REVERSED,
    TEST,
    UNDOING,
    UNDOING_OF,
    WALLED,
    Hash16,
    case_fact,
    keyed_hash,
)
from evenhand.vocabulary.reference import References

TRIES = 8
"""How often an act is ruled again when what it relied on has moved."""
PAGE = 1000
_OF_REAL_CASES = frozenset(
    {ANSWERING, BANNED, CASE_OF_ACTION, RESTORED, RESTORED_CONTENT, REVERSED, UNDOING, UNDOING_OF, WALLED}
)
"""Views in which a test case has no place: each would reach somebody or tell of it elsewhere."""


class DeskQueries(RecordQueries, DecisionQueries, Protocol):
    """What journeys and pages read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The desk as journeys see it.

    Attributes:
        docket: The only way to write; a store, or the committer in front of it.
        queries: The docket's read side.
        references: Public references.
        index_key: 32 bytes under which ids stand in kept orders.
        undo: How long a proposal can be taken back.
        listed: Platform ids of high-profile channels and accounts, beside those of the book: four eyes.
        wordings: Sentences of letters; None: nothing is worded here.
        platform: Its name, in letters.
        public_url: Where links in letters lead.
        bodies_link: Where certified dispute bodies are listed; "" for nowhere.
        alarm_table: Authorities that are notified of a threat to life or safety, beside those of the book.
        book: The desk's own tables: queues and targets, strikes, misuse, hours, lists.
        arriving: Notices that threads hand in at the same time, so that they are ruled on and written together; each
            with the fingerprint of its reasons.
        ahead: The group of them that is on its way into the docket.
    """

    docket: Docket
    queries: DeskQueries
    references: References
    index_key: bytes
    undo: timedelta = timedelta(seconds=30)
    listed: frozenset[str] = frozenset()
    alarm_table: tuple[Addressee, ...] = ()
    book: DeskBook = field(default_factory=shipped_desk_book)
    wordings: Wordings | None = None
    platform: str = "Example Messenger"
    public_url: str = "http://localhost:8000"
    bodies_link: str = ""
    arriving: Gathering[tuple[Notice, Fingerprint | None], Received] = field(
        default_factory=Gathering, init=False, repr=False, compare=False
    )
    ahead: Ahead[Any] = field(default_factory=Ahead, init=False, repr=False, compare=False)

    def tables(self, at: datetime) -> DeskTables:
        """Return the desk's rows in force on the day (UTC) of `at`."""
        return self.book.on(at.astimezone(UTC).date())

    def addressees(self, at: datetime) -> tuple[Addressee, ...]:
        """Return the authorities that are notified of a threat to life or safety."""
        rows = (
            Addressee(
                id=row.id,
                name=row.name,
                country=row.country,
                address=row.address,
                holds_from=row.holds_from,
                source=row.source,
            )
            for row in self.tables(at).addressees
        )
        return (*self.alarm_table, *rows)

    def link(self, reference: str) -> str:
        """Return where somebody follows their matter without an account."""
        return f"{self.public_url}/matter/{reference}"

    def hashed(self, what: str, *parts: str) -> Hash16:
        """Return the keyed hash of an id."""
        return keyed_hash(self.index_key, what, *parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody does at a case: moves, and what goes with them.

    Attributes:
        also: Facts beside the case's own that it relies on.
        advances: Facts beside the case's own that it moves on.
        hidden: The case is a test: what is decided counts in no figure.
    """

    moves: tuple[Move, ...]
    decisions: tuple[Decision, ...] = ()
    entries: tuple[bytes, ...] = ()
    effects: tuple[Effect, ...] = ()
    records: tuple[Record, ...] = ()
    drops: tuple[tuple[str, bytes], ...] = ()
    places: tuple[Place, ...] = ()
    tallies: tuple[Tally, ...] = ()
    also: tuple[FactVersion, ...] = ()
    advances: tuple[str, ...] = ()
    hidden: bool = False


def step_of(row: RecordRow) -> Step:
    """Return a record as a step of its case."""
    return Step(kind=row.kind, at=row.at, body=read_body(row.kind, row.body), number=row.number, act=row.act)


def load_case(office: Office, case: Stream) -> CaseFile:
    """Return a case as its records tell it.

    Raises:
        InputError: There is no such case.
    """
    rows = story_of(office, case)
    if not rows or rows[0].kind != "case.opened":
        raise InputError("case", "there is no such case")
    return tell(case, map(step_of, rows))


def story_of(office: Office, stream: Stream) -> list[RecordRow]:
    """Return all records of a stream: a case is told whole or not at all."""
    rows = page = office.queries.records(stream, limit=PAGE)
    while len(page) == PAGE:
        page = office.queries.records(stream, after=page[-1].number, limit=PAGE)
        rows = rows + page
    return rows


def case_of(office: Office, reference: str) -> Stream:
    """Return the case behind a reference of staff's (kind "case").

    Raises:
        InputError: It is not one of ours.
    """
    return stream_of(office, office.references.parse("case", reference), "case.opened")


def stream_of(office: Office, number: int, *kinds: str) -> Stream:
    """Return the stream of a record that must be of one of these kinds."""
    row = office.queries.record(number)
    if row is None or row.kind not in kinds:
        raise InputError("reference", "this is not one of our references")
    return row.stream


def do(
    office: Office, case: Stream, at: datetime, rule: Callable[[CaseFile], Deed], *, key: CommitKey | None = None
) -> tuple[CaseFile, Outcome]:
    """Let `rule` say what is done at a case, and make that durable; rule again when somebody else was first.

    Args:
        office: The desk.
        case: The case.
        at: When it is done.
        rule: Case → deed; raises Conflict or Denied where it cannot be.
        key: Idempotency key; without one, the act is named by the case's version and by what it says.

    Returns:
        The case after the act, and the outcome (Done or Duplicate).

    Raises:
        Conflict: Somebody else changed the case, and the act can no longer be.
    """
    fact = case_fact(case)
    for _ in range(TRIES):
        version = office.queries.fact(fact)
        before = load_case(office, case)
        deed = rule(before)
        after, commit = act(office, before, deed, at, version, key)
        [outcome] = office.docket.commit([commit])
        if not isinstance(outcome, Stale):
            return after, outcome
    raise Conflict("the case keeps changing; please try again")


def is_test(office: Office, file: CaseFile) -> bool:
    """Tell whether a case is a test, or an appeal against one. Only journeys that write ask; no page and no list."""
    about = [bytes.fromhex(file.opened.about)] if file.opened.about else []
    return bool(office.queries.at([(TEST, one) for one in (file.stream, *about)]))


def kept_inside(office: Office, file: CaseFile, deed: Deed) -> Deed:
    """Return a deed as it is done at a test case: nothing of it leaves the house, nothing counts in a figure."""
    if not (deed.effects or deed.decisions or deed.places or deed.tallies) or not is_test(office, file):
        return deed
    return replace(
        deed,
        decisions=(),
        entries=(),
        effects=tuple(effect for effect in deed.effects if effect.kind == "page.person"),
        places=tuple(place for place in deed.places if place.view not in _OF_REAL_CASES),
        tallies=tuple(tally for tally in deed.tallies if tally.name.startswith("quality/")),
        hidden=True,
    )


def act(
    office: Office, before: CaseFile, deed: Deed, at: datetime, version: int, key: CommitKey | None
) -> tuple[CaseFile, Commit]:
    """Return the case after a deed, and the commit that makes it so."""
    case, fact = before.stream, case_fact(before.stream)
    deed = kept_inside(office, before, deed)
    after = before
    for move in deed.moves:
        after = follow(after, Step(kind=move.kind, at=at, body=move.body))
    drops, places, tallies = moved(
        case, standing(before, holder_hash(office, before)), standing(after, holder_hash(office, after))
    )
    if deed.hidden:
        tallies = tuple(tally for tally in tallies if not tally.name.startswith("case/decided/"))
    records = (*(record_of(case, at, move) for move in deed.moves), *deed.records)
    # Who does what is in the key: two people's acts on one version are two acts, and the second is stale.
    said = [part for record in records for part in (record.kind.encode(), record.body)]
    return after, Commit(
        key=key or commit_key(at.date(), b"case-act", case, version.to_bytes(8, "big"), *said),
        decisions=deed.decisions,
        entries=deed.entries,
        effects=deed.effects,
        records=records,
        drops=drops + deed.drops,
        places=places + deed.places,
        tallies=tallies + deed.tallies,
        relies_on=(FactVersion(name=fact, version=version), *deed.also),
        advances=(fact, *deed.advances),
    )


def holder_hash(office: Office, file: CaseFile) -> Hash16 | None:
    """Return the keyed hash of who has a case in hand."""
    return office.hashed("person", file.holder) if file.holder else None


def done(outcome: Outcome) -> Done:
    """Return an outcome that must be Done."""
    if not isinstance(outcome, Done):
        raise Conflict("somebody else was first")
    return outcome


def commit_all(office: Office, commits: Sequence[Commit]) -> list[Outcome]:
    """Commit what may be stale or there already; the caller looks at the outcomes."""
    return office.docket.commit(commits) if commits else []
