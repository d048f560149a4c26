"""`evenhand bench notices`: notices made durable through the committer, as people and programs send them."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from evenhand.flow.notices import receive_notice
from evenhand.flow.office import Office
from evenhand.vocabulary.eu import Category
from evenhand.vocabulary.notice import Notice, NoticeState, Snapshot

_FIRST = datetime(2026, 11, 24, 8, tzinfo=UTC)
_CATEGORIES = (
    Category.SCAMS_AND_FRAUD,
    Category.VIOLENCE,
    Category.ILLEGAL_OR_HARMFUL_SPEECH,
    Category.CYBER_VIOLENCE,
    Category.SELF_HARM,
)
_WHO = (
    "this post|the man in the video|the shop behind it|a pupil of the school|somebody with my name|the channel|"
    "a seller|an account without a picture|the second picture|whoever runs this group|whom we told you of|a member"
)
_DOES = (
    "threatens|insults|makes fun of|shows|asks for money from|lies about|calls for people to hurt|gives the flat of|"
    "hunts down|sells fake tickets to|spreads rumours about|pretends to be"
)
_WHOM = (
    "a woman from our street|people of our faith|my younger sister|players of our club|old people who are alone|me|"
    "a teacher whom everybody knows|refugees in the town|the family next door|sick people and their children|a nurse"
)
_HOW = (
    "and everybody laughs about it|and never stops|for the third time this month|with pictures from my flat|"
    "so that we are afraid to go out|and many have lost their savings|although we asked them to stop|and my son saw it|"
    "and it is shared on and on|in front of thousands|to make us leave the town|and nobody there says a word"
)
_PARTS = tuple(tuple(part.split("|")) for part in (_WHO, _DOES, _WHOM, _HOW))
_TEXT = "What somebody wrote here, as long as such things are: " + " ".join(map(" ".join, _PARTS))[:400]
THREADS = 64
_CAMPAIGN = "This channel must go at once because it spreads lies about all of us and everybody here knows it well, {}."


def made_notice(number: int) -> Notice:
    """Return notice `number`: half about something new, a third about what others report, some campaigns, some bad.

    Source of the mixture: our own assumption; every way that a notice can go is in it.
    """
    dice = Random(number)  # noqa: S311 - made-up load, the same each time
    lot = number % 10
    name = f"post-{number}" if lot < 5 else f"post-popular-{dice.randrange(500)}"
    said = "; ".join(" ".join(map(dice.choice, _PARTS)) for _ in range(4))
    reasons = _CAMPAIGN.format(number) if lot == 8 else said
    text = f"What was posted as {name}: {_TEXT}"
    item = Snapshot(
        item_id=name,
        url=f"https://example.org/{name}",
        author=f"author-{dice.randrange(100_000)}",
        channel=f"channel-{dice.randrange(20_000)}",
        text=text,
        language="EN",
        reach=dice.randrange(200_000),
        content_sha256=sha256(text.encode()).hexdigest(),
    )
    return Notice(
        key=f"bench-{number}",
        received_at=_FIRST + timedelta(milliseconds=number // 2),
        raw=b'{"reasons": "' + reasons.encode() + b'", "url": "' + item.url.encode() + b'"}',
        items=(item,),
        reasons=reasons,
        name="" if lot == 9 else "Bench Notifier",
        email=f"person-{dice.randrange(200_000)}@example.org",
        good_faith=True,
        category=_CATEGORIES[dice.randrange(len(_CATEGORIES))],
        channel="form",
    )


def bench_notices(
    office: Office, rate: int, seconds: int, progress: Callable[[int], None], threads: int = THREADS
) -> dict[str, Any]:
    """Offer `rate` notices a second for `seconds`, one by one, whatever becomes of them, then as many as are taken.

    Latency counts from the instant at which a notice was due, so a desk that falls behind is not spared.

    Returns:
        Figures; times in milliseconds.
    """
    offered = rate * seconds
    begun_s = time.process_time()
    offered_ms, took_s, states = _run(office, 0, offered, 1 / rate, progress, threads)
    waves = offered // 2
    flat_ms, flat_s, _ = _run(office, offered, waves, 0.0, progress, threads)
    return {
        "notices": offered,
        "durable_per_s": round(offered / took_s, 1),
        "p50_ms": quantile(offered_ms, 0.5),
        "p99_ms": quantile(offered_ms, 0.99),
        "max_ms": round(offered_ms[-1], 1),
        "unthrottled_per_s": round(len(flat_ms) / flat_s, 1),
        "cpu_ms_a_notice": round((time.process_time() - begun_s) * 1000 / (offered + waves), 3),
        "threads": threads,
        "states": states,
    }


def _run(
    office: Office, first: int, count: int, pause_s: float, progress: Callable[[int], None], threads: int
) -> tuple[list[float], float, dict[str, int]]:
    times: list[float] = [0.0] * count
    states: dict[str, int] = {}
    lock = threading.Lock()
    following = iter(range(count))
    started = time.perf_counter()

    def work() -> None:
        while True:
            with lock:
                n = next(following, None)
            if n is None:
                return
            # As a door does: parsing is not what is measured, yet it takes its share of the machine.
            notice = made_notice(first + n)
            due = started + n * pause_s
            if (early := due - time.perf_counter()) > 0:
                time.sleep(early)
            begun = due if pause_s else time.perf_counter()
            state: NoticeState = receive_notice(office, notice).state
            times[n] = (time.perf_counter() - begun) * 1000
            with lock:
                states[state.value] = states.get(state.value, 0) + 1
            if n % 1000 == 999:
                progress(1000)

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work) for _ in range(threads)]:
            done.result()
    return sorted(times), time.perf_counter() - started, states


def quantile(times: list[float], share: float) -> float:
    """Return what a share of sorted times is not above."""
    return round(times[min(len(times) - 1, int(share * len(times)))], 1)
