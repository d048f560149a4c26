"""What the server refuses by itself, before the application is asked: in the words in which the application refuses."""

from http import HTTPStatus
from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from evenhand.doors.http.bodies import PACKED_BYTES_MAX
from evenhand.doors.http.problems import MEDIA_TYPE, Problem

_TOO_LARGE = f"A body has at most {PACKED_BYTES_MAX:,} bytes; send less at a time."
_REASONS = {
    HTTPStatus.BAD_REQUEST: "This is not an HTTP request that can be read.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _TOO_LARGE,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The request's headers are too long.",
    HTTPStatus.NOT_IMPLEMENTED: "Send Content-Length, no other Transfer-Encoding than chunked.",
}


class _EarlyRefusal(ErrorTask):
    """The answer to a request that was not taken in whole; the connection ends with it."""

    def execute(self) -> None:
        """Answer programs with problem+json, people with a line of text."""
        status = HTTPStatus(self.request.error.code)
        reason = _REASONS.get(status, "This cannot be answered.")
        if str(getattr(self.request, "path", "")).startswith("/api/"):
            kind, body = MEDIA_TYPE, Problem(status=status, detail=reason).body()
        else:
            kind, body = "text/plain; charset=utf-8", f"{status.value} {reason}\n".encode()
        self.status = f"{status.value} {status.phrase}"
        self.response_headers += [("Content-Type", kind), ("Cache-Control", "no-store")]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):
    """A connection whose early refusals read like the application's."""

    error_task_class: Any = _EarlyRefusal
