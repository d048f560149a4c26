"""Going to the provider, and coming back."""

import secrets
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from evenhand.doors.web.openid.people import PROVIDER_ID, refused
from evenhand.doors.web.openid.tokens import NONCE, StrictTokens


@never_cache
@require_safe
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send somebody to the provider, with a state, a challenge and a nonce of this session."""
    provider = _provider(request, provider_id)
    following = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=request.is_secure())
    request.session[NONCE] = secrets.token_urlsafe(24)
    asked = {"nonce": request.session[NONCE]}
    try:
        answer: HttpResponse = provider.redirect(
            request,
            AuthProcess.LOGIN,
            next_url=following if safe else None,
            scope=["openid", "email"],
            auth_params=asked,
        )
    except ImmediateHttpResponse as error:
        answer = error.response
    except (OAuth2Error, OSError, ValueError, KeyError):
        answer = refused(request)
    return answer


@never_cache
@require_safe
def back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take what the provider sends somebody back with; open their account or none."""
    _provider(request, provider_id)
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(StrictTokens(request, provider_id))(request)
    except (OSError, ValueError, KeyError):  # nothing answered, or no provider
        answer = refused(request)
    return answer


def _provider(request: HttpRequest, provider_id: str) -> Any:
    if provider_id != PROVIDER_ID or not request.desk.settings.oidc_issuer:
        raise Http404
    return get_adapter(request).get_provider(request, PROVIDER_ID)
