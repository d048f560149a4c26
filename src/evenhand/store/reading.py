"""What is read from a docket in SQL: the same queries on SQLite and PostgreSQL."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from evenhand.store.plan import Numbers
from evenhand.store.rows import (
    DECISION_COLUMNS,
    context,
    day_number,
    day_of,
    decision_view,
    instant_of,
)
from evenhand.store.vault import Vault, unseal
from evenhand.views.decisions import DecisionRow
from evenhand.views.records import EffectRow, PlaceRow, RecordRow
from evenhand.vocabulary.commit import CommitKey, Stream

EMPTY_ROOT = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
LATEST = 2**63 - 1
_DECISIONS = (
    f"SELECT d.n, {DECISION_COLUMNS}, d.subject, private, a.key "  # noqa: S608 - our columns
    "FROM decision d JOIN act a ON a.n = d.act"
)
_RECORDS = "SELECT r.n, r.act, r.kind, r.stream, r.at, r.subject, r.body, a.key FROM record r JOIN act a ON a.n = r.act"
_EFFECTS = "SELECT n, act, kind, key, subject, body, key FROM effect"
_EFFECTS_OF_AN_ACT = 2048
"""How many effects of one act are looked at."""
_OF_AN_ACT = 64
"""How many decisions one act of a machine has at most."""
_LAST_CHARACTER = "\U0010ffff"
_LAST = "SELECT coalesce(max(n), {}) + 1 FROM {}"

Row = tuple[Any, ...]


class Reading(ABC):
    """EntryQueue's and DecisionQueries' reads over any connection that answers SQL with `?` marks."""

    _vault: Vault

    @abstractmethod
    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """Return all rows of a query over what is committed."""

    @abstractmethod
    def _among(self, query: str, values: Sequence[Any], first: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of a query that ends in a column which is to be one of `values`; `first` go to its marks."""

    # --- EntryQueue ---------------------------------------------------------------------------------------------------

    def entry_count(self) -> int:
        """Return how many entries are committed."""
        return int(self._rows(_LAST.format(-1, "entry"))[0][0])

    def entries(self, start: int, stop: int) -> list[bytes]:
        """Return entries by number."""
        query = "SELECT body FROM entry WHERE n >= ? AND n < ? ORDER BY n"
        return [row[0] for row in self._rows(query, (start, stop))]

    def signed_head(self) -> tuple[int, bytes]:
        """Return the newest head that may have been signed."""
        rows = self._rows("SELECT size, root FROM log_head")
        return (rows[0][0], rows[0][1]) if rows else (0, EMPTY_ROOT)

    # --- DecisionQueries ----------------------------------------------------------------------------------------------

    def decisions_on(self, day: date, *, before: int | None, limit: int) -> list[DecisionRow]:
        """Return the day's decisions, newest first."""
        below = LATEST if before is None else before
        query = f"{_DECISIONS} WHERE day = ? AND d.n < ? ORDER BY d.n DESC LIMIT ?"
        return self._decisions(self._rows(query, (day_number(day), below, limit)))

    def decision(self, number: int) -> DecisionRow | None:
        """Return one decision."""
        found = self._decisions(self._rows(f"{_DECISIONS} WHERE d.n = ?", (number,)))
        return found[0] if found else None

    def decisions_of_act(self, act: int) -> list[DecisionRow]:
        """Return the decisions made in an act: people's by an index, a machine's by halving."""
        by_people = self._rows(f"{_DECISIONS} WHERE d.act = ? AND d.rule = 'person' ORDER BY d.n", (act,))
        return self._decisions(by_people or self._by_machine(act))

    def _by_machine(self, act: int) -> list[tuple[Any, ...]]:
        """Return an act's decisions without an index: both are numbered in one order, decisions without gaps."""
        low, high = 1, int(self._rows(_LAST.format(0, "decision"))[0][0])
        while low < high:
            middle = (low + high) // 2
            if self._rows("SELECT act FROM decision WHERE n = ?", (middle,))[0][0] < act:
                low = middle + 1
            else:
                high = middle
        query = f"{_DECISIONS} WHERE d.n >= ? AND d.n < ? AND d.act = ? ORDER BY d.n"
        return self._rows(query, (low, low + _OF_AN_ACT, act))

    def counts_on(self, day: date) -> Mapping[tuple[str, str], int]:
        """Return the day's decisions by (category, action)."""
        query = "SELECT category, action, decisions FROM day_count WHERE day = ?"
        return {(row[0], row[1]): row[2] for row in self._rows(query, (day_number(day),))}

    def days(self) -> list[date]:
        """Return the days that have decisions, newest first."""
        return [day_of(row[0]) for row in self._rows("SELECT DISTINCT day FROM day_count ORDER BY day DESC")]

    # --- RecordQueries ------------------------------------------------------------------------------------------------

    def record(self, number: int) -> RecordRow | None:
        """Return one record."""
        found = self._records("r.n = ?", (number,))
        return found[0] if found else None

    def records(self, stream: Stream, *, after: int = 0, limit: int = 1000) -> list[RecordRow]:
        """Return a stream's records, in order."""
        return self._records("r.stream = ? AND r.n > ? ORDER BY r.n LIMIT ?", (stream, after, limit))

    def stories(self, streams: Sequence[Stream]) -> Mapping[Stream, list[RecordRow]]:
        """Return all records of each stream, in order."""
        if not streams:
            return {}
        found: dict[Stream, list[RecordRow]] = {}
        for row in self._record_rows(sorted(self._among(f"{_RECORDS} WHERE r.stream", streams))):
            found.setdefault(row.stream, []).append(row)
        return found

    def records_of_act(self, act: int) -> list[RecordRow]:
        """Return what came with an act, in order."""
        return self._records("r.act = ? ORDER BY r.n", (act,))

    def acts_of(self, streams: Sequence[Stream]) -> Mapping[Stream, int]:
        """Return the act of each stream's first record."""
        if not streams:
            return {}
        first: dict[Stream, int] = {}
        for stream, act in self._among("SELECT stream, act FROM record WHERE stream", streams):
            one = Stream(bytes(stream))
            first[one] = min(act, first.get(one, act))
        return first

    def places(self, view: str, *, after: bytes = b"", until: bytes | None = None, limit: int = 100) -> list[PlaceRow]:
        """Return a view's lines, in order."""
        query = "SELECT sort, stream, label FROM place WHERE view = ? AND sort > ?"
        values: list[Any] = [view, after]
        if until is not None:
            query += " AND sort < ?"
            values.append(until)
        rows = self._rows(f"{query} ORDER BY sort LIMIT ?", (*values, limit))
        return [PlaceRow(sort=bytes(row[0]), stream=Stream(bytes(row[1])), label=bytes(row[2])) for row in rows]

    def at(self, places: Sequence[tuple[str, bytes]]) -> Mapping[tuple[str, bytes], PlaceRow]:
        """Return what stands at each of these places."""
        by_view: dict[str, list[bytes]] = {}
        for view, sort in places:
            by_view.setdefault(view, []).append(sort)
        query = "SELECT sort, stream, label FROM place WHERE view = ? AND sort"
        return {
            (view, bytes(sort)): PlaceRow(sort=bytes(sort), stream=Stream(bytes(stream)), label=bytes(label))
            for view, sorts in by_view.items()
            for sort, stream, label in self._among(query, sorts, (view,))
        }

    def tallies(self, prefix: str) -> Mapping[str, int]:
        """Return the tallies whose names begin with `prefix`."""
        query = "SELECT name, value FROM tally WHERE name >= ? AND name < ? AND value <> 0 ORDER BY name"
        return dict(self._rows(query, (prefix, prefix + _LAST_CHARACTER)))

    def facts(self, names: Sequence[str]) -> Mapping[str, int]:
        """Return the versions of facts."""
        if not names:
            return {}
        found = self._among("SELECT name, version FROM fact WHERE name", names)
        return {**dict.fromkeys(names, 0), **{name: int(version) for name, version in found}}

    def fact(self, name: str) -> int:
        """Return a fact's version."""
        rows = self._rows("SELECT version FROM fact WHERE name = ?", (name,))
        return int(rows[0][0]) if rows else 0

    def effects(self, *, after: int, limit: int) -> list[EffectRow]:
        """Return effects, in order."""
        return self._effect_rows(self._rows(f"{_EFFECTS} WHERE n > ? ORDER BY n LIMIT ?", (after, limit)))

    def effects_named(self, keys: Sequence[CommitKey]) -> Mapping[CommitKey, EffectRow]:
        """Return the effects that have these keys."""
        rows = self._among(f"{_EFFECTS} WHERE key", keys) if keys else []
        return {row.key: row for row in self._effect_rows(rows)}

    def effects_of_act(self, act: int) -> list[EffectRow]:
        """Return what follows from an act, by halving: both are numbered in one order."""
        low, high = 1, int(self._rows(_LAST.format(0, "effect"))[0][0])
        while low < high:
            middle = (low + high) // 2
            if self._rows("SELECT act FROM effect WHERE n = ?", (middle,))[0][0] < act:
                low = middle + 1
            else:
                high = middle
        query = f"{_EFFECTS} WHERE n >= ? AND n < ? AND act = ? ORDER BY n"
        return self._effect_rows(self._rows(query, (low, low + _EFFECTS_OF_AN_ACT, act)))

    def _effect_rows(self, rows: Sequence[Row]) -> list[EffectRow]:
        return [
            EffectRow(number=row[0], act=row[1], kind=row[2], key=CommitKey(bytes(row[3])), body=body)
            for row, body in self._opened(b"effect", rows)
        ]

    def effect_kinds(self, *, after: int, limit: int) -> list[tuple[int, str, CommitKey]]:
        """Return numbers, kinds and keys of effects, in order."""
        rows = self._rows("SELECT n, kind, key FROM effect WHERE n > ? ORDER BY n LIMIT ?", (after, limit))
        return [(int(row[0]), str(row[1]), CommitKey(bytes(row[2]))) for row in rows]

    def _records(self, where: str, values: Sequence[Any]) -> list[RecordRow]:
        return self._record_rows(self._rows(f"{_RECORDS} WHERE {where}", values))

    def _record_rows(self, rows: Sequence[Row]) -> list[RecordRow]:
        return [
            RecordRow(
                number=row[0], act=row[1], kind=row[2], stream=Stream(bytes(row[3])), at=instant_of(row[4]), body=body
            )
            for row, body in self._opened(b"record", rows)
        ]

    # --- Shared -------------------------------------------------------------------------------------------------------

    def _decisions(self, rows: Sequence[Row]) -> list[DecisionRow]:
        return [decision_view(row, plain) for row, plain in self._opened(b"decision", rows)]

    def _opened(self, table: bytes, rows: Sequence[Row]) -> list[tuple[Row, bytes | None]]:
        """Pair rows that end in subject, private part, act key with the open private part; None: erased."""
        keys = self._keys({row[-3] for row in rows if row[-3] is not None})
        opened = []
        for row in rows:
            subject, kept, act_key = row[-3:]
            if subject is not None:
                key = keys.get(subject)
                kept = None if key is None else unseal(key, kept, context(table, act_key))
            opened.append((row, kept))
        return opened

    def _keys(self, subjects: Collection[bytes]) -> dict[bytes, bytes]:
        """Return the keys of those subjects that are not erased."""
        if not subjects:
            return {}
        wrapped = self._among("SELECT subject, wrapped FROM subject_key WHERE subject", list(subjects))
        return {subject: self._vault.open_key(subject, key) for subject, key in wrapped}

    def _read_numbers(self) -> Numbers:
        def after(table: str, before_first: int) -> int:
            return int(self._rows(_LAST.format(before_first, table))[0][0])

        return Numbers(
            after("act", 0),
            after("decision", 0),
            after("entry", -1),
            after("effect", 0),
            after("record", 0),
        )
