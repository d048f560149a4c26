"""What a group of acts reads, in a few looks instead of a few a case; what it did not name is asked of the docket."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from evenhand.flow.office import DeskQueries, Office
from evenhand.flow.outlook import LOOK_MAX
from evenhand.views.records import PlaceRow, RecordRow
from evenhand.vocabulary.commit import Stream

_T = TypeVar("_T")


class ReadAhead:
    """Stories, facts and places as they stood when they were read; nothing the group does changes them.

    Who relies on a fact reads it before the story that it vouches for: what is written in between makes the act stale.
    """

    def __init__(self, queries: DeskQueries) -> None:
        self._queries = queries
        self._stories: dict[Stream, list[RecordRow]] = {}
        self._facts: dict[str, int] = {}
        self._places: dict[tuple[str, bytes], PlaceRow | None] = {}

    def __getattr__(self, name: str) -> Any:
        """Return what the docket's own queries have by this name."""
        return getattr(self._queries, name)

    def read_facts(self, names: Iterable[str]) -> None:
        """Read versions of facts."""
        for part in _parts(names):
            self._facts.update(self._queries.facts(part))

    def read_stories(self, streams: Iterable[Stream]) -> None:
        """Read all records of streams."""
        for part in _parts(streams):
            found = self._queries.stories(part)
            self._stories.update((stream, found.get(stream, [])) for stream in part)

    def read_places(self, places: Iterable[tuple[str, bytes]]) -> None:
        """Read what stands at places."""
        for part in _parts(places):
            found = self._queries.at(part)
            self._places.update((place, found.get(place)) for place in part)

    def fact(self, name: str) -> int:
        """Return a fact's version (`views.records.RecordQueries`)."""
        known = self._facts.get(name)
        return self._queries.fact(name) if known is None else known

    def records(self, stream: Stream, *, after: int = 0, limit: int = 1000) -> list[RecordRow]:
        """Return a stream's records (`views.records.RecordQueries`)."""
        story = self._stories.get(stream)
        if story is None:
            return self._queries.records(stream, after=after, limit=limit)
        return [row for row in story if row.number > after][:limit]

    def at(self, places: Sequence[tuple[str, bytes]]) -> Mapping[tuple[str, bytes], PlaceRow]:
        """Return what stands at places (`views.records.RecordQueries`)."""
        if not all(place in self._places for place in places):
            return self._queries.at(places)
        return {place: there for place in places if (there := self._places[place]) is not None}


def ahead_of(office: Office, ahead: ReadAhead) -> Office:
    """Return the same desk, reading what was read ahead."""
    return replace(office, queries=cast("DeskQueries", ahead))


def _parts(values: Iterable[_T]) -> list[list[_T]]:
    once = list(dict.fromkeys(values))
    return [once[start : start + LOOK_MAX] for start in range(0, len(once), LOOK_MAX)]
