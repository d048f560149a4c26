"""A question of ours that waits for its answer: reminders, a call to a person, and a recorded end that a person gives.

Nothing ends by itself. The clock reckons how long is waited (a row of the tables), asks again, and calls somebody each
day from then on; a person of the legal team finds that the answer never came, and what then leaves is approved like
every reply, in the regime's own form.
"""

from datetime import UTC, datetime

from evenhand.flow.calls import call
from evenhand.flow.letters import reminder_letter
from evenhand.flow.office import Office
from evenhand.flow.requests import AWAITING, OPEN, Ruled, act, load_matter
from evenhand.flow.to_authority import to_authority
from evenhand.orders.awaiting import CALLED_EVERY, FAR, awaited, due_now, lapse_lacks, look_after_reminder
from evenhand.rulebook.tables import LawBook
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.commit import Commit, Effect, Place, Stream, commit_key
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.matter import AnswerOverdue, Lapsed, MatterFile, MatterState, Reminded
from evenhand.vocabulary.places import by_instant

WHY_CHARS_MAX = 1_000
LOOKED_AT_ONCE = 200
_LAST = Stream(b"\xff" * 20)
OVERDUE = "clarification-overdue"


def watch_answers(office: Office, book: LawBook, *, at: datetime) -> int:
    """Do what is due at matters whose sender was asked something; return how many were moved on. Called by a clock."""
    moved = 0
    due = office.queries.places(AWAITING, until=by_instant(at, _LAST), limit=LOOKED_AT_ONCE)
    far = office.queries.places(AWAITING, after=by_instant(at + FAR, _LAST), limit=LOOKED_AT_ONCE)
    for line in (*due, *far):
        file = load_matter(office, line.stream)
        if file.look_at is None or by_instant(file.look_at.astimezone(UTC), line.stream) != line.sort:
            # What was erased, or has moved on, waits for nothing here.
            key = commit_key(at.date(), b"awaiting-off", line.stream, line.sort)
            office.docket.commit([Commit(key=key, drops=((AWAITING, line.sort),))])
            continue
        try:
            act(office, line.stream, at, lambda file: _step(office, book, file, at))
        except Conflict:
            continue  # somebody was first: the next tick looks again
        moved += 1
    return moved


def adopt_waiting(office: Office, *, at: datetime) -> int:
    """Put matters that waited before there was such a line into it; return how many. Called at the start and daily."""
    put, after = 0, b""
    while lines := office.queries.places(OPEN, after=after, limit=LOOKED_AT_ONCE):
        after = lines[-1].sort
        for line in lines:
            file = load_matter(office, line.stream)
            if file.state is not MatterState.CLARIFYING or file.look_at is None:
                continue
            sort = by_instant(file.look_at.astimezone(UTC), line.stream)
            if (AWAITING, sort) not in office.queries.at([(AWAITING, sort)]):
                key = commit_key(at.date(), b"awaiting-adopted", line.stream, sort)
                office.docket.commit([Commit(key=key, places=(Place(view=AWAITING, sort=sort, stream=line.stream),))])
                put += 1
    return put


def _step(office: Office, book: LawBook, file: MatterFile, at: datetime) -> Ruled:
    """Return what the clock does at one matter.

    Raises:
        Conflict: Nothing is due at it any more.
    """
    match due_now(file, at):
        case "await" if file.assessed is not None and file.asked_at is not None:
            return "question.awaited", awaited(file.assessed.request, file.asked_at, book), ()
        case "remind":
            told = Reminded(number=len(file.reminded) + 1, look_at=look_after_reminder(file, at))
            return "question.reminded", told, (_reminder(office, file, at),)
        case "call":
            page = call(at, OVERDUE, file.stream, at.isoformat().encode())
            return "question.overdue", AnswerOverdue(look_at=at + CALLED_EVERY), (page,)
        case _:
            raise Conflict("nothing is due")


def _reminder(office: Office, file: MatterFile, at: datetime) -> Effect:
    """Return our question once more, word for word as it was approved, with the day by which it is answered."""
    kept, draft = file.kept, file.draft
    reference = office.references.format("request", file.number)
    until = file.awaited.due_at if file.awaited and file.awaited.due_at and file.awaited.due_at > at else None
    text, language = draft.text if draft else "", kept.language if kept else "EN"
    letter = reminder_letter(office, reference, text, file.asked_at or at, until, language)
    turn = f"{len(file.clarifications)}.{len(file.reminded)}".encode()
    key = commit_key(at.date(), b"question-reminder", file.stream, turn)
    return to_authority(office, file, key, "reminder", letter, text, sha256=draft.sha256 if draft else "")


def may_lapse(file: MatterFile, at: datetime) -> str:
    """Return why nobody may find yet that an answer never came, in a sentence; "" where somebody may."""
    return lapse_lacks(file, at)


def lapse_question(office: Office, actor: Actor, stream: Stream, why: str, *, at: datetime) -> MatterFile:
    """Find that the answer to our question never came: the reply that says so is drafted and approved next.

    Raises:
        Denied: The actor is not of the legal team.
        InputError: No reason is given.
        Conflict: It may still come, or nothing was asked.
    """
    if Role.LEGAL not in actor.roles:
        raise Denied("this is the legal team's")
    words = why.strip()
    if not words or len(words) > WHY_CHARS_MAX:
        raise InputError("why", f"say why, in 1 to {WHY_CHARS_MAX} characters")

    def rule(file: MatterFile) -> Ruled:
        if lacks := lapse_lacks(file, at):
            raise Conflict(lacks)
        row = file.awaited.row if file.awaited else ""
        return "question.lapsed", Lapsed(by=actor.id, why=words, row=row, look_at=at + CALLED_EVERY), ()

    return act(office, stream, at, rule)
