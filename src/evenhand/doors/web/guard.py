"""Headers that every answer carries, and the desk that every request is given."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from evenhand.doors.http.problems import MEDIA_TYPE, Problem
from evenhand.vocabulary.errors import Denied

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "accelerometer=(), camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
# Under no-referrer browsers post forms with "Origin: null", which the CSRF check must refuse.
_PAGES_WITH_FORMS = ("/staff/", "/console/", "/report", "/follow/", "/authorities/")
HSTS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
_UNROUTED = {404: "There is no such thing here.", 405: "This address takes other methods: see Allow."}


class Guard:
    """Hands each request its desk and each answer its headers; what nobody declared cacheable is not stored."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        request.desk = request.META["evenhand.desk"]
        response = self._get_response(request)
        if request.path_info.startswith("/api/") and response.status_code in _UNROUTED:
            response = _as_problem(response)
        if request.path_info.startswith(_PAGES_WITH_FORMS):
            response["Referrer-Policy"] = "same-origin"
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.desk.settings.public_url.startswith("https:"):
            response.headers.setdefault(*HSTS)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        elif response["Cache-Control"].startswith("public") and not getattr(request, "language_in_path", False):
            patch_vary_headers(response, ["Accept-Language"])
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what a journey denied with 403, in its words."""
        if isinstance(exception, Denied):
            return render(request, "403.html", {"reason": str(exception)}, status=403)
        return None


def _as_problem(response: HttpResponse) -> HttpResponse:
    """Return what no route of the API takes as the routes' own refusals: programs read no pages."""
    if response["Content-Type"] == MEDIA_TYPE:
        return response
    headers = {"Allow": response["Allow"]} if "Allow" in response else {}
    status = response.status_code
    body = Problem(status=status, detail=_UNROUTED[status]).body()
    return HttpResponse(body, status=status, content_type=MEDIA_TYPE, headers=headers)
