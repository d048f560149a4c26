"""Which sentences a language has, and one language or all of them as values. Pure; `wording` reads them from files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from evenhand.statements.plain import isolated, one_line
from evenhand.vocabulary.decision import RESTRICTIVE, Action
from evenhand.vocabulary.eu import EEA_STATES, YES_NO, Automation, Ground, Source

FALLBACK = "en"

PLACEHOLDER = re.compile(r"\{([a-z]+)\}")
_BY_ITEM = frozenset({Action.BAN})  # its sentence depends on the item, so it has none of its own


CALLS = (
    "overdue",
    "alarm-raised",
    "alarm-unanswered",
    "runaway",
    "lists-broken",
    "action-refused",
    "platform-silent",
    "platform-not-done",
    "mail-silent",
    "clarification-overdue",
    "letter-late",
    "letter-dead",
    "database-silent",
    "database-refuses",
)
"""Why a person is called, as the effects that call one say it; each has a sentence of its own."""


def _plain(section: str, *names: str) -> dict[str, frozenset[str]]:
    return {f"{section}.{name}": frozenset() for name in names}


def _filled(section: str, **names: str) -> dict[str, frozenset[str]]:
    return {f"{section}.{name}": frozenset(placeholders.split()) for name, placeholders in names.items()}


SENTENCES: Mapping[str, frozenset[str]] = MappingProxyType(
    {"direction": frozenset()}
    | _plain("heading", "decision", "territory", "until", "facts", "source", "automation", "ground", "redress")
    | _plain("heading", "outcome", "reasons", "next", "message", "suspicion", "item")
    | _filled("item", post="item", channel="item", account="item")
    | _plain("action", *(action.value for action in sorted(RESTRICTIVE - _BY_ITEM)), Action.RESTORE.value)
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
    | _filled("question", subject="reference", opening="platform reference", follow="")
    | _filled(
        "misuse", warned="platform", suspended="platform", warning="platform", suspension="platform day", court=""
    )
    | _filled("sanction", subject="platform", opening="platform day", warning="")
    | _filled("request", received="reference", reply="reference", question="reference", vouching="platform")
    | _filled("request", enclosed="reference", receipt="")
    | _filled("request", reminder="reference", reminded="reference day", awaited="instant", unclarified="")
    | _filled("concerned", subject="reference", order="platform day name", demand="platform day", basis="ground")
    | _filled("concerned", redress="redress", follow="", counter="", undone="platform day")
    | _filled("counter", subject="reference", opening="platform day reference", due="instant", undated="")
    | _filled("counter", restored="platform day reference")
    | _filled("carried", subject="reference", text="reference")
    | _filled("alarm", subject="platform", opening="name platform instant", answer="", author="", channel="", place="")
    | _filled("call", subject="platform", opening="platform", console="")
    | _plain("call", *CALLS, "other")
    | _plain("state", *EEA_STATES)
)
"""Every sentence that a language has, with the names that it fills in, each of them at least once."""


@lru_cache(4096)
def _pieces(sentence: str) -> tuple[tuple[str, str], ...]:
    """Return a sentence in pieces: what stands before a placeholder, and its name; "" at the end."""
    parts = PLACEHOLDER.split(sentence)
    return tuple(zip(parts[::2], [*parts[1::2], ""], strict=True))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wording:
    """One language; two are one only where they are the same object, so that what they say can be remembered.

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
        text = self.sentences[sentence]
        if "{" not in text:
            return text
        said = []
        for before, name in _pieces(text):
            said.append(before)
            if name:
                value = values[name]
                if isinstance(value, str):
                    said.append(isolated(one_line(value), self.direction))
                else:
                    members = [isolated(one_line(member), self.direction) for member in value]
                    said.append(self.sentences["territory.comma"].join(members))
        return "".join(said)

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
