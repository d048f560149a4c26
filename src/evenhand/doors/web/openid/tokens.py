"""What the provider hands over is read strictly: its own issuer, for us, signed, in time, and for this very sign-in.

Source: OpenID Connect Core 1.0, section 3.1.3.7 (ID Token Validation); Discovery 1.0, section 4.3 (issuer).
"""

import hmac
import json
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter

NONCE = "openid_nonce"
"""Where a session keeps what its sign-in must bring back; it is good for one answer."""
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures with a public key only: a shared secret or none proves nothing."""
LEEWAY_S = 30
_NEEDED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
_KEYS_MAX = 50


class StrictTokens(OpenIDConnectOAuth2Adapter):
    """Reads the provider's own description and its ID tokens."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return the provider's description of itself.

        Raises:
            OAuth2Error: It says that it is somebody else.
        """
        config: dict[str, Any] = super().openid_config
        if config.get("issuer") != self.request.desk.settings.oidc_issuer:
            raise OAuth2Error("the provider names another issuer than the settings")
        return config

    def complete_login(self, request: Any, app: Any, token: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        """Return who signs in, from the ID token alone."""
        claims = self._decode_id_token(app, kwargs["response"].get("id_token") or "")
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """Return an ID token's claims.

        Raises:
            OAuth2Error: Signature, issuer, audience, time or nonce is not right.
        """
        nonce = self.request.session.pop(NONCE, "")
        try:
            header = jwt.get_unverified_header(id_token)
            claims: dict[str, Any] = jwt.decode(
                id_token,
                self._key(header),
                algorithms=list(ALGORITHMS),
                issuer=self.request.desk.settings.oidc_issuer,
                audience=app.client_id,
                leeway=LEEWAY_S,
                options={"require": _NEEDED, "verify_signature": True},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise OAuth2Error(f"the ID token is not valid: {type(error).__name__}") from error
        if not nonce or not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
            raise OAuth2Error("the ID token belongs to another sign-in")
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("the ID token was made for another client")
        return claims

    def _key(self, header: dict[str, Any]) -> Any:
        """Return the provider's public key that a token's header names; without a name, its only one."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        known = [one for one in answer.json()["keys"][:_KEYS_MAX] if one.get("use", "sig") == "sig"]
        fitting = [one for one in known if one.get("kid") == header.get("kid")] if "kid" in header else known
        if len(fitting) != 1 or header.get("alg") not in ALGORITHMS:
            raise OAuth2Error("no key of the provider fits the ID token")
        return jwt.PyJWK.from_json(json.dumps(fitting[0]), algorithm=header["alg"]).key
