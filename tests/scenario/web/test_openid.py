"""Staff sign in at an OpenID provider: a real one over HTTP, honest and in every way dishonest."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from evenhand.doors.web.accounts import change_staff, create_staff
from evenhand.settings import Settings
from evenhand.vocabulary.errors import InputError

PASSWORD = "correct horse battery staple"
CLIENT = "evenhand-desk"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider(ThreadingHTTPServer):
    """An OpenID provider: discovery, authorisation with PKCE, tokens, keys.

    Attributes:
        claims: Laid over the honest ID token's.
        key: Signs ID tokens; the published one is always KEY.
        issuer_said: What the discovery document names.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.forget()

    def forget(self) -> None:
        """Be honest again."""
        self.claims: dict[str, Any] = {}
        self.key: Any = KEY
        self.algorithm = "RS256"
        self.issuer_said = self.url
        self.asked: dict[str, dict[str, str]] = {}

    def token(self, nonce: str) -> str:
        """Return an ID token."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "subject-1",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": nonce,
            "email": "Anna@example.org",
            "email_verified": True,
        }
        kept = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        return jwt.encode(kept, self.key, algorithm=self.algorithm, headers={"kid": "one"})


class Answers(BaseHTTPRequestHandler):
    """The provider's addresses."""

    server: Provider

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer discovery and keys."""
        if self.path == "/.well-known/openid-configuration":
            self._say(
                {
                    "issuer": self.server.issuer_said,
                    "authorization_endpoint": f"{self.server.url}/authorize",
                    "token_endpoint": f"{self.server.url}/token",
                    "jwks_uri": f"{self.server.url}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        else:
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            self._say({"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]})

    def do_POST(self) -> None:
        """Give a token for a code, once, to who proves that they asked for it."""
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        asked = self.server.asked.pop(sent["code"][0], None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"][0].encode()).digest()).rstrip(b"=")
        good = asked is not None and asked["code_challenge"] == proof.decode()
        if not good or sent["client_secret"] != ["secret of the desk"] or asked is None:
            self._say({"error": "invalid_grant"}, 400)
            return
        self._say({"access_token": "a", "token_type": "Bearer", "id_token": self.server.token(asked["nonce"])})

    def _say(self, body: dict[str, Any], status: int = 200) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A provider on a port of this machine."""
    server = Provider()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def signing(desk: Any, provider: Provider) -> Iterator[Any]:
    """A desk that knows the provider, with Anna (entered with her mail) and Boris (without)."""
    from django.core.cache import cache

    cache.clear()
    provider.forget()
    secret = desk.settings.data / "keys" / "oidc.secret"
    secret.write_text("secret of the desk\n", "utf-8")
    secret.chmod(0o600)
    for name in ("openid_anna", "openid_boris"):
        create_staff(desk.settings, name, "moderator", PASSWORD)
    change_staff(desk.settings, "openid_anna", email="anna@example.org", active=True)
    settings = replace(desk.settings, oidc_issuer=provider.url, oidc_client_id=CLIENT, oidc_name="Example Login")
    yield replace(desk, settings=settings)
    change_staff(desk.settings, "openid_anna", email="")


def visitor(desk: Any) -> Any:
    """Return somebody without cookies at a desk."""
    from django.test import Client

    return Client(headers={"host": "localhost"}, **{"evenhand.desk": desk})


def sign_in(client: Any, provider: Provider, *, code: str = "c", state: str = "") -> Any:
    """Go to the provider and come back; return the desk's answer."""
    begun = client.get("/staff/openid/staff/?next=/console/")
    assert begun.status_code == 302
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun["Location"]).query).items()}
    assert begun["Location"].startswith(f"{provider.url}/authorize?")
    assert {"nonce", "state", "code_challenge"} <= set(asked)
    assert asked["code_challenge_method"] == "S256"
    provider.asked[code] = asked
    return client.get("/staff/openid/staff/back/", {"code": code, "state": state or asked["state"]})


def is_in(client: Any) -> bool:
    """Tell whether somebody is signed in."""
    return client.get("/console/").status_code == 200


