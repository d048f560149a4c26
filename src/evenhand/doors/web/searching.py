"""Search over cases, and searches kept under a name of one's own."""

from datetime import date
from urllib.parse import parse_qs

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from evenhand.doors.web.queries import FIELDS, query_of
from evenhand.doors.web.queues import office_of
from evenhand.doors.web.reasons import reason_label
from evenhand.doors.web.roles import Page, requires
from evenhand.doors.web.staff import actor_of
from evenhand.flow.dossier import listed, queues_of
from evenhand.flow.search import Search, save_search, saved_searches, search
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category

ROWS = 50
_CHARS_MAX = 2000
_QUEUE_CHARS_MAX = 60
_LANGUAGE_CHARS = 2


@require_safe
@requires(Page.CASES)
def find(request: HttpRequest) -> HttpResponse:
    """Show the form, and what it finds."""
    office, actor = office_of(request), actor_of(request)
    asked, wrong, lines = Search(), None, []
    values = {name: request.GET.get(name, "")[:_CHARS_MAX] for name in FIELDS}
    looked = any(values.values())
    try:
        asked = asked_for(values)
        after = bytes.fromhex(request.GET.get("after", ""))
        lines = search(office, actor, asked, after=after, limit=ROWS) if looked else []
    except ValueError as error:
        raise Http404 from error
    except InputError as error:
        wrong = error
    full = len(lines) == ROWS and not asked.text
    context = {
        "asked": asked,
        "rows": listed(office, actor, lines),
        "looked": looked and wrong is None,
        "wrong": wrong,
        "query": query_of(asked),
        "more": f"{query_of(asked)}&after={lines[-1].cursor.hex()}" if full else "",
        "saved": [(name, query_of(kept)) for name, kept in saved_searches(office, actor)],
        "categories": list(Category),
        "actions": list(Action),
        "queues": queues_of(office, actor),
    }
    return render(request, "console/search.html", context, status=400 if wrong else 200)


@require_POST
@requires(Page.CASES)
def keep(request: HttpRequest) -> HttpResponse:
    """Keep a search under a name."""
    query = request.POST.get("query", "")[:_CHARS_MAX]
    try:
        asked = search_of(query)
        save_search(office_of(request), actor_of(request), request.POST.get("name", ""), asked, at=request.desk.now())
    except InputError as error:
        messages.warning(request, reason_label(error.reason))
    else:
        messages.success(request, _("The search is kept."))
    return HttpResponseRedirect(f"{reverse('console_search')}?{query_of(asked) if query else ''}")


def search_of(query: str) -> Search:
    """Return the search behind a query string.

    Raises:
        InputError: A value is none.
    """
    parsed = parse_qs(query[:_CHARS_MAX], max_num_fields=20)
    return asked_for({name: parsed.get(name, [""])[0] for name in FIELDS})


def asked_for(values: dict[str, str]) -> Search:
    """Return a search from the form's fields.

    Raises:
        InputError: A day is none.
    """
    return Search(
        text=values["text"],
        category=values["category"] if values["category"] in Category.__members__ else "",
        rule=values["rule"],
        action=values["action"] if values["action"] in set(Action) else "",
        first=_day("first", values["first"]),
        last=_day("last", values["last"]),
        queue=values["queue"][:_QUEUE_CHARS_MAX],
        language=values["language"].upper() if len(values["language"]) == _LANGUAGE_CHARS else "",
    )


def _day(field: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(field, _("is a day as YYYY-MM-DD")) from error
