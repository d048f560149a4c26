"""Follow, answer and appeal from a reference: without an account, and without a word to who has none."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from evenhand.doors.web.measures import measure_page
from evenhand.doors.web.queues import office_of
from evenhand.doors.web.visitors import new_token, read_token, visitor_form
from evenhand.flow.appeals import receive_appeal
from evenhand.flow.conversation import Followed, answer, follow_link
from evenhand.flow.letter_box import propose_from_link
from evenhand.flow.notice_receipt import notice_message, notice_receipt
from evenhand.flow.wrong_door import shipped_door_model
from evenhand.vocabulary.appeal import Appeal
from evenhand.vocabulary.errors import Conflict, InputError

_REFERENCE_CHARS_MAX = 60


@visitor_form("follow")
@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a reference and lead to its matter."""
    if reference := request.GET.get("reference", "").strip()[:_REFERENCE_CHARS_MAX]:
        plain = "".join(c for c in reference if c.isascii() and (c.isalnum() or c == "-"))
        return HttpResponseRedirect(reverse("matter", args=[plain or "-"]))
    return render(request, "follow.html")


@require_safe
def old_link(request: HttpRequest, reference: str) -> HttpResponse:  # noqa: ARG001 - Django hands it over
    """Lead from the address in letters to the matter's page."""
    return HttpResponseRedirect(reverse("matter", args=[reference]))


@visitor_form("matter")
@require_http_methods(["GET", "HEAD", "POST"])
def matter(request: HttpRequest, reference: str) -> HttpResponse:
    """Show how a matter stands to who holds its reference; take their answer or their appeal."""
    office, raw = office_of(request), bytes(request.body)  # kept as it came: read before it is parsed
    if (measure := measure_page(request, reference)) is not None:
        return measure
    try:
        found = follow_link(office, reference)
    except InputError:
        # The same for what nobody was given, what was erased and what joined no case.
        return render(request, "follow.html", {"unknown": True}, status=404)
    if request.method != "POST":
        return _shown(request, reference, found)
    token = read_token(request.POST.get("form", ""))
    if token is None:
        reason = InputError("form", str(_("The form was too old. Please send it again.")))
        return _shown(request, reference, found, wrong=reason)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    try:
        if request.POST.get("what") == "appeal":
            appeal = Appeal(key=token, received_at=request.desk.now(), reference=reference, text=text, raw=raw)
            receive_appeal(office, appeal)
            said: Any = _("Your appeal is received. Somebody who had no part in the decision looks at it.")
        else:
            answer(office, reference, text, key=token, at=request.desk.now())
            said = _("Your message is received.")
    except InputError as error:
        return _shown(request, reference, found, wrong=error, what=request.POST.get("what", ""))
    door = "appeal" if request.POST.get("what") == "appeal" else "conversation"
    proposed = propose_from_link(office, shipped_door_model(), reference, text, raw, door=door, at=request.desk.now())
    right = request.desk.settings.authorities_address if proposed else ""
    return _shown(request, reference, follow_link(office, reference), said=said, right_address=right)


@visitor_form("matter")
@require_safe
def matter_file(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """Hand over the receipt for a notice, or the notice's own bytes, as a file."""
    office, pen = office_of(request), request.desk.pen
    try:
        if name == "message":
            body = notice_message(office, reference)
        elif name == "receipt" and pen is not None:
            body = notice_receipt(office, pen, reference, at=request.desk.now())
        else:
            raise Http404
    except (InputError, Conflict):
        return render(request, "follow.html", {"unknown": True}, status=404)
    answer = HttpResponse(body, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{name}.{"txt" if name == "receipt" else "bin"}"'
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _shown(
    request: HttpRequest,
    reference: str,
    found: Followed,
    *,
    wrong: InputError | None = None,
    said: Any = "",
    what: str = "",
    right_address: str = "",
) -> HttpResponse:
    context = {
        "reference": reference,
        "found": found,
        "wrong": wrong,
        "what": what,
        "said": said,
        "right_address": right_address,
        "text": request.POST.get("text", "") if wrong else "",
        "token": new_token(),
    }
    return render(request, "matter.html", context, status=400 if wrong else 200)
