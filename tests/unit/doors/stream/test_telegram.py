"""Telegram Desktop's export, both forms, and its malformed messages."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from evenhand.doors.stream.telegram import read_telegram
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.post import POST_SCHEMA

MESSAGE: dict[str, Any] = {
    "id": 5,
    "type": "message",
    "date": "2026-11-24T12:00:00",
    "date_unixtime": "1795515600",
    "from": "Ann",
    "from_id": "user77",
    "text": "hello",
    "text_entities": [{"type": "plain", "text": "hello"}],
}
SERVICE = {"id": 1, "type": "service", "date": "2026-11-24T11:00:00", "action": "create_channel", "text": ""}


def chat(*messages: Any, number: int = 900) -> dict[str, Any]:
    """Return a chat in the form of the export."""
    return {"name": "Chat", "type": "public_channel", "id": number, "messages": list(messages)}


def full(*chats: Any, left: tuple[Any, ...] = ()) -> dict[str, Any]:
    """Return the export of a whole account."""
    return {"about": "…", "chats": {"about": "…", "list": list(chats)}, "left_chats": {"list": list(left)}}


def read(export: Any) -> tuple[list[dict[str, Any]], list[tuple[int, str, str]]]:
    """Return what the reader yields and what it reports."""
    data = export if isinstance(export, bytes) else json.dumps(export).encode()
    errors: list[tuple[int, str, str]] = []
    batches = list(read_telegram(io.BytesIO(data), lambda *error: errors.append(error)))
    assert all(batch.schema == POST_SCHEMA for batch in batches)
    return [row for batch in batches for row in batch.to_pylist()], errors


def test_a_single_chat_becomes_posts_without_its_service_messages() -> None:
    """Chat and message make the id, the chat is the channel, the Unix time is the instant."""
    rows, errors = read(chat(SERVICE, MESSAGE))
    assert errors == []
    assert len(rows) == 1
    wanted = {"id": "900/5", "kind": "post", "channel_id": "900", "author_id": "user77", "text": "hello"}
    assert {name: rows[0][name] for name in wanted} == wanted
    assert rows[0]["posted_at"] == datetime.fromtimestamp(1795515600, UTC)


def test_the_full_form_reads_present_and_left_chats() -> None:
    """Both lists of chats are read, in their order."""
    rows, errors = read(full(chat(MESSAGE, number=1), chat(MESSAGE, number=2), left=(chat(MESSAGE, number=3),)))
    assert errors == []
    assert [row["id"] for row in rows] == ["1/5", "2/5", "3/5"]


def test_text_parts_are_put_together_with_hidden_link_targets() -> None:
    """Entities lose nothing that a moderator needs: where words hide a link, it is written out."""
    text = ["Win ", {"type": "bold", "text": "big"}, " ", {"type": "text_link", "text": "here", "href": "http://x.top"}]
    rows, _ = read(chat({**MESSAGE, "text": text}))
    assert rows[0]["text"] == "Win big here (http://x.top)"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"photo": "photos/1.jpg"}, "image/jpeg"),
        ({"media_type": "sticker"}, "image/webp"),
        ({"media_type": "video_file", "mime_type": "video/quicktime"}, "video/quicktime"),
        ({"media_type": "something_new"}, "application/octet-stream"),
        ({"mime_type": "application/pdf", "file": "a.pdf"}, "application/pdf"),
    ],
)
def test_media_come_with_their_type_and_no_hashes(fields: dict[str, str], kind: str) -> None:
    """What the export knows of a file is its type."""
    rows, errors = read(chat({**MESSAGE, **fields}))
    assert errors == []
    assert rows[0]["media"] == [{"sha256": None, "md5": None, "pdq": None, "type": kind, "turned": None}]


def test_old_exports_without_unix_time_and_forwarded_messages() -> None:
    """`date` alone is taken as UTC; a forward names its origin, a deleted one (null) none."""
    old = {k: v for k, v in MESSAGE.items() if k not in ("date_unixtime", "from_id")}
    rows, errors = read(chat({**old, "forwarded_from": "Elsewhere"}, {**MESSAGE, "forwarded_from": None}))
    assert errors == []
    assert rows[0]["posted_at"] == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert [row["forwarded_from"] for row in rows] == ["Elsewhere", None]
    assert rows[0]["author_id"] is None


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ({**MESSAGE, "date_unixtime": "soon"}, "date_unixtime"),
        ({**MESSAGE, "date_unixtime": "99999999999999999999999"}, "date_unixtime"),
        ({k: v for k, v in MESSAGE.items() if k != "date_unixtime"} | {"date": "24.11.2026"}, "date"),
        ({k: v for k, v in MESSAGE.items() if not k.startswith("date")}, "date"),
        ({**MESSAGE, "text": 5}, "text"),
        ({**MESSAGE, "text": [{"type": "bold"}]}, "text[0].text"),
        ({**MESSAGE, "text": "x" * 65_537}, "text"),
        ({**MESSAGE, "from_id": "u" * 257}, "from_id"),
        ({k: v for k, v in MESSAGE.items() if k != "id"}, "id"),
        ("message", ""),
    ],
)
def test_a_bad_message_is_reported_by_its_path(broken: Any, field: str) -> None:
    """The path leads to the field, the line is the message's place, and the rest goes on."""
    rows, errors = read(full(chat(number=1), chat(MESSAGE, broken, MESSAGE)))
    assert len(rows) == 2
    path = f"chats.list[1].messages[1]{'.' if field else ''}{field}"
    assert [error[:2] for error in errors] == [(2, path)]


