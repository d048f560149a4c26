"""The committer: groups, urgency, and nobody answered too early."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest
from made import commit
from msgspec.structs import replace as with_fields

from evenhand.store.committer import AHEAD_FROM, GROUP_MAX, GROUP_WHILE_URGENT, Committer
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.commit import Commit, Done, Duplicate, Outcome
from evenhand.vocabulary.errors import Fatal


def act(name: str, *, urgent: bool = False) -> Commit:
    """Return a small act."""
    return with_fields(commit(name, effect=name), urgent=urgent)


class Watched:
    """A real store behind a gate: notes the groups it got, and holds each back until the gate opens."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.groups: list[list[Commit]] = []
        self.returned: set[bytes] = set()
        self.gate = threading.Event()
        self.came = threading.Semaphore(0)

    def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        """Commit once the gate is open."""
        self.groups.append(list(commits))
        self.came.release()
        assert self.gate.wait(10)
        outcomes = self.store.commit(commits)
        self.returned.update(one.key for one in commits)
        return outcomes


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A watched store in a file of its own."""
    with SqliteStore(tmp_path / "docket.sqlite3", Vault(bytes(32))) as store:
        yield Watched(store)


def busy(committer: Committer, watched: Watched) -> list["Future[Outcome]"]:
    """Give both of the committer's threads something that waits at the gate."""
    futures = []
    for n in range(2):
        futures.append(committer.submit(act(f"first-{n}", urgent=n > 0)))
        assert watched.came.acquire(timeout=10)
    return futures


def test_urgent_goes_before_bulk(watched: Watched) -> None:
    """What is urgent is in the next group, and bulk beside it stays small; without it groups are full."""
    with Committer(watched) as committer:
        futures = busy(committer, watched)
        futures += [committer.submit(act(f"bulk-{n}")) for n in range(GROUP_MAX + 500)]
        futures += [committer.submit(act(f"urgent-{n}", urgent=True)) for n in range(3)]
        watched.gate.set()
        assert all(isinstance(future.result(20), Done) for future in futures)
    assert [len(group) for group in watched.groups[:2]] == [1, 1]
    mixed, *rest = watched.groups[2:]
    assert [one.urgent for one in mixed] == [True] * 3 + [False] * (GROUP_WHILE_URGENT - 3)
    assert len(rest[0]) == GROUP_MAX
    assert sum(len(group) for group in rest) == GROUP_MAX + 500 + 3 - GROUP_WHILE_URGENT


def test_little_waits_until_it_is_worth_it(watched: Watched) -> None:
    """A few acts go with what comes while another group is written; enough of them are prepared beside it."""
    with Committer(watched) as committer:
        futures = [committer.submit(act("first"))]
        assert watched.came.acquire(timeout=10)
        futures += [committer.submit(act(f"bulk-{n}")) for n in range(AHEAD_FROM - 1)]
        assert not watched.came.acquire(timeout=0.05)
        futures.append(committer.submit(act("enough")))
        assert watched.came.acquire(timeout=10)
        futures += [committer.submit(act(f"late-{n}")) for n in range(3)]
        watched.gate.set()
        assert all(isinstance(future.result(10), Done) for future in futures)
    assert [len(group) for group in watched.groups] == [1, AHEAD_FROM, 3]


def test_nobody_is_answered_before_the_commit_returned(watched: Watched) -> None:
    """No future is done while its group is held back, nor before `commit` came back with it."""
    with Committer(watched) as committer:
        futures = busy(committer, watched)
        late = [committer.submit(act(f"late-{n}")) for n in range(50)]
        early: list[bytes] = []
        for n, future in enumerate(late):
            key = act(f"late-{n}").key
            future.add_done_callback(lambda _, key=key: None if key in watched.returned else early.append(key))
        assert not any(future.done() for future in futures + late)
        watched.gate.set()
        assert all(isinstance(future.result(10), Done) for future in futures + late)
    assert early == []


def test_eight_threads(watched: Watched) -> None:
    """Acts from eight threads, half of them twice, are each done once; numbers have no gaps."""
    watched.gate.set()
    futures: list[list[Future[Outcome]]] = [[] for _ in range(8)]
    with Committer(watched) as committer:

        def work(me: int) -> None:
            for n in range(300):
                name = f"shared-{n}" if n % 2 else f"own-{me}-{n}"
                futures[me].append(committer.submit(act(name, urgent=n % 7 == 0)))

        threads = [threading.Thread(target=work, args=(me,)) for me in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        outcomes = [future.result(20) for one in futures for future in one]
    done = [outcome for outcome in outcomes if isinstance(outcome, Done)]
    again = [outcome for outcome in outcomes if isinstance(outcome, Duplicate)]
    assert (len(done), len(again)) == (150 * 8 + 150, 150 * 7)
    assert sorted(outcome.act for outcome in done) == list(range(1, len(done) + 1))
    assert sorted(n for outcome in done for n in outcome.entries) == list(range(len(done)))
    assert watched.store.entry_count() == len(done)


def test_failure_reaches_everyone_who_waits(watched: Watched) -> None:
    """A write that fails fails the group and all that waits, and nothing more is taken."""
    watched.gate.set()
    with Committer(watched) as committer:
        assert isinstance(committer.submit(act("a")).result(10), Done)
        watched.gate.clear()
        watched.came = threading.Semaphore(0)
        doomed = [committer.submit(commit("b", effect="a"))]
        assert watched.came.acquire(timeout=10)
        doomed.append(committer.submit(with_fields(commit("c", effect="a"), urgent=True)))
        assert watched.came.acquire(timeout=10)
        doomed += [committer.submit(act(f"later-{n}")) for n in range(5)]
        watched.gate.set()
        for future in doomed:
            with pytest.raises(Fatal):
                future.result(10)
        with pytest.raises(Fatal):
            committer.submit(act("d"))
    assert watched.store.entry_count() == 1


def test_what_cannot_be_stored_harms_nobody_else(watched: Watched) -> None:
    """A text that is no Unicode is refused to who handed it in; its neighbours in the group are done."""
    with Committer(watched) as committer:
        busy(committer, watched)
        good = act("good")
        broken = replace(act("x").decisions[0], because="\ud800")
        bad = committer.submit(with_fields(act("bad"), decisions=(broken,)))
        fine = committer.submit(good)
        watched.gate.set()
        with pytest.raises(ValueError, match="surrogates"):
            bad.result(10)
        assert isinstance(fine.result(10), Done)


def test_called_off_is_not_committed(watched: Watched) -> None:
    """A future that was cancelled in time leaves nothing; a closed committer takes nothing."""
    with Committer(watched) as committer:
        busy(committer, watched)
        assert committer.submit(act("off")).cancel()
        watched.gate.set()
    assert watched.store.entry_count() == 2
    with pytest.raises(Fatal, match="closed"):
        committer.submit(act("late"))
