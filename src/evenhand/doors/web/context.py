"""What every template knows."""

from typing import Any

from django.conf import settings as django_settings
from django.http import HttpRequest
from django.utils.translation import get_language_info

from evenhand.doors.web.legal import works_in_legal
from evenhand.doors.web.roles import Page, may_enter

_RIGHT_TO_LEFT = frozenset({"ar", "fa"})


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the platform's name, the page's language and direction, and the same page in other languages."""
    language = getattr(request, "LANGUAGE_CODE", "en")
    path = request.path_info
    return {
        "platform": request.desk.settings.platform,
        "public_url": request.desk.settings.public_url.rstrip("/"),
        "language": language,
        "direction": "rtl" if language in _RIGHT_TO_LEFT else "ltr",
        "here": getattr(request.resolver_match, "url_name", ""),
        "translations": [
            {"code": code, "name": get_language_info(code)["name_local"], "href": f"/{code}{path}"}
            for code, _name in django_settings.LANGUAGES
        ],
        "rights": _Rights(request),
        "openid_name": request.desk.settings.oidc_name if request.desk.settings.oidc_issuer else "",
        "undo": lambda: _undo(request),
        "legal_team": lambda: works_in_legal(request.user),
        "wants_second_factor": lambda: _wants_second_factor(request),
    }


def _wants_second_factor(request: HttpRequest) -> bool:
    from allauth.mfa.utils import is_mfa_enabled

    return request.user.is_authenticated and not is_mfa_enabled(request.user)


def _undo(request: HttpRequest) -> dict[str, Any] | None:
    """Return the person's last proposal while it can be taken back."""
    if "proposed" not in request.session:
        return None
    reference, closes_at, action = request.session["proposed"]
    left = int(closes_at - request.desk.now().timestamp())
    return {"reference": reference, "seconds": left, "action": action} if left > 0 else None


class _Rights:
    """Pages that may be entered, by name.

    Asked of the session only by templates that use them: public pages stay without cookies.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __contains__(self, name: object) -> bool:
        return any(page.value == name and may_enter(self._request, page) for page in Page)
