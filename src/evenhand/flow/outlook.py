"""What a group of acts needs to know: read in a few looks, and moved on by what the group itself does.

The second act of a group sees what the first one opened, as if that were durable; should the docket refuse the first,
the facts that the second relies on are not at the version that it saw, and it is ruled again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from evenhand.flow.office import DeskQueries, Office
from evenhand.views.records import PlaceRow, RecordRow
from evenhand.vocabulary.commit import Commit, Place, Stream

LOOK_MAX = 2000
"""How many places or facts are asked for in one query: SQLite takes 32,766 values."""
_T = TypeVar("_T")


class Outlook:
    """Places, facts and tallies as they will be after the group so far; all else is asked of the docket.

    What nobody read ahead is read when it is asked for, in the order in which it is asked for.
    """

    def __init__(self, queries: DeskQueries, before: "Outlook | None" = None) -> None:
        """Look at the docket as it will be after the group `before`, which is not durable yet."""
        self._queries = queries
        self._before_places = before._moved_places if before else {}
        self._before_facts = before._moved_facts if before else {}
        self._before_tallies = before._tallies if before else {}
        self._moved_places: dict[tuple[str, bytes], Place | None] = {}
        self._moved_facts: dict[str, int] = {}
        self._places: dict[tuple[str, bytes], PlaceRow | Place | None] = {}
        self._facts: dict[str, int] = {}
        self._tallies: dict[str, dict[str, int]] = {}
        self._stories: dict[Stream, list[RecordRow]] = {}

    def __getattr__(self, name: str) -> Any:
        """Return what the docket's own queries have by this name."""
        return getattr(self._queries, name)

    def at(self, places: Sequence[tuple[str, bytes]]) -> Mapping[tuple[str, bytes], PlaceRow | Place]:
        """Return what stands at each of these places (`views.records.RecordQueries`)."""
        known = self._places
        self.read_places(places)
        return {place: there for place in places if (there := known[place]) is not None}

    def there(self, view: str, sort: bytes) -> PlaceRow | Place | None:
        """Return what stands at a place: a row of the docket, or a place that the group itself puts."""
        if (view, sort) not in self._places:
            self.read_places([(view, sort)])
        return self._places[view, sort]

    def fact(self, name: str) -> int:
        """Return a fact's version (`views.records.RecordQueries`)."""
        return self._facts[name] if name in self._facts else self.facts([name])[name]

    def records(self, stream: Stream, *, after: int = 0, limit: int = 1000) -> list[RecordRow]:
        """Return a stream's records (`views.records.RecordQueries`); those of a story that was read, as they were."""
        story = self._stories.get(stream)
        if story is None:
            return self._queries.records(stream, after=after, limit=limit)
        return [row for row in story if row.number > after][:limit]

    def read_stories(self, streams: Iterable[Stream]) -> None:
        """Read all records of streams, which nothing of the group adds to.

        Who relies on a fact reads it first: what is written in between then makes the act stale.
        """
        for part in in_looks(list(dict.fromkeys(streams))):
            found = self._queries.stories(part)
            self._stories.update((stream, found.get(stream, [])) for stream in part)

    def read_places(self, places: Iterable[tuple[str, bytes]]) -> None:
        """Read those places that are not known yet."""
        for part in in_looks(_unknown(self._places, self._before_places, places)):
            found = self._queries.at(part)
            self._places.update((place, found.get(place)) for place in part)

    def facts(self, names: Sequence[str]) -> Mapping[str, int]:
        """Return the versions of facts (`views.records.RecordQueries`)."""
        known = self._facts
        for part in in_looks(_unknown(known, self._before_facts, names)):
            known.update(self._queries.facts(part))
        return {name: known[name] for name in names}

    def tallies(self, prefix: str) -> Mapping[str, int]:
        """Return the tallies whose names begin with `prefix` (`views.records.RecordQueries`)."""
        if (there := self._tallies.get(prefix)) is None:
            before = self._before_tallies.get(prefix)
            there = self._tallies[prefix] = dict(self._queries.tallies(prefix) if before is None else before)
        return there

    def begin_tally(self, name: str) -> None:
        """Take it that nothing of this name was counted yet."""
        self._tallies.setdefault(name, {})

    def move_on(self, commit: Commit) -> None:
        """Take in what a commit will have changed."""
        if commit.drops:
            self._moved_places.update(dict.fromkeys(commit.drops))
            self._places.update(dict.fromkeys(commit.drops))
        # A place has all that a row of it has.
        put = {(one.view, one.sort): one for one in commit.places}
        self._moved_places.update(put)
        self._places.update(put)
        facts = self._facts
        for fact in commit.relies_on:
            facts.setdefault(fact.name, fact.version)
        for name in commit.advances:
            if name in facts:
                self._moved_facts[name] = facts[name] = facts[name] + 1
        for name, by in commit.tallies:
            # Whoever asks for a count asks by its whole name.
            if (there := self._tallies.get(name)) is not None:
                there[name] = there.get(name, 0) + by


def in_looks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Yield values in parts that one query takes."""
    return (values[start : start + LOOK_MAX] for start in range(0, len(values), LOOK_MAX))


def _unknown(known: dict[_T, Any], before: Mapping[_T, Any], asked: Iterable[_T]) -> list[_T]:
    """Return what must be asked of the docket; what the group before moves is known from then on."""
    missing = []
    for one in dict.fromkeys(asked):
        if one in before:
            known.setdefault(one, before[one])
        elif one not in known:
            missing.append(one)
    return missing


def through(office: Office, outlook: Outlook) -> Office:
    """Return the same desk, seen through a group's outlook."""
    return replace(office, queries=cast("DeskQueries", outlook))
