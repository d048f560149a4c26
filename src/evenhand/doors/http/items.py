"""`/api/v1/items/events`: what the platform says happened to an item; and an item as programs describe it."""

import os
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from evenhand.doors.http.frame import REFUSALS, Body, NeedsScope
from evenhand.doors.http.tokens import Scope
from evenhand.flow.content import content_sha256
from evenhand.flow.items import item_event
from evenhand.vocabulary.notice import ItemChange, ItemEvent, Snapshot
from evenhand.vocabulary.post import ItemKind

router = Router(auth=NeedsScope(Scope.ITEMS), tags=["items"])


Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class ItemIn(Body):
    """An item as it is now: its exact location, and what is known of it."""

    kind: ItemKind = ItemKind.POST
    id: Annotated[str, Field(max_length=256, description="The platform's id.")] = ""
    url: Annotated[str, Field(max_length=2000, description="Exact electronic location.")] = ""
    author_id: Annotated[str, Field(max_length=256)] = ""
    channel_id: Annotated[str, Field(max_length=256)] = ""
    text: Annotated[str, Field(max_length=65_536)] = ""
    media_sha256: Annotated[list[Digest], Field(max_length=100, default_factory=list)]
    lang: Annotated[str | None, Field(pattern="^[a-z]{2}$")] = None
    country: Annotated[str | None, Field(pattern="^[A-Z]{2}$")] = None
    reach: Annotated[int | None, Field(ge=0, le=2**63 - 1, description="Members or viewers.")] = None


_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LOCATED: Any = {
    "anyOf": [
        {"required": ["id"], "properties": {"id": {"minLength": 1}}},
        {"required": ["url"], "properties": {"url": {"minLength": 1}}},
    ]
}


class LocatedItemIn(ItemIn):
    """An item that has its id or its exact location."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_LOCATED)

    @model_validator(mode="after")
    def _is_located(self) -> Self:
        if not self.id and not self.url:
            raise ValueError("needs its id or its url")
        return self


class EventIn(Body):
    """Something that happened to an item."""

    id: Annotated[str, Field(min_length=1, max_length=200, description="Yours; the same again changes nothing.")]
    change: ItemChange
    at: Annotated[AwareDatetime, Field(description="When, as you say; a clock that is ahead of ours counts as now.")]
    item: LocatedItemIn


class EventsIn(Body):
    """Up to 1,000 events, in the order in which they happened."""

    events: Annotated[list[EventIn], Field(min_length=1, max_length=1000)]


class EventsOut(Schema):
    """What became of the events."""

    recorded: int
    open_cases_reached: int


def snapshot(item: ItemIn) -> Snapshot:
    """Return an item in our words. Its content is hashed as screening hashes a post's."""
    media = [{"md5": None, "pdq": None, "sha256": one, "type": None} for one in item.media_sha256] or None
    row = {"forwarded_from": None, "kind": item.kind.value, "media": media, "text": item.text or None}
    known = bool(item.text or item.media_sha256)
    return Snapshot(
        kind=item.kind,
        item_id=item.id,
        url=item.url,
        author=item.author_id,
        channel=item.channel_id,
        text=item.text,
        media_sha256=tuple(item.media_sha256),
        language=item.lang.upper() if item.lang else None,
        region=item.country,
        reach=item.reach,
        content_sha256=content_sha256(row).hex() if known else "",
    )


@router.post("/events", response={200: EventsOut, **REFUSALS}, summary="Edits, deletions and restorations")
def post_events(request: HttpRequest, body: EventsIn) -> dict[str, Any]:
    """Keep what happened and carry it into open cases; an edit wakes what was found fine."""
    reached = 0
    now = request.desk.now()
    for event in body.events:
        key = f"{request.token.name}/{event.id}"
        at = min(max(event.at, _FIRST), now).astimezone(UTC)
        seen = ItemEvent(key=key, at=at, change=event.change, item=snapshot(event.item))
        reached += item_event(request.desk.office, seen, chance=os.urandom)
    return {"recorded": len(body.events), "open_cases_reached": reached}
