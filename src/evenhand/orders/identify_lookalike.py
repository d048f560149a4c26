"""Domains that look like a registered one. Pure; flags for people, never a reason to accept.

A domain's skeleton is what a hurried reader sees: punycode decoded, letters of other scripts and accented ones taken
for the Latin ones they look like, digits and pairs of letters for the letters they imitate, hyphens left out. Two
skeletons that are equal, or one letter apart, look alike; so does a registered name that stands before a foreign end.

This is a table of our own for host names. Screening has a wider one for texts; the two rooms are strangers, and a
test keeps what they share the same.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LETTERS = {
    "a": "аαɑᴀ",
    "b": "вьβʙ",
    "c": "сᴄⲥ",
    "d": "ԁɗɖᴅ",
    "e": "еεєҽᴇ",
    "f": "ƒք",
    "g": "ԍɡɢց",
    "h": "һнհʜ",
    "i": "іιıɩɪ",
    "j": "јϳյ",
    "k": "кκĸᴋ",
    "l": "ӏʟլ",
    "m": "мᴍⲙ",
    "n": "пηոɴ",
    "o": "оοօᴏⲟ",
    "p": "рρᴘⲣ",
    "q": "ԛզ",
    "r": "гʀɾⲅ",
    "s": "ѕʂꜱ",
    "t": "тτᴛⲧ",
    "u": "υսᴜц",
    "v": "νѵᴠ",
    "w": "ԝωѡաᴡш",
    "x": "хχⲭ",
    "y": "уγүʏ",
    "z": "ᴢʐ",
}
ALIKE = str.maketrans({alike: letter for letter, letters in _LETTERS.items() for alike in letters})
_OWN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ŋ": "n", "ß": "b", "0": "o", "1": "l", "i": "l", "5": "s"})
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("-", ""))
_TAIL_LETTERS_MIN = 6
"""Below this many letters a skeleton one letter apart says nothing: too many short names are neighbours."""


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """Skeletons of registered domains.

    Attributes:
        exact: Skeleton → the first domain with it.
        near: Skeleton with one letter left out → the first domain with it.
    """

    exact: dict[str, str]
    near: dict[str, str]

    def registered_like(self, domain: str) -> str | None:
        """Return the registered domain that an unregistered one looks like, or None."""
        bare = skeleton(domain)
        if found := self.exact.get(bare) or self._neighbour(bare):
            return found
        return next((self.exact[part] for part in _beginnings(bare) if part in self.exact), None)

    def _neighbour(self, bare: str) -> str | None:
        if len(bare) < _TAIL_LETTERS_MIN:
            return None
        one_more = (self.exact.get(shorter) for shorter in _shorter(bare))
        one_less = self.near.get(bare)
        changed = (self.near.get(shorter) for shorter in _shorter(bare))
        return one_less or next((found for found in (*one_more, *changed) if found), None)


def look_alikes(domains: Iterable[str]) -> LookAlikes:
    """Return the index over registered domains in lower case."""
    exact: dict[str, str] = {}
    near: dict[str, str] = {}
    for domain in domains:
        bare = skeleton(domain)
        exact.setdefault(bare, domain)
        if len(bare) >= _TAIL_LETTERS_MIN:
            for shorter in _shorter(bare):
                near.setdefault(shorter, domain)
    return LookAlikes(exact, near)


def skeleton(domain: str) -> str:
    """Return what a hurried reader sees of a domain in lower case."""
    letters = ".".join(_decoded(label) for label in domain.split("."))
    letters = unicodedata.normalize("NFKC", letters).casefold()
    bare = "".join(sign for sign in unicodedata.normalize("NFD", letters) if not unicodedata.combining(sign))
    bare = bare.translate(ALIKE).translate(_OWN)
    for pair, letter in _PAIRS:
        bare = bare.replace(pair, letter)
    return bare


def _decoded(label: str) -> str:
    """Return a punycode label in its own letters, any other as it is."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def _shorter(bare: str) -> Iterator[str]:
    return (bare[:place] + bare[place + 1 :] for place in range(len(bare)))


def _beginnings(bare: str) -> Iterator[str]:
    """Yield what stands before each dot, the longest first: police.example of police.example.evil.test."""
    labels = bare.split(".")
    return (".".join(labels[:count]) for count in range(len(labels) - 1, 1, -1))
