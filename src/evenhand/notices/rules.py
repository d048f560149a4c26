"""What a notice must have, and what its sender's record leads to. Pure."""

import re
from dataclasses import dataclass

from evenhand.vocabulary.eu import Keyword
from evenhand.vocabulary.notice import Notice

_MAILBOX = re.compile(r"[^\s<>,;@]{1,64}@[^\s<>,;@.]+(\.[^\s<>,;@.]+)+")

ITEMS_MAX = 50
REASONS_CHARS_MIN = 10
"""Shorter reasons substantiate nothing (Art. 16(2)(a)): "bad" is not an explanation."""

NAMELESS = frozenset(
    {
        Keyword.CHILD_SEXUAL_ABUSE_MATERIAL,
        Keyword.CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE,
        Keyword.GROOMING_SEXUAL_ENTICEMENT_MINORS,
    }
)
"""Where name and e-mail are not required: offences of Directive 2011/93/EU, Art. 3 to 7 (Art. 16(2)(c))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """What a complete notice has, and where that is written."""

    field: str
    source: str


_LAW = "Regulation (EU) 2022/2065, Art. 16(2)"
ELEMENTS = (
    Element(field="reasons", source=f"{_LAW}(a)"),
    Element(field="items", source=f"{_LAW}(b)"),
    Element(field="name", source=f"{_LAW}(c)"),
    Element(field="email", source=f"{_LAW}(c)"),
    Element(field="good_faith", source=f"{_LAW}(d)"),
)


def missing(notice: Notice) -> tuple[Element, ...]:
    """Return what a notice lacks, in the order of the law; nothing: it is complete."""
    nameless = notice.keyword in NAMELESS or bool(notice.flagger)
    there = (  # in the order of ELEMENTS
        len(notice.reasons.strip()) >= REASONS_CHARS_MIN,
        bool(notice.items) and all(item.url or item.item_id for item in notice.items),
        nameless or bool(notice.name.strip()),
        nameless or _is_mailbox(notice.email),
        notice.good_faith,
    )
    return () if all(there) else tuple([one for one, is_there in zip(ELEMENTS, there, strict=True) if not is_there])


def _is_mailbox(text: str) -> bool:
    return _MAILBOX.fullmatch(text.strip()) is not None


def is_urgent(notice: Notice) -> bool:
    """Tell whether a notice goes first: a verified trusted flagger's, within their expertise (Art. 22(1))."""
    return bool(notice.flagger) and notice.category is not None and notice.category in notice.flagger_areas
