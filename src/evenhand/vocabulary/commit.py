"""What a journey returns: an act, its record and its consequences, to become durable together or not at all."""

from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple, NewType

from msgspec import Struct

from evenhand.vocabulary.decision import Decision

CommitKey = NewType("CommitKey", bytes)
"""Idempotency key, 20 bytes: the UTC day of what it names (4 bytes, big-endian, days since 1970), then 16 of a hash.

Beginning with the day keeps a unique index's writes near its end (docs/decisions/0004-keys.md).
"""

_EPOCH = date(1970, 1, 1).toordinal()


def commit_key(day: date, *parts: bytes) -> CommitKey:
    """Return the key for what `parts` name on `day` (UTC). Parts are length-prefixed: no two lists collide."""
    framed = b"".join([len(part).to_bytes(8, "big") + part for part in parts])
    return CommitKey(_day_bytes(day) + blake2b(framed, digest_size=16).digest())


@lru_cache(maxsize=16)
def _day_bytes(day: date) -> bytes:
    return (day.toordinal() - _EPOCH).to_bytes(4, "big")


class Effect(Struct, frozen=True, kw_only=True, gc=False):
    """Something the outside must be told or do, at least once and idempotently.

    Attributes:
        kind: Which courier takes it, e.g. "platform.remove".
        key: Unique for ever, begins with the UTC day like a CommitKey.
        body: JSON for the courier; may name platform ids, so it is encrypted like a decision's private part.
        subject: Whose key encrypts the body; None when nothing in it is about a person.
    """

    kind: str
    key: CommitKey
    body: bytes
    subject: str | None


Stream = NewType("Stream", bytes)
"""What records are about, 20 bytes made like a CommitKey: a case, a notifier, an item. Chosen by who opens it, so that
an act can speak of a case before the docket has numbered anything.
"""


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """Something that was received, said or done, kept for good: a notice, a message, a claim, an appeal, an answer.

    Attributes:
        kind: What it is, e.g. "notice" or "case.claimed"; never anything private.
        stream: What it belongs to; a stream's records read in their order tell its whole story.
        at: Aware UTC.
        subject: Whose key seals the body; None when nothing in it is about a person.
        body: Usually JSON; raw bytes where what was received is kept as it came.
    """

    kind: str
    stream: Stream
    at: datetime
    subject: str | None
    body: bytes


class Place(Struct, frozen=True, kw_only=True, gc=False):
    """A line of a view that is kept in order as acts are committed: a queue, an index. Putting it again moves nothing.

    Attributes:
        view: Which order, e.g. "queue/violence/de"; never anything private (hash what is).
        sort: Where in it, up to 64 bytes, unique in the view; compared byte by byte.
        stream: What stands there.
        label: A few plain bytes to show without opening anything; never anything private.
    """

    view: str
    sort: bytes
    stream: Stream
    label: bytes = b""


class Tally(NamedTuple):
    """A count that is kept up with the acts, so that no page has to count."""

    name: str
    by: int


class FactVersion(Struct, frozen=True, kw_only=True, gc=False):
    """A fact that the act relied on, at the version that was read; a newer one makes the commit stale."""

    name: str
    version: int


class Commit(Struct, frozen=True, kw_only=True, gc=False):
    """One act, whole.

    Attributes:
        key: Committing the same key again changes nothing (`Duplicate`).
        entries: Public log entries, canonical JSON (RFC 8785), not yet numbered.
        relies_on: Facts whose version must still hold; else `Stale`.
        advances: Facts whose version this act moves on by one.
        drops: (view, sort) of places that go; before `places` come.
        urgent: Verified-urgent: taken before everything in bulk.
    """

    key: CommitKey
    decisions: tuple[Decision, ...] = ()
    entries: tuple[bytes, ...] = ()
    effects: tuple[Effect, ...] = ()
    records: tuple[Record, ...] = ()
    drops: tuple[tuple[str, bytes], ...] = ()
    places: tuple[Place, ...] = ()
    tallies: tuple[Tally, ...] = ()
    relies_on: tuple[FactVersion, ...] = ()
    advances: tuple[str, ...] = ()
    urgent: bool = False


class Done(Struct, frozen=True, kw_only=True, gc=False):
    """Durable.

    Attributes:
        act: The commit's own number, from 1, without gaps.
        decisions: Numbers given to its decisions, in order.
        entries: Indices of its entries in the log (leaf numbers, from 0), in order.
        records: Numbers given to its records, in order.
    """

    act: int
    decisions: tuple[int, ...]
    entries: tuple[int, ...]
    records: tuple[int, ...] = ()


class Stale(Struct, frozen=True, kw_only=True, gc=False):
    """Nothing was written: `fact` is at `version` now. Rule again."""

    fact: str
    version: int


class Duplicate(Struct, frozen=True, kw_only=True, gc=False):
    """Nothing was written: the key is there already, as act number `act`."""

    act: int


Outcome = Done | Stale | Duplicate
