"""The desk's rules for people: how long what waits, what weighs how much and for how long, what misuse leads to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from evenhand.doors.web.pages import public_page
from evenhand.views.desk_rules import rules_on


@public_page
def desk_rules(request: HttpRequest) -> HttpResponse:
    """Show the rows of the desk's tables that are in force today."""
    return render(request, "desk_rules.html", {"rules": rules_on(request.desk.law().desk, request.desk.today())})
