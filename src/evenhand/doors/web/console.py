"""The console's record: each day's decisions with the reason for each. Read-only."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from evenhand.doors.web.roles import Page, may_enter, requires
from evenhand.doors.web.staff import actor_of
from evenhand.doors.web.tallies import shares
from evenhand.flow.carried_out import carried_out
from evenhand.flow.dossier import decides, decisions_shown, people_decided
from evenhand.views.decisions import DecisionQueries, DecisionRow
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import InputError

ROWS = 50
LOOKED_THROUGH_MAX = 2_000
_STEP = 500


@require_safe
@requires(Page.COUNTS)
def console_days(request: HttpRequest) -> HttpResponse:
    """Go to the newest day that has decisions."""
    if asked := request.GET.get("day"):
        return HttpResponseRedirect(reverse("console_day", args=[_asked_day(asked)]))
    newest = None if decides(actor_of(request)) else next(iter(request.desk.decisions.days()), None)
    return HttpResponseRedirect(reverse("console_day", args=[newest or request.desk.today()]))


@require_safe
@requires(Page.COUNTS)
def console_day(request: HttpRequest, day: date) -> HttpResponse:
    """Show a day's counts and, to those who may see items, its decisions.

    Who decides cases sees what was decided, people's decisions as cases, and no count: it would tell hidden test cases.
    """
    queries: DecisionQueries = request.desk.decisions
    action = request.GET.get("action", "")
    if action and action not in set(Action):
        raise Http404
    actor = actor_of(request)
    counts = {} if decides(actor) else queries.counts_on(day)
    context: dict[str, Any] = {
        "day": day,
        "days": [] if decides(actor) else queries.days()[:60],
        "total": sum(counts.values()),
        "by_category": shares(_summed(counts, 0)),
        "by_action": shares(_summed(counts, 1)),
        "actions": list(Action),
        "action": action,
        "decides": decides(actor),
    }
    if decides(actor) and request.desk.office is not None:
        context |= _by_people(request, day, action)
    if may_enter(request, Page.ITEMS):
        rows, cursor = page_of(queries, day, action, _number(request.GET.get("before")))
        context |= {
            "rows": [
                (row, request.desk.references.format("decision", row.number))
                for row in decisions_shown(request.desk.office, actor, rows)
            ],
            "older": _with(action=action, before=cursor) if cursor else "",
            "paged": "before" in request.GET,
        }
    return render(request, "console/day.html", context)


def _by_people(request: HttpRequest, day: date, action: str) -> dict[str, Any]:
    """Return what people decided on a day, as cases, and the next page's address."""
    try:
        after = bytes.fromhex(request.GET.get("after", ""))
    except ValueError as error:
        raise Http404 from error
    rows, cursor = people_decided(request.desk.office, actor_of(request), day, action, after=after, limit=ROWS)
    return {"people": rows, "people_more": _with(action=action, after=cursor.hex()) if cursor else ""}


@require_safe
@requires(Page.ITEMS)
def console_decision(request: HttpRequest, number: int) -> HttpResponse:
    """Show one decision whole."""
    row = request.desk.decisions.decision(number) if number < 2**63 else None
    if row is None or not decisions_shown(request.desk.office, actor_of(request), [row]):
        raise Http404
    reference = request.desk.references.format("decision", number)
    docket = request.desk.docket
    carried = carried_out(docket, row) if docket is not None else ()
    return render(request, "console/decision.html", {"row": row, "reference": reference, "carried": carried})


@require_safe
@requires(Page.ITEMS)
def console_find(request: HttpRequest) -> HttpResponse:
    """Go to the decision behind a reference that somebody quotes."""
    asked = request.GET.get("reference", "").strip()[:100]
    try:
        number = request.desk.references.parse("decision", asked)
    except InputError as error:
        return render(request, "console/find.html", {"asked": asked, "reason": _(error.reason)}, status=404)
    return HttpResponseRedirect(reverse("console_decision", args=[number]))


def page_of(
    queries: DecisionQueries, day: date, action: str, before: int | None
) -> tuple[list[DecisionRow], int | None]:
    """Return a page of a day's decisions and the cursor of the next page, None at the day's end.

    With an action asked for, at most some thousand decisions are looked through for one page: a rare action on a busy
    day gives a short page and a cursor, never a slow answer.
    """
    if not action:
        rows = queries.decisions_on(day, before=before, limit=ROWS + 1)
        return rows[:ROWS], rows[ROWS - 1].number if len(rows) > ROWS else None
    found: list[DecisionRow] = []
    for _turn in range(LOOKED_THROUGH_MAX // _STEP):
        rows = queries.decisions_on(day, before=before, limit=_STEP)
        for row in rows:
            before = row.number
            if row.action == action:
                found.append(row)
                if len(found) == ROWS:
                    return found, before
        if len(rows) < _STEP:
            return found, None
    return found, before


def _summed(counts: Any, place: int) -> dict[str, int]:
    totals: dict[str, int] = {}
    for key, number in counts.items():
        totals[key[place]] = totals.get(key[place], 0) + number
    return totals


def _with(**values: Any) -> str:
    return "?" + urlencode({name: value for name, value in values.items() if value})


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)


def _asked_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
