"""Every action's one key: one table for the pages, the help and the palette."""

from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from evenhand.vocabulary.case import AppealOutcome
from evenhand.vocabulary.decision import Action

KEYS = MappingProxyType(
    {
        "next": ("n", _("Next case")),
        "overview": ("0", _("Overview")),
        "search": ("/", _("Search")),
        "claim": ("c", _("Claim this case")),
        "facts": ("f", _("Write the facts")),
        "preview": ("p", _("Show what will be sent")),
        "decide": ("Ctrl+Enter", _("Decide")),
        "undo": ("u", _("Take it back")),
        "note": ("N", _("Internal note")),
        "write": ("w", _("Write to a party")),
        "opinion": ("o", _("Ask for a second opinion")),
        "hand-over": ("H", _("Hand over")),
        "release": ("R", _("Put it back")),
        "move": ("v", _("Move to another queue")),
        "agree": ("y", _("Agree")),
        "object": ("z", _("Object")),
        "media": (".", _("Show media")),
        "alarm": ("!", _("Life and death: notify the authority")),
        "acknowledge": ("A", _("Acknowledge the oldest call")),
        "quality": ("Q", _("Quality")),
        "known": ("K", _("Hide a case whose answer is known")),
        "double": ("2", _("Have decided cases decided once more")),
        "rest": ("B", _("Take a break")),
        "down": ("j", _("Next line")),
        "up": ("k", _("Line before")),
        "open": ("o", _("Open the line")),
        "help": ("?", _("Show all keys")),
        "palette": ("Ctrl+K", _("Find an action by name")),
    }
)
"""Name → key and what it does. Capital letters: with Shift. "open" acts on lists only."""

ACTION_KEYS = MappingProxyType(
    {
        Action.NONE: "x",
        Action.REMOVE: "r",
        Action.BAN: "b",
        Action.DISABLE: "d",
        Action.DEMOTE: "m",
        Action.LABEL: "l",
        Action.AGE_RESTRICT: "a",
        Action.INTERACTION_RESTRICT: "i",
        Action.GEO_RESTRICT: "g",
        Action.HOLD: "h",
        Action.SUSPEND_ACCOUNT: "s",
        Action.TERMINATE_ACCOUNT: "t",
        Action.SUSPEND_SERVICE: "S",
        Action.TERMINATE_SERVICE: "T",
        Action.SUSPEND_MONETISATION: "M",
        Action.TERMINATE_MONETISATION: "D",
        Action.RESTORE: "e",
    }
)
"""Decision → key, on a case's page."""

OUTCOME_KEYS = MappingProxyType({AppealOutcome.UPHELD: "U", AppealOutcome.PARTLY: "P", AppealOutcome.REVERSED: "V"})
"""What an appeal comes to → key, on an appeal's page."""
