"""The EU transparency database: batches of statements out, its answers as values. What follows is the flow's affair.

Redirects are never followed: here 302 says that a statement exists. Only 201 says that a batch was stored.
"""

import http.client
import json
import logging
import re
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.submission import Submitted

TIMEOUT_S = 30
ANSWER_BYTES_MAX = 16_000_000
TOKEN_BYTES_MAX = 4096
_WAIT_MAX_S = 3600
_STATEMENTS, _CHECK = "/api/v1/statements", "/api/v1/statement/existing-puid/"
_PLACE = re.compile(r"statement_([0-9]{1,3})", re.ASCII)
_LOG = logging.getLogger("evenhand.couriers")


class EuDatabase:
    """The database at one address. The token is read anew each time: a new one needs no restart."""

    def __init__(
        self, url: str, token: Path, *, context: ssl.SSLContext | None = None, timeout_s: float = TIMEOUT_S
    ) -> None:
        parts = urlsplit(url)
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if parts.scheme not in ("https", "http") or not parts.hostname or (parts.scheme == "http" and not local):
            raise InputError("eu_database_url", "must be an https:// URL: a token is not sent in the clear")
        self._host, self._https = parts.netloc.rpartition("@")[2], parts.scheme == "https"
        self._base = parts.path.rstrip("/")
        self._token = token
        self._context = context or ssl.create_default_context()
        self._timeout_s = timeout_s

    def submit(self, statements: Sequence[bytes]) -> Submitted:
        """Send a batch and say what came of it; never raises for what the database does.

        Args:
            statements: 1 to 100 JSON objects.
        """
        body = b'{"statements":[' + b",".join(statements) + b"]}"
        try:
            status, headers, answer = self._ask("POST", _STATEMENTS, body)
        except InputError as error:
            return Submitted(what="token", why=error.reason)
        except (OSError, http.client.HTTPException) as error:
            _LOG.warning("EU database: %s", type(error).__name__)
            return Submitted(what="unclear", why=type(error).__name__)
        if status != http.HTTPStatus.CREATED:
            _LOG.warning("EU database: answered %d", status)
        match status:
            case 201:
                return Submitted(what="stored")
            case 401 | 403:
                return Submitted(what="token", why=str(status))
            case 429:
                return Submitted(what="wait", wait_s=_seconds(headers.get("Retry-After", "")), why="429")
            case 400 | 413 | 415:
                return Submitted(what="not-understood", why=str(status))
            case 422:
                return _refused(answer)
        return Submitted(what="unclear", wait_s=_seconds(headers.get("Retry-After", "")), why=str(status))

    def exists(self, puid: str) -> bool | None:
        """Tell whether the database has a statement under this identifier; None: it cannot be told now."""
        try:
            status, _, answer = self._ask("GET", _CHECK + quote(puid, safe=""), None)
        except (InputError, OSError, http.client.HTTPException) as error:
            _LOG.warning("EU database: %s", type(error).__name__)
            return None
        said = _object(answer).get("puid")
        # A sign-in page's redirect, or a wrong address's "not found", does not name the identifier.
        if status not in (302, 404) or said != puid:
            _LOG.warning("EU database: answered %d to a check", status)
            return None
        return status == http.HTTPStatus.FOUND

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[int, Any, bytes]:
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {self._read_token()}",
            "User-Agent": "evenhand",
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection: http.client.HTTPConnection
        if self._https:
            connection = http.client.HTTPSConnection(self._host, timeout=self._timeout_s, context=self._context)
        else:
            connection = http.client.HTTPConnection(self._host, timeout=self._timeout_s)
        try:
            connection.request(method, self._base + path, body, headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read(ANSWER_BYTES_MAX)
        finally:
            connection.close()

    def _read_token(self) -> str:
        try:
            text = self._token.read_bytes()[:TOKEN_BYTES_MAX].decode("ascii").strip()
        except (OSError, UnicodeDecodeError):
            text = ""
        if re.fullmatch(r"[!-~]+", text) is None:
            raise InputError("eu-database.token", f"there is no token in {self._token.name}")
        return text


def _refused(answer: bytes) -> Submitted:
    """Return what a 422 says: which statements are wrong, or which identifiers are there already."""
    said = _object(answer)
    errors = said.get("errors")
    if not isinstance(errors, dict):
        return Submitted(what="not-understood", why="422")
    existing = errors.get("existing_puids")
    if isinstance(existing, list):
        return Submitted(what="existing", puids=frozenset(one for one in existing if isinstance(one, str)), why="422")
    found: dict[int, dict[str, list[str]]] = {}
    for name, reasons in errors.items():
        if (place := _PLACE.fullmatch(name)) is not None and isinstance(reasons, dict):
            found[int(place[1])] = {str(attribute): _texts(texts) for attribute, texts in reasons.items()}
    if not found:
        return Submitted(what="not-understood", why="422")
    return Submitted(what="invalid", errors=found, why="422")


def _texts(texts: Any) -> list[str]:
    return [str(one)[:500] for one in texts[:10]] if isinstance(texts, list) else [str(texts)[:500]]


def _object(answer: bytes) -> dict[str, Any]:
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _seconds(text: str) -> int:
    return min(int(text), _WAIT_MAX_S) if text.isascii() and text.isdigit() and len(text) < 9 else 0
