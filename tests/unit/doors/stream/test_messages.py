"""Labelled messages and how they are spread over a day."""

import io
from datetime import date

from tests.realdata import real_data

from evenhand.doors.stream.messages import Message, read_messages, spread
from evenhand.vocabulary.post import POST_SCHEMA

DAY = date(2026, 11, 24)


def test_bad_lines_are_reported_with_their_field() -> None:
    """Label, text and source are checked; other fields do not matter."""
    lines = [
        '{"label":"spam","text":"buy","more":1}',
        '{"label":"maybe","text":"x"}',
        '{"label":"ham"}',
        '{"label":"ham","text":""}',
        "nonsense",
        '{"label":"ham","text":"x","source":"s"}',
    ]
    errors: list[tuple[int, str]] = []
    stream = io.BytesIO("\n".join(lines).encode())
    found = list(read_messages(stream, lambda line, field, _: errors.append((line, field))))
    assert found == [Message(source="", label="spam", text="buy"), Message(source="s", label="ham", text="x")]
    assert errors == [(2, "label"), (3, "text"), (4, "text"), (5, "")]


def test_spreading_is_the_same_on_every_run_and_blind_to_labels() -> None:
    """Ids count up, instants fill the day in order, and turning every label round changes nothing."""
    messages = [Message(source="s", label="spam" if i % 3 else "ham", text=f"text {i}") for i in range(500)]
    other = [Message(source=m.source, label="ham" if m.label == "spam" else "spam", text=m.text) for m in messages]
    batches = list(spread(messages, DAY, 200))
    assert [batch.num_rows for batch in batches] == [200, 200, 100]
    assert all(batch.schema == POST_SCHEMA for batch in batches)
    assert batches == list(spread(other, DAY, 200))
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert rows[0]["id"] == "m000001"
    assert [row["posted_at"] for row in rows] == sorted(row["posted_at"] for row in rows)
    assert {row["posted_at"].date() for row in rows} == {DAY}
    assert len({row["channel_id"] for row in rows}) == 12
    assert 50 < len({row["author_id"] for row in rows}) <= 83


def test_the_real_messages_are_read_whole() -> None:
    """All 3,861 real messages become posts."""
    with real_data("messages.ndjson").open("rb") as file:
        messages = list(read_messages(file, lambda *error: (_ for _ in ()).throw(AssertionError(error))))
    assert sum(batch.num_rows for batch in spread(messages, DAY)) == 3861
