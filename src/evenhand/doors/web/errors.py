"""Pages for what went wrong."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Say that there is no such page."""
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Say that this person may not, or that a form came from somewhere else (CSRF)."""
    return render(request, "403.html", {"csrf": bool(reason)}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Say that the request makes no sense, without repeating any of it."""
    return HttpResponse("400 Bad request\n", status=400, content_type="text/plain; charset=utf-8")


def failed(request: HttpRequest, *_args: Any) -> HttpResponse:  # noqa: ARG001
    """Say that it is our fault; asks nothing of the desk, which may be what failed."""
    return HttpResponse(render_to_string("500.html"), status=500)
