"""The second person's pages: which replies to authorities wait for them, the exact bytes, approve or send back.

They show what is to leave, what was asked and what the rules found: not the request's own text, which is the legal
team's to read. What does not wait for who asks is answered as if it were not there.
"""

from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from evenhand.doors.web.legal import guard_of, is_legal
from evenhand.doors.web.legal_forms import CallForm
from evenhand.doors.web.queues import office_of
from evenhand.doors.web.roles import Page, requires
from evenhand.doors.web.staff import actor_of, names_of
from evenhand.flow.approving import read_for_approval, return_reply, waiting_approvals
from evenhand.flow.call_back import asks_in_haste
from evenhand.flow.legal import authority_at, call_back_lacks, record_call
from evenhand.flow.requests import approve_reply, lacking, matter_of, wanted_of
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.errors import Conflict, InputError
from evenhand.vocabulary.matter import CallBack, MatterFile


@require_safe
@requires(Page.APPROVE)
def queue(request: HttpRequest) -> HttpResponse:
    """Show the drafts that wait for this person, the most pressing first."""
    rows = waiting_approvals(office_of(request), actor_of(request), is_legal=is_legal, at=request.desk.now())
    return render(request, "console/approvals.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Page.APPROVE)
def approval(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the exact bytes that wait, and approve them or send them back. That they were read is recorded first."""
    stream = _stream(request, reference)
    form: CallForm | None = None
    if request.method == "POST":
        file = _waiting(request, stream)
        form = CallForm(request.POST) if request.POST.get("act") == "call" else None
        if (done := _do(request, stream, file, form)) is not None:
            return done
    file = _waiting(request, stream)
    context = _context(request, file, form)
    return render(request, "console/approval.html", context, status=422 if form else 200)


@require_safe
@requires(Page.APPROVE)
def draft(request: HttpRequest, reference: str) -> HttpResponse:
    """Hand the bytes out as a file, so that their hash can be checked by whoever wants to."""
    file = _waiting(request, _stream(request, reference))
    assert file.draft is not None  # noqa: S101 - what waits has a draft
    body = file.draft.text.encode("utf-8", "replace")
    headers = {"Content-Disposition": f'attachment; filename="{sha256(body).hexdigest()[:16]}.txt"'}
    return HttpResponse(body, content_type="application/octet-stream", headers=headers)


def _do(request: HttpRequest, stream: Stream, file: MatterFile, form: CallForm | None) -> HttpResponse | None:
    """Do what is asked; None: a call could not be recorded, and its form says why."""
    office, actor, now = office_of(request), actor_of(request), request.desk.now()
    act, digest = request.POST.get("act", ""), request.POST.get("sha256", "")
    here, back = reverse("console_approval", args=[_reference(request, file)]), reverse("console_approvals")
    try:
        if act == "approve":
            approve_reply(office, actor, stream, digest, at=now)
            messages.success(request, _("You approved these bytes."))
        elif act == "return":
            return_reply(office, actor, stream, digest, request.POST.get("why", ""), at=now)
            messages.success(request, _("It was sent back."))
        elif form is not None:
            if not form.is_valid():
                return None
            record_call(office, actor, stream, CallBack(by=actor.id, **form.cleaned_data), at=now)
            back = here
        else:
            raise Http404
    except InputError as error:
        messages.error(request, _(error.reason))
        back = here
    except Conflict as error:
        messages.error(request, _(str(error)))
        back = here
    return HttpResponseRedirect(back)


def _context(request: HttpRequest, file: MatterFile, form: CallForm | None) -> dict[str, Any]:
    office, identifier = office_of(request), request.desk.identifier()
    hasty = asks_in_haste(file)
    known = authority_at(identifier, file)
    names = names_of(file.approved_by)
    legal = frozenset(person for person in file.approved_by if is_legal(person))
    return {
        "file": file,
        "reference": _reference(request, file),
        "overdue": file.due_at is not None and file.due_at < request.desk.now(),
        "approved": [names.get(person, person) for person in file.approved_by],
        "lacking": _(lacks) if (lacks := lacking(file, legal)) else "",
        "guarded": guard_of(request)(office, file),
        "hasty": hasty,
        "wanted": wanted_of(file),
        "authority": known,
        "lacks": call_back_lacks(office, identifier, file) if hasty else (),
        "call": form or CallForm(initial={"authority": known.id if known else ""}),
    }


def _waiting(request: HttpRequest, stream: Stream) -> MatterFile:
    try:
        return read_for_approval(
            office_of(request), actor_of(request), stream, is_legal=is_legal, at=request.desk.now()
        )
    except InputError as error:
        raise Http404 from error


def _stream(request: HttpRequest, reference: str) -> Stream:
    try:
        return matter_of(office_of(request), reference)
    except InputError as error:
        raise Http404 from error


def _reference(request: HttpRequest, file: MatterFile) -> str:
    return office_of(request).references.format("request", file.number)
