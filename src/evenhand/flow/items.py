"""What the platform says of an item: an edit, a deletion, a restoration; and what it did about a decision."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

import msgspec

from evenhand.desk.story import Move, record_of
from evenhand.flow.action_reports import Status
from evenhand.flow.bans import meet_ban
from evenhand.flow.cases import sealed_for
from evenhand.flow.decision import Chance
from evenhand.flow.office import Deed, Office, do
from evenhand.flow.opening import Subject, item_places, subject_of
from evenhand.flow.undoing import undone
from evenhand.vocabulary.case import MACHINE, Act, CaseFile, CaseState, Seen
from evenhand.vocabulary.commit import Commit, CommitKey, Place, Stream, commit_key
from evenhand.vocabulary.errors import Conflict, InputError
from evenhand.vocabulary.notice import ItemChange, ItemEvent
from evenhand.vocabulary.places import BY_ITEM, ITEM_NOW, LAST_DONE, Hash16, instant_key, item_stream

_PAGE = 200
_LABEL_OPEN = frozenset({"waiting", "claimed", "opinion", "seconding", "proposed"})


def item_event(office: Office, event: ItemEvent, *, chance: Chance) -> int:
    """Keep what happened to an item and carry it into its open cases; return how many it reached.

    Content that was found fine is silenced only while it is the same: an edit wakes it. The same key again changes
    nothing, and reaches those cases that a crash left out.

    Raises:
        InputError: The item has neither an id nor a location.
    """
    if not event.item.item_id and not event.item.url:
        raise InputError("item", "needs its id or its exact location")
    subject = subject_of(office, event.item)
    kind = f"item.{event.change.value}"
    key = commit_key(event.at.date(), b"item-event", event.key.encode())
    seen = Move(kind, Seen(item=event.item), subject.sealed_for)
    office.docket.commit(
        [
            Commit(
                key=key,
                records=(record_of(item_stream(subject.item), event.at, seen),),
                places=_places(office, event, subject),
            )
        ]
    )
    if event.change is not ItemChange.DELETED:
        meet_ban(office, event.item, subject, at=event.at, chance=chance)
    if event.change is ItemChange.SEEN:
        return 0
    reached = 0
    for case in _open_cases(office, subject.item):
        do(office, case, event.at, lambda file: _reach(file, seen), key=commit_key(event.at.date(), key, case))
        reached += 1
    return reached


def _places(office: Office, event: ItemEvent, subject: Subject) -> tuple[Place, ...]:
    places = item_places(office, subject, event.item)
    if event.change is ItemChange.EDITED and not event.item.content_sha256:
        # Not what it says now, only that it is something else: enough to wake what was found fine.
        unknown = sha256(b"edited" + event.key.encode()).digest()
        places += (Place(view=ITEM_NOW, sort=subject.item, stream=item_stream(subject.item), label=unknown),)
    return places


def _open_cases(office: Office, item: Hash16) -> Iterator[Stream]:
    after = bytes(item)
    while lines := office.queries.places(BY_ITEM, after=after, until=item + b"\xff" * 29, limit=_PAGE):
        for line in lines:
            if msgspec.json.decode(line.label)["s"] in _LABEL_OPEN:
                yield line.stream
        after = lines[-1].sort


def _reach(file: CaseFile, seen: Move) -> Deed:
    moves = [Move(seen.kind, seen.body, sealed_for(file))]
    undecided = file.state in (CaseState.PROPOSED, CaseState.SECONDING)
    if seen.kind == "item.edited" and undecided and not file.returned:
        # Whoever proposed it looks again, once: what was judged is no longer what is there.
        moves.append(Move("proposal.undone", Act(by="platform", text="The item was edited.")))
    return Deed(moves=tuple(moves))


def effect_reported(
    office: Office,
    case: Stream,
    *,
    key: str,
    status: Status,
    text: str = "",
    hidden: tuple[tuple[str, bytes], ...] = (),
    at: datetime,
) -> CaseFile:
    """Keep what the platform says that it did about a decision: what it did not do goes on being chased.

    Args:
        office: The desk.
        case: The stream that the effect's body names as `case`.
        key: Idempotency key.
        status: What it says.
        text: What it did instead, or why not.
        hidden: For a test case, which counts in no figure: the places that go with it.
        at: When it says so.
    """
    deed = lambda file: reported_deed(office, file, status, text, hidden, at)  # noqa: E731 - a rule
    return do(office, case, at, deed, key=reported_key(case, key, at))[0]


def reported_key(case: Stream, key: str, at: datetime) -> CommitKey:
    """Return what names a report in its case."""
    return commit_key(at.date(), b"effect-reported", case, key.encode())


def reported_deed(
    office: Office,
    file: CaseFile,
    status: Status,
    text: str,
    hidden: tuple[tuple[str, bytes], ...],
    at: datetime,
) -> Deed:
    """Return what a report of the platform does to a case.

    Raises:
        Conflict: Nothing has been decided in it.
    """
    if file.is_open:
        raise Conflict("nothing has been decided in this case")
    ended = status in ("done", "gone")
    first = ended and file.state is CaseState.DECIDED
    kind = "effect.reported" if status == "done" and not first else f"effect.{status}"
    drops, places = undone(office, file, at) if ended else ((), ())
    # A machine's decisions say nothing of how far the platform is with people's, beside which test cases stand.
    newest = first and not hidden and file.decider != MACHINE
    return Deed(
        moves=(Move(kind, Act(by="platform", text=text)),),
        drops=(*hidden, *drops),
        places=(*places, _last_done(file)) if newest else places,
        hidden=bool(hidden),
    )


def _last_done(file: CaseFile) -> Place:
    """Return the one place that says up to when the platform has carried out what was decided."""
    decided_at = file.decided_at or file.opened_at
    return Place(view=LAST_DONE, sort=LAST_DONE.encode(), stream=file.stream, label=instant_key(decided_at))
