"""The desk's overview and its queues: what waits, what is late, what is mine, and the next case."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evenhand.doors.web.keys import ACTION_KEYS, KEYS, OUTCOME_KEYS
from evenhand.doors.web.opened import remember
from evenhand.doors.web.queries import query_of
from evenhand.doors.web.roles import Page, may_enter, requires
from evenhand.doors.web.staff import actor_of
from evenhand.doors.web.wellbeing import GRAVE_HARM, begin_break, load_of, note_opened, set_limits
from evenhand.flow.cases import next_case, shown
from evenhand.flow.dossier import campaign_cases, campaigns_shown, listed, queues_of
from evenhand.flow.office import Office
from evenhand.flow.search import saved_searches
from evenhand.views import desk
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.case import QueueLine

ROWS = 50
MINE_SHOWN = 20
LATE_SHOWN = 10
CAMPAIGNS_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """A queue on the overview.

    Attributes:
        open: Cases in it that are open, waiting or in somebody's hands.
        second: Some wait for a second person.
        first: The most pressing one that waits.
    """

    name: str
    open: int
    second: int
    first: QueueLine | None


def office_of(request: HttpRequest) -> Office:
    """Return the desk's office; a desk without one has no cases."""
    office: Office | None = request.desk.office
    if office is None:
        raise Http404
    return office


@require_safe
@requires(Page.ANY)
def overview(request: HttpRequest) -> HttpResponse:
    """Show what waits, what is late and what is mine; who may see figures only goes to them."""
    if not may_enter(request, Page.CASES):
        return HttpResponseRedirect(reverse("console_days"))
    office, actor = office_of(request), actor_of(request)
    figures = desk.figures(office.queries)
    person = office.hashed("person", actor.id)
    context = {
        "queues": [
            _row(office, actor, queue, figures.get(f"case/queue/{queue}", 0)) for queue in queues_of(office, actor)
        ],
        "mine": listed(office, actor, desk.in_hand(office.queries, person, limit=MINE_SHOWN)),
        "late": listed(office, actor, desk.overdue(office.queries, limit=LATE_SHOWN)),
        "total": figures.get("case/open", 0),
        "overdue": figures.get("case/overdue", 0),
        "load": load_of(request),
        "saved": [(name, query_of(kept)) for name, kept in saved_searches(office, actor)],
    }
    return render(request, "console/overview.html", context)


def _row(office: Office, actor: Actor, queue: str, count: int) -> QueueRow:
    waiting = shown(actor, desk.waiting(office.queries, queue, limit=1))
    second = shown(actor, desk.for_second(office.queries, queue, limit=ROWS))
    return QueueRow(name=queue, open=count, second=len(second), first=waiting[0] if waiting else None)


@require_safe
@requires(Page.CASES)
def queue(request: HttpRequest, name: str) -> HttpResponse:
    """Show what waits in a queue, the gravest first, and what waits there for a second person."""
    office, actor = office_of(request), actor_of(request)
    if name not in queues_of(office, actor):
        raise Http404
    after = _cursor(request.GET.get("after", ""))
    lines = desk.waiting(office.queries, name, after=after, limit=ROWS + 1)
    more = f"?after={lines[ROWS - 1].cursor.hex()}" if len(lines) > ROWS else ""
    context = {
        "name": name,
        "rows": listed(office, actor, lines[:ROWS]),
        "second": listed(office, actor, desk.for_second(office.queries, name)) if not after else [],
        "more": more,
        "paged": bool(after),
    }
    return render(request, "console/queue.html", context)


@require_POST
@requires(Page.READ)
def take_next(request: HttpRequest) -> HttpResponse:
    """Take the most pressing case in hand; who has seen enough grave ones today gets milder ones or a rest."""
    office, actor, now = office_of(request), actor_of(request), request.desk.now()
    load = load_of(request)
    if load.wants_rest and not request.POST.get("anyway"):
        return HttpResponseRedirect(reverse("console_rest"))
    file = next_case(office, actor, at=now, harm_max=GRAVE_HARM - 1 if load.is_full else 3)
    if file is None and load.is_full:
        return HttpResponseRedirect(reverse("console_rest"))
    if file is None:
        messages.info(request, _("Nothing waits for you."))
        return HttpResponseRedirect(reverse("console"))
    note_opened(request, file)
    reference = office.references.format("case", file.number)
    remember(request, file.stream, "next case")
    return HttpResponseRedirect(reverse("console_case", args=[reference]))


@require_safe
@requires(Page.CASES)
def campaigns(request: HttpRequest) -> HttpResponse:
    """Show campaigns of near-identical notices: a count of them takes nothing down."""
    office, actor = office_of(request), actor_of(request)
    rows = campaigns_shown(office, actor, limit=CAMPAIGNS_SHOWN)
    return render(request, "console/campaigns.html", {"rows": rows})


@require_safe
@requires(Page.CASES)
def campaign(request: HttpRequest, name: str) -> HttpResponse:
    """Show one campaign's cases."""
    office, actor = office_of(request), actor_of(request)
    cases = campaign_cases(office, actor, _cursor(name))
    if not cases:
        raise Http404
    count = office.queries.tallies(f"campaign/{name}").get(f"campaign/{name}", 0)
    return render(request, "console/campaign.html", {"rows": cases, "count": count, "name": name})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Page.READ)
def rest(request: HttpRequest) -> HttpResponse:
    """Tell somebody to rest; let them begin a break, or ask for lower limits."""
    if request.method == "POST" and "grave_a_day" in request.POST:
        set_limits(request, _whole(request.POST["grave_a_day"]), _whole(request.POST.get("rest_every_min", "")))
        messages.success(request, _("Your limits are kept."))
        return HttpResponseRedirect(reverse("console_rest"))
    if request.method == "POST":
        begin_break(request)
        messages.success(request, _("Your break begins now. Look at something far away."))
        return HttpResponseRedirect(reverse("console_rest"))
    return render(request, "console/rest.html", {"load": load_of(request)})


@require_safe
@requires(Page.ANY)
def keys(request: HttpRequest) -> HttpResponse:
    """Show every action's key."""
    context = {
        "keys": list(KEYS.values()),
        "actions": [(key, action.value) for action, key in ACTION_KEYS.items()],
        "outcomes": [(key, outcome.value) for outcome, key in OUTCOME_KEYS.items()],
    }
    return render(request, "console/keys.html", context)


def _cursor(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise Http404 from error


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
