"""Which commits of a group go in, and the numbers they get: the same for every store. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evenhand.vocabulary.commit import Commit, CommitKey, Done, Duplicate, Outcome, Place, Stale


@dataclass(slots=True)
class Numbers:
    """The next free numbers. All count from 1 but entries, which count from 0; none has gaps."""

    act: int = 1
    decision: int = 1
    entry: int = 0
    effect: int = 1
    record: int = 1


@dataclass(slots=True)
class Plan:
    """What a group comes to.

    Attributes:
        outcomes: One for each commit, in order.
        admitted: Commits that go in, with their numbers.
        versions: Facts whose version changes, at their new version.
        numbers: The next free numbers afterwards.
    """

    outcomes: list[Outcome]
    numbers: Numbers
    admitted: list[tuple[Commit, Done]] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)


def plan_group(
    commits: Sequence[Commit], known: Mapping[CommitKey, int], versions: Mapping[str, int], numbers: Numbers
) -> Plan:
    """Decide a group: duplicates and stale ones are left out, the rest is numbered in order.

    Args:
        commits: The group, in order.
        known: Act numbers of those keys of the group that are in the docket already.
        versions: Present versions of the facts that the group relies on or advances; absent: 0.
        numbers: The next free numbers.
    """
    act, decision, entry = numbers.act, numbers.decision, numbers.entry
    effect, record = numbers.effect, numbers.record
    seen: dict[CommitKey, int] = dict(known)
    now: dict[str, int] = {}
    plan = Plan([], numbers)
    for commit in commits:
        if (there := seen.get(commit.key)) is not None:
            plan.outcomes.append(Duplicate(act=there))
            continue
        if commit.relies_on and (stale := _stale(commit, versions, now)) is not None:
            plan.outcomes.append(stale)
            continue
        decisions, entries = len(commit.decisions), len(commit.entries)
        done = Done(
            act=act,
            decisions=(decision,) if decisions == 1 else tuple(range(decision, decision + decisions)),
            entries=(entry,) if entries == 1 else tuple(range(entry, entry + entries)),
            records=tuple(range(record, record + len(commit.records))) if commit.records else (),
        )
        for name in commit.advances:
            now[name] = now.get(name, versions.get(name, 0)) + 1
        seen[commit.key] = act
        act += 1
        decision += decisions
        entry += entries
        effect += len(commit.effects)
        record += len(commit.records)
        plan.outcomes.append(done)
        plan.admitted.append((commit, done))
    plan.versions = now
    plan.numbers = Numbers(act, decision, entry, effect, record)
    return plan


def _stale(commit: Commit, versions: Mapping[str, int], now: Mapping[str, int]) -> Stale | None:
    for fact in commit.relies_on:
        present = now.get(fact.name, versions.get(fact.name, 0))
        if present != fact.version:
            return Stale(fact=fact.name, version=present)
    return None


def moved_places(plan: Plan) -> dict[tuple[str, bytes], Place | None]:
    """Return what stands at each place that the group touched, after all of it; None: nothing."""
    moved: dict[tuple[str, bytes], Place | None] = {}
    for commit, _ in plan.admitted:
        if commit.drops:
            moved.update(dict.fromkeys(commit.drops))
        for place in commit.places:
            moved[place.view, place.sort] = place
    return moved


def summed_tallies(plan: Plan) -> dict[str, int]:
    """Return by how much each tally moves."""
    sums: dict[str, int] = {}
    for commit, _ in plan.admitted:
        for name, by in commit.tallies:
            sums[name] = sums.get(name, 0) + by
    return sums


def facts_of(commits: Sequence[Commit]) -> list[str]:
    """Return the names of all facts that a group relies on or advances."""
    names = {fact.name for commit in commits if commit.relies_on for fact in commit.relies_on}
    names.update(name for commit in commits if commit.advances for name in commit.advances)
    return sorted(names)
