"""The public site's pages: figures from public entries alone."""

from datetime import date, timedelta
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from evenhand.doors.web.charts import daily_bars
from evenhand.doors.web.pages import public_page
from evenhand.doors.web.tallies import by_attribute, shares, tally
from evenhand.views.site import SiteFigures

RECENT_DAYS = 10
CHART_DAYS_MIN = 31
_ATTRIBUTES = (
    ("category", _("By category")),
    ("keyword", _("By keyword")),
    ("item", _("By kind of item")),
    ("action", _("By action")),
    ("ground", _("By ground")),
    ("source", _("By source")),
    ("automation", _("By automation")),
    ("rule", _("By rule")),
    ("language", _("By language")),
)
_SCREENED = (
    ("by_verdict", _("By verdict")),
    ("by_kind", _("By kind of item")),
    ("by_language", _("By language")),
)


@public_page
def home(request: HttpRequest) -> HttpResponse:
    """Show this year's counters, daily bars and the newest days."""
    desk = request.desk
    today: date = desk.today()
    days = desk.figures.days()
    year = desk.figures.year_to_date(today)
    first = min(date(today.year, 1, 1), today - timedelta(days=CHART_DAYS_MIN - 1))
    shown = {day: tally([days[day]]) for day in days if first <= day <= today}
    context = {
        "today": today,
        "year": tally(year),
        "newest": max(days, default=None),
        "bars": daily_bars(shown, first, today),
        "recent": [(day, tally([days[day]])) for day in sorted(days, reverse=True)[:RECENT_DAYS]],
        "log_size": log_size(desk.figures),
    }
    return render(request, "home.html", context)


@public_page
def archive(request: HttpRequest) -> HttpResponse:
    """Show every published day of a year, month by month."""
    days = request.desk.figures.days()
    years = sorted({day.year for day in days}, reverse=True)
    asked = request.GET.get("year", "")
    if asked and asked not in map(str, years):
        raise Http404
    year = int(asked or (years or [0])[0])
    counted = [(day, tally([days[day]])) for day in sorted(days, reverse=True) if day.year == year]
    most = max((counts.removed for _day, counts in counted), default=0) or 1
    months = []
    for month, rows in groupby(counted, key=lambda row: row[0].replace(day=1)):
        cells = [(day, counts, -(-4 * counts.removed // most)) for day, counts in rows]
        months.append((month, sum(counts.removed for _day, counts, _q in cells), cells[::-1]))
    return render(request, "days.html", {"years": years, "year": year, "months": months})


@public_page
def day(request: HttpRequest, day: date) -> HttpResponse:
    """Show one day: what was screened and decided, and the bulletins."""
    figures = request.desk.figures
    days = figures.days()
    if (of_day := days.get(day)) is None:
        raise Http404
    order = sorted(days)
    place = order.index(day)
    tables = [(name, title, by_attribute(of_day.decisions, name)) for name, title in _ATTRIBUTES]
    context = {
        "day": day,
        "counts": tally([of_day]),
        "tables": tables,
        "screened": [(name, title, shares(getattr(of_day, name))) for name, title in _SCREENED],
        "bulletins": figures.report(day, "text").decode("utf-8", "replace"),
        "before": order[place - 1] if place else None,
        "after": order[place + 1] if place + 1 < len(order) else None,
        "running": day == request.desk.today(),
    }
    return render(request, "day.html", context)


@public_page
def data(request: HttpRequest) -> HttpResponse:
    """Show what can be downloaded."""
    days = request.desk.figures.days()
    context = {"days": sorted(days, reverse=True)[:31], "count": len(days), "first": min(days, default=None)}
    return render(request, "data.html", context)


@public_page
def verify(request: HttpRequest) -> HttpResponse:
    """Explain how a stranger checks the log, and show the newest checkpoint."""
    figures = request.desk.figures
    settings = request.desk.settings
    context = {
        "vkey": figures.vkey(),
        "checkpoint": figures.checkpoint(),
        "log_url": settings.public_url.rstrip("/") + "/log",
        "origin": settings.origin,
        "newest": max(figures.days(), default=None),
    }
    return render(request, "verify.html", context)


def log_size(figures: SiteFigures) -> int | None:
    """Return the number of entries that the newest checkpoint covers, or None before the first one."""
    lines = figures.checkpoint().split("\n", 2)
    return int(lines[1]) if len(lines) > 2 and lines[1].isascii() and lines[1].isdigit() else None
