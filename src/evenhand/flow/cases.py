"""A case in somebody's hands: next, claim, open, release, hand over, move, note, second opinion."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from evenhand.access.rules import Refused, may, may_see, may_work
from evenhand.desk.story import Move
from evenhand.flow.office import Deed, Office, do, load_case
from evenhand.flow.opening import at_place
from evenhand.views import desk
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.case import Act, CaseFile, CaseState, QueueLine
from evenhand.vocabulary.commit import Place, Stream
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.places import TOUCHED, queue_view
from evenhand.vocabulary.rights import Right

LOOKED_AT_MAX = 64
"""How many cases of a queue are looked at for one that this person may have."""
NOTE_CHARS_MAX = 20_000


def require(actor: Actor, right: Right, file: CaseFile) -> None:
    """Raise Denied where the actor may not."""
    answer = may(actor, right, file)
    if isinstance(answer, Refused):
        raise Denied(answer.reason)


def shown(actor: Actor, lines: Iterable[QueueLine]) -> list[QueueLine]:
    """Return those lines of a list that the actor may see. Every list that a person is shown goes through here."""
    return [line for line in lines if may_see(actor, line)]


def require_holder(actor: Actor, file: CaseFile) -> None:
    """Raise Conflict unless the actor has the case in hand."""
    if file.holder != actor.id:
        raise Conflict("the case is not in your hands" if file.holder else "nobody has claimed the case yet")


def next_case(office: Office, actor: Actor, *, at: datetime, harm_max: int = 3) -> CaseFile | None:
    """Claim the most pressing case that the actor may have; what they have in hand and can work on comes first.

    Args:
        office: The desk.
        actor: Who asks.
        at: Now.
        harm_max: Nothing graver is handed out: who has seen enough today gets what is milder.

    Queues are gone through in the order of the tables, each by harm, then deadline. Nobody is given an item
    that they had before, and two people never get the same one: who comes second gets the next.
    """
    mine = desk.in_hand(office.queries, office.hashed("person", actor.id), limit=LOOKED_AT_MAX)
    # What waits for its window, a second person or an opinion is in hand too, and nothing can be done about it.
    if found := next((line.case for line in mine if line.state is CaseState.CLAIMED), None):
        return load_case(office, found)
    for case in _candidates(office, actor, harm_max):
        try:
            return claim(office, actor, case, at=at)
        except (Conflict, Denied):
            continue
    return None


def _candidates(office: Office, actor: Actor, harm_max: int) -> Iterator[Stream]:
    # A queue's order begins with how far a case is from the gravest.
    milder = bytes([3 - harm_max])
    for queue in office.book.names():
        if may_work(actor, queue):
            for line in office.queries.places(queue_view(queue), after=milder, limit=LOOKED_AT_MAX):
                yield line.stream


def claim(office: Office, actor: Actor, case: Stream, *, at: datetime) -> CaseFile:
    """Take a waiting case in hand.

    Raises:
        Denied: The actor may not have it, or had this item before.
        Conflict: Somebody else has it.
    """

    def rule(file: CaseFile) -> Deed:
        require(actor, Right.CLAIM, file)
        if file.state is not CaseState.WAITING:
            raise Conflict(f"the case is {file.state.value}" + (": somebody else has it" if file.holder else ""))
        if actor.id in file.touched or _had_before(office, actor, file):
            raise Denied("you had this item before: somebody else decides")
        return Deed(moves=(Move("case.claimed", Act(by=actor.id)),), places=(touched_place(office, actor.id, file),))

    return do(office, case, at, rule)[0]


def touched_place(office: Office, person: str, file: CaseFile) -> Place:
    """Return the place that says that a person had an item; it is kept for good."""
    sort = office.hashed("person", person) + bytes.fromhex(file.opened.item_key)
    return Place(view=TOUCHED, sort=sort, stream=file.stream)


def _had_before(office: Office, actor: Actor, file: CaseFile) -> bool:
    place = touched_place(office, actor.id, file)
    return at_place(office, place.view, place.sort) is not None


def open_case(office: Office, actor: Actor, case: Stream, purpose: str, *, at: datetime) -> CaseFile:
    """Return a case to read; that somebody read it, and what for, is recorded first.

    Raises:
        InputError: No purpose is given, or there is no such case.
        Denied: The actor may not read it.
    """
    if not purpose.strip():
        raise InputError("purpose", "say in a word what you open the case for")

    def rule(file: CaseFile) -> Deed:
        require(actor, Right.READ, file)
        return Deed(moves=(Move("access", Act(by=actor.id, text=purpose.strip()[:200])),))

    return do(office, case, at, rule)[0]


def release(office: Office, actor: Actor, case: Stream, reason: str, *, at: datetime) -> CaseFile:
    """Put a case back into its queue; somebody else gets it."""
    return _by_holder(office, actor, case, at, lambda _: Move("case.released", Act(by=actor.id, text=reason)))


def hand_over(office: Office, actor: Actor, case: Stream, to: Actor, reason: str, *, at: datetime) -> CaseFile:
    """Hand a case to another person, who must be allowed to have it."""

    def rule(file: CaseFile) -> Deed:
        require_holder(actor, file)
        require(to, Right.CLAIM, file)
        if to.id in file.touched or _had_before(office, to, file):
            raise Denied("they had this item before: somebody else decides")
        move = Move("case.handed-over", Act(by=actor.id, to=to.id, text=reason))
        return Deed(moves=(move,), places=(touched_place(office, to.id, file),))

    return do(office, case, at, rule)[0]


def move_case(office: Office, actor: Actor, case: Stream, queue: str, reason: str, *, at: datetime) -> CaseFile:
    """Put a case into another queue. A case that was behind the child-safety wall stays behind it."""
    if queue not in office.book.names():
        raise InputError("queue", f"is not a queue; known are {', '.join(office.book.names())}")

    def rule(file: CaseFile) -> Deed:
        if file.holder != actor.id:
            require(actor, Right.MOVE, file)
        return Deed(moves=(Move("case.moved", Act(by=actor.id, to=queue, text=reason)),))

    return do(office, case, at, rule)[0]


def note(office: Office, actor: Actor, case: Stream, text: str, *, at: datetime) -> CaseFile:
    """Write an internal note."""
    words = text.strip()
    if not words or len(words) > NOTE_CHARS_MAX:
        raise InputError("text", f"a note has 1 to {NOTE_CHARS_MAX} characters")

    def rule(file: CaseFile) -> Deed:
        require(actor, Right.NOTE, file)
        return Deed(moves=(Move("note", Act(by=actor.id, text=words), sealed_for(file)),))

    return do(office, case, at, rule)[0]


def ask_opinion(office: Office, actor: Actor, case: Stream, question: str, *, at: datetime) -> CaseFile:
    """Ask for a second opinion; the case stays with who asked."""
    return _by_holder(
        office, actor, case, at, lambda f: Move("opinion.asked", Act(by=actor.id, text=question), sealed_for(f))
    )


def give_opinion(office: Office, actor: Actor, case: Stream, text: str, *, at: datetime) -> CaseFile:
    """Give the second opinion that somebody asked for."""

    def rule(file: CaseFile) -> Deed:
        require(actor, Right.CLAIM, file)
        if file.holder == actor.id:
            raise Denied("you asked for this opinion: somebody else gives it")
        move = Move("opinion.given", Act(by=actor.id, text=text), sealed_for(file))
        return Deed(moves=(move,), places=(touched_place(office, actor.id, file),))

    return do(office, case, at, rule)[0]


def withdraw_question(office: Office, actor: Actor, case: Stream, *, at: datetime) -> CaseFile:
    """Take back the question for a second opinion."""
    return _by_holder(office, actor, case, at, lambda _: Move("opinion.withdrawn", Act(by=actor.id)))


def _by_holder(office: Office, actor: Actor, case: Stream, at: datetime, move: Callable[[CaseFile], Move]) -> CaseFile:
    def rule(file: CaseFile) -> Deed:
        require_holder(actor, file)
        return Deed(moves=(move(file),))

    return do(office, case, at, rule)[0]


def sealed_for(file: CaseFile) -> str:
    """Return whose key seals what staff write about a case: the author's where known, else the case's own."""
    if file.snapshot and (author := file.snapshot.author or file.snapshot.channel):
        return author
    if file.snapshot:
        return f"item/{file.snapshot.item_id or file.snapshot.url}"
    return f"case/{file.stream.hex()}"
