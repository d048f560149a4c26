"""What people and partners send about somebody's content (Regulation (EU) 2022/2065, Art. 16), as it is understood."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.eu import Category, Keyword
from evenhand.vocabulary.post import ItemKind

Channel = Literal["form", "api", "mail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What an item was when it was reported.

    Attributes:
        item_id: The platform's id; "" where only a location is known.
        url: Exact electronic location; "" where only the id is known.
        author: The author's or account's id, "" if unknown.
        channel: The channel's id, "" if unknown.
        text: What it said, whole.
        media_sha256: Lower-case hex digests of its media.
        language: ISO 639-1, upper case, or None.
        region: Author's ISO 3166-1 alpha-2 code, or None.
        reach: Members or viewers, or None.
        content_sha256: Hex digest over the content, made by `flow.content.content_sha256` or by the platform;
            "" where the content is not known.
        posted_at: Aware UTC, if known.
    """

    kind: ItemKind = ItemKind.POST
    item_id: str = ""
    url: str = ""
    author: str = ""
    channel: str = ""
    text: str = ""
    media_sha256: tuple[str, ...] = ()
    language: str | None = None
    region: str | None = None
    reach: int | None = None
    content_sha256: str = ""
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came with a notice: bytes as they came; the type is told from them, never from the name."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice, as a door understood it.

    Attributes:
        key: Idempotency key: the same key from the same sender is the same notice.
        received_at: From our clock at our edge, aware UTC.
        raw: What was received, byte for byte.
        items: What it is about, an exact location each; more than 50 are refused.
        reasons: Why the notifier thinks that it is illegal or against the terms.
        name, email: The notifier's; "" if not given.
        good_faith: The statement of Art. 16(2)(d) was made.
        category: What the notifier says it is; None: not said.
        language: The notifier's, for the answer; ISO 639-1, upper case.
        flagger: Trusted flagger's id from verified identity (key, session, signed mail); never from the text. "" else.
        flagger_areas: Category codes of the flagger's designated expertise while its status is active.
    """

    key: str
    received_at: datetime
    raw: bytes
    items: tuple[Snapshot, ...]
    reasons: str
    name: str = ""
    email: str = ""
    good_faith: bool = False
    category: Category | None = None
    keyword: Keyword | None = None
    language: str = "EN"
    channel: Channel = "api"
    flagger: str = ""
    flagger_areas: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


class NoticeState(StrEnum):
    """What became of a notice when it came in."""

    OPENED = "opened"  # a case was opened for it
    JOINED = "joined"  # it joined an open case about the same content
    SILENCED = "silenced"  # the same content was looked at and found fine
    ACTED = "acted"  # the same content is already gone
    INCOMPLETE = "incomplete"  # kept; what is missing is told
    SUSPENDED = "suspended"  # kept; processing is suspended for misuse (Art. 23)


class KeptNotice(Struct, frozen=True, kw_only=True):
    """`notice`: a notice about one item, as it is kept; sealed for its notifier. Its raw bytes are beside the first.

    Attributes:
        case: Stream of the case that it joined, in hex; "" if none.
        location: What the notifier pointed at.
        raw_sha256: Hex digest of the bytes received.
        cases: Streams of all cases that the notice joined, in hex.
        missing: Names of missing elements.
        urgent: From a verified trusted flagger within their expertise.
    """

    case: str
    location: str
    state: NoticeState
    reasons: str
    name: str
    email: str
    good_faith: bool
    category: Category | None
    keyword: Keyword | None
    language: str
    channel: Channel
    flagger: str
    raw_sha256: str
    cases: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    urgent: bool = False
    campaign: str = ""
    attachments: tuple[tuple[str, str, str], ...] = ()  # name, SHA-256 in hex, type told from the bytes


class Received(Struct, frozen=True, kw_only=True, gc=False):
    """What the sender is told at once.

    Attributes:
        reference: The notice's public reference; answers and appeals go by it.
        number: The notice's record number.
        stream: Where the notice's record stands; its receipt stands there too.
        at: When it was received, aware UTC; a repetition does not move it.
        missing: Names of what is missing, with the article that asks for it.
        warning: The Art. 23 warning that this sender now has, or "".
        again: The same notice was there already: this is the first answer again.
    """

    reference: str
    number: int
    stream: Stream
    at: datetime
    state: NoticeState
    missing: tuple[tuple[str, str], ...] = ()
    warning: str = ""
    again: bool = False


class ItemChange(StrEnum):
    """What the platform says happened to an item."""

    SEEN = "seen"
    EDITED = "edited"
    DELETED = "deleted"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEvent:
    """An item's edit, deletion or restoration, as the platform reports it.

    Attributes:
        key: Idempotency key.
        item: The item as it is now; of a deleted one only id and kind matter.
    """

    key: str
    at: datetime
    change: ItemChange
    item: Snapshot