def test_a_bad_chat_costs_that_chat_alone() -> None:
    """A chat without messages is reported, the next is read."""
    rows, errors = read(full({"name": "x", "id": 1}, chat(MESSAGE)))
    assert len(rows) == 1
    assert [error[1] for error in errors] == ["chats.list[0].messages"]


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b"{", b'"x"', b'{"messages": 5}', b"\xff", b'{"a":' + b"[" * 500_000, b'{"chats":{"list":{}}}'],
)
def test_what_is_no_export_is_refused_as_a_whole(data: bytes) -> None:
    """Not JSON, not an export, nested without end: one clear refusal, or a report of the one chat."""
    try:
        rows, errors = read(data)
    except InputError as error:
        assert error.reason  # noqa: PT017
    else:
        assert rows == []
        assert errors


def test_deep_nesting_is_a_clear_refusal() -> None:
    """A file nested without end is refused in words, not by a crash."""
    deep = b'{"id":5,"type":"message","text":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    with pytest.raises(InputError, match="nested too deeply"):
        read(b'{"id":1,"messages":[' + deep + b"]}")


def test_half_a_surrogate_pair_costs_its_message_alone() -> None:
    """The message with it is refused with the reason; whole pairs, escaped backslashes and the others are read."""
    texts = [r"\ud83d alone", r"\ud83d\ude00 whole", r"a \\ud83d backslash", r"\ude00", "plain"]
    messages = ",".join(
        f'{{"id": {n}, "type": "message", "date_unixtime": "1760000000", "from_id": "u1", "text": "{text}"}}'
        for n, text in enumerate(texts)
    )
    told: list[tuple[int, str, str]] = []
    export = f'{{"id": 7, "messages": [{messages}]}}'.encode()
    batches = list(read_telegram(io.BytesIO(export), lambda *error: told.append(error)))
    read = [text for batch in batches for text in batch.column("text").to_pylist()]
    assert read == ["\U0001f600 whole", "a \\ud83d backslash", "plain"]
    assert [(line, field) for line, field, _ in told] == [(1, "messages[0]"), (4, "messages[3]")]
    assert all("half of a surrogate pair" in reason for _, _, reason in told)
