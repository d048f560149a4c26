"""What programs fetch: reports, the series of all days, site map and the small files that robots look for."""

import csv
import io
import json
import re
from base64 import b64encode
from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from evenhand.doors.web.guard import POLICY
from evenhand.doors.web.pages import public_page
from evenhand.doors.web.tallies import Tally, tally
from evenhand.vocabulary.figures import DayFigures

FORMS = {
    "txt": ("text", "text/plain; charset=utf-8"),
    "json": ("json", "application/json"),
    "csv": ("csv", "text/csv; charset=utf-8"),
    "html": ("html", "text/html; charset=utf-8"),
}
_STYLE = re.compile(rb"<style[^>]*>(.*?)</style>", re.DOTALL)
_COLUMNS = ("removed", "child_abuse", "terrorist", "posts", "decisions", "replayed")


@public_page
def report(request: HttpRequest, day: date, ending: str) -> HttpResponse:
    """Return a day's report: the bytes that `evenhand report daily` prints."""
    if ending not in FORMS or day not in request.desk.figures.days():
        raise Http404
    form, content_type = FORMS[ending]
    response = HttpResponse(request.desk.figures.report(day, form), content_type=content_type)
    if ending == "html":
        response["Content-Security-Policy"] = style_policy(response.content)
    return response


@public_page
def series_csv(request: HttpRequest) -> HttpResponse:
    """Return one line for each published day."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("date", *_COLUMNS))
    for day, counts in _series(request.desk.figures.days().values()):
        writer.writerow((day, *(getattr(counts, name) for name in _COLUMNS)))
    return HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")


@public_page
def series_json(request: HttpRequest) -> HttpResponse:
    """Return one object for each published day."""
    rows = [
        {"date": day} | {name: getattr(counts, name) for name in _COLUMNS}
        for day, counts in _series(request.desk.figures.days().values())
    ]
    return HttpResponse(json.dumps({"days": rows}), content_type="application/json")


@public_page
def sitemap(request: HttpRequest) -> HttpResponse:
    """Return the addresses of all public pages (sitemaps.org, at most 50,000)."""
    base = request.desk.settings.public_url.rstrip("/")
    names = ("home", "days", "data", "verify", "principles", "held", "desk_rules", "authorities", "contact")
    paths = [reverse(name) for name in names]
    paths += [reverse("day", args=[day]) for day in reversed(request.desk.figures.days())]
    urls = "".join(f"<url><loc>{base}{path}</loc></url>" for path in paths[:50_000])
    text = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{_SITEMAP}">{urls}</urlset>'
    return HttpResponse(text, content_type="application/xml")


@public_page
def robots(request: HttpRequest) -> HttpResponse:
    """Tell robots what is not for them and where the site map is."""
    base = request.desk.settings.public_url.rstrip("/")
    text = f"User-agent: *\nDisallow: /console/\nDisallow: /staff/\nSitemap: {base}/sitemap.xml\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@public_page
def security_txt(request: HttpRequest) -> HttpResponse:
    """Say where to report a weakness (RFC 9116); expires half a year from this month's first day."""
    base = request.desk.settings.public_url.rstrip("/")
    expires = request.desk.today().replace(day=1) + timedelta(days=183)
    lines = (
        f"Contact: {base}{reverse('contact')}",
        f"Expires: {expires.isoformat()}T00:00:00Z",
        "Preferred-Languages: en",
        f"Canonical: {base}/.well-known/security.txt",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def style_policy(document: bytes) -> str:
    """Return the content policy for a report in HTML: nothing runs or loads, only its own style sheets count."""
    hashes = " ".join(f"'sha256-{b64encode(sha256(sheet).digest()).decode()}'" for sheet in _STYLE.findall(document))
    return POLICY.replace("script-src 'self'; style-src 'self'", f"style-src 'self' {hashes}".strip())


def _series(days: Iterable[DayFigures]) -> list[tuple[str, Tally]]:
    return [(figures.day.isoformat(), tally([figures])) for figures in days]


_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
