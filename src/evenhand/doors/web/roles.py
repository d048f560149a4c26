"""Roles and what they may see: one table. Roles are Django groups; a person has one."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from types import MappingProxyType
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from evenhand.doors.web.config import is_local


class Role(StrEnum):
    """What a member of staff is at the desk."""

    MODERATOR = "moderator"
    LEGAL = "legal"
    ANALYST = "analyst"
    ADMIN = "admin"


class Right(StrEnum):
    """What a page of the console asks for."""

    COUNTS = "counts"  # how many decisions of which kind
    ITEMS = "items"  # single decisions, with platform ids and reasons
    CASES = "cases"  # what waits for a person, with an excerpt of what was posted


RIGHTS = MappingProxyType(
    {
        Role.MODERATOR: frozenset({Right.COUNTS, Right.ITEMS, Right.CASES}),
        Role.LEGAL: frozenset({Right.COUNTS, Right.ITEMS, Right.CASES}),
        Role.ANALYST: frozenset({Right.COUNTS}),
        Role.ADMIN: frozenset({Right.COUNTS, Right.ITEMS, Right.CASES}),
    }
)


def roles_of(user: Any) -> frozenset[Role]:
    """Return a signed-in person's roles; nobody else has any."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    names = set(user.groups.values_list("name", flat=True))
    return frozenset(role for role in Role if role.value in names)


def rights_of(user: Any) -> frozenset[Right]:
    """Return what a person may see."""
    return frozenset[Right]().union(*(RIGHTS[role] for role in roles_of(user)))


def requires(right: Right) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let only those with `right` into a view: strangers are asked to sign in, others are refused (403)."""

    def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @never_cache
        @wraps(view)
        def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("account_login"))
            if right not in rights_of(request.user):
                raise PermissionDenied
            if _must_enrol(request):
                return HttpResponseRedirect(reverse("mfa_activate_totp"))
            return view(request, *args, **kwargs)

        return enter

    return guarded


def _must_enrol(request: HttpRequest) -> bool:
    """Administrators of a desk that is not only local work with a second factor or not at all."""
    from allauth.mfa.utils import is_mfa_enabled

    admin = Role.ADMIN in roles_of(request.user)
    return admin and not is_local(request.desk.settings) and not is_mfa_enabled(request.user)
