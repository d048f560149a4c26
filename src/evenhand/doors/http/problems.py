"""Refusals as programs read them: problem+json (RFC 9457)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One refusal.

    Attributes:
        status: HTTP status.
        detail: One sentence for whoever wrote the client.
        errors: {"field", "reason"} of each field that cannot be used.
        headers: Further response headers.
    """

    status: int
    detail: str
    errors: Sequence[Mapping[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the body's members."""
        body: dict[str, Any] = {"title": HTTPStatus(self.status).phrase, "status": self.status, "detail": self.detail}
        if self.errors:
            body["errors"] = [dict(error) for error in self.errors]
        return body

    def body(self) -> bytes:
        """Return the body."""
        return json.dumps(self.as_dict(), ensure_ascii=False).encode("utf-8", "replace")
