"""What the platform did of a decision, as its page shows it: a person's decision and a machine's alike."""

from dataclasses import dataclass

import msgspec

from evenhand.flow.action_delivery import taken_up_to
from evenhand.flow.action_reports import Said, reports_of
from evenhand.views.decisions import DecisionRow
from evenhand.views.records import EffectRow, RecordQueries


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """An action that a decision asks for.

    Attributes:
        number: Its place in the order of all actions.
        taken: The platform has it.
        said: What the platform said of it, the oldest first.
    """

    number: int
    taken: bool
    said: tuple[Said, ...]

    @property
    def differs(self) -> bool:
        """Tell whether what was done is not what was decided, or was late."""
        return bool(self.said) and (self.said[-1].status != "done" or self.said[-1].late)


def carried_out(queries: RecordQueries, row: DecisionRow) -> tuple[Carried, ...]:
    """Return the actions that a decision asks for: most ask for one, some for none."""
    taken = taken_up_to(queries)
    return tuple(
        Carried(number=one.number, taken=one.number <= taken, said=tuple(reports_of(queries, one.key.hex())))
        for one in queries.effects_of_act(row.act)
        if _asks_for(one, row)
    )


def _asks_for(effect: EffectRow, row: DecisionRow) -> bool:
    """Tell whether an effect is a decision's: an act may hold several; of what was erased only its kind is left."""
    if effect.kind != f"platform.{row.action}":
        return False
    return effect.body is None or row.erased or msgspec.json.decode(effect.body).get("id") == row.item_id
