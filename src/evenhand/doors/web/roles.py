"""Who gets into which page of the console: what the page asks for, from the one table of rights.

A page about a case asks again, at the case (`flow.dossier.rights_at`): a role alone opens no case.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from types import MappingProxyType

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from evenhand.doors.web.config import is_local
from evenhand.doors.web.staff import actor_of, roles_of
from evenhand.flow.dossier import rights_of
from evenhand.vocabulary.actor import Role
from evenhand.vocabulary.rights import Right


class Page(StrEnum):
    """What a page of the console is for."""

    ANY = "any"  # for whoever works here
    COUNTS = "counts"  # how many decisions of which kind
    ITEMS = "items"  # single decisions, with platform ids and reasons
    CASES = "cases"  # that cases are there
    READ = "read"  # what a case is about
    BULK = "bulk"  # many decided at once
    DELIVERIES = "deliveries"  # what leaves the house, and who was called
    APPROVE = "approve"  # the bytes of a reply to an authority
    QUALITY = "quality"  # agreement and error rates


ASKS = MappingProxyType(
    {
        Page.ANY: frozenset({Right.LIST, Right.COUNTS}),
        Page.COUNTS: frozenset({Right.COUNTS, Right.LIST}),
        Page.ITEMS: frozenset({Right.READ}),
        Page.CASES: frozenset({Right.LIST}),
        Page.READ: frozenset({Right.READ}),
        Page.BULK: frozenset({Right.BULK}),
        Page.DELIVERIES: frozenset({Right.DELIVERIES}),
        Page.APPROVE: frozenset({Right.APPROVE}),
        Page.QUALITY: frozenset({Right.QUALITY}),
    }
)
"""Page → rights of which one is enough."""


def may_enter(request: HttpRequest, page: Page) -> bool:
    """Tell whether who asks may enter a page."""
    return request.user.is_authenticated and bool(ASKS[page] & rights_of(actor_of(request)))


def requires(page: Page) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let only those who may into a view: strangers are asked to sign in, others are refused (403)."""

    def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @never_cache
        @wraps(view)
        def enter(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("account_login"))
            if not may_enter(request, page):
                raise PermissionDenied
            if _must_enrol(request):
                return HttpResponseRedirect(reverse("mfa_index"))
            return view(request, *args, **kwargs)

        return enter

    return guarded


def _must_enrol(request: HttpRequest) -> bool:
    """Administrators of a desk that is not only local work with a second factor or not at all."""
    from allauth.mfa.utils import is_mfa_enabled

    admin = Role.ADMIN in roles_of(request.user)
    return admin and not is_local(request.desk.settings) and not is_mfa_enabled(request.user)
