"""What is done to targets when a reply is sent: as it was ruled, or as a person settled it. Pure.

A person settles what the rules leave to one. No person takes a measure that a rule refuses, reaches further than law
and order do, or acts on what was not asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import EU_STATES, Ground
from evenhand.vocabulary.matter import Assessed, Draft, MatterFile, Measure
from evenhand.vocabulary.post import ItemKind
from evenhand.vocabulary.request import TargetRuling

KINDS: Mapping[str, ItemKind] = MappingProxyType(
    {"post": ItemKind.POST, "channel": ItemKind.CHANNEL, "account": ItemKind.ACCOUNT}
)
"""Kinds of target at which a measure can be taken."""
UNION = "EU"
CLAUSE_CHARS_MAX = 500
_ASKS = frozenset({"remove", "geo-restrict"})
_RULED = ("comply", "geo-restrict")


def measures_ruled(assessed: Assessed) -> tuple[Measure, ...]:
    """Return the measures that the ruling itself comes to: none while it waits for an answer or a person."""
    if assessed.ruling.outcome in ("clarify", "escalate"):
        return ()
    where = assessed.ruling.territory
    found = {row.target: _ruled(row, where) for row in _measurable(assessed) if row.outcome in _RULED}
    return tuple(found.values())


def _ruled(row: TargetRuling, where: tuple[str, ...]) -> Measure:
    if row.outcome == "comply" and UNION in where:
        return Measure(target=row.target, action="disable")
    # A restriction in the whole Union names its states: the platform restricts by state.
    states = EU_STATES if UNION in where else where
    return Measure(target=row.target, action="geo-restrict", territory=states)


def _measurable(assessed: Assessed) -> Iterator[TargetRuling]:
    """Yield what was ruled on targets that an ask wants out of sight and that are ours to act on."""
    asks = {ask.id: ask.kind for ask in assessed.request.asks}
    for row in assessed.ruling.targets:
        known = assessed.facts.targets.get(row.target)
        if asks.get(row.ask) in _ASKS and known is not None and known.on_service and known.kind in KINDS:
            yield row


def _is_open(assessed: Assessed, row: TargetRuling) -> bool:
    """Tell whether a target is a person's to settle: not before somebody has looked whether it is press or protest."""
    return row.outcome in _RULED or (row.outcome == "escalate" and assessed.facts.targets[row.target].flags is not None)


def settleable(assessed: Assessed) -> tuple[str, ...]:
    """Return the targets at which a measure may be taken: as ruled, or where a person has to settle it."""
    return tuple(dict.fromkeys(row.target for row in _measurable(assessed) if _is_open(assessed, row)))


def check_measures(assessed: Assessed, draft: Draft) -> None:
    """Refuse a draft whose measures nobody may take.

    Raises:
        InputError: Says which, and why.
    """
    if draft.interim and draft.measures:
        raise InputError("measures", "an interim letter takes none")
    own = draft.ground is Ground.INCOMPATIBLE_CONTENT
    if draft.measures and own and not 0 < len(draft.clause.strip()) <= CLAUSE_CHARS_MAX:
        raise InputError("clause", f"name the clause of our own rules, in 1 to {CLAUSE_CHARS_MAX} characters")
    targets = [measure.target for measure in draft.measures]
    may = settleable(assessed)
    for measure in draft.measures:
        name = measure.target[:80]
        if measure.target not in may:
            raise InputError("measures", f"{name!r}: no measure may be taken at it on this request")
        if targets.count(measure.target) > 1:
            raise InputError("measures", f"{name!r} is named twice")
        if (measure.action == "geo-restrict") != bool(measure.territory):
            raise InputError("measures", f"{name!r}: a geo-restriction names its states, a disabling none")
        if not own and not _within(measure, assessed):
            reach = ", ".join(assessed.reach) or "nowhere"
            raise InputError("measures", f"{name!r}: by law the effect reaches {reach}, and no further")


def _within(measure: Measure, assessed: Assessed) -> bool:
    """Tell whether a measure stays where law and order reach; a geo-restriction was never asked to be everywhere."""
    asks = {ask.id: ask.kind for ask in assessed.request.asks}
    if measure.action == "disable":
        wanted = {asks.get(row.ask) for row in assessed.ruling.targets if row.target == measure.target}
        return UNION in assessed.reach and "remove" in wanted
    reach = set(EU_STATES) if UNION in assessed.reach else set(assessed.reach)
    return set(measure.territory) <= reach


def approvals_wanted(file: MatterFile) -> Sequence[str]:
    """Return whose approvals a draft needs.

    Two different people's, one of them of the legal team. One is enough for a question back, for word that nothing is
    ours and for what the automatic disabling is reported with, not for word that nothing is executed because no answer
    came; and, where a written exception of the platform's says
    so, for all by which no data leave.
    """
    assessed = file.assessed
    if assessed is None or (file.lapsed is None and _needs_one(assessed, file.draft)):
        return ("legal",)
    waived = bool(assessed.waived) and "second-person" not in assessed.ruling.approvals
    return ("legal",) if waived else ("legal", "second-person")


def _needs_one(assessed: Assessed, draft: Draft | None) -> bool:
    """Tell whether what would leave is what the ruling asks no approval for, and nothing beside it."""
    if assessed.ruling.approvals:
        return False
    return draft is None or (not draft.interim and set(draft.measures) == set(measures_ruled(assessed)))


def with_measures(assessed: Assessed, draft: Draft, measures: Sequence[Measure] | None) -> Draft:
    """Return a draft with its measures, checked; None: as ruled.

    Raises:
        InputError: They are none that anybody may take.
    """
    if measures is None:
        measures = () if draft.interim else measures_ruled(assessed)
    whole = replace(draft, measures=tuple(measures))
    check_measures(assessed, whole)
    return whole