def test_a_verified_mail_opens_once_then_the_subject(signing: Any, provider: Provider) -> None:
    """The sign-in page offers it; first the mail finds Anna, afterwards her subject does, whatever the mail."""
    client = visitor(signing)
    assert "Example Login" in client.get("/staff/login/").content.decode()
    answer = sign_in(client, provider)
    assert (answer.status_code, answer["Location"]) == (302, "/console/")
    assert is_in(client)
    provider.claims = {"email": "married@example.org"}
    again = visitor(signing)
    sign_in(again, provider)
    assert is_in(again)
    provider.claims = {"sub": "subject-2"}
    stolen = visitor(signing)
    assert sign_in(stolen, provider).status_code == 403
    assert not is_in(stolen)


WRONG: list[dict[str, Any]] = [
    {"iss": "https://somebody.example.org"},
    {"aud": "another-client"},
    {"aud": [CLIENT, "another-client"], "azp": "another-client"},
    {"nonce": "of another sign-in"},
    {"nonce": None},
    {"exp": int(time.time()) - 3600},
    {"exp": None},
    {"iat": int(time.time()) + 3600},
    {"sub": None},
    {"email_verified": False},
    {"email_verified": None},
    {"email_verified": "true"},
    {"email": "nobody@example.org"},
    {"email": None},
]


# Named by the claims' names alone: a moment in a test's name differs between the processes that collect it.
@pytest.mark.parametrize("claims", WRONG, ids="-".join)
def test_a_token_that_is_not_right_opens_nothing(signing: Any, provider: Provider, claims: dict[str, Any]) -> None:
    """Wrong issuer, audience, nonce, time or mail: refused, nobody is signed in, nobody is made."""
    from django.contrib.auth.models import User

    before = User.objects.count()
    provider.claims = claims
    client = visitor(signing)
    assert sign_in(client, provider).status_code == 403
    assert not is_in(client)
    assert User.objects.count() == before


def test_signatures_states_and_providers(signing: Any, provider: Provider) -> None:
    """Another's key, a shared secret, a foreign state, a code twice, a provider that names another: all refused."""
    provider.key = OTHER_KEY
    assert sign_in(visitor(signing), provider).status_code == 403
    provider.forget()
    provider.key, provider.algorithm = b"secret of the desk and a little more", "HS256"
    assert sign_in(visitor(signing), provider).status_code == 403
    provider.forget()
    provider.algorithm, provider.key = "none", None
    assert sign_in(visitor(signing), provider).status_code == 403
    provider.forget()
    assert sign_in(visitor(signing), provider, state="x" * 16).status_code == 403
    client = visitor(signing)
    assert client.get("/staff/openid/staff/back/?error=access_denied").status_code == 403
    provider.issuer_said = "https://somebody.example.org"
    assert client.get("/staff/openid/staff/").status_code == 403
    assert not is_in(client)


def test_who_is_closed_or_has_no_role_stays_out(signing: Any, provider: Provider) -> None:
    """A closed account is not opened by anybody's word; nor does the word give a role."""
    sign_in(visitor(signing), provider)
    change_staff(signing.settings, "openid_anna", active=False)
    client = visitor(signing)
    assert sign_in(client, provider).status_code in (302, 403)
    assert not is_in(client)
    change_staff(signing.settings, "openid_anna", active=True)


def test_without_settings_there_is_no_such_door(desk: Any, client: Any) -> None:
    """No issuer: the addresses are not there, and the sign-in page does not offer it. Bad settings stop the start."""
    assert client.get("/staff/openid/staff/").status_code == 404
    assert client.get("/staff/openid/staff/back/").status_code == 404
    assert client.get("/staff/openid/other/").status_code == 404
    assert "OpenID" not in client.get("/staff/login/").content.decode()
    with pytest.raises(InputError, match="belongs to somebody else"):
        _twice(desk.settings)


def _twice(settings: Settings) -> None:
    create_staff(settings, "openid_one", "moderator", PASSWORD)
    create_staff(settings, "openid_two", "moderator", PASSWORD)
    change_staff(settings, "openid_one", email="one@example.org")
    change_staff(settings, "openid_two", email="ONE@example.org")
