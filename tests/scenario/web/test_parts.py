"""Small parts of the web doors: bars, durations, addresses, colours, catalogues."""

import re
import runpy
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.doors.web.charts import daily_bars, round_up
from evenhand.doors.web.serve import listen_address
from evenhand.doors.web.tallies import Tally
from evenhand.vocabulary.errors import InputError

_WEB = Path(__file__).parents[3] / "src" / "evenhand" / "doors" / "web"
_CSS = (_WEB / "static" / "site.css").read_text("utf-8")


@given(st.integers(0, 10**12))
def test_the_scale_holds_every_number_and_wastes_little(number: int) -> None:
    """The scale's end is at least the number and, above 4, less than twice and a bit."""
    end = round_up(number)
    assert end >= number
    assert end <= max(4, 2 * number)


@given(st.dictionaries(st.integers(0, 400), st.tuples(*[st.integers(0, 10**6)] * 3), max_size=30))
def test_bars_stay_inside_their_box(days: dict[int, tuple[int, int, int]]) -> None:
    """Whatever the counts, each bar starts between 0 and 100 and no stack is higher than the box."""
    first = date(2026, 1, 1)
    tallies = {first + timedelta(days=d): Tally(a + b + c, b, c) for d, (a, b, c) in days.items()}
    bars = daily_bars(tallies, first, first + timedelta(days=400))
    for path in (bars.other, bars.child_abuse, bars.terrorist):
        for x, y, up in re.findall(r"M([\d.e+-]+) ([\d.e+-]+)h[\d.e+-]+v(-[\d.e+-]+?)h", path):
            assert 0 <= float(x) <= 401
            assert -0.5 <= float(y) + float(up) <= float(y) <= 100
    assert len(bars.days) == bars.width == 401


@pytest.mark.parametrize(
    ("duration", "words"),
    [("PT1H", "1 hour"), ("P2D", "2 days"), ("P1DT12H", "1 day 12 hours"), ("PT30M", "30 minutes"), ("P", "P")],
)
def test_durations_in_words(desk: object, duration: str, words: str) -> None:  # noqa: ARG001
    """A deadline is read from ISO 8601; what is none is shown as it is written."""
    from evenhand.doors.web.contact import within

    assert within(duration) == words


def test_listen_addresses() -> None:
    """Host and port, IPv6 in brackets; anything else is an input error."""
    assert listen_address("127.0.0.1:8000") == ("127.0.0.1", 8000)
    assert listen_address("[::1]:80") == ("::1", 80)
    for wrong in ("", ":80", "localhost", "localhost:", "localhost:0", "localhost:65536", "localhost:٨٠"):
        with pytest.raises(InputError):
            listen_address(wrong)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_have_contrast(scheme: int) -> None:
    """Every text colour stands at 4.5:1 on every ground it is used on (WCAG 2.2, 1.4.3); bars at 3:1."""
    block = re.findall(r":root \{(.*?)\}", _CSS, re.DOTALL)[scheme]
    colour = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
    for text in ("ink", "soft", "mark", "abuse", "terror"):
        for ground in ("paper", "sheet"):
            assert _contrast(colour[text], colour[ground]) >= 4.5, (text, ground)
    for text, ground in (("on-mark", "mark"), ("ink", "wash"), ("mark", "wash"), ("ink", "warn"), ("mark", "warn")):
        assert _contrast(colour[text], colour[ground]) >= 4.5, (text, ground)
    for part in ("bar", "abuse", "terror", "focus"):
        assert _contrast(colour[part], colour["paper"]) >= 3, part


def test_the_style_sheet_mirrors() -> None:
    """No physical left or right: right-to-left pages mirror by themselves."""
    assert re.findall(r"(?:margin|padding|border|inset)?-?(?:left|right)\s*:", _CSS) == []


def test_catalogues_are_compiled() -> None:
    """Each .mo is what its .po compiles to, and keeps every placeholder."""
    tool = runpy.run_path(str(_WEB.parents[3] / "scripts" / "compile_locale.py"))
    catalogues = sorted((_WEB / "locale").glob("*/LC_MESSAGES/django.po"))
    assert [po.parts[-3] for po in catalogues] == ["ar", "de", "fa", "fr"]
    for po in catalogues:
        messages = tool["read_po"](po.read_text("utf-8"))
        assert po.with_suffix(".mo").read_bytes() == tool["mo_bytes"](messages), po
        for source, translation in messages.items():
            if source:
                wanted = set(re.findall(r"%\(\w+\)[sd]", source))
                assert all(set(re.findall(r"%\(\w+\)[sd]", form)) == wanted for form in translation.split("\0"))


def test_no_two_actions_share_a_key(desk: object) -> None:  # noqa: ARG001
    """On a case's page each key means one thing."""
    from evenhand.doors.web.keys import ACTION_KEYS, KEYS, OUTCOME_KEYS
    from evenhand.vocabulary.case import AppealOutcome
    from evenhand.vocabulary.decision import Action

    assert set(ACTION_KEYS) == set(Action)
    assert set(OUTCOME_KEYS) == set(AppealOutcome)
    at_a_case = [key for name, (key, _what) in KEYS.items() if name not in ("open", "up", "down")]
    keys = [*at_a_case, *ACTION_KEYS.values(), *OUTCOME_KEYS.values()]
    assert len(set(keys)) == len(keys)


def test_every_keyword_has_words() -> None:
    """Each of the EU database's keywords is said in words, never in its code's letters."""
    from evenhand.doors.web.keyword_labels import KEYWORD_LABELS
    from evenhand.vocabulary.eu import Keyword

    assert set(KEYWORD_LABELS) == set(Keyword)


def test_catalogues_are_complete() -> None:
    """Everything that a page says has a translation in each language; a text without one would be found."""
    folder = str(_WEB.parents[3] / "scripts")
    sys.path.insert(0, folder)
    try:
        finder = runpy.run_path(f"{folder}/find_messages.py")
        compiler = runpy.run_path(f"{folder}/compile_locale.py")
    finally:
        sys.path.remove(folder)
    said = finder["messages"]()
    assert "Next case" in said
    assert "%(number)s notice\0%(number)s notices" in said
    for po in sorted((_WEB / "locale").glob("*/LC_MESSAGES/django.po")):
        known = compiler["read_po"](po.read_text("utf-8"))
        assert [message for message in said if message not in known] == [], po


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
