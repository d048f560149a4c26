"""How the desk binds itself, for anyone to read: principles and safeguards, and what is held. The rows that judge."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from evenhand.doors.web.pages import public_page
from evenhand.views.conduct import held_entries, published_rules


@public_page
def principles(request: HttpRequest) -> HttpResponse:
    """Show what no request overrides, and the reasons to look twice at one, as they hold today."""
    rows = published_rules(request.desk.law(), request.desk.today())
    context = {
        "principles": [row for row in rows if row.kind == "principle"],
        "safeguards": [row for row in rows if row.kind == "safeguard"],
        "waivers": [row for row in rows if row.kind == "waiver"],
    }
    return render(request, "principles.html", context)


@public_page
def held(request: HttpRequest) -> HttpResponse:
    """Show the catalogue of what is kept and not kept, as it holds today."""
    entries = held_entries(request.desk.law(), request.desk.today())
    context = {
        "kept": [entry for entry in entries if entry.kept],
        "not_kept": [entry for entry in entries if not entry.kept],
    }
    return render(request, "held.html", context)
