"""Where to write: points of contact and the legal representative, as a page, as JSON and as schema.org data."""

import json
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from evenhand.doors.web.labels import language_label
from evenhand.doors.web.pages import public_page
from evenhand.settings import Contact, Settings

_PURPOSES = {
    "authorities": (
        _("Authorities"),
        _("Courts, police and other authorities of any state: orders, requests for information, questions."),
    ),
    "terrorist-content": (
        _("Removal orders, terrorist content"),
        _("Orders under Regulation (EU) 2021/784, at any hour of any day."),
    ),
    "people": (
        _("People who use the service"),
        _("Questions about a decision, complaints, anything else; a person reads it."),
    ),
    "illegal-content": (_("Illegal content"), _("Notices about content that you believe to be illegal.")),
    "child-safety": (_("Child safety"), _("Sexual abuse of children: report it here, do not pass it on.")),
    "press-and-research": (_("Press and research"), _("Questions about figures, data and the public log.")),
}
_FOR_AUTHORITIES = frozenset({"authorities", "terrorist-content"})
_DURATION = re.compile(r"P(?:(?P<days>\d{1,4})D)?(?:T(?:(?P<hours>\d{1,4})H)?(?:(?P<minutes>\d{1,4})M)?)?\Z")
_UNSAFE = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@public_page
def contact(request: HttpRequest) -> HttpResponse:
    """Show who to write to for what, in which languages, with which deadline (DSA Art. 11 to 13)."""
    settings: Settings = request.desk.settings
    rows = [_row(entry) for entry in settings.contacts]
    context = {
        "authorities": [row for row in rows if row["purpose"] in _FOR_AUTHORITIES],
        "people": [row for row in rows if row["purpose"] not in _FOR_AUTHORITIES],
        "representative": settings.representative,
        "representative_languages": [language_label(code) for code in settings.representative.languages],
        "structured": data_block(organisation(settings)),
    }
    return render(request, "contact.html", context)


@public_page
def contact_json(request: HttpRequest) -> HttpResponse:
    """Return the same as JSON-LD."""
    text = json.dumps(organisation(request.desk.settings), indent=2, ensure_ascii=False)
    return HttpResponse(text + "\n", content_type="application/json")


def organisation(settings: Settings) -> dict[str, Any]:
    """Return the platform's points of contact as a schema.org Organization."""
    representative = settings.representative
    points = [
        {
            "@type": "ContactPoint",
            "contactType": entry.purpose,
            "email": entry.email,
            "availableLanguage": list(entry.languages),
            "answerWithin": entry.answer_within,
        }
        | ({"url": entry.url} if entry.url else {})
        for entry in settings.contacts
    ]
    return {
        "@context": ["https://schema.org", {"answerWithin": f"{settings.public_url}/contact#answer-within"}],
        "@type": "Organization",
        "name": settings.platform,
        "url": settings.public_url,
        "contactPoint": [
            *points,
            {
                "@type": "ContactPoint",
                "contactType": "legal representative",
                "name": representative.name,
                "email": representative.email,
                "telephone": representative.telephone,
                "availableLanguage": list(representative.languages),
                "areaServed": "EU",
                "description": f"{representative.name}, {representative.postal_address}",
            },
        ],
    }


def data_block(value: dict[str, Any]) -> SafeString:
    """Return JSON that may stand inside a script element of a data type: nothing in it can end the element."""
    return mark_safe(json.dumps(value, ensure_ascii=False).translate(_UNSAFE))  # noqa: S308


def within(duration: str) -> str:
    """Return an ISO 8601 duration of days, hours and minutes in words; another one as it is written."""
    match = _DURATION.match(duration)
    if not match or not any(match.groupdict().values()):
        return duration
    days, hours, minutes = (int(match[name] or 0) for name in ("days", "hours", "minutes"))
    parts = []
    if days:
        parts.append(ngettext("%(count)d day", "%(count)d days", days) % {"count": days})
    if hours:
        parts.append(ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours})
    if minutes:
        parts.append(ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes})
    return " ".join(parts)


def _row(entry: Contact) -> dict[str, Any]:
    title, what_for = _PURPOSES.get(entry.purpose, (entry.purpose.replace("-", " ").capitalize(), ""))
    return {
        "purpose": entry.purpose,
        "title": title,
        "what_for": what_for,
        "email": entry.email,
        "url": entry.url if entry.url.startswith(("https://", "http://")) else "",
        "languages": [language_label(code) for code in entry.languages],
        "within": within(entry.answer_within),
    }
