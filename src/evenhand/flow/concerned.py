"""Whoever a measure by order or demand concerns is told of it: at its effect, or when the order's secrecy ends.

The measure's own act puts a record (its number makes their reference) and a place in a line by the instant; the clock
tells. Only the platform knows who it is: the letter goes to whose the item is. A matter whose regime leaves the telling
to the issuing authority has no such line, and one that is to be told later without a day waits for a person.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from evenhand.desk.story import read_body
from evenhand.flow.letters import as_body
from evenhand.flow.office import Office, story_of
from evenhand.flow.requests import load_matter, sealed_for
from evenhand.orders.counter import TOLD, CounterStep, tell_counters
from evenhand.orders.measures import KINDS
from evenhand.statements.short_letters import concerned_letter
from evenhand.views import desk
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import Seen
from evenhand.vocabulary.commit import Commit, Effect, Place, Record, Stream, commit_key
from evenhand.vocabulary.concerned import Concerned, Counter
from evenhand.vocabulary.decision import Decision
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.matter import Assessed, MatterFile
from evenhand.vocabulary.places import by_instant, item_stream
from evenhand.vocabulary.post import ItemKind

CONCERNED = "matter/concerned"
"""Matters of which somebody is to be told, by when."""
TOLD_AT_ONCE = 200
LOOKED_AT = 100
"""How many cases of an item are looked at for its language."""
_PRIVATE = "private-demand"


def to_be_told(
    stream: Stream, assessed: Assessed, made: Iterable[Decision], told_in: str, at: datetime
) -> tuple[tuple[Record, ...], tuple[Place, ...]]:
    """Return what the act of a reply keeps, so that those concerned by its measures are told; nothing: nobody is."""
    when = _when(assessed, at)
    if when is None:
        return (), ()
    counter = assessed.request.instrument == _PRIVATE
    records = tuple(
        Record(
            kind="concerned",
            stream=stream,
            at=at,
            subject=sealed_for(stream),
            body=encode(
                Concerned(
                    target=one.item_id,
                    action="disable" if one.action.value == "disable" else "geo-restrict",
                    territory=one.territory,
                    counter=counter,
                    language=told_in,
                )
            ),
        )
        for one in made
    )
    return records, (Place(view=CONCERNED, sort=by_instant(when, stream), stream=stream),) if records else ()


def _when(assessed: Assessed, at: datetime) -> datetime | None:
    notice, until = assessed.ruling.notify_user.when, assessed.request.confidential_until
    secret = until.astimezone(UTC) if until is not None and until > at else None
    match notice:
        case "at-effect":
            return secret or at
        case "delayed":
            return secret or (at if until is not None else None)
        case _:
            return None


def counters_of(office: Office, stream: Stream) -> tuple[Counter, ...]:
    """Return every measure of a matter that somebody is told of, and the counter-notices against them."""
    rows = story_of(office, stream)
    return tell_counters(CounterStep(row.kind, row.at, row.number, row.act, row.body) for row in rows)


def tell_concerned(office: Office, *, at: datetime) -> int:
    """Tell those whose instant has come; return how many letters that were. Called by a clock."""
    due = office.queries.places(CONCERNED, until=by_instant(at, Stream(b"\xff" * 20)), limit=TOLD_AT_ONCE)
    told = 0
    for line in due:
        effects = _letters(office, load_matter(office, line.stream), line.stream, at)
        record = Record(kind=TOLD, stream=line.stream, at=at, subject=None, body=encode({"letters": len(effects)}))
        key = commit_key(at.date(), b"concerned", line.stream, line.sort)
        office.docket.commit([Commit(key=key, records=(record,), effects=effects, drops=((CONCERNED, line.sort),))])
        told += len(effects)
    return told


def _letters(office: Office, file: MatterFile, stream: Stream, at: datetime) -> tuple[Effect, ...]:
    """Return a letter for each measure; none where all was erased."""
    if file.assessed is None:
        return ()
    return tuple(_letter(office, file.assessed, each, at) for each in counters_of(office, stream) if not each.told)


def _letter(office: Office, assessed: Assessed, counter: Counter, at: datetime) -> Effect:
    measure, request = counter.measure, assessed.request
    reference = office.references.format("measure", counter.number)
    said = {
        "platform": office.platform,
        "action": measure.action,
        # Who demands something for themselves is not named; an authority answers for its orders.
        "name": "" if measure.counter else request.issuer.name,
        "ground": request.legal_basis or request.instrument,
        "redress": request.redress or "",
        "counter": "yes" if measure.counter else "",
    }
    letter = None
    if office.wordings is not None:
        wording = office.wordings.pick(language_of(office, assessed, measure))
        letter = concerned_letter(wording, reference, said, measure.territory, at.date(), office.link(reference))
    return person_effect(measure.target, letter_body=as_body(letter), what="order", reference=reference, at=at)


def language_of(office: Office, assessed: Assessed, measure: Concerned) -> str | None:
    """Return the language of whom a measure concerns: as a person chose it, else the item's as it was last seen.

    Seen in what the platform said of the item, in a case about it, or, of a channel or an account, in a case about what
    was posted there. None: nobody knows; the letter is in English then, and the page behind its link in the visitor's.
    """
    if measure.language:
        return measure.language
    known = assessed.facts.targets.get(measure.target)
    kind = KINDS.get(known.kind if known else "", ItemKind.POST)
    item = office.hashed("item", kind.value, measure.target)
    seen = [one for row in story_of(office, item_stream(item)) if (one := read_body(row.kind, row.body)) is not None]
    said = [one.item.language for one in seen if isinstance(one, Seen) and one.item.language]
    if said:
        return said[-1]
    lines = desk.of_item(office.queries, item, limit=LOOKED_AT)
    if not lines and kind is not ItemKind.POST:
        lines = desk.of_author(office.queries, office.hashed("author", measure.target), limit=LOOKED_AT)
    return next((line.language for line in reversed(lines) if line.language), None)


def person_effect(
    target: str, *, letter_body: dict[str, object] | None, what: str, reference: str, at: datetime
) -> Effect:
    """Return what the platform shows to whoever an item belongs to."""
    body = {"item": target, "letter": letter_body, "redress": reference, "to": target, "what": what}
    key = commit_key(at.date(), b"tell-concerned", what.encode(), reference.encode())
    return Effect(kind="tell.affected", key=key, body=encode(body), subject=f"item/{target}")


def measure_of(office: Office, reference: str) -> tuple[Stream, Counter]:
    """Return the matter and the measure behind the reference of whom it concerns.

    Raises:
        InputError: It is not one of ours, it was erased, or they are not told yet.
    """
    row = office.queries.record(office.references.parse("measure", reference))
    if row is None or row.kind != "concerned" or row.body is None:
        raise InputError("reference", "this is not one of our references")
    found = next((each for each in counters_of(office, row.stream) if each.number == row.number), None)
    if found is None or not found.told:
        raise InputError("reference", "this is not one of our references")
    return row.stream, found
