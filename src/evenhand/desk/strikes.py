"""Strikes and what they lead to: written tables with weights and expiry. Pure.

Source: the platform's own terms; Regulation (EU) 2022/2065, Art. 23(1): a suspension for frequent manifestly illegal
content comes only after a prior warning, for a reasonable period, case by case.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from evenhand.vocabulary.decision import RESTRICTIVE, Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """`strike`: a record of an author.

    Attributes:
        case: The case whose decision it follows from, in hex.
        weight: What it counts for until it expires.
    """

    case: str
    weight: int
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifted:
    """`strike.lifted`: the decision was reversed; the strike counts for nothing any more."""

    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """A row: what a decision counts for.

    Attributes:
        harm: Least harm of the case, 0 to 3.
        manifest: Only where the content was manifestly illegal.
    """

    harm: int
    manifest: bool
    weight: int
    lasts: timedelta


WEIGHTS = (
    Weight(harm=3, manifest=True, weight=6, lasts=timedelta(days=730)),
    Weight(harm=3, manifest=False, weight=4, lasts=timedelta(days=365)),
    Weight(harm=2, manifest=True, weight=3, lasts=timedelta(days=365)),
    Weight(harm=2, manifest=False, weight=2, lasts=timedelta(days=180)),
    Weight(harm=0, manifest=True, weight=2, lasts=timedelta(days=180)),
    Weight(harm=0, manifest=False, weight=1, lasts=timedelta(days=90)),
)
"""From the gravest: the first row that fits applies."""

STRIKES = "strikes"
"""Name of the rule in cases that strikes open: a person decides on what the table proposes."""

NO_STRIKE = frozenset({Action.LABEL, Action.AGE_RESTRICT, Action.HOLD})
"""Restrictions that reproach nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanction:
    """A row: what the strikes that count add up to.

    Attributes:
        weight: Least sum.
        action: What is done to the account; None: a warning.
        lasts: How long; None: without end.
        after_warning: Only after a warning.
        by_machine: A machine's strikes lead to it by themselves; else a person decides on it.
    """

    id: str
    weight: int
    action: Action | None
    lasts: timedelta | None
    after_warning: bool
    by_machine: bool = False


SANCTIONS = (
    Sanction(id="ban", weight=12, action=Action.TERMINATE_ACCOUNT, lasts=None, after_warning=True),
    Sanction(id="month", weight=8, action=Action.SUSPEND_ACCOUNT, lasts=timedelta(days=30), after_warning=True),
    Sanction(id="week", weight=5, action=Action.INTERACTION_RESTRICT, lasts=timedelta(days=7), after_warning=True),
    Sanction(id="warning", weight=2, action=None, lasts=None, after_warning=False, by_machine=True),
)
"""From the gravest: the first row that holds applies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imposed:
    """`sanction`: a record of an author."""

    id: str
    case: str
    action: Action | None
    at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorFile:
    """An author's record, folded.

    Attributes:
        strikes: Those that were not lifted, expired or not.
        sanctions: All that were imposed and not lifted.
    """

    strikes: tuple[Strike, ...] = ()
    sanctions: tuple[Imposed, ...] = ()

    def weight(self, at: datetime) -> int:
        """Return what counts at an instant."""
        return sum(strike.weight for strike in self.strikes if at < strike.expires_at)


def strike_for(case: str, action: Action, harm: int, *, manifest: bool, at: datetime) -> Strike | None:
    """Return the strike that a decision brings; None where it reproaches nobody."""
    if action not in RESTRICTIVE or action in NO_STRIKE:
        return None
    row = next(one for one in WEIGHTS if harm >= one.harm and (manifest or not one.manifest))
    return Strike(case=case, weight=row.weight, at=at, expires_at=at + row.lasts)


def sanction_for(author: AuthorFile, at: datetime) -> Sanction | None:
    """Return the sanction that an author's strikes newly lead to; None: none, or one that runs already.

    A row that asks for a warning waits for it: without one, the warning comes first, however heavy the strikes.
    """
    weight = author.weight(at)
    running = [one for one in author.sanctions if one.until is None or at < one.until]
    warned = any(one.id == "warning" for one in author.sanctions)
    for row in SANCTIONS:
        if weight < row.weight or (row.after_warning and not warned):
            continue
        if any(one.id == row.id or _heavier(one.id, row.id) for one in running):
            return None
        return row
    return None


def run_of(author: AuthorFile, row: Sanction, at: datetime) -> str:
    """Return 64 hex digits that name a step and the oldest strike that still counts: the same while that one counts."""
    counting = [strike.case for strike in author.strikes if at < strike.expires_at]
    return sha256(f"{row.id}/{counting[0] if counting else ''}".encode()).hexdigest()


def lapsed(author: AuthorFile, at: datetime) -> tuple[Imposed, ...]:
    """Return running sanctions whose weight is no longer there, after a strike was lifted."""
    needed = {row.id: row.weight for row in SANCTIONS}
    weight = author.weight(at)
    return tuple(
        one
        for one in author.sanctions
        if one.action is not None and (one.until is None or at < one.until) and weight < needed[one.id]
    )


def _heavier(one: str, other: str) -> bool:
    ids = [row.id for row in SANCTIONS]
    return ids.index(one) < ids.index(other)


def author_file(steps: Iterable[tuple[str, object]]) -> AuthorFile:
    """Return an author's record from (kind, body), in order."""
    strikes: dict[str, Strike] = {}
    sanctions: dict[tuple[str, str], Imposed] = {}
    for kind, body in steps:
        match kind, body:
            case "strike", Strike():
                strikes[body.case] = body
            case "strike.lifted", Lifted():
                strikes.pop(body.case, None)
            case "sanction", Imposed():
                sanctions[body.id, body.case] = body
            case "sanction.lifted", Imposed():
                sanctions.pop((body.id, body.case), None)
    return AuthorFile(strikes=tuple(strikes.values()), sanctions=tuple(sanctions.values()))
