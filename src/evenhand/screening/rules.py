"""Screening rules: what each asks, what it does, and which of several has the last word. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from types import MappingProxyType

from evenhand.screening.expression import Node, Value
from evenhand.screening.rollout import Release
from evenhand.vocabulary.decision import Policy
from evenhand.vocabulary.post import Verdict

GRAVITY: Mapping[Verdict, int] = MappingProxyType(
    {Verdict.REMOVE: 0, Verdict.REVIEW: 1, Verdict.RESTRICT: 2, Verdict.LABEL: 3}
)
"""Which verdict has the last word when several rules hold: the lowest.

A person's look outranks a machine's restriction, but not a removal that a rule is sure of.
"""

_PLACE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A post for which a rule must, or must not, hold.

    Attributes:
        line: Where it stands in the rule's file, from 1.
        post: Fields of the post format.
        signals: Values put over what is measured.
    """

    line: int
    holds: bool
    post: Mapping[str, object]
    signals: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        condition: Typed tree of `when`.
        when: The SQL condition as it was written.
        because: Sentence for the moderator, with {signal} where a value belongs.
        statement: Sentence for the statement of reasons.
        statement_in: The same in other languages, by ISO 639-1 code in lower case.
        version: 16 hex digits over what decides and what is said; examples and layout leave it as it is.
        source: File that it stands in.
        spam: What it finds is deceptive commercial content in high volume: no statement of reasons (Art. 17(2)).
        release: Within which it acts; None: everywhere, always.
    """

    name: str
    verdict: Verdict
    condition: Node
    when: str
    because: str
    statement: str
    policy: Policy
    version: str
    source: str
    examples: tuple[Example, ...] = ()
    release: Release | None = None
    spam: bool = False
    statement_in: Mapping[str, str] = field(default_factory=dict)

    def statement_for(self, language: str | None) -> str:
        """Return the sentence in a language (ISO 639-1, any case), or as it was first written."""
        return self.statement_in.get((language or "").lower(), self.statement)


def version_of(*parts: str) -> str:
    """Return 16 hex digits over the parts; no two lists of parts collide."""
    digest = blake2b(digest_size=8)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def last_word(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules in the order in which they are asked: the first that holds decides."""
    return tuple(sorted(rules, key=lambda rule: (GRAVITY[rule.verdict], rule.name)))


def places(because: str) -> tuple[str, ...]:
    """Return the names of the signals in a sentence's {places}, in order."""
    return tuple(_PLACE.findall(because))


def frame(because: str) -> str:
    """Return a sentence with bare {} in its places."""
    return _PLACE.sub("{}", because)


def stray_brace(because: str) -> bool:
    """Tell whether a brace stands alone, outside of any {place}."""
    return any(brace in _PLACE.sub("", because) for brace in "{}")
