"""A day's report as one HTML page: bulletins, a chart of the month, tables. No script, nothing from elsewhere."""

from collections.abc import Mapping
from datetime import date, timedelta
from html import escape

from evenhand.reports.bulletin import Addresses, child_abuse_bulletin, terror_bulletin
from evenhand.reports.forms import ATTRIBUTES, by_attribute
from evenhand.reports.words import WORDS
from evenhand.vocabulary.figures import DayFigures

_STYLE = """:root{color-scheme:light dark;--bar:#0b5cad;--soft:#8886}
@media (prefers-color-scheme:dark){:root{--bar:#7ab8ff}}
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
pre{white-space:pre-wrap;border-inline-start:.25rem solid var(--bar);padding-inline-start:1rem;font:inherit}
table{border-collapse:collapse;width:100%;margin-block-end:1.5rem}
td,th{text-align:start;padding:.25rem;border-bottom:1px solid var(--soft)}
td:last-child,th:last-child{text-align:end;font-variant-numeric:tabular-nums}
svg{width:100%;height:auto}rect{fill:var(--bar)}text{fill:currentColor;font-size:10px;text-anchor:middle}
code{overflow-wrap:anywhere}"""
_HEIGHT = 120
_STEP = 24


def html_report(days: Mapping[date, DayFigures], day: date, addresses: Addresses, language: str) -> bytes:
    """Return the page, UTF-8."""
    words = WORDS[language]
    say = words.headings
    figures = days.get(day, DayFigures(day=day))
    title = f"{say['Daily report']} {day.isoformat()}"
    parts = [
        f'<!doctype html>\n<html lang="{language}" dir="{words.direction}">\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n<h1>{escape(title)}</h1>",
        f"<h2>{escape(say['Bulletins'])}</h2>",
        f"<pre>{escape(terror_bulletin(days, day, addresses, language))}</pre>",
        f"<pre>{escape(child_abuse_bulletin(days, day, addresses, language))}</pre>",
        f"<h2>{escape(say['Decisions by day of the month'])}</h2>",
        _chart(days, day, say["Decisions by day of the month"]),
        f"<h2>{escape(say['Decisions'])}: {sum(figures.decisions.values())}</h2>",
        *(_table(name, by_attribute(figures.decisions, name), say) for name in ATTRIBUTES),
        f"<h2>{escape(say['Items screened'])}: {figures.posts}</h2>",
    ]
    return ("\n".join(parts) + "\n</html>\n").encode()


def _chart(days: Mapping[date, DayFigures], day: date, label: str) -> str:
    """Return bars for the month's days up to this one; each says its number to whoever points at it or listens."""
    numbers = []
    for n in range(day.day):
        each = day.replace(day=1) + timedelta(days=n)
        numbers.append((each, sum(days[each].decisions.values()) if each in days else 0))
    most = max((number for _, number in numbers), default=0) or 1
    bars = []
    for place, (each, number) in enumerate(numbers):
        height = round(_HEIGHT * number / most, 1)
        bars.append(
            f'<g><title>{each.isoformat()}: {number}</title><rect x="{place * _STEP + 2}" y="{_HEIGHT - height:g}" '
            f'width="{_STEP - 4}" height="{height:g}"/>'
            f'<text x="{place * _STEP + _STEP // 2}" y="{_HEIGHT + 12}">{each.day}</text></g>'
        )
    return (
        f'<svg viewBox="0 0 {31 * _STEP} {_HEIGHT + 16}" role="img" aria-label="{escape(label)}">{"".join(bars)}</svg>'
    )


def _table(name: str, counts: Mapping[str, int], say: Mapping[str, str]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(value or say['none'])}</code><td>{number}"
        for value, number in sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    )
    return f"<table><thead><tr><th>{escape(say[name])}<th>{escape(say['number'])}<tbody>{rows}</table>"
