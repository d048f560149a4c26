"""The sentences of our letters in each language: which there are, and the only reader of letters/*.toml.

A language is one file. A file of the same name in a directory of one's own replaces single sentences or adds a
language; whatever lacks a sentence, has one too many, or fills in something unknown is refused with file and key.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any

from evenhand.statements.plain import isolated, one_line
from evenhand.vocabulary.decision import RESTRICTIVE, Action
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import EEA_STATES, YES_NO, Automation, Ground, Source

FALLBACK = "en"

_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")
_LANGUAGE_FILE = re.compile(r"[a-z]{2,3}\.toml")
_BY_PLACE = frozenset({Action.BAN})  # its sentence depends on the item, so it has none of its own


def _plain(section: str, *names: str) -> dict[str, frozenset[str]]:
    return {f"{section}.{name}": frozenset() for name in names}


def _filled(section: str, **names: str) -> dict[str, frozenset[str]]:
    return {f"{section}.{name}": frozenset(placeholders.split()) for name, placeholders in names.items()}


SENTENCES: Mapping[str, frozenset[str]] = MappingProxyType(
    {"direction": frozenset()}
    | _plain("heading", "decision", "territory", "until", "facts", "source", "automation", "ground", "redress")
    | _plain("heading", "outcome", "reasons", "next")
    | _filled("item", post="item", channel="item", account="item")
    | _plain("action", *(action.value for action in sorted(RESTRICTIVE - _BY_PLACE)), Action.RESTORE.value)
    | _plain("action", "ban-channel", "ban-account", "suspend-channel", "suspend-account-content")
    | _plain("action", "interaction-restrict-account")
    | _filled("territory", everywhere="", states="states", comma="")
    | _filled("until", open="", day="day")
    | _plain("source", *Source)
    | _plain("detection", *YES_NO)
    | _plain("automation", *Automation)
    | _filled("ground", **dict.fromkeys(Ground, "ground"))
    | _plain("ground", "illegal", "incompatible", "also_illegal", "read")
    | _filled("redress", complaint="day", dispute="", bodies="", court="")
    | _filled("statement", subject="reference", opening="platform day reference")
    | _filled("answer", subject="reference", opening="platform day reference")
    | _filled("fine", subject="reference", opening="platform day reference", looked="", silence="")
    | _filled("appeal", subject="reference", opening="platform day reference")
    | _plain("appeal", "upheld", "partly", "reversed", "by_person")
    | _filled("changed", subject="reference", opening="platform day reference")
    | _filled("receipt", subject="reference", opening="platform instant reference", next="", follow="")
    | _plain("state", *EEA_STATES)
)
"""Every sentence that a language has, with the names that it fills in, each of them at least once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One language.

    Attributes:
        language: ISO 639, lower case.
        sentences: By "section.name".
    """

    language: str
    sentences: Mapping[str, str]

    @property
    def direction(self) -> str:
        """Return "ltr" or "rtl"."""
        return self.sentences["direction"]

    def say(self, sentence: str, **values: str | Sequence[str]) -> str:
        """Return a sentence with its placeholders filled in; values are made harmless and never read as sentences.

        A sequence becomes a list with this language's commas, in which no member turns the order of the others.
        """

        def fill(found: re.Match[str]) -> str:
            value = values[found[1]]
            members = [value] if isinstance(value, str) else value
            comma = self.sentences["territory.comma"]
            return comma.join(isolated(one_line(member), self.direction) for member in members)

        return _PLACEHOLDER.sub(fill, self.sentences[sentence])

    def state(self, code: str) -> str:
        """Return a state's name, or its code where this language has none."""
        return self.sentences.get(f"state.{code}", code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wordings:
    """All languages, by ISO 639 code in lower case."""

    by_language: Mapping[str, Wording]

    def pick(self, language: str | None) -> Wording:
        """Return a language's wording ("de", "DE" and "de-AT" are one), or English where there is none."""
        code = re.split(r"[-_]", (language or FALLBACK).lower())[0]
        return self.by_language.get(code) or self.by_language[FALLBACK]


def load_wordings(*directories: Path) -> Wordings:
    """Read the languages that come with Evenhand, then those in `directories`, sentence over sentence.

    Raises:
        InputError: A file is not TOML, or a sentence is missing, unknown, empty, or fills in something else than it
            must; names the file and the sentence.
    """
    shipped: Traversable = files("evenhand.statements").joinpath("letters")
    sentences: dict[str, dict[str, str]] = {}
    for directory in (shipped, *directories):
        for file in sorted(directory.iterdir(), key=lambda path: path.name):
            if not file.name.endswith(".toml"):
                continue
            if not _LANGUAGE_FILE.fullmatch(file.name):
                raise InputError(file.name, "must have a language's code for a name, as in de.toml")
            sentences.setdefault(file.name, {}).update(_read(file))
    for name, found in sentences.items():
        if missing := SENTENCES.keys() - found.keys():
            raise InputError(f"{name}: {min(missing)}", "is missing")
    return Wordings(
        by_language=MappingProxyType(
            {
                name.removesuffix(".toml"): Wording(
                    language=name.removesuffix(".toml"), sentences=MappingProxyType(found)
                )
                for name, found in sentences.items()
            }
        )
    )


def _read(file: Traversable) -> dict[str, str]:
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(file.name, f"is not TOML: {error}") from error
    found: dict[str, Any] = {}
    for section, value in table.items():
        if isinstance(value, dict):
            found |= {f"{section}.{name}": sentence for name, sentence in value.items()}
        else:
            found[section] = value
    for name, sentence in found.items():
        if reason := _fault(name, sentence):
            raise InputError(f"{file.name}: {name}", reason)
    return found


def _fault(name: str, sentence: Any) -> str | None:
    """Say what is wrong with a sentence, if anything."""
    if name not in SENTENCES:
        return "is not a sentence of ours"
    if not isinstance(sentence, str) or not sentence.strip():
        return "must be a text and not empty"
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in sentence):
        return "must be one line without control characters"
    if name == "direction" and sentence not in ("ltr", "rtl"):
        return "must be ltr or rtl"
    wanted, filled = SENTENCES[name], set(_PLACEHOLDER.findall(sentence))
    if unknown := filled - wanted:
        return f"fills in {{{min(unknown)}}}, which is not known there"
    if missing := wanted - filled:
        return f"must fill in {{{min(missing)}}}"
    if "{" in (rest := _PLACEHOLDER.sub("", sentence)) or "}" in rest:
        return "has a brace that belongs to no name"
    return None
