"""Pure tables of the desk: what a verdict does, where a case stands, what it counts for."""

from types import MappingProxyType

from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.case import MACHINE, CaseFile, CaseState, Label, Origin, Standing
from evenhand.vocabulary.commit import Place, Stream, Tally
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.places import (
    BY_AUTHOR,
    BY_ITEM,
    CHASED,
    CLOSING,
    CONTENT,
    DECIDED,
    DUE,
    OPEN,
    OVERDUE,
    Hash16,
    by_instant,
    decided_view,
    instant_key,
    mine_view,
    queue_view,
    second_view,
)
from evenhand.vocabulary.post import ItemKind, Verdict

_ACTIONS = MappingProxyType(
    {
        (Verdict.REMOVE, ItemKind.POST): Action.REMOVE,
        (Verdict.REMOVE, ItemKind.CHANNEL): Action.BAN,
        (Verdict.REMOVE, ItemKind.ACCOUNT): Action.BAN,
        (Verdict.RESTRICT, ItemKind.POST): Action.DEMOTE,
        (Verdict.RESTRICT, ItemKind.CHANNEL): Action.DEMOTE,
        (Verdict.RESTRICT, ItemKind.ACCOUNT): Action.INTERACTION_RESTRICT,
        (Verdict.LABEL, ItemKind.POST): Action.LABEL,
        (Verdict.LABEL, ItemKind.CHANNEL): Action.LABEL,
        (Verdict.LABEL, ItemKind.ACCOUNT): Action.LABEL,
    }
)

_ENCODE = encode

PENDING, FINE, GONE = b"open", b"fine", b"gone"
"""What the content index says of content that a case is or was about."""

TAKEN_DOWN = frozenset(
    {Action.REMOVE, Action.BAN, Action.DISABLE, Action.HOLD, Action.TERMINATE_SERVICE, Action.TERMINATE_ACCOUNT}
)

NO_EFFECT = frozenset({Action.NONE})
"""Decisions after which the platform has nothing to do."""


def action_for(verdict: Verdict, item: ItemKind) -> Action | None:
    """Return what a machine's verdict does to an item; None where nothing is done or a person decides."""
    return _ACTIONS.get((verdict, item))


def label_of(file: CaseFile) -> bytes:
    """Return what lists show of a case without opening it."""
    return _ENCODE(
        Label(
            q=file.queue,
            s=file.state,
            o=file.opened.origin,
            c=file.opened.category.removeprefix("STATEMENT_CATEGORY_"),
            l=file.opened.language or "",
            h=file.opened.harm,
            d=int(file.due_at.timestamp()),
            x=file.overdue,
            w=file.walled,
        )
    )


def standing(file: CaseFile | None, holder: Hash16 | None) -> Standing:
    """Return where a case stands and what it counts for; an act drops what differs before and puts what differs after.

    Args:
        file: The case; None before it was opened.
        holder: Keyed hash of the person who has it in hand, where somebody has.
    """
    if file is None or file.decider == MACHINE:
        # A machine's decisions come by the million: lists and figures of the desk's work are about people's. Where one
        # is found by its item and its author is put once, when it is told (`flow.telling_machine`).
        return Standing()
    label, opened = label_of(file), by_instant(file.opened_at, file.stream)
    places: dict[tuple[str, bytes], bytes] = {}
    item = bytes.fromhex(file.opened.item_key)
    if file.opened.origin is not Origin.APPEAL:
        places[BY_ITEM, item + opened] = label
        if file.opened.content_key:
            places[CONTENT, bytes.fromhex(file.opened.content_key)] = _content_state(file)
    if file.opened.author_key:
        places[BY_AUTHOR, bytes.fromhex(file.opened.author_key) + opened] = label
    if file.is_open:
        places |= _open_places(file, holder, label, opened)
    else:
        places |= _decided_places(file, label)
    return Standing(places, _tallies(file))


def _content_state(file: CaseFile) -> bytes:
    if file.is_open:
        return PENDING
    action = file.decision.proposal.action if file.decision else Action.NONE
    if action in (Action.NONE, Action.RESTORE):
        return FINE
    return GONE if action in TAKEN_DOWN else b"mild"


def _open_places(file: CaseFile, holder: Hash16 | None, label: bytes, opened: bytes) -> dict[tuple[str, bytes], bytes]:
    due = by_instant(file.due_at, file.stream)
    places = {(OPEN, opened): label, (OVERDUE if file.overdue else DUE, due): label}
    # The gravest first, then by deadline.
    order = bytes([3 - file.opened.harm]) + due
    if file.state is CaseState.WAITING:
        places[queue_view(file.queue), order] = label
    if file.state in (CaseState.SECONDING, CaseState.OPINION):
        places[second_view(file.queue), order] = label
    if file.state is CaseState.PROPOSED and file.proposed:
        places[CLOSING, by_instant(file.proposed.closes_at, file.stream)] = label
    if holder is not None and file.holder:
        places[mine_view(holder), order] = label
    return places


def _decided_places(file: CaseFile, label: bytes) -> dict[tuple[str, bytes], bytes]:
    assert file.decided_at is not None  # noqa: S101 - a case that is not open was decided
    assert file.decision is not None  # noqa: S101 - as above
    when = by_instant(file.decided_at, file.stream)
    places = {(DECIDED, when): label}
    for by, value in (
        ("category", file.opened.category.removeprefix("STATEMENT_CATEGORY_")),
        ("rule", file.opened.rule),
        ("action", file.decision.proposal.action.value),
    ):
        if value:
            places[decided_view(by, value), when] = label
    if file.state is CaseState.DECIDED and file.decision.proposal.action not in NO_EFFECT:
        places[CHASED, when] = label
    return places


def _tallies(file: CaseFile) -> dict[str, int]:
    tallies = {f"case/state/{file.state.value}": 1}
    if file.is_open:
        tallies["case/open"] = 1
        tallies[f"case/queue/{file.queue}"] = 1
        tallies[f"case/category/{file.opened.category.removeprefix('STATEMENT_CATEGORY_')}"] = 1
        if file.overdue:
            tallies["case/overdue"] = 1
    elif file.decided_at is not None and file.decision is not None:
        day = file.decided_at.date().isoformat()
        tallies[f"case/decided/{day}/{file.decision.proposal.action.value}"] = 1
    return tallies


def moved(
    stream: Stream, before: Standing, after: Standing
) -> tuple[tuple[tuple[str, bytes], ...], tuple[Place, ...], tuple[Tally, ...]]:
    """Return what an act drops, puts and counts when a case goes from one standing to another."""
    if not before.places:  # a case that is opened, the desk's most frequent act
        fresh = tuple(
            [Place(view=view, sort=sort, stream=stream, label=to) for (view, sort), to in after.places.items()]
        )
        return (), fresh, tuple([Tally(*counted) for counted in after.tallies.items()])
    drops = tuple(where for where in before.places if where not in after.places)
    places = tuple(
        Place(view=where[0], sort=where[1], stream=stream, label=label)
        for where, label in after.places.items()
        if before.places.get(where) != label
    )
    names = {**before.tallies, **after.tallies}
    tallies = tuple(
        Tally(name, by) for name in names if (by := after.tallies.get(name, 0) - before.tallies.get(name, 0))
    )
    return drops, places, tallies


def due_key(file: CaseFile) -> bytes:
    """Return where a case stands among the deadlines."""
    return instant_key(file.due_at) + file.stream
