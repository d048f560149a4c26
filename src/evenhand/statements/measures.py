"""What each action is in the EU database's codes, as one table. Pure; docs/reference/statements.md prints it."""

from dataclasses import dataclass

from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Account, Monetary, Provision, Visibility
from evenhand.vocabulary.post import ItemKind

_EVERY_ITEM = frozenset(ItemKind)
_CONTENT = frozenset({ItemKind.POST, ItemKind.CHANNEL})
_CHANNEL = frozenset({ItemKind.CHANNEL})
_ACCOUNT = frozenset({ItemKind.ACCOUNT})
_POST = frozenset({ItemKind.POST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One row: what an action does to an item, in the four kinds of decision that Art. 17 knows.

    Attributes:
        items: What it is done to.
        lasting: It may be without an end.
        passing: It may have an end.
    """

    action: Action
    items: frozenset[ItemKind] = _EVERY_ITEM
    lasting: bool = True
    passing: bool = True
    visibility: Visibility | None = None
    monetary: Monetary | None = None
    provision: Provision | None = None
    account: Account | None = None


MEASURES = (
    Measure(action=Action.REMOVE, visibility=Visibility.CONTENT_REMOVED),
    Measure(action=Action.DISABLE, visibility=Visibility.CONTENT_DISABLED),
    Measure(action=Action.DEMOTE, visibility=Visibility.CONTENT_DEMOTED),
    Measure(action=Action.LABEL, visibility=Visibility.CONTENT_LABELLED),
    Measure(action=Action.AGE_RESTRICT, visibility=Visibility.CONTENT_AGE_RESTRICTED),
    Measure(action=Action.INTERACTION_RESTRICT, items=_CONTENT, visibility=Visibility.CONTENT_INTERACTION_RESTRICTED),
    # An account that may not write to others has lost a part of the service; its content stays as it is.
    Measure(action=Action.INTERACTION_RESTRICT, items=_ACCOUNT, provision=Provision.PARTIAL_SUSPENSION),
    # Not to be seen in some states, which territorial_scope names.
    Measure(action=Action.GEO_RESTRICT, visibility=Visibility.CONTENT_DISABLED),
    # Not to be seen until a person has looked.
    Measure(action=Action.HOLD, visibility=Visibility.CONTENT_DISABLED),
    Measure(action=Action.BAN, items=_POST, visibility=Visibility.CONTENT_REMOVED),
    # A channel goes with its posts, and its owner loses this part of the service.
    Measure(
        action=Action.BAN,
        items=_CHANNEL,
        passing=False,
        visibility=Visibility.CONTENT_REMOVED,
        provision=Provision.PARTIAL_TERMINATION,
    ),
    Measure(
        action=Action.BAN,
        items=_CHANNEL,
        lasting=False,
        visibility=Visibility.CONTENT_DISABLED,
        provision=Provision.PARTIAL_SUSPENSION,
    ),
    Measure(
        action=Action.BAN,
        items=_ACCOUNT,
        passing=False,
        visibility=Visibility.CONTENT_REMOVED,
        account=Account.TERMINATED,
    ),
    Measure(
        action=Action.BAN,
        items=_ACCOUNT,
        lasting=False,
        visibility=Visibility.CONTENT_DISABLED,
        account=Account.SUSPENDED,
    ),
    Measure(action=Action.SUSPEND_MONETISATION, monetary=Monetary.SUSPENSION),
    Measure(action=Action.TERMINATE_MONETISATION, passing=False, monetary=Monetary.TERMINATION),
    Measure(action=Action.SUSPEND_SERVICE, provision=Provision.TOTAL_SUSPENSION),
    Measure(action=Action.TERMINATE_SERVICE, passing=False, provision=Provision.TOTAL_TERMINATION),
    Measure(action=Action.SUSPEND_ACCOUNT, account=Account.SUSPENDED),
    Measure(action=Action.TERMINATE_ACCOUNT, passing=False, account=Account.TERMINATED),
)
"""Every restrictive action on every kind of item has one row for a lasting and, unless it terminates, one for a
passing measure."""


def measure_of(action: Action, item: ItemKind, *, passing: bool) -> Measure:
    """Return the row of an action on an item.

    Args:
        action: What was decided.
        item: What it is done to.
        passing: It has an end.

    Raises:
        InputError: The action restricts nothing, or terminates and yet has an end.
    """
    for row in MEASURES:
        if row.action is action and item in row.items and (row.passing if passing else row.lasting):
            return row
    if passing and any(row.action is action for row in MEASURES):
        raise InputError("until", f"what ends by itself is not a {action.value}; suspend it instead")
    raise InputError("action", f"{action.value} restricts nothing, so there is nothing to state reasons for")
