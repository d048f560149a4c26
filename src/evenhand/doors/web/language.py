"""Which language a page speaks: /de/… says so; without it the browser's wish counts. No cookie is set.

The prefix becomes the script prefix, so that every link on a page keeps the language it was reached in.
"""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import get_script_prefix, set_script_prefix
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

_PREFIX = re.compile(r"/([a-z]{2})(/.*)\Z", re.DOTALL)


class Language:
    """Activates the page's language for one request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request in its language."""
        known = dict(django_settings.LANGUAGES)
        match = _PREFIX.match(request.path_info)
        in_path = match[1] if match and match[1] in known else ""
        if in_path and match:
            request.path_info = match[2]
        if (asked := request.GET.get("lang")) in known and request.method in ("GET", "HEAD"):
            return HttpResponseRedirect(_without_lang(asked, request.path_info, request.GET))
        request.language_in_path = bool(in_path)
        request.LANGUAGE_CODE = in_path or _wished(request.headers.get("Accept-Language", ""), known)
        outer = get_script_prefix()
        if in_path:
            set_script_prefix(f"/{in_path}/")
        try:
            with translation.override(request.LANGUAGE_CODE):
                response = self._get_response(request)
        finally:
            set_script_prefix(outer)
        response["Content-Language"] = request.LANGUAGE_CODE
        return response


def _without_lang(language: str, path: str, query: QueryDict) -> str:
    kept: Any = query.copy()
    del kept["lang"]
    return f"/{language}/{path.lstrip('/')}" + (f"?{kept.urlencode()}" if kept else "")


def _wished(header: str, known: dict[str, str]) -> str:
    for tag, _quality in parse_accept_lang_header(header[:500]):
        if (primary := tag.split("-")[0]) in known:
            return primary
    return str(django_settings.LANGUAGE_CODE)
