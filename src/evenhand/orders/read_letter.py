"""Reads a demand's own words for what a person would type into the form: state, law, places, time, number. Pure.

Every proposal is the sender's word with the words it was read from. Nothing here is a fact, none of it is assessed
before a person has taken it over, and a text that tries to give orders to this can only have itself quoted.
"""

import unicodedata
from collections.abc import Iterator

from evenhand.orders.read_cues import (
    ARTICLE,
    ASKS,
    DEADLINE,
    DEADLINE_AFTER,
    DEADLINE_ONE_WORD,
    FORMS,
    LAWS,
    REFERENCE,
    URL,
    number_of,
)
from evenhand.vocabulary.reading import ReadField, ReadProposal

CHARS_MAX = 100_000
EACH_MAX = 200
QUOTE_CHARS = 120
_TAIL = ".,;:!?…'\"»”’)"


def read_letter(text: str) -> tuple[ReadProposal, ...]:
    """Return what the words of a letter propose, field by field, each value once, in the order of the letter.

    Args:
        text: As the letter says it; only its first 100,000 characters are read.

    Returns:
        At most 200 proposals of a field; nothing for a text that names nothing.
    """
    plain = _with_plain_digits(text[:CHARS_MAX])
    laws = list(_laws(plain))
    found = [
        *laws,
        *_unique("legal_basis", ((each[0].strip(" .,;"), each[0]) for each in ARTICLE.finditer(plain))),
        *_unique("targets", ((each[0].rstrip(_TAIL), each[0]) for each in URL.finditer(plain))),
        *_unique("deadline", _deadlines(plain)),
        *_unique("reference", _references(plain)),
        *_asks(plain),
    ]
    return tuple(found)


def _with_plain_digits(text: str) -> str:
    """Return the text with the digits of all scripts as 0 to 9, and without marks that only turn the writing."""
    kept = (character for character in text if unicodedata.category(character) != "Cf" or character == "\u200c")
    return "".join(str(unicodedata.digit(each)) if each.isdigit() and not each.isascii() else each for each in kept)


def _unique(field: ReadField, pairs: Iterator[tuple[str, str]]) -> Iterator[ReadProposal]:
    seen: set[str] = set()
    for value, quote in pairs:
        if value and value not in seen and len(seen) < EACH_MAX:
            seen.add(value)
            yield ReadProposal(field=field, value=value, quote=quote.strip()[:QUOTE_CHARS])


def _laws(text: str) -> Iterator[ReadProposal]:
    """Yield the states whose laws are cited, and the instruments that they are, or that the letter says it is."""
    met = [(state, instrument, found[0]) for law, state, instrument in LAWS if (found := law.search(text))]
    yield from _unique("state", ((state, quote) for state, _, quote in met if state != "EU"))
    union = [(instrument or _dsa(text), quote) for state, instrument, quote in met if state == "EU"]
    national = [(instrument, quote) for state, instrument, quote in met if state != "EU"]
    said = [(instrument, found[0]) for form, instrument in FORMS if (found := form.search(text))]
    yield from _unique("instrument", iter([*union, *(said or national)]))


def _dsa(text: str) -> str:
    """Return which of the DSA's two orders is cited: information (Art. 10) only where that article is."""
    articles = {"".join(filter(str.isdigit, each[0]))[:2] for each in ARTICLE.finditer(text)}
    return "dsa-10" if "10" in articles and "9" not in articles else "dsa-9"


def _deadlines(text: str) -> Iterator[tuple[str, str]]:
    for pattern in (DEADLINE, DEADLINE_AFTER):
        for found in pattern.finditer(text):
            yield _limit(number_of(found["n"]), hours=bool(found["h"])), found[0]
    for found in DEADLINE_ONE_WORD.finditer(text):
        yield _limit(number_of(found["n"]), hours=True), found[0]


def _limit(number: int, *, hours: bool) -> str:
    if not number:
        return ""
    return f"PT{number}H" if hours else f"P{number}D"


def _references(text: str) -> Iterator[tuple[str, str]]:
    """Yield numbers of files; the number of a law is none."""
    for found in REFERENCE.finditer(text):
        if not any(law.search(found[0]) for law, _, _ in LAWS):
            yield found["ref"].rstrip(_TAIL), found[0]


def _asks(text: str) -> Iterator[ReadProposal]:
    yield from _unique("ask", ((kind, found[0]) for kind, words in ASKS if (found := words.search(text))))
