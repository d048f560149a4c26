"""Members of staff as the desk knows them: an actor from a signed-in session, names for opaque ids."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest

from evenhand.doors.web.models import StaffArea
from evenhand.vocabulary.actor import Actor, Role

_PREFIX = "staff-"


def staff_id(user: Any) -> str:
    """Return the opaque id under which records name a member of staff."""
    return f"{_PREFIX}{user.pk}"


def roles_of(user: Any) -> frozenset[Role]:
    """Return a signed-in person's roles; nobody else has any."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    names = set(user.groups.values_list("name", flat=True))
    return frozenset(role for role in Role if role.value in names)


def actor_for(user: Any) -> Actor:
    """Return a member of staff as an actor."""
    area = StaffArea.objects.filter(user_id=user.pk).first() if user.is_authenticated else None
    return Actor(
        id=staff_id(user),
        roles=roles_of(user),
        queues=frozenset(area.queues) if area else frozenset(),
        categories=frozenset(area.categories) if area else frozenset(),
        regions=frozenset(area.regions) if area else frozenset(),
        languages=frozenset(area.languages) if area else frozenset(),
    )


def actor_of(request: HttpRequest) -> Actor:
    """Return who asks, read once a request."""
    if not hasattr(request, "actor"):
        request.actor = actor_for(request.user)
    actor: Actor = request.actor
    return actor


def colleague(name: str) -> Actor | None:
    """Return a colleague by the name under which they sign in."""
    from django.contrib.auth.models import User

    user = User.objects.filter(username=name, is_active=True).first()
    return actor_for(user) if user else None


def names_of(ids: Iterable[str]) -> Mapping[str, str]:
    """Return the names behind staff ids; what is no staff id is left out."""
    from django.contrib.auth.models import User

    keys = {int(one[len(_PREFIX) :]) for one in ids if one.startswith(_PREFIX) and one[len(_PREFIX) :].isdigit()}
    found = User.objects.filter(pk__in=keys).values_list("pk", "username")
    return {f"{_PREFIX}{pk}": name for pk, name in found}


def colleagues(user: Any) -> list[str]:
    """Return the names of everybody else who works at the desk."""
    from django.contrib.auth.models import User

    found = User.objects.filter(is_active=True, groups__isnull=False).exclude(pk=user.pk).distinct()
    return list(found.order_by("username").values_list("username", flat=True)[:200])
