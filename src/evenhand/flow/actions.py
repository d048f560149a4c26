"""What the platform is to do, and the letters that it shows to its users: read from the docket in their order.

With the actions go the letters to the people whom only the platform knows: they come after the action that they tell
of, and the platform says of a letter too when it was delivered.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from evenhand.desk.ports import Docket
from evenhand.views.records import EffectRow, RecordQueries
from evenhand.vocabulary.commit import CommitKey, Effect, commit_key
from evenhand.vocabulary.places import instant_key

PERSON_LETTER = "person.letter"
"""Type of the message that the platform shows to one of its users: only it knows who that is."""
_PREFIX, _TELLS = "platform.", "tell.affected"
Answer = Literal["taken", "refused", "failed"]
"""What came of sending: taken (2xx); refused (the message itself is wrong, it says); failed (anything else)."""


class Docketed(Docket, RecordQueries, Protocol):
    """The docket, both sides."""


Send = Callable[[str, datetime, bytes], Answer]
"""(message id, instant, body) → what came of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something the platform is to do.

    Attributes:
        number: Its place in the order of all actions.
        id: 40 hex digits; the same whenever it is delivered again.
        type: E.g. "platform.remove"; "person.letter": a letter to be shown to the user or channel `to`.
        data: What is to be done to which item, or the letter; None once its subject was erased.
    """

    number: int
    id: str
    type: str
    data: dict[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        """Return the action as the platform reads it."""
        return {"number": self.number, "id": self.id, "type": self.type, "data": self.data}


def read_actions(queries: RecordQueries, after: int, limit: int) -> list[Action]:
    """Return actions numbered above `after`, in order: what `GET /api/v1/actions` answers."""
    found: list[Action] = []
    while len(found) < limit:
        rows = queries.effects(after=after, limit=1000)
        if not rows:
            break
        found.extend(action_of(row) for row in rows if is_action(row.kind))
        after = rows[-1].number
    return found[:limit]


def is_action(kind: str) -> bool:
    """Tell whether an effect is the platform's to carry out."""
    return kind.startswith(_PREFIX) or kind == _TELLS


def action_of(row: EffectRow) -> Action:
    """Return an effect as the platform reads it."""
    data = None if row.body is None else json.loads(row.body)
    if row.kind == _TELLS:
        return Action(number=row.number, id=row.key.hex(), type=PERSON_LETTER, data=_letter(data))
    return Action(number=row.number, id=row.key.hex(), type=row.kind, data=data)


def _letter(body: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what the platform shows to its user: the finished letter and where it belongs, nothing else."""
    if body is None:
        return None
    letter = body.get("letter") or {}
    shown = {name: letter.get(name, "") for name in ("direction", "language", "subject", "text")}
    return {"item": body.get("item", ""), "to": body.get("to", ""), "what": body.get("what", ""), **shown}


def call_about(now: datetime, action: str, why: str, *parts: bytes) -> Effect:
    """Return the effect that calls a person; it names nothing but the action's number-like id."""
    body = json.dumps({"why": why, "action": action}).encode()
    key = commit_key(now.date(), b"page-action", action.encode(), *parts)
    return Effect(kind="page.person", key=CommitKey(key), body=body, subject=None)


def by_time(at: datetime, number: int) -> bytes:
    """Return where an action stands among those that are due at some time."""
    return instant_key(at) + number.to_bytes(8, "big")
