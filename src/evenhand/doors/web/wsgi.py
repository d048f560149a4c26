"""The web doors as one WSGI application: what needs no page is answered before Django is asked."""

import logging
import os
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from evenhand.doors.http.bodies import Refused
from evenhand.doors.http.notice_door import answer_notices
from evenhand.doors.http.posts import NDJSON, answer_posts
from evenhand.doors.http.problems import MEDIA_TYPE, Problem
from evenhand.doors.http.tokens import Scope
from evenhand.doors.web.accounts import prepare_accounts
from evenhand.doors.web.assets import find_asset
from evenhand.doors.web.desk import WebDesk
from evenhand.doors.web.guard import HEADERS, HSTS
from evenhand.doors.web.logfiles import read_log_file
from evenhand.vocabulary.errors import Fatal

_LOG = logging.getLogger("evenhand.web")
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
WsgiApplication = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]
Answer = tuple[str, str, bytes, dict[str, str]]
"""Status, content type, body, further headers."""

BODY_BYTES_MAX = 64 * 1024
API_BYTES_MAX = 32 << 20
"""A notice may bring attachments."""
FORM_BYTES_MAX = 26 << 20
"""The notice form: five files of 5 MB."""
_NOTICE_FORM = re.compile(r"(?:/[a-z]{2})?/report")
_SUBMITTED = re.compile(r"(?:/[a-z]{2})?/authorities/submit/")
_TEXT = "text/plain; charset=utf-8"


