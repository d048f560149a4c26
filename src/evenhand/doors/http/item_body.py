"""An item as programs describe it."""

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from evenhand.doors.http.body import Body
from evenhand.flow.content import content_sha256
from evenhand.vocabulary.notice import Snapshot
from evenhand.vocabulary.post import ItemKind

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
