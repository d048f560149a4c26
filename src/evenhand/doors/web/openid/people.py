"""Whom a provider's word lets in: staff who are entered already, by verified mail once, then by subject."""

import os
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.shortcuts import render

from evenhand.settings import Settings
from evenhand.vocabulary.errors import InputError

PROVIDER_ID = "staff"
SECRET_FILE = "oidc.secret"  # noqa: S105 - a file's name


class StaffByOpenID(DefaultSocialAccountAdapter):
    """Never makes an account, a role or a right: an administrator does."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002
        """Nobody signs up."""
        return False

    def list_apps(self, request: Any, provider: Any = None, client_id: Any = None) -> list[Any]:
        """Return the one provider of the settings, if there is one; nothing of it stands in the accounts file."""
        from allauth.socialaccount.models import SocialApp

        settings: Settings = request.desk.settings
        wanted = provider in (None, PROVIDER_ID, "openid_connect") and client_id in (None, settings.oidc_client_id)
        if not settings.oidc_issuer or not wanted:
            return []
        app = SocialApp(
            provider="openid_connect",
            provider_id=PROVIDER_ID,
            name=settings.oidc_name,
            client_id=settings.oidc_client_id,
            secret=client_secret(settings),
            settings={
                "server_url": settings.oidc_issuer.rstrip("/"),
                "oauth_pkce_enabled": True,
                "fetch_userinfo": False,
            },
        )
        return [app]

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Bind a subject to the one member of staff whose mail the provider has verified; refuse everybody else."""
        user = sociallogin.user if sociallogin.is_existing else _by_mail(sociallogin.account.extra_data["id_token"])
        if user is None or not user.is_active or not user.groups.exists():
            raise ImmediateHttpResponse(refused(request))
        if not sociallogin.is_existing:
            sociallogin.connect(request, user)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:  # fmt: skip
        """Answer every failure with the same page: what is wrong is nobody's business who may not come in."""
        del provider, error, exception, extra_context
        raise ImmediateHttpResponse(refused(request))


def refused(request: HttpRequest) -> Any:
    """Return the page for whom nothing is opened."""
    return render(request, "account/openid_refused.html", status=403)


def _by_mail(claims: dict[str, Any]) -> Any:
    """Return the one member of staff with this mail, not bound to another subject; None: nobody."""
    from allauth.socialaccount.models import SocialAccount
    from django.contrib.auth.models import User

    mail = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(mail, str) or not mail:
        return None
    found = list(User.objects.filter(email__iexact=mail, is_active=True)[:2])
    if len(found) != 1 or SocialAccount.objects.filter(user=found[0]).exists():
        return None
    return found[0]


def client_secret(settings: Settings) -> str:
    """Return the secret under which the provider knows this desk.

    Raises:
        InputError: The file is not there, or others than its owner may read it.
    """
    file = settings.data / "keys" / SECRET_FILE
    try:
        if file.stat().st_mode & 0o077 and os.name == "posix":
            raise InputError("oidc_issuer", f"{file} may be read by others: chmod 600")
        return file.read_text("utf-8").strip()
    except OSError as error:
        raise InputError("oidc_issuer", f"put the provider's secret for this desk into {file}") from error
