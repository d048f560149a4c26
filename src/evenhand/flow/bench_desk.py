"""`evenhand bench desk`: how long the desk's pages and acts take with many open cases and many decisions."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from evenhand.desk.ports import Docket
from evenhand.flow.bench import made_commits
from evenhand.flow.bench_notices import made_notice
from evenhand.flow.cases import next_case, open_case, release, shown
from evenhand.flow.deciding import close_proposals, propose_decision
from evenhand.flow.office import Office
from evenhand.flow.reviews import Review, open_reviews
from evenhand.flow.search import Search, search
from evenhand.views import desk
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.case import Proposal
from evenhand.vocabulary.decision import Action, Policy
from evenhand.vocabulary.errors import Conflict
from evenhand.vocabulary.eu import Ground

GROUP = 1000
_DECISIONS_A_GROUP = 4096
_AT = datetime(2026, 11, 25, 8, tzinfo=UTC)


@dataclass(slots=True)
class _Times:
    """Milliseconds by what was done."""

    ms: dict[str, list[float]] = field(default_factory=dict)

    def of(self, name: str, act: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        done = act()
        self.ms.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
        return done

    def figures(self) -> dict[str, dict[str, float]]:
        return {name: {"p50_ms": _at(times, 0.5), "p99_ms": _at(times, 0.99)} for name, times in self.ms.items()}


def _at(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)


def fill_decisions(bulk: Docket, decisions: int, progress: Callable[[int], None]) -> None:
    """Commit machines' decisions of one UTC day; `progress` is told how many of them each group added."""

    def decide(start: int) -> int:
        made = made_commits(start, min(_DECISIONS_A_GROUP, decisions - start))
        bulk.commit(made)
        return len(made)

    # One thread makes and plans while the other writes.
    with ThreadPoolExecutor(2) as pool:
        for count in pool.map(decide, range(0, decisions, _DECISIONS_A_GROUP)):
            progress(count)


def bench_desk(
    office: Office, bulk: Docket, cases: int, rounds: int, progress: Callable[[int], None]
) -> dict[str, Any]:
    """Open cases in a docket, then do what a moderator does, `rounds` times.

    Args:
        office: The desk; it writes as the service does, through the committer.
        bulk: The docket for opening cases, in groups.
        cases: How many are opened.
        rounds: How often each act is timed.
        progress: Told how many cases were added.

    Returns:
        {"open_cases", "opened_s": seconds that opening them took, "rounds", name: {"p50_ms", "p99_ms"}…}.
    """
    begun = time.perf_counter()
    _open_cases(replace(office, docket=bulk), cases, progress)
    opened_s = round(time.perf_counter() - begun, 1)
    times = _Times()
    dice = Random(7)  # noqa: S311 - which cases are looked for
    for n in range(rounds):
        _round(office, times, Actor(id=f"staff-{n}", roles=frozenset({Role.MODERATOR})), dice, cases)
        close_proposals(office, at=_AT + timedelta(days=1), chance=os.urandom)
    return {"open_cases": cases, "opened_s": opened_s, "rounds": rounds, **times.figures()}


def _open_cases(filling: Office, cases: int, progress: Callable[[int], None]) -> None:
    for start in range(0, cases, GROUP):
        reviews = [_review(number) for number in range(start, min(start + GROUP, cases))]
        open_reviews(filling, reviews)
        progress(len(reviews))


def _review(number: int) -> Review:
    notice = made_notice(10 * number)  # those about something new
    assert notice.category is not None  # noqa: S101 - each has one
    return Review(
        item=notice.items[0],
        at=_AT - timedelta(seconds=number % 80_000),
        category=notice.category,
        keyword=None,
        rule=f"rule-{number % 40}",
        version="1",
        edition="0123456789abcdef",
        because="Two words from a list, and a link.",
    )


def _round(office: Office, times: _Times, actor: Actor, dice: Random, cases: int) -> None:
    file = times.of("next_case", lambda: next_case(office, actor, at=_AT))
    if file is None:
        raise Conflict("the desk has run out of cases: ask for more of them or for fewer rounds")
    case = file.stream
    times.of("open_case", lambda: open_case(office, actor, case, "review", at=_AT))
    policy = Policy(
        ground=Ground.INCOMPATIBLE_CONTENT, category=file.opened.category, keyword=None, reference="Terms, 3.4"
    )
    remove = Proposal(action=Action.REMOVE, policy=policy, facts="The post threatens a person with violence.")
    if file.opened.four_eyes:
        release(office, actor, case, "", at=_AT)
    else:
        times.of("decide", lambda: propose_decision(office, actor, case, remove, at=_AT))
        times.of("close", lambda: close_proposals(office, at=_AT + timedelta(minutes=1), chance=os.urandom))
    asked = Search(text=f"post-{10 * dice.randrange(cases)}")
    times.of("search", lambda: search(office, actor, asked))
    times.of("search_by_rule", lambda: search(office, actor, Search(rule=f"rule-{dice.randrange(40)}")))
    times.of("queue", lambda: shown(actor, desk.waiting(office.queries, file.queue)))
    times.of("dashboard", lambda: (desk.figures(office.queries), desk.appeal_figures(office.queries)))
