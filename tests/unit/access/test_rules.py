"""Every role on every side of the wall at every right: nothing is allowed that the table does not say."""

from datetime import UTC, datetime

import pytest

from evenhand.access.rules import Allowed, Refused, may, may_see, may_work
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.case import CaseFile, CaseState, Opened, Origin, QueueLine
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.eu import Category
from evenhand.vocabulary.post import ItemKind
from evenhand.vocabulary.rights import Right

AT = datetime(2026, 11, 24, tzinfo=UTC)
READERS = {Role.MODERATOR, Role.SENIOR, Role.CHILD_SAFETY, Role.LEGAL}
DECIDERS = {Role.MODERATOR, Role.SENIOR, Role.CHILD_SAFETY}


def case(*, walled: bool = False, queue: str = "violence", region: str | None = "DE", **more: object) -> CaseFile:
    """Return a case."""
    opened = Opened(
        origin=Origin.NOTICE,
        kind=ItemKind.POST,
        item_key="00" * 16,
        category=Category.VIOLENCE,
        queue=queue,
        due_at=AT,
        region=region,
        walled=walled,
        **more,  # type: ignore[arg-type] # parts of Opened
    )
    return CaseFile(stream=Stream(bytes(20)), opened=opened, opened_at=AT, queue=queue, due_at=AT, walled=walled)


def actor(*roles: Role, **more: frozenset[str]) -> Actor:
    """Return somebody with these roles."""
    return Actor(id="somebody", roles=frozenset(roles), **more)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("right", list(Right))
def test_behind_the_wall_only_child_safety(role: Role, right: Right) -> None:
    """No other role has any right there, not even that of knowing."""
    if role is not Role.CHILD_SAFETY:
        assert isinstance(may(actor(role), right, case(walled=True, queue="general")), Refused)
    line = QueueLine(
        case=Stream(bytes(20)),
        cursor=b"",
        queue="general",
        state=CaseState.WAITING,
        origin=Origin.NOTICE,
        category=Category.VIOLENCE,
        language="",
        harm=3,
        due_at=AT,
        walled=True,
    )
    assert may_see(actor(role), line) is (role is Role.CHILD_SAFETY)
    assert may_work(actor(role), "child-safety") is (role is Role.CHILD_SAFETY)


@pytest.mark.parametrize("role", list(Role))
def test_who_reads_and_who_decides(role: Role) -> None:
    """Analysts, administrators and quality read no case; lawyers read and decide none."""
    assert isinstance(may(actor(role), Right.READ, case()), Allowed) is (role in READERS)
    for right in (Right.CLAIM, Right.PROPOSE):
        assert isinstance(may(actor(role), right, case()), Allowed) is (role in DECIDERS)


def test_nobody_without_a_role_may_anything() -> None:
    """An empty set of roles has no right."""
    assert not any(isinstance(may(actor(), right, case()), Allowed) for right in Right)


@pytest.mark.parametrize(
    ("area", "allowed"),
    [
        ({"queues": frozenset({"violence"})}, True),
        ({"queues": frozenset({"fraud"})}, False),
        ({"categories": frozenset({Category.VIOLENCE.value})}, True),
        ({"categories": frozenset({Category.SELF_HARM.value})}, False),
        ({"regions": frozenset({"DE"})}, True),
        ({"regions": frozenset({"FR"})}, False),
    ],
)
def test_an_area_narrows(area: dict[str, frozenset[str]], allowed: bool) -> None:
    """Queues, categories and regions of one's own leave out all others."""
    for right in (Right.READ, Right.CLAIM, Right.PROPOSE):
        assert isinstance(may(actor(Role.SENIOR, **area), right, case()), Allowed) is allowed


def test_the_excluded_do_not_decide() -> None:
    """Who decided what is appealed neither claims, proposes nor seconds, in whatever role."""
    file = case(excluded=("somebody",))
    for right in (Right.CLAIM, Right.PROPOSE, Right.SECOND):
        assert isinstance(may(actor(*Role), right, file), Refused)
    assert isinstance(may(actor(Role.SENIOR), Right.READ, file), Allowed)
