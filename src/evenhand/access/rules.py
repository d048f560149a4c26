"""Who may do what at which case: one table. Pure; what is not in it is denied."""

from dataclasses import dataclass
from types import MappingProxyType

from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.case import CaseFile, Origin, QueueLine
from evenhand.vocabulary.rights import Right

CHILD_SAFETY = "child-safety"
"""The queue behind the wall."""
_WORK = frozenset({Right.LIST, Right.READ, Right.CLAIM, Right.NOTE, Right.ASK, Right.PROPOSE, Right.ALARM})

TABLE = MappingProxyType(
    {
        Role.MODERATOR: _WORK,
        Role.SENIOR: _WORK | {Right.SECOND, Right.MOVE, Right.BULK, Right.APPROVE},
        Role.CHILD_SAFETY: _WORK | {Right.SECOND, Right.MOVE},
        Role.QUALITY: frozenset({Right.LIST, Right.QUALITY}),
        Role.LEGAL: frozenset(
            {
                Right.LIST,
                Right.READ,
                Right.NOTE,
                Right.SECOND,
                Right.SEALED,
                Right.ALARM,
                Right.APPROVE,
                Right.DELIVERIES,
            }
        ),
        Role.ANALYST: frozenset({Right.COUNTS}),
        Role.ADMIN: frozenset({Right.LIST, Right.MOVE, Right.COUNTS, Right.DELIVERIES}),
    }
)
"""Role → rights outside the wall."""

WALLED_TABLE = MappingProxyType({Role.CHILD_SAFETY: TABLE[Role.CHILD_SAFETY]})
"""Role → rights behind the wall: nobody else even sees that such a case is there."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """They may."""


@dataclass(frozen=True, slots=True)
class Refused:
    """They may not, and why."""

    reason: str


Answer = Allowed | Refused


def rights(actor: Actor, *, walled: bool = False) -> frozenset[Right]:
    """Return what an actor's roles allow, on one side of the wall."""
    table = WALLED_TABLE if walled else TABLE
    return frozenset[Right]().union(*(table.get(role, frozenset()) for role in actor.roles))


def may_work(actor: Actor, queue: str) -> bool:
    """Tell whether an actor may see what waits in a queue."""
    allowed = rights(actor, walled=queue == CHILD_SAFETY)
    return Right.LIST in allowed and (not actor.queues or queue in actor.queues)


def may_see(actor: Actor, line: QueueLine) -> bool:
    """Tell whether an actor may see that a case is there."""
    return Right.LIST in rights(actor, walled=line.walled) and (not actor.queues or line.queue in actor.queues)


def may(actor: Actor, right: Right, file: CaseFile) -> Answer:
    """Tell whether an actor may do something at a case.

    1. Their roles give the right, on the case's side of the wall.
    2. The case lies in their queues, categories and regions.
    3. For an appeal: they took no part in what is appealed.
    """
    if right not in rights(actor, walled=file.walled):
        return Refused("your role does not include this")
    if actor.queues and file.queue not in actor.queues:
        return Refused("the case is in a queue that is not yours")
    if actor.categories and file.opened.category not in actor.categories:
        return Refused("the case is in a category that is not yours")
    if actor.regions and file.opened.region is not None and file.opened.region not in actor.regions:
        return Refused("the case is in a region that is not yours")
    if actor.id in file.opened.excluded and right in (Right.CLAIM, Right.PROPOSE, Right.SECOND):
        reason = "you decided what is appealed" if file.opened.origin is Origin.APPEAL else "you had this item before"
        return Refused(f"{reason}: somebody else decides")
    return Allowed()
