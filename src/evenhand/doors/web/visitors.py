"""Forms for people without an account: no cookie, and still nobody sends them in somebody else's name.

A form carries a token of ours (random, signed, a day old at most); it also makes sending twice the same as once. A post
must come from our own pages: browsers say where it comes from (Sec-Fetch-Site, Origin). Nothing here is known of the
visitor beforehand, so nothing can be ridden on; what opens a matter is its reference, which is in no other page.
"""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

TOKEN_S = 24 * 3600
_SALT = "evenhand form"
_PER_S = 600
POSTS_MAX = 30
LOOKS_MAX = 300


def new_token() -> str:
    """Return a token for a form."""
    return signing.TimestampSigner(salt=_SALT).sign(secrets.token_urlsafe(16))


def read_token(token: str) -> str | None:
    """Return what names a form, or None: not one of ours, or too old."""
    try:
        name: str = signing.TimestampSigner(salt=_SALT).unsign(token[:200], max_age=TOKEN_S)
    except signing.BadSignature:
        return None
    return name


def from_our_pages(request: HttpRequest) -> bool:
    """Tell whether a post comes from a page of this site, by what the browser says; programs say nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    ours = {request.get_host(), urlsplit(request.desk.settings.public_url).netloc}
    return urlsplit(origin).netloc in ours


def too_many(request: HttpRequest, what: str, most: int) -> bool:
    """Count a visitor's turn; tell whether they have had more than `most` in ten minutes.

    The address is the connection's own: what a header says of it is not believed.
    """
    key = f"visitor/{what}/{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, _PER_S)
    try:
        return int(cache.incr(key)) > most
    except ValueError:  # it has just run out
        return False


def visitor_form(what: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Make a view a form for visitors: few turns at a time, posts from our own pages only, never cached."""

    def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            post = request.method == "POST"
            if too_many(request, f"{what}/{request.method}", POSTS_MAX if post else LOOKS_MAX):
                answer = render(request, "429.html", status=429)
                answer["Retry-After"] = str(_PER_S)
                return answer
            if post and not from_our_pages(request):
                return render(request, "403.html", {"csrf": True}, status=403)
            return view(request, *args, **kwargs)

        return enter

    return guarded
