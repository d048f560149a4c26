"""Types of the platform's own published rules: principles, rule-of-law safeguards, waivers, what is held. Pure.

They are dated rows like the law's, so that an old request is judged by the rules of its day, and public, so that anyone
can read why a request was answered as it was. None of them names a state.
"""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """What every row of the platform's own rules has.

    Attributes:
        holds_from: First day on which it holds (UTC).
        holds_to: Last day on which it holds, or None.
        source: Where the platform took it from.
        sentence: The rule, as it is published.
        edition: `holds_from` as findings cite it.
    """

    id: str
    holds_from: date
    holds_to: date | None
    source: str
    sentence: str
    edition: str = field(init=False, compare=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "edition", self.holds_from.isoformat())

    def holds(self, day: date) -> bool:
        """Tell whether the row is in force on `day`."""
        return self.holds_from <= day and (self.holds_to is None or day <= self.holds_to)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Principle(Rule):
    """What no request overrides.

    Attributes:
        kind: "asks" refuses kinds of ask, "flags" protects recorded facts of a target, "held" refuses what is not held,
            "local" keeps one state's law in that state, "conduct" says how the desk works and refuses nothing.
        asks: Kinds of ask that an "asks" row refuses outright.
        flags: Recorded facts of a target that a "flags" row protects.
        weighed: Recorded facts that send a target to a person instead of a refusal.
        courts: Issuer kinds whose decision a person reviews instead of a refusal.
    """

    kind: str
    asks: tuple[str, ...]
    flags: tuple[str, ...]
    weighed: tuple[str, ...]
    courts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Safeguard(Rule):
    """A reason to look twice at an order under one state's law. It never refuses, and looks at no list of states.

    Attributes:
        looks_at: "index" (a published index's value), "scope" (asks for more than its own state), "deadline" (less than
            so many hours), "secrecy" (the person concerned may not be told), "court" (no court issued or validated it).
        index: Name of the index, where it looks at one.
        below: A value below this calls for the extra review.
        hours: A deadline below this calls for it.
        effect: "none" (shown) or "escalate" (a person decides before anything takes effect).
    """

    looks_at: str
    index: str
    below: float
    hours: int
    effect: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Waiver(Rule):
    """A written exception to one of the platform's own rules, public and dated. None comes with Evenhand.

    Attributes:
        waives: "second-person": where the ruling asks for the legal team's approval alone, one person's is enough. It
            never covers data that leave.
    """

    waives: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IndexValue:
    """One state's value in a published rule-of-law index.

    Attributes:
        holds_from: Day of publication.
        year: Year it is about.
        source: Where it was read.
    """

    id: str
    index: str
    country: str
    year: int
    value: float
    holds_from: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held(Rule):
    """One entry of the catalogue of what the platform keeps and does not keep.

    Attributes:
        kept: Whether it is kept at all.
        data: Data categories that it belongs to; empty: none that a request can name.
        kinds: Kinds of target it is about; empty: all.
        retention: How long, as it is published.
    """

    kept: bool
    data: tuple[str, ...]
    kinds: tuple[str, ...]
    retention: str
