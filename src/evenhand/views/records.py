"""Records, places and tallies as journeys and pages ask for them; nothing here writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from evenhand.vocabulary.commit import CommitKey, Stream


class RecordRow(Struct, frozen=True, kw_only=True, gc=False):
    """A record as it is kept.

    Attributes:
        number: From 1, in the order of the docket.
        act: Number of the act that it came with.
        body: None once the subject was erased.
    """

    number: int
    act: int
    kind: str
    stream: Stream
    at: datetime
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """A line of a view."""

    sort: bytes
    stream: Stream
    label: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow:
    """Something the outside must be told or do; the body is None once its subject was erased.

    Attributes:
        act: Number of the act that it follows from.
    """

    number: int
    act: int
    kind: str
    key: CommitKey
    body: bytes | None


class RecordQueries(Protocol):
    """Reads by number, by stream and by kept order; none of them sorts or counts."""

    def record(self, number: int) -> RecordRow | None:
        """Return one record."""
        ...

    def records(self, stream: Stream, *, after: int = 0, limit: int = 1000) -> list[RecordRow]:
        """Return a stream's records numbered above `after`, in order."""
        ...

    def stories(self, streams: Sequence[Stream]) -> Mapping[Stream, list[RecordRow]]:
        """Return all records of each stream, in order, in one look; a stream without records is left out."""
        ...

    def records_of_act(self, act: int) -> list[RecordRow]:
        """Return what came with an act, in order: what a duplicate is answered with."""
        ...

    def acts_of(self, streams: Sequence[Stream]) -> Mapping[Stream, int]:
        """Return the act of each stream's first record, in one look; a stream without records is left out."""
        ...

    def places(self, view: str, *, after: bytes = b"", until: bytes | None = None, limit: int = 100) -> list[PlaceRow]:
        """Return a view's lines whose sort is above `after` (and below `until`, if given), in order."""
        ...

    def at(self, places: Sequence[tuple[str, bytes]]) -> Mapping[tuple[str, bytes], PlaceRow]:
        """Return what stands at each of these (view, sort), in one look; what is not there is left out."""
        ...

    def tallies(self, prefix: str) -> Mapping[str, int]:
        """Return the tallies whose names begin with `prefix` (those that are not 0)."""
        ...

    def facts(self, names: Sequence[str]) -> Mapping[str, int]:
        """Return the versions of facts, in one look; 0 before their first."""
        ...

    def fact(self, name: str) -> int:
        """Return a fact's version; 0 before its first."""
        ...

    def effects(self, *, after: int, limit: int) -> list[EffectRow]:
        """Return effects numbered above `after`, in order."""
        ...

    def effects_named(self, keys: Sequence[CommitKey]) -> Mapping[CommitKey, EffectRow]:
        """Return the effects that have these keys, in one look; what is not there is left out."""
        ...

    def effects_of_act(self, act: int) -> list[EffectRow]:
        """Return what follows from an act, in order."""
        ...

    def effect_kinds(self, *, after: int, limit: int) -> list[tuple[int, str, CommitKey]]:
        """Return numbers, kinds and keys of effects numbered above `after`, in order; no body is opened."""
        ...
