"""The platform's webhook: signed after Standard Webhooks, sent once; whether to send again is the flow's affair."""

import base64
import http.client
import logging
import ssl
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from standardwebhooks.webhooks import Webhook

from evenhand.vocabulary.errors import InputError

TIMEOUT_S = 10
_REFUSED = frozenset({400, 413, 415, 422})
"""Answers that say that the message itself is wrong; all others may be different next time."""
_LOG = logging.getLogger("evenhand.couriers")


class WebhookCourier:
    """Sends messages to one address. Redirects are not followed: nobody else gets what is decided."""

    def __init__(self, url: str, secret: bytes, *, setting: str = "webhook_url") -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError(setting, "must be an http:// or https:// URL")
        self._host, self._https = parts.netloc.rpartition("@")[2], parts.scheme == "https"
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._webhook = Webhook(base64.b64encode(secret).decode())

    def send(self, message: str, at: datetime, body: bytes) -> Literal["taken", "refused", "failed"]:
        """Send one message and say what came of it; never raises for what the receiver does.

        Args:
            message: Its id; the same when the same is sent again.
            at: Now, aware UTC; part of what is signed.
            body: JSON.
        """
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "evenhand",
            "webhook-id": message,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._webhook.sign(message, at, body.decode("utf-8")),
        }
        try:
            status = self._post(headers, body)
        except (OSError, http.client.HTTPException) as error:
            _LOG.warning("webhook %s: %s", message, type(error).__name__)
            return "failed"
        if 200 <= status < 300:
            return "taken"
        _LOG.warning("webhook %s: answered %d", message, status)
        return "refused" if status in _REFUSED else "failed"

    def _post(self, headers: dict[str, str], body: bytes) -> int:
        connection: http.client.HTTPConnection
        if self._https:
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(self._host, timeout=TIMEOUT_S, context=context)
        else:
            connection = http.client.HTTPConnection(self._host, timeout=TIMEOUT_S)
        try:
            connection.request("POST", self._path, body, headers)
            response = connection.getresponse()
            response.read(65_536)  # politeness; nothing in it is believed
            return response.status
        finally:
            connection.close()
