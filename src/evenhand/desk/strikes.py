"""Strikes and what they lead to: written tables with weights and expiry. Pure.

The rows are the rulebook's (`law/desk.toml`), those in force on the day of the decision.

Source: the platform's own terms; Regulation (EU) 2022/2065, Art. 23(1): a suspension for frequent manifestly illegal
content comes only after a prior warning, for a reasonable period, case by case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from evenhand.rulebook.desk_tables import SanctionStep, StrikeWeight
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


STRIKES = "strikes"
"""Name of the rule in cases that strikes open: a person decides on what the table proposes."""

NO_STRIKE = frozenset({Action.LABEL, Action.AGE_RESTRICT, Action.HOLD})
"""Restrictions that reproach nobody."""


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


def strike_for(
    rows: Sequence[StrikeWeight], case: str, action: Action, harm: int, *, manifest: bool, at: datetime
) -> Strike | None:
    """Return the strike that a decision brings by the rows in force; None where it reproaches nobody."""
    if action not in RESTRICTIVE or action in NO_STRIKE:
        return None
    row = next(one for one in rows if harm >= one.harm and (manifest or not one.manifest))
    return Strike(case=case, weight=row.weight, at=at, expires_at=at + row.lasts)


def sanction_for(rows: Sequence[SanctionStep], author: AuthorFile, at: datetime) -> SanctionStep | None:
    """Return the sanction that an author's strikes newly lead to; None: none, or one that runs already.

    A row that asks for a warning waits for it: without one, the warning comes first, however heavy the strikes.
    """
    weight = author.weight(at)
    running = [one for one in author.sanctions if one.until is None or at < one.until]
    warned = any(one.id == "warning" for one in author.sanctions)
    for row in rows:
        if weight < row.weight or (row.after_warning and not warned):
            continue
        if any(one.id == row.id or _heavier(rows, one.id, row.id) for one in running):
            return None
        return row
    return None


def run_of(author: AuthorFile, row: SanctionStep, at: datetime) -> str:
    """Return 64 hex digits that name a step and the oldest strike that still counts: the same while that one counts."""
    counting = [strike.case for strike in author.strikes if at < strike.expires_at]
    return sha256(f"{row.id}/{counting[0] if counting else ''}".encode()).hexdigest()


def lapsed(rows: Sequence[SanctionStep], author: AuthorFile, at: datetime) -> tuple[Imposed, ...]:
    """Return running sanctions whose weight is no longer there, after a strike was lifted."""
    needed = {row.id: row.weight for row in rows}
    weight = author.weight(at)
    return tuple(
        one
        for one in author.sanctions
        if one.action is not None and (one.until is None or at < one.until) and weight < needed.get(one.id, 0)
    )


def _heavier(rows: Sequence[SanctionStep], one: str, other: str) -> bool:
    """Tell whether a sanction that runs is heavier than another; one that the tables no longer have is not."""
    ids = [row.id for row in rows]
    return one in ids and ids.index(one) < ids.index(other)


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
