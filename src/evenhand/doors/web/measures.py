"""The page of whom a measure by order or demand concerns: what was done, and where a counter-notice is sent."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from evenhand.doors.web.queues import office_of
from evenhand.doors.web.visitors import new_token, read_token
from evenhand.flow.concerned import measure_of
from evenhand.flow.counter import send_counter_notice
from evenhand.flow.requests import load_matter
from evenhand.vocabulary.errors import Conflict, InputError


def measure_page(request: HttpRequest, reference: str) -> HttpResponse | None:
    """Show the measure behind a reference, and take a counter-notice; None: it is no such reference."""
    office = office_of(request)
    try:
        stream, counter = measure_of(office, reference)
    except InputError:
        return None
    wrong, said = "", ""
    if request.method == "POST":
        text = request.POST.get("text", "").replace("\r\n", "\n")
        if read_token(request.POST.get("form", "")) is None:
            wrong = str(_("The form was too old. Please send it again."))
        else:
            try:
                counter = send_counter_notice(office, request.desk.law(), reference, text, at=request.desk.now())
                said = str(_("Your counter-notice is received. Whoever demanded the measure is told."))
            except InputError as error:
                wrong = error.reason
            except Conflict as error:
                wrong = str(error)
    file = load_matter(office, stream)
    context: dict[str, Any] = {
        "reference": reference,
        "counter": counter,
        "request_of": file.assessed.request if file.assessed else None,
        "wrong": wrong,
        "said": said,
        "text": request.POST.get("text", "") if wrong else "",
        "token": new_token(),
    }
    return render(request, "measure.html", context, status=400 if wrong else 200)
