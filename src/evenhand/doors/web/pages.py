"""Public pages: rendered once for a few seconds, answered from memory and with 304 in between."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from threading import Lock
from time import monotonic
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

PAGES_MAX = 64
FRESH_S = 5.0
SHARED_S = 60


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page.

    Attributes:
        made_at: Monotonic seconds.
        etag: Strong, over the body.
    """

    made_at: float
    body: bytes
    headers: dict[str, str]
    etag: str


class PageCache:
    """The newest pages by address and language; threads share it."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> Page | None:
        """Return the page if it was made in the last few seconds."""
        with self._lock:
            page = self._pages.get(key)
            if page is None or monotonic() - page.made_at > FRESH_S:
                return None
            self._pages.move_to_end(key)
            return page

    def put(self, key: str, body: bytes, headers: dict[str, str]) -> Page:
        """Keep a page, forget the oldest ones, and return it."""
        page = Page(monotonic(), body, headers, f'"{sha256(body).hexdigest()[:24]}"')
        with self._lock:
            self._pages[key] = page
            self._pages.move_to_end(key)
            while len(self._pages) > PAGES_MAX:
                self._pages.popitem(last=False)
        return page


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view a public page: GET and HEAD only, shared caching, ETag, 304.

    What a public page shows may depend on address and language and on nothing else about the visitor.
    """

    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        pages: PageCache = request.desk.pages
        key = f"{request.LANGUAGE_CODE} {request.get_full_path()}"
        page = pages.get(key)
        if page is None:
            made = view(request, *args, **kwargs)
            if made.status_code != 200:
                return made
            page = pages.put(key, made.content, dict(made.items()))
        response = HttpResponse(page.body, headers=page.headers)
        response["ETag"] = page.etag
        response["Cache-Control"] = f"public, max-age={SHARED_S}"
        return get_conditional_response(request, etag=page.etag, response=response) or response

    return answer
