"""A counter-notice: from the reference link of whom a private demand's measure concerns to the taking back of it.

The demander is told and has the time that the tables give; whoever sees a court action records it, and the measure
stands. Else the clock takes it back, or two people do where no checked row gives a time.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec.structs import replace as with_fields

from evenhand.flow.concerned import counters_of, language_of, measure_of, person_effect
from evenhand.flow.decision import Chance
from evenhand.flow.letters import as_body
from evenhand.flow.office import Office
from evenhand.flow.requests import Ruled, act, load_matter, require_approver, sealed_for
from evenhand.flow.to_authority import to_authority
from evenhand.orders.counter import countered
from evenhand.orders.measures import KINDS
from evenhand.release.rules import SALT_BYTES, decision_entry
from evenhand.rulebook.tables import LawBook
from evenhand.statements.letter import Letter
from evenhand.statements.short_letters import counter_letter, taken_back_letter, undone_letter
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.commit import Commit, Effect, Place, Record, Stream, commit_key
from evenhand.vocabulary.concerned import Agreed, Counter, CourtShown, TakenBack
from evenhand.vocabulary.decision import Action, Decision, Policy
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.eu import Automation, Category, Ground, Source
from evenhand.vocabulary.matter import MatterFile
from evenhand.vocabulary.places import by_instant
from evenhand.vocabulary.post import ItemKind

COUNTER = "matter/counter"
"""Counter-notices that wait: those with a time first, by it."""
TEXT_CHARS_MAX = 20_000
COURT_CHARS_MAX = 300
TWO = 2
CLOCK = "clock"
_AT_ONCE = 100


def send_counter_notice(office: Office, book: LawBook, reference: str, text: str, *, at: datetime) -> Counter:
    """Keep a counter-notice, tell whoever demanded the measure, and start the tables' time.

    Raises:
        InputError: The reference is not ours, or the text is empty or too long.
        Conflict: None may be sent against this measure, or one was.
    """
    words = text.strip()
    if not words or len(words) > TEXT_CHARS_MAX:
        raise InputError("text", f"a counter-notice has 1 to {TEXT_CHARS_MAX} characters")
    stream, counter = measure_of(office, reference)
    if not counter.measure.counter:
        raise Conflict("against an authority's order there is no counter-notice: its letter says what can be done")

    def rule(file: MatterFile) -> Ruled:
        if _one(office, stream, counter.number).state != "standing" or file.assessed is None:
            raise Conflict("a counter-notice was sent already")
        body = countered(file.assessed.request, counter.number, words, book, at)
        return (
            "counter.received",
            body,
            _tell_demander(file, counter, office, _told_of(office, file, words, body.due_at, at), at),
        )

    def more(file: MatterFile) -> Commit:
        due = countered(file.assessed.request, counter.number, words, book, at).due_at if file.assessed else None
        place = Place(view=COUNTER, sort=_sort(due, at, counter.number), stream=stream)
        return Commit(key=commit_key(at.date(), b"counter-place", stream), places=(place,))

    act(office, stream, at, rule, more=more)
    return _one(office, stream, counter.number)


def _sort(due: datetime | None, at: datetime, number: int) -> bytes:
    """Return a place by its time; without one behind all others, by receipt."""
    last = Stream(number.to_bytes(20, "big"))
    return b"\0" + by_instant(due, last) if due else b"\xff" + by_instant(at, last)


def _one(office: Office, stream: Stream, number: int) -> Counter:
    found = next((each for each in counters_of(office, stream) if each.number == number), None)
    if found is None:
        raise InputError("number", "there is no such measure in this matter")
    return found


def _told_of(office: Office, file: MatterFile, text: str, due: datetime | None, at: datetime) -> Letter | None:
    if office.wordings is None:
        return None
    wording = office.wordings.pick(file.kept.language if file.kept else None)
    reference = office.references.format("request", file.number)
    return counter_letter(wording, reference, text, due, at.date(), office.platform)


def _tell_demander(
    file: MatterFile,
    counter: Counter,
    office: Office,
    letter: Letter | None,
    at: datetime,
    what: str = "counter-notice",
) -> tuple[Effect, ...]:
    key = commit_key(at.date(), b"counter-told", file.stream, what.encode(), counter.number.to_bytes(8, "big"))
    return (to_authority(office, file, key, what, letter, letter.text if letter else ""),)


def show_court(office: Office, actor: Actor, stream: Stream, number: int, court: str, *, at: datetime) -> Counter:
    """Record that whoever demanded the measure has gone to court: it stands, and its clock with it.

    Raises:
        Denied: The actor is not of the legal team.
        InputError: No court and case number is given.
        Conflict: There is no counter-notice, or what was done is taken back already.
    """
    _require_legal(actor)
    words = court.strip()
    if not words or len(words) > COURT_CHARS_MAX:
        raise InputError("court", f"write court and case number, in 1 to {COURT_CHARS_MAX} characters")

    def rule(_file: MatterFile) -> Ruled:
        if _one(office, stream, number).state != "countered":
            raise Conflict("no counter-notice waits for a court here")
        return "counter.court", CourtShown(concerned=number, by=actor.id, court=words), ()

    act(office, stream, at, rule, more=lambda _file: _off_the_line(office, stream, number, at))
    return _one(office, stream, number)


def agree_to_take_back(
    office: Office,
    actor: Actor,
    stream: Stream,
    number: int,
    *,
    is_legal: Callable[[str], bool],
    at: datetime,
    chance: Chance,
) -> Counter:
    """Agree that a measure is taken back; the second of two different people, one of them legal, does it in one act.

    Raises:
        Denied: Neither of the legal team nor a senior.
        Conflict: There is nothing to take back, or they agreed already.
    """
    require_approver(actor)
    counter = _one(office, stream, number)
    if actor.id in counter.agreed and len(counter.agreed) < TWO:
        raise Conflict("you have agreed already: the second one is somebody else")

    if counter.state not in ("countered", "court"):
        raise Conflict("there is nothing to take back here")
    agreed = tuple(dict.fromkeys((*counter.agreed, actor.id)))
    if len(agreed) >= TWO and any(is_legal(person) for person in agreed):
        word = None if actor.id in counter.agreed else actor.id
        _take_back(office, stream, counter, "+".join(agreed), at, chance, word=word)
        return _one(office, stream, number)

    def rule(_file: MatterFile) -> Ruled:
        now = _one(office, stream, number)
        if now.state not in ("countered", "court"):
            raise Conflict("there is nothing to take back here")
        if now.agreed != counter.agreed:
            raise Conflict("somebody else has agreed at this moment: look again")
        return "counter.agreed", Agreed(concerned=number, by=actor.id), ()

    act(office, stream, at, rule)
    return _one(office, stream, number)


def take_back_due(office: Office, *, at: datetime, chance: Chance) -> int:
    """Take back what nobody showed a court action for in time; return how many measures. Called by a clock."""
    until = b"\0" + by_instant(at, Stream(b"\xff" * 20))
    taken = 0
    for line in office.queries.places(COUNTER, until=until, limit=_AT_ONCE):
        for counter in counters_of(office, line.stream):
            over = counter.due_at is not None and counter.due_at <= at
            if over and counter.state == "countered" and counter.decides == CLOCK:
                _take_back(office, line.stream, counter, CLOCK, at, chance)
                taken += 1
    return taken


def open_counters(office: Office, *, limit: int = 100) -> list[tuple[MatterFile, Counter]]:
    """Return the counter-notices that wait, those with a time first."""
    found = []
    for line in office.queries.places(COUNTER, limit=limit):
        file = load_matter(office, line.stream)
        number = int.from_bytes(line.sort[-20:], "big")
        found += [(file, each) for each in counters_of(office, line.stream) if each.number == number]
    return found


def _off_the_line(office: Office, stream: Stream, number: int, at: datetime) -> Commit:
    lines = [line for line in office.queries.places(COUNTER, limit=10_000) if line.stream == stream]
    drops = tuple((COUNTER, line.sort) for line in lines if int.from_bytes(line.sort[-20:], "big") == number)
    return Commit(key=commit_key(at.date(), b"counter-off", stream, number.to_bytes(8, "big")), drops=drops)


def _take_back(
    office: Office, stream: Stream, counter: Counter, by: str, at: datetime, chance: Chance, word: str | None = None
) -> None:
    """Take a measure back: the decision, its entry, the platform's order and both letters in one act.

    `word` is who agreed with it: their agreement and what it does are one act too.
    """
    taken = TakenBack(concerned=counter.number, by=by)
    records: tuple[Record, ...] = ()
    if word is not None:
        records = (
            Record(kind="counter.restored", stream=stream, at=at, subject=sealed_for(stream), body=encode(taken)),
        )

    def rule(file: MatterFile) -> Ruled:
        now = _one(office, stream, counter.number)
        if now.state not in ("countered", "court"):
            raise Conflict("it is taken back already")
        if now.agreed != counter.agreed:
            raise Conflict("somebody else has agreed, or shown a court action, at this moment: look again")
        demander = _tell_demander(file, counter, office, _taken_back(office, file, at), at, "taken-back")
        effects = (_restoring(file, counter, by, at), _tell_person(office, file, counter, at), *demander)
        if word is not None:
            return "counter.agreed", Agreed(concerned=counter.number, by=word), effects
        return "counter.restored", taken, effects

    def more(file: MatterFile) -> Commit:
        off = _off_the_line(office, stream, counter.number, at)
        first = next(
            (one for one in office.queries.decisions_of_act(counter.act) if one.item_id == counter.measure.target), None
        )
        decision = _restored(file, counter, by, first.number if first else None, at, chance(SALT_BYTES))
        entry = decision_entry(decision, first.entry if first else None)
        return with_fields(off, decisions=(decision,), entries=(entry,))

    act(office, stream, at, rule, records=records, more=more)


def _restored(file: MatterFile, counter: Counter, by: str, reverses: int | None, at: datetime, salt: bytes) -> Decision:
    draft, target = file.draft, counter.measure.target
    return Decision(
        item=_kind(file, target),
        item_id=target,
        subject=f"item/{target}",
        content_sha256=bytes(32),
        decided_at=at,
        action=Action.RESTORE,
        policy=Policy(
            ground=draft.ground if draft else Ground.ILLEGAL_CONTENT,
            category=draft.category if draft else Category.OTHER_VIOLATION_TC,
            keyword=draft.keyword if draft else None,
            reference=counter.row or "counter-notice",
        ),
        source=Source.TYPE_OTHER_NOTIFICATION,
        automated_detection=False,
        automation=Automation.FULLY if by == CLOCK else Automation.NOT_AUTOMATED,
        language=None,
        territory=counter.measure.territory,
        rule=_rule(counter, by),
        edition="0" * 16,
        because="A counter-notice came, and no court action was shown.",
        facts="",
        reverses=reverses,
        salt=salt,
    )


def _kind(file: MatterFile, target: str) -> ItemKind:
    known = file.assessed.facts.targets.get(target) if file.assessed else None
    return KINDS.get(known.kind if known else "", ItemKind.POST)


def _rule(counter: Counter, by: str) -> str:
    """Return what decided: the row whose time was up, or people."""
    return counter.row.partition("@")[0] if by == CLOCK else "person"


def _restoring(file: MatterFile, counter: Counter, by: str, at: datetime) -> Effect:
    measure = counter.measure
    body = {
        "action": Action.RESTORE.value,
        "id": measure.target,
        "kind": _kind(file, measure.target).value,
        "rule": _rule(counter, by),
        "territory": list(measure.territory),
        "until": None,
    }
    key = commit_key(at.date(), b"counter-restore", file.stream, counter.number.to_bytes(8, "big"))
    return Effect(kind="platform.restore", key=key, body=encode(body), subject=f"item/{measure.target}")


def _tell_person(office: Office, file: MatterFile, counter: Counter, at: datetime) -> Effect:
    reference = office.references.format("measure", counter.number)
    letter = None
    if office.wordings is not None:
        language = language_of(office, file.assessed, counter.measure) if file.assessed else None
        letter = undone_letter(office.wordings.pick(language), reference, at.astimezone(UTC).date(), office.platform)
    return person_effect(
        counter.measure.target, letter_body=as_body(letter), what="reversal", reference=reference, at=at
    )


def _taken_back(office: Office, file: MatterFile, at: datetime) -> Letter | None:
    if office.wordings is None:
        return None
    wording = office.wordings.pick(file.kept.language if file.kept else None)
    return taken_back_letter(
        wording, office.references.format("request", file.number), at.astimezone(UTC).date(), office.platform
    )


def _require_legal(actor: Actor) -> None:
    if Role.LEGAL not in actor.roles:
        raise Denied("this is the legal team's")
