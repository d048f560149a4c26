"""What is held of a target, and the catalogue's entry for what is not. Pure."""

from evenhand.orders.context import Situation
from evenhand.rulebook.policy import Held
from evenhand.vocabulary.request import (
    DATA_CATEGORIES,
    DataCategory,
    Effect,
    RequestFinding,
    TargetFacts,
    TargetKind,
)

_SENTENCE = "Nothing is given that the platform does not hold."


def categories_held(facts: TargetFacts) -> tuple[DataCategory, ...]:
    """Return the categories of data that the recorded fact says are held."""
    if isinstance(facts.held, bool):
        return DATA_CATEGORIES if facts.held else ()
    return facts.held


def held_of(facts: TargetFacts, data: tuple[DataCategory, ...]) -> bool:
    """Tell whether anything that the ask is about is held; an ask that names no data is about all of it."""
    held = categories_held(facts)
    return bool(held) and (not data or not set(held).isdisjoint(data))


def not_held(situation: Situation, data: DataCategory, kind: TargetKind, *, effect: Effect) -> RequestFinding:
    """Return the finding that a category is not held, with the catalogue's entry about it."""
    principle = next((row for row in situation.edition.principles if row.kind == "held"), None)
    entry = _entry(situation, data, kind)
    cited = "no entry" if entry is None else f"{entry.id} ({entry.edition}): {entry.sentence}"
    return RequestFinding(
        rule="not-held" if principle is None else principle.id,
        edition=situation.day if principle is None else principle.edition,
        article=f"{'' if principle is None else principle.source + '; '}catalogue of what is held: "
        f"{'no entry' if entry is None else entry.id}",
        kept=False,
        effect=effect,
        explanation=f"{data}: not held. {principle.sentence if principle else _SENTENCE} Catalogue: {cited}",
    )


def _entry(situation: Situation, data: DataCategory, kind: TargetKind) -> Held | None:
    """Return the entry that says it is not kept, this kind of target's first; else the one that says how long it is."""
    rows = [row for row in situation.edition.held if data in row.data and (not row.kinds or kind in row.kinds)]
    return min(rows, key=lambda row: (row.kept, not row.kinds), default=None)
