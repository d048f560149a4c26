"""Methods that no page takes: answered 405 with what the page takes, before anything asks for a token."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

_KNOWN = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class Methods:
    """Answers PUT, PATCH, DELETE, TRACE and what nobody knows at pages; the API's routes answer for themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Let a view of ours refuse the method in its own words; sign-in's views take GET, HEAD and POST."""
        if request.method in _KNOWN or request.path_info.startswith("/api/"):
            return None
        if view.__module__.startswith("evenhand.") and not hasattr(view, "view_class"):
            return view(request, *args, **kwargs)
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
