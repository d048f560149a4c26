"""Who and what the desk's scenarios are about."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from evenhand.flow.office import Office
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.case import Proposal
from evenhand.vocabulary.decision import Action, Policy
from evenhand.vocabulary.eu import Category, Ground
from evenhand.vocabulary.notice import Notice, Snapshot

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANNA = Actor(id="staff-anna", roles=frozenset({Role.MODERATOR}))
BORIS = Actor(id="staff-boris", roles=frozenset({Role.MODERATOR}))
CHIARA = Actor(id="staff-chiara", roles=frozenset({Role.SENIOR}))
POLICY = Policy(
    ground=Ground.ILLEGAL_CONTENT, category=Category.VIOLENCE, keyword=None, reference="Criminal code, section 241"
)
REMOVE = Proposal(action=Action.REMOVE, policy=POLICY, facts="The post threatens a named person with death.")
FINE = replace(REMOVE, action=Action.NONE, facts="")


def chance(count: int) -> bytes:
    """Dice that always fall the same."""
    return bytes(range(count))


def later(**by: float) -> datetime:
    """Return an instant after noon."""
    return NOON + timedelta(**by)


def post(name: str = "post-1", *, text: str = "I will kill you, Mr Example", **more: Any) -> Snapshot:
    """Return an item as the platform sends it along."""
    values = {"item_id": name, "url": f"https://example.org/{name}", "author": "author-1", "channel": "channel-1"}
    digest = sha256(text.encode()).hexdigest()
    return Snapshot(**{**values, "text": text, "language": "EN", "content_sha256": digest, **more})


def notice(key: str = "n-1", *items: Snapshot, **more: Any) -> Notice:
    """Return a complete notice."""
    values: dict[str, Any] = {
        "received_at": NOON,
        "raw": b'{"raw": true}',
        "reasons": "This is a death threat against a living person.",
        "name": "Nora Notifier",
        "email": "nora@example.org",
        "good_faith": True,
        "category": Category.VIOLENCE,
    }
    return Notice(key=key, items=items or (post(),), **{**values, **more})


def effects(office: Office, kind: str = "") -> list[dict[str, Any]]:
    """Return the bodies of all effects of a kind."""
    rows = office.queries.effects(after=0, limit=1000)
    return [json.loads(row.body or b"{}") for row in rows if row.kind.startswith(kind)]
