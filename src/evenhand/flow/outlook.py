"""What a group of acts needs to know: read in a few looks, and moved on by what the group itself does.

The second act of a group sees what the first one opened, as if that were durable; should the docket refuse the first,
the facts that the second relies on are not at the version that it saw, and it is ruled again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from evenhand.flow.office import DeskQueries, Office
from evenhand.views.records import PlaceRow
from evenhand.vocabulary.commit import Commit, Place

LOOK_MAX = 2000
"""How many places or facts are asked for in one query: SQLite takes 32,766 values."""


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

    def version(self, fact: str) -> int:
        """Return a fact's version."""
        return self._facts[fact] if fact in self._facts else self.facts([fact])[fact]

    def read_places(self, places: Iterable[tuple[str, bytes]]) -> None:
        """Read those places that are not known yet."""
        known, before = self._places, self._before_places
        missing = []
        for place in dict.fromkeys(places):
            if place in before:
                known.setdefault(place, before[place])
            elif place not in known:
                missing.append(place)
        for start in range(0, len(missing), LOOK_MAX):
            asked = missing[start : start + LOOK_MAX]
            found = self._queries.at(asked)
            known.update((place, found.get(place)) for place in asked)

    def facts(self, names: Sequence[str]) -> Mapping[str, int]:
        """Return the versions of facts (`views.records.RecordQueries`)."""
        known, before = self._facts, self._before_facts
        missing = []
        for name in dict.fromkeys(names):
            if name in before:
                known.setdefault(name, before[name])
            elif name not in known:
                missing.append(name)
        for start in range(0, len(missing), LOOK_MAX):
            known.update(self._queries.facts(missing[start : start + LOOK_MAX]))
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


def through(office: Office, outlook: Outlook) -> Office:
    """Return the same desk, seen through a group's outlook."""
    return replace(office, queries=cast("DeskQueries", outlook))
