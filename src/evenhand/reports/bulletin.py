"""The two daily bulletins, to the letter of those that are published: a sentence, the month's total, where to report.

`Total this month` is the running sum of the month's days up to and including this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from evenhand.reports.words import WORDS
from evenhand.vocabulary.figures import CHILD_ABUSE, TERRORISM, Counted, DayFigures, number_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the bulletins ask for reports."""

    terror: str
    child_safety: str


def month_so_far(days: Mapping[date, DayFigures], day: date, what: Counted) -> int:
    """Return the running sum of the month, the day itself included."""
    so_far = (day.replace(day=1) + timedelta(days=n) for n in range(day.day))
    return sum(number_of(days[each], what) for each in so_far if each in days)


def terror_bulletin(days: Mapping[date, DayFigures], day: date, addresses: Addresses, language: str = "en") -> str:
    """Return the bulletin about terrorist bots and channels, ending in a line break."""
    words = WORDS[language]
    return _bulletin(days, day, TERRORISM, language, words.terror, words.report_terror, addresses.terror)


def child_abuse_bulletin(days: Mapping[date, DayFigures], day: date, addresses: Addresses, language: str = "en") -> str:
    """Return the bulletin about groups and channels related to child abuse, ending in a line break."""
    words = WORDS[language]
    return _bulletin(
        days, day, CHILD_ABUSE, language, words.child_abuse, words.report_child_abuse, addresses.child_safety
    )


def _bulletin(
    days: Mapping[date, DayFigures], day: date, what: Counted, language: str, sentence: str, ask: str, address: str
) -> str:
    words = WORDS[language]
    today = number_of(days[day], what) if day in days else 0
    return (
        sentence.format(n=today, month=words.months[day.month - 1], day=day.day)
        + "\n"
        + words.total.format(n=month_so_far(days, day, what))
        + "\n\n"
        + ask.format(address=address)
        + "\n"
    )
