"""`/api/v1/items/events`: what the platform says happened to an item."""

import os
from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from evenhand.doors.http.body import Body
from evenhand.doors.http.frame import REFUSALS, NeedsScope
from evenhand.doors.http.item_body import LocatedItemIn, snapshot
from evenhand.doors.http.tokens import Scope
from evenhand.flow.items import item_event
from evenhand.vocabulary.notice import ItemChange, ItemEvent

router = Router(auth=NeedsScope(Scope.ITEMS), tags=["items"])


_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


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
