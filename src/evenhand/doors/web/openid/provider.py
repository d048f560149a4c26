"""The provider as allauth finds it: its OpenID Connect client, with our stricter reading of what comes back."""

from typing import Any

from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider

from evenhand.doors.web.openid.tokens import StrictTokens


class StaffProvider(OpenIDConnectProvider):
    """The one OpenID provider of this desk."""

    oauth2_adapter_class = StrictTokens

    def get_auth_params_from_request(self, request: Any, action: Any) -> dict[str, Any]:  # noqa: ARG002
        """Take nothing from the address: what is asked for is the desk's to say."""
        return {}

    def get_scope_from_request(self, request: Any) -> list[str]:  # noqa: ARG002
        """Ask for who it is and their mail, whatever the address says."""
        return ["openid", "email"]


provider_classes = [StaffProvider]
