"""Keep personal data out of what goes to a public database (Regulation (EU) 2022/2065, Art. 24(5)). Pure.

Blunt on purpose: what looks like an address, a handle or a number that names somebody goes, and a text that lost too
much can be written anew. It cannot know names in running text; whoever writes the facts leaves those out.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

LEFT_OUT = "[…]"
"""Stands where something was left out, in every language."""

_SHORT_NAME_CHARACTERS = 3
_LINKS = re.compile(  # every repetition is bounded: a long text takes time in proportion
    r"""
    [A-Za-z][A-Za-z0-9+.\-]{0,30}://\S+               # scheme://…
    | [\w.+\-]{1,64}@[\w.\-]{1,255}                  # mail address
    | (?<![\w@])@\w{2,}                               # handle
    | \b(?:[\w\-]{1,63}\.){1,10}[a-z]{2,24}\b(?:[/:?\#]\S*)?   # host, with or without what follows
    """,
    re.VERBOSE,
)
_ADDRESSES = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<!\w)[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){3,7}(?!\w)")
_NUMBERS = re.compile(r"\+?\d(?:[ ().\-]{0,2}\d){6,}")
_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)")
_LONG_NUMBER_DIGITS = 9
_CASELESS = re.compile("[\u0130\u0131\u017f\u212a]")
"""What an expression without case takes for i, s and k, beside those letters: İ ı ſ K."""


def without_links(text: str, names: Iterable[str]) -> str:
    """Return a text without links, addresses, handles, and without these names (platform ids, say) in any case."""
    for name in sorted({name.strip() for name in names if name.strip()}, key=len, reverse=True):
        if _may_hold(text, name):
            text = _named(name).sub(LEFT_OUT, text)
    return _LINKS.sub(LEFT_OUT, text)


def without_personal_data(text: str, names: Iterable[str]) -> str:
    """Return a text without links and names, network addresses, telephone and other long numbers."""
    return _NUMBERS.sub(_number, _ADDRESSES.sub(LEFT_OUT, without_links(text, names)))


def may_hold_names(texts: tuple[str, ...], names: Iterable[str]) -> bool:
    """Tell whether one of these names may stand in one of a rule's own texts; a name that is not ASCII always may."""
    lowered = _lowered(texts)
    for name in names:
        found = name.strip()
        if found and (lowered is None or not found.isascii() or found.lower() in lowered):
            return True
    return False


@lru_cache(1024)
def _lowered(texts: tuple[str, ...]) -> str | None:
    """Return texts in which an ASCII name is to be looked for; None where one may be hidden behind other letters."""
    whole = "\n".join(texts)
    return None if _CASELESS.search(whole) else whole.lower()


def _may_hold(text: str, name: str) -> bool:
    """Tell whether a name may stand in a text: to look for each name by an expression of its own is dear."""
    return not name.isascii() or _CASELESS.search(text) is not None or name.lower() in text.lower()


def _named(name: str) -> re.Pattern[str]:
    """A short id is left out only where it stands by itself: "4" is no reason to spoil "Art. 14" or "4.2"."""
    inside = re.escape(name)
    short = len(name) <= _SHORT_NAME_CHARACTERS
    return re.compile(rf"(?<!\w)(?<!\w\.){inside}(?!\w|\.\w)" if short else inside, re.IGNORECASE)


def _number(found: re.Match[str]) -> str:
    days, number = "", found.group()
    while day := _DAY.match(number):
        # A day stays; what follows it may still be somebody's number.
        after = number[day.end() :].lstrip(" ().-")
        days, number = days + number[: len(number) - len(after)], after
    digits = sum(character.isdigit() for character in number)
    return days + (number if digits < _LONG_NUMBER_DIGITS and not number.startswith("+") else LEFT_OUT)
