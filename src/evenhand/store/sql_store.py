"""What the SQL stores have in common: a group is planned while the one before it is being written.

Two threads may call `commit` at once. They go hand over hand through two locks, planning then writing, so that one
prepares (numbers, seals, makes rows) while the other waits for the database. Which database that is, a subclass knows.
"""

import threading
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from evenhand.store.plan import Plan, facts_of, plan_group
from evenhand.store.reading import Reading
from evenhand.store.rows import Rows, rows_of
from evenhand.store.subjects import SubjectKeys
from evenhand.store.vault import Vault
from evenhand.vocabulary.commit import Commit, CommitKey, Outcome
from evenhand.vocabulary.errors import Fatal, Retryable


@dataclass(slots=True)
class Group:
    """A planned group, ready to be written.

    Attributes:
        fresh: Subject hash → wrapped key of subjects that are new with this group.
        failures: How many groups had failed when it was planned: one more, and its numbers are void.
        keys: The admitted acts' numbers.
    """

    plan: Plan
    rows: Rows
    fresh: Mapping[bytes, bytes]
    failures: int
    keys: Mapping[CommitKey, int]


class SqlStore(Reading):
    """Docket, EntryQueue and the queries of `views`, over one writing connection and a reading one for each thread."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        # Taken in this order, hand over hand: a group plans, waits for its turn to write, lets the next one plan.
        self._planning, self._writing = threading.RLock(), threading.RLock()
        self._subjects = SubjectKeys(vault, self._wrapped)
        self._under_way: Group | None = None
        self._failures = self._failures_seen = 0

    def __enter__(self) -> Self:
        """Return the store."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Let go of the database; nothing is lost without it."""

    @abstractmethod
    def set_signed_head(self, size: int, root: bytes) -> None:
        """Make a head durable before it is signed (`ledger.ports.EntryQueue`)."""

    @abstractmethod
    def _write_group(self, group: Group) -> None:
        """Write a group in one transaction; when this returns it is durable."""

    @abstractmethod
    def _delete_key(self, subject: bytes) -> bool:
        """Delete a subject's wrapped key, durably. Tell whether there was one."""

    # --- Docket -----------------------------------------------------------------------------------------------------

    def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        """Make a group durable (`desk.ports.Docket`)."""
        if not commits:
            return []
        try:
            return self._commit(commits)
        except Retryable as error:
            raise Fatal(f"nothing of the group was written: {error}") from error

    def _commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        self._planning.acquire()
        try:
            group = self._planned(commits)
            self._writing.acquire()
        except BaseException:
            self._planning.release()
            raise
        try:
            try:
                if group.failures != self._failures:
                    # The group before, whose numbers this one follows, was not written.
                    group = self._planned(commits)
                self._under_way = group
            finally:
                self._planning.release()
            self._write(group)
            return group.plan.outcomes
        finally:
            self._under_way = None
            self._writing.release()

    def _planned(self, commits: Sequence[Commit]) -> Group:
        """Plan a group behind the one that is being written, as if that were durable already."""
        if self._failures_seen != self._failures:
            self._failures_seen = self._failures
            self._subjects.clear()
            self._numbers = self._read_numbers()
        failures = self._failures_seen
        before = self._under_way
        keys = [commit.key for commit in commits]
        # The group before is asked first: what it no longer answers for is committed, so the database answers.
        known = {} if before is None else {key: before.keys[key] for key in keys if key in before.keys}
        versions = {} if before is None else dict(before.plan.versions)
        known.update(self._among("SELECT key, n FROM act WHERE key", keys))
        facts = facts_of(commits)
        if facts:
            found = self._among("SELECT name, version FROM fact WHERE name", facts)
            versions = {**dict(found), **versions}
        plan = plan_group(commits, known, versions, self._numbers)
        sealing = self._subjects.for_group(commit for commit, _ in plan.admitted)
        rows = rows_of(plan, self._numbers.effect, sealing.seal)
        self._numbers = plan.numbers
        return Group(plan, rows, sealing.fresh, failures, {commit.key: done.act for commit, done in plan.admitted})

    def _write(self, group: Group) -> None:
        if not group.plan.admitted:
            return
        written = False
        try:
            self._write_group(group)
            written = True
        finally:
            if not written:
                self._failures += 1

    def _wrapped(self, subjects: Sequence[bytes]) -> dict[bytes, bytes]:
        return dict(self._among("SELECT subject, wrapped FROM subject_key WHERE subject", subjects))

    def erase_subject(self, subject: str) -> bool:
        """Destroy a subject's key: everything sealed with it is gone. Tell whether there was one."""
        hashed = self._vault.subject_hash(subject)
        with self._planning, self._writing:
            self._subjects.forget(subject)
            return self._delete_key(hashed)
