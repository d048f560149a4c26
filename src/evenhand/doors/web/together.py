"""Many cases decided together: a campaign's or a search's, after a sample drawn by lot was looked at."""

import os
from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from evenhand.doors.web.keys import ACTION_KEYS
from evenhand.doors.web.proposals import DecisionForm, form_from, proposal_of
from evenhand.doors.web.queues import office_of
from evenhand.doors.web.reasons import reason_label
from evenhand.doors.web.roles import Page, requires
from evenhand.doors.web.searching import search_of
from evenhand.doors.web.staff import actor_of
from evenhand.flow import bulk as journeys
from evenhand.flow.dossier import campaign_cases, opened_since, reference_of
from evenhand.flow.office import load_case
from evenhand.flow.search import search
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import Conflict, InputError
from evenhand.vocabulary.eu import Category, Ground, Keyword

CASES_MAX = 500


@require_POST
@requires(Page.BULK)
def begin(request: HttpRequest) -> HttpResponse:
    """Name the open cases of a campaign or a search, and draw the sample."""
    office, actor = office_of(request), actor_of(request)
    try:
        if name := request.POST.get("campaign"):
            lines = [one.line for one in campaign_cases(office, actor, bytes.fromhex(name), limit=CASES_MAX)]
        else:
            lines = search(office, actor, search_of(request.POST.get("query", "")), limit=CASES_MAX)
        found = [line.case for line in lines if load_case(office, line.case).is_open]
        bulk = journeys.begin_bulk(office, actor, found, at=request.desk.now(), chance=os.urandom)
    except InputError as error:
        messages.warning(request, reason_label(error.reason))
        return HttpResponseRedirect(reverse("console"))
    except ValueError as error:
        raise Http404 from error
    return HttpResponseRedirect(reverse("console_bulk", args=[bulk.id]))


@require_safe
@requires(Page.BULK)
def bulk(request: HttpRequest, name: str) -> HttpResponse:
    """Show the sample and the form."""
    return _shown(request, _bulk(request, name))


@require_POST
@requires(Page.BULK)
def act(request: HttpRequest, name: str, what: str) -> HttpResponse:
    """Propose one decision for all, or take all proposals back."""
    office, actor, now = office_of(request), actor_of(request), request.desk.now()
    found = _bulk(request, name)
    if what == "undo":
        number = journeys.undo_bulk(office, actor, found.id, at=now)
        messages.success(
            request,
            ngettext("%(n)s proposal is taken back.", "%(n)s proposals are taken back.", number) % {"n": number},
        )
        return HttpResponseRedirect(reverse("console_bulk", args=[found.id]))
    if what != "propose":
        raise Http404
    form = form_from(request.POST)
    try:
        first = load_case(office, Stream(bytes.fromhex(found.cases[0])))
        outcome = journeys.propose_bulk(office, actor, found.id, proposal_of(form, first, now), at=now)
    except InputError as error:
        return _shown(request, found, form=form, wrong=error, status=400)
    except Conflict as error:
        return _shown(request, found, form=form, wrong=InputError("", str(error)), status=409)
    return _shown(request, found, form=form, outcome=outcome)


def _bulk(request: HttpRequest, name: str) -> journeys.Bulk:
    try:
        return journeys.load_bulk(office_of(request), actor_of(request), name)
    except InputError as error:
        raise Http404 from error


def _shown(
    request: HttpRequest,
    found: journeys.Bulk,
    *,
    form: DecisionForm | None = None,
    wrong: InputError | None = None,
    outcome: journeys.BulkOutcome | None = None,
    status: int = 200,
) -> HttpResponse:
    office, actor = office_of(request), actor_of(request)
    streams = [Stream(bytes.fromhex(case)) for case in found.sample]
    context: dict[str, Any] = {
        "bulk": found,
        "sample": [
            (reference_of(office, stream), opened_since(office, actor, stream, found.begun_at)) for stream in streams
        ],
        "form": form or DecisionForm(category=load_case(office, streams[0]).opened.category),
        "wrong": wrong,
        "outcome": outcome,
        "left": Counter(outcome.left.values()).most_common() if outcome else [],
        "actions": [(action, key) for action, key in ACTION_KEYS.items() if action is not Action.RESTORE],
        "outcomes": [],
        "grounds": list(Ground),
        "categories": list(Category),
        "keywords": list(Keyword),
    }
    return render(request, "console/bulk.html", context, status=status)
