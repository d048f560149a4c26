"""From a verdict to what is done: pure tables."""

from types import MappingProxyType

from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.post import ItemKind, Verdict

_ACTIONS = MappingProxyType(
    {
        (Verdict.REMOVE, ItemKind.POST): Action.REMOVE,
        (Verdict.REMOVE, ItemKind.CHANNEL): Action.BAN,
        (Verdict.REMOVE, ItemKind.ACCOUNT): Action.BAN,
        (Verdict.RESTRICT, ItemKind.POST): Action.DEMOTE,
        (Verdict.RESTRICT, ItemKind.CHANNEL): Action.DEMOTE,
        (Verdict.RESTRICT, ItemKind.ACCOUNT): Action.INTERACTION_RESTRICT,
        (Verdict.LABEL, ItemKind.POST): Action.LABEL,
        (Verdict.LABEL, ItemKind.CHANNEL): Action.LABEL,
        (Verdict.LABEL, ItemKind.ACCOUNT): Action.LABEL,
    }
)


def action_for(verdict: Verdict, item: ItemKind) -> Action | None:
    """Return what a machine's verdict does to an item; None where nothing is done or a person decides."""
    return _ACTIONS.get((verdict, item))
