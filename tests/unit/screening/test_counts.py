"""Counts over the sliding day: those of a plain count, however the stream is cut."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.screening.counts import Window

HOUR = 3_600_000_000
EVENT = st.tuples(st.integers(0, 60), *(st.integers(0, 3),) * 3)


def keys(values: list[int]) -> np.ndarray:
    """Return small numbers as keys; 0 stays "none"."""
    return np.array(values, np.uint64) * np.uint64(0x9E3779B97F4A7C15)


def counts(window: Window, events: list[tuple[int, int, int, int]]) -> list[list[int]]:
    """Return the counts of one batch."""
    hours, authors, channels, texts = ([event[i] for event in events] for i in range(4))
    posted = np.array(hours, np.int64) * HOUR + 17
    return window.add(posted, keys(authors), keys(channels), keys(texts)).tolist()


def naive(events: list[tuple[int, int, int, int]]) -> list[list[int]]:
    """Count as the documentation says, event by event."""
    found = []
    clocks = np.maximum.accumulate([event[0] for event in events]).tolist()
    for i, (_, author, channel, text) in enumerate(events):
        seen = [events[j] for j in range(i + 1) if clocks[j] > clocks[i] - 24]
        same = [event for event in seen if text and event[3] == text]
        found.append(
            [
                sum(event[1] == author for event in seen) if author else 0,
                sum(event[2] == channel for event in seen) if channel else 0,
                len(same),
                len({event[1] for event in same} - {0}),
                len({event[2] for event in same} - {0}),
            ]
        )
    return found


@settings(max_examples=100)
@given(st.lists(EVENT, min_size=1, max_size=60), st.lists(st.integers(1, 20), max_size=10))
def test_counts_are_those_of_a_plain_count_in_any_batches(
    events: list[tuple[int, int, int, int]], sizes: list[int]
) -> None:
    """What each post is told depends on the stream before it, not on where batches begin."""
    window, found, at = Window(), [], 0
    for size in [*sizes, len(events)]:
        if events[at : at + size]:
            found += counts(window, events[at : at + size])
        at += size
    assert found == naive(events)


def test_a_day_later_everything_is_forgotten() -> None:
    """Nothing is kept of what no longer counts: memory follows the window."""
    window = Window()
    counts(window, [(0, 1, 2, 3)] * 100)
    assert counts(window, [(24, 9, 9, 9)]) == [[1, 1, 1, 1, 1]]
    for tally in window._tallies:
        assert len(tally) == len(tally._hours) == 1
    for variety in window._varieties:
        assert len(variety) == len(variety._hours) == 1


def test_memory_is_bounded_within_one_hour() -> None:
    """When more comes than may be held, the oldest is forgotten early, and counting goes on."""
    window = Window(posts_max=50)
    for _ in range(20):
        last = counts(window, [(5, i % 4, 1, i % 7) for i in range(30)])
    assert all(1 <= row[1] <= 50 for row in last)
    assert sum(size for _, size in window._sizes) <= 50
    assert counts(window, [(5, 1, 1, 1)] * 120)[-1][0] <= 50


def test_an_empty_batch_changes_nothing() -> None:
    """No posts, no counts."""
    none = keys([])
    assert Window().add(np.array([], np.int64), none, none, none).shape == (0, 5)
