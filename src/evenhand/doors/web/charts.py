"""Daily bars as SVG paths: a pure function of the days. The page adds words, a table says the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from evenhand.doors.web.tallies import Tally

_HEIGHT = 100.0
_GAP = 0.22
_TOP, _PLOT = 6, 205  # pixels: where templates/bars.html puts the bars


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the scale, `y` pixels below the drawing's upper edge."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month's name, `x` per cent from the first day's edge."""

    x: float
    month: date


@dataclass(frozen=True, slots=True)
class Bars:
    """Stacked bars, one a day from `first` to `last`, each 1 wide in a box `width` wide and 100 high.

    Attributes:
        other: Path of what was removed or banned for any other reason.
        child_abuse: Path of the part for child abuse.
        terrorist: Path of the part for terrorist content.
        days: Every day of the span; None where nothing was published.
    """

    first: date
    last: date
    width: int
    other: str
    child_abuse: str
    terrorist: str
    scale: tuple[Line, ...]
    months: tuple[Month, ...]
    days: tuple[tuple[date, Tally | None], ...]


def daily_bars(tallies: Mapping[date, Tally], first: date, last: date) -> Bars:
    """Return the bars from `first` to `last`, both included."""
    span = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    top = round_up(max((tallies[d].removed for d in span if d in tallies), default=0))
    paths: dict[str, list[str]] = {"other": [], "child_abuse": [], "terrorist": []}
    for i, day in enumerate(span):
        if (counts := tallies.get(day)) is None:
            continue
        rest = counts.removed - counts.child_abuse - counts.terrorist
        floor = _HEIGHT
        for name, number in (
            ("terrorist", counts.terrorist),
            ("child_abuse", counts.child_abuse),
            ("other", rest),
        ):
            height = _HEIGHT * number / top
            if number:
                paths[name].append(f"M{i + _GAP / 2:g} {floor:.4g}h{1 - _GAP:g}v{-height:.4g}h{_GAP - 1:g}z")
            floor -= height
    return Bars(
        first=first,
        last=last,
        width=len(span),
        other="".join(paths["other"]),
        child_abuse="".join(paths["child_abuse"]),
        terrorist="".join(paths["terrorist"]),
        scale=tuple(Line(_TOP + _PLOT * (4 - part) / 4, round(top * part / 4)) for part in (4, 3, 2, 1)),
        months=_months(span),
        days=tuple((day, tallies.get(day)) for day in span),
    )


def round_up(number: int) -> int:
    """Return the scale's end: 1, 2, 4, 5 or 8 times a power of ten, at least 4."""
    power = 1
    while True:
        for step in (1, 2, 4, 5, 8):
            if (end := step * power) >= max(number, 4):
                return end
        power *= 10


def _months(span: list[date]) -> tuple[Month, ...]:
    starts = [(i, day) for i, day in enumerate(span) if day.day == 1 or i == 0]
    # A first month of a few days would have its name written over by the next one's.
    kept = [start for n, start in enumerate(starts) if n + 1 == len(starts) or starts[n + 1][0] - start[0] > 14]
    return tuple(Month(round(100 * i / len(span), 2), day) for i, day in kept)
