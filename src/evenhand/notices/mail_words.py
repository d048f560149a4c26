"""What a notice by mail says for itself: exact addresses, the sender's name, that it is sent in good faith. Pure.

Only what the sender wrote is read: quoted lines and what stands below a signature mark are not theirs to report.
"""

import re

from evenhand.notices.rules import ITEMS_MAX

URL_CHARACTERS_MAX = 2_000
NAME_CHARACTERS_MAX = 300

_URL = re.compile(r"(?i)\b(?:https?://|(?:t\.me|telegram\.me)/)[^\s<>\"'`{}|\\^]{2,}")
_CLOSERS = {")": "(", "]": "["}
_QUOTED = re.compile(r"(?m)^[ \t]*>.*$")
_SIGNATURE = re.compile(r"(?m)^-- ?$")
_GOOD_FAITH = re.compile(
    r"(?i)good[\s-]+faith|bona\s+fide|gute[nmr]?\s+glauben|nach\s+bestem\s+wissen|bonne\s+foi|buena\s+fe|"
    r"\u062d\u0633\u0646\s+(?:\u0627\u0644)?\u0646\u064a\u0629|\u062d\u0633\u0646\s+\u0646\u06cc\u062a"
)
"""As the law's language versions say it: English, German, French, Spanish, Arabic, Persian."""
_BARE = re.compile(r"[\"'<>\s]+")


def own_words(text: str) -> str:
    """Return a text without quoted lines and without what stands below a signature mark."""
    return _QUOTED.sub("", _SIGNATURE.split(text, maxsplit=1)[0])


def locations_in(text: str) -> tuple[str, ...]:
    """Return the different addresses that a sender's own words name, in their order, at most ITEMS_MAX."""
    found: dict[str, None] = {}
    for match in _URL.finditer(own_words(text)):
        url = _without_end(match[0])
        if len(url) <= URL_CHARACTERS_MAX:
            found[url] = None
        if len(found) == ITEMS_MAX:
            break
    return tuple(found)


def states_good_faith(text: str) -> bool:
    """Tell whether the sender writes of good faith (Art. 16(2)(d)), in one of six languages."""
    return _GOOD_FAITH.search(own_words(text)) is not None


def name_in(beside: str) -> str:
    """Return the name beside a sender's address, "" if there is none or it is an address itself."""
    name = _BARE.sub(" ", beside).strip()[:NAME_CHARACTERS_MAX]
    return "" if "@" in name else name


def _without_end(url: str) -> str:
    """Return the address without the sentence's punctuation behind it; closing brackets stay where one was opened."""
    while url and (
        url[-1] in ".,;:!?\u060c\u061b\u061f\u2026"
        or (url[-1] in _CLOSERS and url.count(_CLOSERS[url[-1]]) < url.count(url[-1]))
    ):
        url = url[:-1]
    return url
