"""The docket in memory: for tests and simulation. Nothing survives the process."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date

from evenhand.store.plan import Numbers, facts_of, moved_places, plan_group, summed_tallies
from evenhand.views.decisions import DecisionRow
from evenhand.views.records import EffectRow, PlaceRow, RecordRow
from evenhand.vocabulary.commit import Commit, CommitKey, Effect, Outcome, Place, Record, Stream
from evenhand.vocabulary.decision import Decision

_NONE = Numbers()
EMPTY_ROOT = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")


class MemoryStore:
    """Docket, EntryQueue and DecisionQueries over plain dictionaries."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._acts: dict[CommitKey, int] = {}
        self._decisions: dict[int, tuple[Decision, int | None]] = {}
        self._entries: list[bytes] = []
        self._effects: dict[CommitKey, Effect] = {}
        self._facts: dict[str, int] = {}
        self._erased_up_to: dict[str, Numbers] = {}
        self._head = (0, EMPTY_ROOT)
        self._numbers = Numbers()
        self._kept: dict[int, tuple[int, Record]] = {}
        self._places: dict[tuple[str, bytes], Place] = {}
        self._tallies: Counter[str] = Counter()
        self._outbox: list[Effect] = []
        self._acts_of: dict[int, int] = {}
        self._act_of_effect: list[int] = []

    def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        """Apply a group (`desk.ports.Docket`)."""
        with self._lock:
            versions = {name: self._facts[name] for name in facts_of(commits) if name in self._facts}
            known = {commit.key: self._acts[commit.key] for commit in commits if commit.key in self._acts}
            plan = plan_group(commits, known, versions, self._numbers)
            _refuse_double_effects(self._effects, [commit for commit, _ in plan.admitted])
            for commit, done in plan.admitted:
                self._acts[commit.key] = done.act
                entry = done.entries[0] if done.entries else None
                self._decisions.update(
                    (number, (decision, entry))
                    for number, decision in zip(done.decisions, commit.decisions, strict=True)
                )
                self._acts_of.update(dict.fromkeys(done.decisions, done.act))
                self._entries.extend(commit.entries)
                self._effects.update((effect.key, effect) for effect in commit.effects)
                self._outbox.extend(commit.effects)
                self._act_of_effect.extend([done.act] * len(commit.effects))
                self._kept.update(zip(done.records, ((done.act, one) for one in commit.records), strict=True))
            for where, place in moved_places(plan).items():
                self._places.pop(where, None)
                if place is not None:
                    self._places[where] = place
            self._tallies.update(summed_tallies(plan))
            self._facts.update(plan.versions)
            self._numbers = plan.numbers
            return plan.outcomes

    def erase_subject(self, subject: str) -> bool:
        """Forget what is about a subject so far. Tell whether there was anything."""
        with self._lock:
            subjects = {decision.subject for decision, _ in self._decisions.values()}
            subjects.update(effect.subject for effect in self._effects.values())
            subjects.update(record.subject for _, record in self._kept.values())
            there = subject in subjects
            last = self._numbers
            again = self._erased_up_to.get(subject) == last
            self._erased_up_to[subject] = last
            return there and not again

    def entry_count(self) -> int:
        """Return how many entries are committed."""
        return len(self._entries)

    def entries(self, start: int, stop: int) -> list[bytes]:
        """Return entries by number."""
        return self._entries[start:stop]

    def signed_head(self) -> tuple[int, bytes]:
        """Return the newest head that may have been signed."""
        return self._head

    def set_signed_head(self, size: int, root: bytes) -> None:
        """Record a head."""
        self._head = (size, root)

    def decisions_on(self, day: date, *, before: int | None, limit: int) -> list[DecisionRow]:
        """Return the day's decisions, newest first."""
        found = [
            self._view(number)
            for number, (decision, _) in sorted(self._decisions.items(), reverse=True)
            if decision.decided_at.astimezone(UTC).date() == day and (before is None or number < before)
        ]
        return found[:limit]

    def decision(self, number: int) -> DecisionRow | None:
        """Return one decision."""
        return self._view(number) if number in self._decisions else None

    def _view(self, number: int) -> DecisionRow:
        decision, entry = self._decisions[number]
        erased = self._erased(decision.subject, number, "decision")
        return DecisionRow(
            number=number,
            act=self._acts_of[number],
            decided_at=decision.decided_at.astimezone(UTC),
            item=decision.item.value,
            item_id="" if erased else decision.item_id,
            action=decision.action.value,
            ground=decision.policy.ground.value,
            category=decision.policy.category.value,
            keyword=decision.policy.keyword.value if decision.policy.keyword else "",
            policy_reference=decision.policy.reference,
            source=decision.source.value,
            automation=decision.automation.value,
            language=decision.language or "",
            rule=decision.rule,
            edition=decision.edition,
            because="" if erased else decision.because,
            facts="" if erased else decision.facts,
            entry=entry,
            replayed=decision.replayed,
            erased=erased,
            salt=b"" if erased else decision.salt,
        )

    def decisions_of_act(self, act: int) -> list[DecisionRow]:
        """Return the decisions made in an act."""
        found = sorted(n for n, there in self._acts_of.items() if there == act)
        by_people = [number for number in found if self._decisions[number][0].rule == "person"]
        return [self._view(number) for number in by_people or found]

    def counts_on(self, day: date) -> Mapping[tuple[str, str], int]:
        """Return the day's decisions by (category, action)."""
        return Counter(
            (decision.policy.category.value, decision.action.value)
            for decision, _ in self._decisions.values()
            if decision.decided_at.astimezone(UTC).date() == day
        )

    def days(self) -> list[date]:
        """Return the days that have decisions, newest first."""
        return sorted({d.decided_at.astimezone(UTC).date() for d, _ in self._decisions.values()}, reverse=True)

    def record(self, number: int) -> RecordRow | None:
        """Return one record."""
        return self._record_view(number) if number in self._kept else None

    def records(self, stream: Stream, *, after: int = 0, limit: int = 1000) -> list[RecordRow]:
        """Return a stream's records, in order."""
        found = [n for n, (_, record) in sorted(self._kept.items()) if n > after and record.stream == stream]
        return [self._record_view(number) for number in found[:limit]]

    def stories(self, streams: Sequence[Stream]) -> Mapping[Stream, list[RecordRow]]:
        """Return all records of each stream, in order."""
        wanted = set(streams)
        found: dict[Stream, list[RecordRow]] = {}
        for number, (_, record) in sorted(self._kept.items()):
            if record.stream in wanted:
                found.setdefault(record.stream, []).append(self._record_view(number))
        return found

    def records_of_act(self, act: int) -> list[RecordRow]:
        """Return what came with an act, in order."""
        return [self._record_view(number) for number, (there, _) in sorted(self._kept.items()) if there == act]

    def acts_of(self, streams: Sequence[Stream]) -> Mapping[Stream, int]:
        """Return the act of each stream's first record."""
        wanted = set(streams)
        rows = [(record.stream, act) for _, (act, record) in sorted(self._kept.items(), reverse=True)]
        return {stream: act for stream, act in rows if stream in wanted}

    def places(self, view: str, *, after: bytes = b"", until: bytes | None = None, limit: int = 100) -> list[PlaceRow]:
        """Return a view's lines, in order."""
        found = sorted(
            (sort, place)
            for (there, sort), place in self._places.items()
            if there == view and sort > after and (until is None or sort < until)
        )
        return [PlaceRow(sort=sort, stream=place.stream, label=place.label) for sort, place in found[:limit]]

    def at(self, places: Sequence[tuple[str, bytes]]) -> Mapping[tuple[str, bytes], PlaceRow]:
        """Return what stands at each of these places."""
        there = ((where, self._places.get(where)) for where in places)
        return {
            where: PlaceRow(sort=where[1], stream=place.stream, label=place.label)
            for where, place in there
            if place is not None
        }

    def tallies(self, prefix: str) -> Mapping[str, int]:
        """Return the tallies whose names begin with `prefix`."""
        return {name: value for name, value in sorted(self._tallies.items()) if value and name.startswith(prefix)}

    def facts(self, names: Sequence[str]) -> Mapping[str, int]:
        """Return the versions of facts."""
        return {name: self._facts.get(name, 0) for name in names}

    def fact(self, name: str) -> int:
        """Return a fact's version."""
        return self._facts.get(name, 0)

    def effects(self, *, after: int, limit: int) -> list[EffectRow]:
        """Return effects, in order."""
        return [self._effect_view(number) for number in range(1, len(self._outbox) + 1)[after : after + limit]]

    def effects_named(self, keys: Sequence[CommitKey]) -> Mapping[CommitKey, EffectRow]:
        """Return the effects that have these keys."""
        wanted = set(keys)
        found = [number for number, effect in enumerate(self._outbox, 1) if effect.key in wanted]
        return {row.key: row for row in map(self._effect_view, found)}

    def effects_of_act(self, act: int) -> list[EffectRow]:
        """Return what follows from an act, in order."""
        return [self._effect_view(number) for number, there in enumerate(self._act_of_effect, 1) if there == act]

    def _effect_view(self, number: int) -> EffectRow:
        effect = self._outbox[number - 1]
        return EffectRow(
            number=number,
            act=self._act_of_effect[number - 1],
            kind=effect.kind,
            key=effect.key,
            body=None if self._erased(effect.subject, number, "effect") else effect.body,
        )

    def effect_kinds(self, *, after: int, limit: int) -> list[tuple[int, str, CommitKey]]:
        """Return numbers, kinds and keys of effects, in order."""
        part = list(enumerate(self._outbox, 1))[after : after + limit]
        return [(number, effect.kind, effect.key) for number, effect in part]

    def _erased(self, subject: str | None, number: int, what: str) -> bool:
        return subject is not None and number < getattr(self._erased_up_to.get(subject, _NONE), what)

    def _record_view(self, number: int) -> RecordRow:
        act, record = self._kept[number]
        return RecordRow(
            number=number,
            act=act,
            kind=record.kind,
            stream=record.stream,
            at=record.at.astimezone(UTC),
            body=None if self._erased(record.subject, number, "record") else record.body,
        )


def _refuse_double_effects(there: Mapping[CommitKey, Effect], commits: Sequence[Commit]) -> None:
    from evenhand.vocabulary.errors import Fatal

    seen = set(there)
    for commit in commits:
        for effect in commit.effects:
            if effect.key in seen:
                raise Fatal("the docket refused a row: an effect's key is there already")
            seen.add(effect.key)
