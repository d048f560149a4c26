"""The console's page of what leaves the house: open calls first, then what was given up, then how each lane does."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from evenhand.doors.web.roles import Page, may_enter, requires
from evenhand.doors.web.staff import actor_of
from evenhand.flow.action_reports import Difference
from evenhand.flow.actions import Docketed
from evenhand.flow.calls import acknowledge
from evenhand.flow.deliveries import deliveries, settle
from evenhand.flow.dossier import decisions_shown
from evenhand.vocabulary.errors import Conflict, InputError

CALLS = MappingProxyType(
    {
        "overdue": gettext_lazy("Open cases have passed their deadline."),
        "alarm-raised": gettext_lazy("A threat to life or safety was notified (Article 18)."),
        "alarm-unanswered": gettext_lazy("No authority has acknowledged a notification under Article 18 yet."),
        "runaway": gettext_lazy("A screening rule has reached its quota; what is above it waits for people."),
        "lists-broken": gettext_lazy(
            "A list or rule file cannot be read; the lists and rules before it go on serving."
        ),
        "action-refused": gettext_lazy("The platform refused an action."),
        "platform-silent": gettext_lazy("The platform takes no actions."),
        "platform-not-done": gettext_lazy("The platform has not done what was decided."),
        "mail-silent": gettext_lazy("The mail relay takes no letters."),
        "clarification-overdue": gettext_lazy("An authority has not answered a question of ours in time."),
        "letter-late": gettext_lazy("A letter to an authority still waits to be delivered."),
        "letter-dead": gettext_lazy("A letter to an authority could not be delivered."),
        "database-silent": gettext_lazy("The EU database takes no statements."),
        "database-refuses": gettext_lazy("The EU database refuses our token."),
    }
)
"""Why somebody is called → the sentence."""
LANES = MappingProxyType(
    {
        "mail-first": gettext_lazy("Letters to authorities and staff"),
        "mail": gettext_lazy("Letters to notifiers"),
        "statements": gettext_lazy("Statements for the EU database"),
        "actions": gettext_lazy("Actions for the platform"),
    }
)
DAYS = MappingProxyType(
    {
        "sent": gettext_lazy("sent"),
        "refused": gettext_lazy("refused"),
        "erased": gettext_lazy("erased before they were sent"),
        "fetched": gettext_lazy("fetched at the portal or the API"),
        "done": gettext_lazy("done"),
        "late": gettext_lazy("done late"),
        "failed": gettext_lazy("not done"),
        "other": gettext_lazy("done otherwise"),
        "gone": gettext_lazy("not found"),
    }
)


@require_safe
@requires(Page.DELIVERIES)
def overview(request: HttpRequest) -> HttpResponse:
    """Show open calls, what was given up and how each lane does."""
    found = deliveries(_docket(request), request.desk.now())
    settings = request.desk.settings
    context = {
        "calls": [(one, CALLS.get(one.why, one.why)) for one in found.calls],
        "dead": [(one, LANES[one.lane]) for one in found.dead],
        "lanes": [(one, LANES[one.name], _days(one.days)) for one in found.lanes],
        "undone": [(one, _decision_of(request, one)) for one in found.undone],
        "undone_in_all": found.undone_in_all,
        "broken": request.desk.screening.broken if request.desk.screening else None,
        "no_relay": not settings.mail_relay,
        "no_database": not settings.eu_database_url,
        "no_pager": not (settings.page_address or settings.page_url),
    }
    return render(request, "console/deliveries.html", context)


def _decision_of(request: HttpRequest, one: Difference) -> int | None:
    """Return the decision's number that an action carries out, for those who may open its page."""
    if not may_enter(request, Page.ITEMS):
        return None
    rows = decisions_shown(request.desk.office, actor_of(request), request.desk.decisions.decisions_of_act(one.act))
    return rows[0].number if rows else None


def _days(days: Mapping[date, Mapping[str, int]]) -> list[tuple[date, list[tuple[str, int]]]]:
    named = {day: sorted(row.items()) for day, row in days.items()}
    return [(day, [(str(DAYS.get(what, what)), count) for what, count in row]) for day, row in named.items()]


@require_POST
@requires(Page.DELIVERIES)
def act(request: HttpRequest, what: str) -> HttpResponse:
    """Acknowledge a call, have something tried again, or put it away."""
    docket, actor, at = _docket(request), actor_of(request), request.desk.now()
    number = request.POST.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19) or what not in ("acknowledge", "again", "away"):
        raise Http404
    try:
        if what == "acknowledge":
            acknowledge(docket, actor, int(number), at=at)
        else:
            settle(docket, actor, request.POST.get("lane", ""), int(number), again=what == "again", at=at)
    except InputError as error:
        raise Http404 from error
    except Conflict as error:
        messages.error(request, _(str(error)))
    return HttpResponseRedirect(reverse("console_deliveries"))


def _docket(request: HttpRequest) -> Docketed:
    docket: Docketed | None = request.desk.docket
    if docket is None:
        raise Http404
    return docket
