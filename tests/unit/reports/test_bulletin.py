"""Bulletins to the letter, and the month's total as a running sum."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.reports.made import entry

from evenhand.reports.bulletin import Addresses, child_abuse_bulletin, month_so_far, terror_bulletin
from evenhand.reports.fold import Fold
from evenhand.reports.words import WORDS
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.eu import Keyword
from evenhand.vocabulary.figures import CHILD_ABUSE, DayFigures, number_of
from evenhand.vocabulary.post import ItemKind

ADDRESSES = Addresses(terror="abuse@telegram.org", child_safety="stopCA@telegram.org")


def folded(*groups: tuple[date, int, ItemKind, Keyword | None, Action]) -> dict[date, DayFigures]:
    """Return the figures of so many like entries each."""
    fold = Fold()
    for day, number, *what in groups:
        fold.add([entry(day, n, *what) for n in range(number)], 0)
    return fold.days()


def test_to_the_letter() -> None:
    """The two examples that were really published, with the month's running total, come out byte for byte.

    Source: the published bulletins of 27 January (terrorist content) and 30 January (child abuse).
    """
    terror, abuse = Keyword.TERRORIST_CONTENT, Keyword.CHILD_SEXUAL_ABUSE_MATERIAL
    days = folded(
        (date(2026, 1, 5), 14_738, ItemKind.ACCOUNT, terror, Action.BAN),
        (date(2026, 1, 27), 312, ItemKind.ACCOUNT, terror, Action.BAN),
        (date(2026, 1, 27), 1000, ItemKind.CHANNEL, terror, Action.REMOVE),
        (date(2026, 1, 1), 50_059, ItemKind.CHANNEL, abuse, Action.BAN),
        (date(2026, 1, 30), 1830, ItemKind.CHANNEL, abuse, Action.BAN),
        (date(2025, 12, 31), 7, ItemKind.CHANNEL, abuse, Action.BAN),
        (date(2026, 1, 31), 9, ItemKind.CHANNEL, abuse, Action.BAN),
    )
    assert terror_bulletin(days, date(2026, 1, 27), ADDRESSES) == (
        "1312 terrorist bots and channels banned on January, 27.\n"
        "Total this month: 16050\n"
        "\n"
        "Report terrorist content using the in-app 'Report' button or to abuse@telegram.org.\n"
    )
    assert child_abuse_bulletin(days, date(2026, 1, 30), ADDRESSES) == (
        "1830 groups and channels related to child abuse banned on January, 30.\n"
        "Total this month: 51889\n"
        "\n"
        "Report child abuse using the in-app 'Report' button or to stopCA@telegram.org.\n"
    )


@pytest.mark.parametrize(
    ("item", "keyword", "action", "terror", "abuse"),
    [
        (ItemKind.CHANNEL, Keyword.TERRORIST_CONTENT, Action.BAN, 1, 0),
        (ItemKind.ACCOUNT, Keyword.TERRORIST_CONTENT, Action.REMOVE, 1, 0),
        (ItemKind.POST, Keyword.TERRORIST_CONTENT, Action.REMOVE, 0, 0),
        (ItemKind.CHANNEL, Keyword.TERRORIST_CONTENT, Action.LABEL, 0, 0),
        (ItemKind.CHANNEL, Keyword.CHILD_SEXUAL_ABUSE_MATERIAL, Action.BAN, 0, 1),
        (ItemKind.ACCOUNT, Keyword.CHILD_SEXUAL_ABUSE_MATERIAL, Action.BAN, 0, 0),
        (ItemKind.POST, Keyword.CHILD_SEXUAL_ABUSE_MATERIAL, Action.REMOVE, 0, 0),
        (ItemKind.CHANNEL, Keyword.GROOMING_SEXUAL_ENTICEMENT_MINORS, Action.BAN, 0, 0),
        (ItemKind.CHANNEL, None, Action.BAN, 0, 0),
    ],
)
def test_what_counts(item: ItemKind, keyword: Keyword | None, action: Action, terror: int, abuse: int) -> None:
    """Bots (accounts) and channels for terrorism; groups and channels for child abuse; bans and removals only."""
    day = date(2026, 11, 2)
    days = folded((day, 1, item, keyword, action))
    assert terror_bulletin(days, day, ADDRESSES).startswith(f"{terror} terrorist")
    assert child_abuse_bulletin(days, day, ADDRESSES).startswith(f"{abuse} groups")


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.integers(0, 70), st.integers(1, 5), max_size=12), st.integers(0, 70))
def test_month_total_is_the_running_sum(numbers: dict[int, int], at: int) -> None:
    """Of the month's days up to this one; days without entries and other months add nothing."""
    first = date(2026, 1, 15)
    keyword = Keyword.CHILD_SEXUAL_ABUSE_MATERIAL
    groups = [(first + timedelta(days=n), count, ItemKind.CHANNEL, keyword, Action.BAN) for n, count in numbers.items()]
    days = folded(*groups)
    day = first + timedelta(days=at)
    expected = sum(
        number_of(figures, CHILD_ABUSE)
        for each, figures in days.items()
        if (each.year, each.month) == (day.year, day.month) and each <= day
    )
    assert month_so_far(days, day, CHILD_ABUSE) == expected


@pytest.mark.parametrize("language", WORDS)
def test_every_language_says_everything(language: str) -> None:
    """Twelve different months; each sentence holds its number, month, day and address."""
    words = WORDS[language]
    assert len(set(words.months)) == 12
    for month in range(1, 13):
        for bulletin, address in ((terror_bulletin, "abuse@"), (child_abuse_bulletin, "stopCA@")):
            text = bulletin({}, date(2026, month, 9), ADDRESSES, language)
            assert words.months[month - 1] in text
            assert address in text
            assert "9" in text
            assert text.count("0") == 2
            assert text.endswith("\n")