def make_application(desk: WebDesk, on_fatal: Callable[[], Any] = lambda: os._exit(1)) -> WsgiApplication:
    """Return the application that serves this desk; prepares the accounts file first.

    `on_fatal` ends the process after a write whose outcome is unknown: start-up recovery takes over.
    """
    prepare_accounts(desk.settings)
    from django.core.wsgi import get_wsgi_application

    inner: WsgiApplication = get_wsgi_application()

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        try:
            return answered(environ, start_response)
        except Fatal:
            _LOG.exception("the desk stops")
            on_fatal()
            raise

    def answered(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        answer = _posts(desk, environ) or _notices(desk, environ) or _refusal(environ) or _file(desk, environ)
        if answer is not None:
            return _send(desk, environ, start_response, answer)
        environ["evenhand.desk"] = desk
        response: Any = inner(environ, start_response)
        try:
            # One list: it goes out in one piece, and the connection to the accounts file is given back here.
            return [b"".join(response)]
        finally:
            response.close()

    return application


def _refusal(environ: dict[str, Any]) -> Answer | None:
    """Refuse bodies that WSGI servers may hand over cut or empty (chunked), or that are too long for any form."""
    for_programs = environ.get("PATH_INFO", "").startswith("/api/")
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return _refused(411, "Send Content-Length, not a chunked body", for_programs=for_programs)
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit():
        return _refused(400, "Content-Length is not a number", for_programs=for_programs)
    if len(length) > 18 or int(length) > _body_bytes_max(environ.get("PATH_INFO", "")):
        return _refused(413, "Nothing here takes so much", for_programs=for_programs)
    return None


def _refused(status: int, reason: str, *, for_programs: bool) -> Answer:
    line = f"{status} {HTTPStatus(status).phrase}"
    if for_programs:
        return line, MEDIA_TYPE, Problem(status=status, detail=reason).body(), {"Cache-Control": "no-store"}
    return line, _TEXT, f"{status} {reason}\n".encode(), {}


def _body_bytes_max(path: str) -> int:
    """Return how much an address takes: the notice form brings files, in whatever language it is filled in."""
    if path.startswith("/api/") or _SUBMITTED.match(path):
        return API_BYTES_MAX
    return FORM_BYTES_MAX if _NOTICE_FORM.fullmatch(path) else BODY_BYTES_MAX


def _posts(desk: WebDesk, environ: dict[str, Any]) -> Answer | None:
    if environ.get("PATH_INFO") != "/api/v1/posts":
        return None
    try:
        _allow_posts(desk, environ)
        assert desk.screening is not None  # noqa: S101 - checked by _allow_posts
        body, headers = answer_posts(environ, desk.screening)
    except Refused as refused:
        problem = refused.problem
        status = f"{problem.status} {HTTPStatus(problem.status).phrase}"
        return status, MEDIA_TYPE, problem.body(), {"Cache-Control": "no-store", **problem.headers}
    return "200 OK", NDJSON, body, {"Cache-Control": "no-store", **headers}


def _notices(desk: WebDesk, environ: dict[str, Any]) -> Answer | None:
    if environ.get("PATH_INFO") != "/api/v1/notices":
        return None
    try:
        status, kind, body, more = answer_notices(environ, desk)
    except Refused as refused:
        problem = refused.problem
        status, kind, body, more = problem.status, MEDIA_TYPE, problem.body(), dict(problem.headers)
    return f"{status} {HTTPStatus(status).phrase}", kind, body, {"Cache-Control": "no-store", **more}


def _allow_posts(desk: WebDesk, environ: dict[str, Any]) -> None:
    """Let only a program with a token for it in, before anything of its body is read."""
    if environ["REQUEST_METHOD"] != "POST":
        raise Refused(Problem(status=405, detail="POST posts here.", headers={"Allow": "POST"}))
    token = desk.tokens.find(environ.get("HTTP_AUTHORIZATION", ""))
    if token is None:
        detail = "Send Authorization: Bearer with a token made by `evenhand token create`."
        raise Refused(Problem(status=401, detail=detail, headers={"WWW-Authenticate": "Bearer"}))
    if Scope.POSTS not in token.scopes:
        raise Refused(Problem(status=403, detail="This token has no scope `posts`."))
    if desk.screening is None:
        raise Refused(Problem(status=503, detail="This desk takes no posts."))


def _file(desk: WebDesk, environ: dict[str, Any]) -> Answer | None:
    path: str = environ.get("PATH_INFO", "")
    folder, _, rest = path.lstrip("/").partition("/")
    if folder not in ("log", "static", "healthz") or (folder == "healthz" and rest):
        return None
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return "405 Method Not Allowed", _TEXT, b"405 GET or HEAD\n", {"Allow": "GET, HEAD"}
    match folder:
        case "log":
            return _log(desk, rest)
        case "static":
            return _static(rest, environ.get("HTTP_ACCEPT_ENCODING", ""))
        case _:
            return "200 OK", _TEXT, b"ok\n", {"Cache-Control": "no-store"}


def _log(desk: WebDesk, rest: str) -> Answer:
    if (file := read_log_file(desk.settings.data / "log", rest)) is None:
        return "404 Not Found", _TEXT, b"404 No such file in the log\n", {"Cache-Control": "no-store"}
    # Anyone's page may read the log: a stranger's verifier in a browser is what it is for.
    headers = {"Cache-Control": file.cache_control, "Access-Control-Allow-Origin": "*"}
    return "200 OK", file.content_type, file.body, headers


def _static(rest: str, accepts: str) -> Answer:
    if (asset := find_asset(rest)) is None:
        return "404 Not Found", _TEXT, b"404 No such file\n", {"Cache-Control": "no-store"}
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in accepts:
        return "200 OK", asset.content_type, asset.packed, headers | {"Content-Encoding": "gzip"}
    return "200 OK", asset.content_type, asset.body, headers


def _send(desk: WebDesk, environ: dict[str, Any], start_response: StartResponse, answer: Answer) -> list[bytes]:
    status, content_type, body, more = answer
    headers = HEADERS | more | {"Content-Type": content_type, "Content-Length": str(len(body))}
    if desk.settings.public_url.startswith("https:"):
        headers |= [HSTS]
    start_response(status, list(headers.items()))
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
