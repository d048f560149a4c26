"""How right the desk is: agreement and error rates by policy, reversals on appeal; and setting test cases."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from evenhand.doors.web.queues import office_of
from evenhand.doors.web.roles import Page, requires
from evenhand.doors.web.staff import actor_of, names_of
from evenhand.flow.quality import draw_doubles, known_item, plant_known, rates, reversal_rates
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category

DOUBLES_MAX = 50
_OFFERED = [action for action in Action if action is not Action.RESTORE]


@dataclass(frozen=True, slots=True)
class Row:
    """A rate as a line of a table and of its picture, in per cent."""

    name: str
    yes: int
    of: int
    share: float
    low: float
    high: float
    made: int = 0

    @property
    def x(self) -> str:
        """The share as the picture's place, in letters that no language changes."""
        return f"{self.share:g}%"

    @property
    def x1(self) -> str:
        """The interval's lower end."""
        return f"{self.low:g}%"

    @property
    def x2(self) -> str:
        """The interval's upper end."""
        return f"{self.high:g}%"


@require_safe
@requires(Page.QUALITY)
def quality(request: HttpRequest) -> HttpResponse:
    """Show agreement and error rates by policy, and reversals by rule, list and moderator, as picture and table."""
    return _shown(request)


def _shown(request: HttpRequest, wrong: InputError | None = None) -> HttpResponse:
    office, actor = office_of(request), actor_of(request)
    found = rates(office, actor)
    undone = reversal_rates(office, actor, request.desk.lists_of)
    names = names_of({one.name for one in undone if one.by == "by"})
    context: dict[str, Any] = {
        "rates": [(kind, _by_policy(found, kind)) for kind in ("known", "double")],
        "reversals": [(by, _by_name(undone, by, names)) for by in ("rule", "list", "by")],
        "categories": list(Category),
        "actions": _OFFERED,
        "doubles_max": DOUBLES_MAX,
        "asked": request.POST,
        "wrong": wrong,
    }
    return render(request, "console/quality.html", context, status=400 if wrong else 200)


def _by_policy(found: Sequence[Any], kind: str) -> list[Row]:
    return [
        _row(f"STATEMENT_CATEGORY_{one.policy}", one.right, one.asked, one.low, one.high)
        for one in found
        if one.kind == kind
    ]


def _by_name(found: Sequence[Any], by: str, names: Any) -> list[Row]:
    rows = [
        _row(names.get(one.name, one.name), one.undone, one.appeals, one.low, one.high, one.made)
        for one in found
        if one.by == by
    ]
    return sorted(rows, key=lambda row: (-row.yes, -row.of, row.name))[:100]


def _row(name: str, yes: int, of: int, low: float, high: float, made: int = 0) -> Row:
    share = yes / of if of else 0.0
    return Row(name, yes, of, round(100 * share, 1), round(100 * low, 1), round(100 * high, 1), made)


@require_POST
@requires(Page.QUALITY)
def hide_known(request: HttpRequest) -> HttpResponse:
    """Hide a case whose answer is known among the others."""
    post = request.POST
    try:
        plant_known(
            office_of(request),
            actor_of(request),
            known_item(
                text=post.get("text", ""),
                item_id=post.get("item_id", ""),
                url=post.get("url", ""),
                author=post.get("author", ""),
                language=post.get("language", ""),
                channel=post.get("channel", ""),
                reach=post.get("reach", ""),
            ),
            _chosen(Action, post.get("expected", ""), "expected"),
            category=_chosen(Category, post.get("category", ""), "category"),
            rule=post.get("rule", ""),
            edition=request.desk.screening.edition if request.desk.screening else "",
            because=post.get("because", ""),
            at=request.desk.now(),
            chance=os.urandom,
        )
    except InputError as error:
        return _shown(request, error)
    messages.success(request, _("The case is hidden among the others."))
    return HttpResponseRedirect(reverse("console_quality"))


@require_POST
@requires(Page.QUALITY)
def draw(request: HttpRequest) -> HttpResponse:
    """Have decided cases decided once more, blindly, drawn by lot."""
    try:
        count = _count(request.POST.get("count", ""))
        category = _chosen(Category, request.POST.get("category", ""), "category")
        drawn = draw_doubles(
            office_of(request), actor_of(request), category, count, at=request.desk.now(), chance=os.urandom
        )
    except InputError as error:
        return _shown(request, error)
    said = ngettext("%(count)s case is decided once more.", "%(count)s cases are decided once more.", len(drawn))
    messages.success(request, said % {"count": len(drawn)})
    return HttpResponseRedirect(reverse("console_quality"))


def _count(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 4 and 0 < int(text) <= DOUBLES_MAX:
        return int(text)
    raise InputError("count", _("a whole number up to %(most)s") % {"most": DOUBLES_MAX})


def _chosen(kind: Any, value: str, field: str) -> Any:
    try:
        return kind(value)
    except ValueError as error:
        raise InputError(field, _("choose one of the list")) from error
