"""Whole exports as Telegram Desktop writes them, in both forms, with what real chats hold."""

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evenhand.doors.cli.app import evenhand
from evenhand.doors.stream.formats import find_form, open_posts
from evenhand.main import Desk

MISSING = "(File not included. Change data exporting settings to download.)"
PLAIN = {
    "id": 71_001,
    "type": "message",
    "date": "2026-11-23T10:00:00",
    "date_unixtime": "1795428000",
    "from": "Nadia",
    "from_id": "user4102938475",
    "text": "Guten Morgen zusammen",
    "text_entities": [{"type": "plain", "text": "Guten Morgen zusammen"}],
}


def message(number: int, **fields: Any) -> dict[str, Any]:
    """Return a message like PLAIN with other fields; None takes one away."""
    return {k: v for k, v in {**PLAIN, "id": number, **fields}.items() if v is not None or k == "from"}


MESSAGES = [
    {
        "id": 1, "type": "service", "date": "2026-11-20T08:00:00", "date_unixtime": "1795161600",
        "actor": "Nadia", "actor_id": "user4102938475", "action": "create_group", "title": "Flats Berlin",
        "members": ["Nadia", None], "text": "", "text_entities": [],
    },
    message(2),
    message(
        3,
        text=[
            "Mehr ", {"type": "bold", "text": "hier"}, ": ",
            {"type": "text_link", "text": "Wohnung", "href": "https://flat.example/1"}, " ",
            {"type": "link", "text": "https://t.me/joinchat/abc"}, " ", {"type": "mention", "text": "@nadia"},
            {"type": "custom_emoji", "text": "🏠", "document_id": MISSING},
            {"type": "mention_name", "text": "Ali", "user_id": 77},
        ],
    ),
    message(4, text="", photo="photos/photo_1@23-11-2026_10-00-00.jpg", photo_file_size=88_211, width=1280, height=960),
    message(5, photo=MISSING, text="nur der Text"),
    message(6, file="files/a.pdf", file_name="a.pdf", mime_type="application/pdf", thumbnail=MISSING),
    message(7, media_type="sticker", file=MISSING, sticker_emoji="😀", text=""),
    message(8, forwarded_from="News channel", forwarded_from_id="channel1234567890", text="weitergeleitet"),
    message(9, forwarded_from=None) | {"forwarded_from": None},
    message(10, edited="2026-11-23T11:00:00", edited_unixtime="1795431600", text="verbessert"),
    message(11, **{"from": None, "from_id": "user99"}, text="ein gelöschtes Konto"),
    message(12, from_id=None, author="Redaktion", text="aus einem Kanal, mit Unterschrift"),
    message(13, reply_to_message_id=2, reply_to_peer_id="channel55", via_bot="@gif", text="Antwort"),
    message(
        14,
        reactions=[{"type": "emoji", "count": 2, "emoji": "👍", "recent": [{"from": "Ali", "from_id": "user77"}]}],
        inline_bot_buttons=[[{"type": "url", "text": "Auf", "data": "https://x.example"}]],
    ),
    message(15, poll={"question": "Wann?", "closed": False, "total_voters": 0, "answers": []}, text=""),
    message(16, contact_information={"first_name": "A", "phone_number": "+49 30 1"}, text=""),
    message(17, location_information={"latitude": 52.5, "longitude": 13.4}, text=""),
    message(18, media_type="voice_message", mime_type="audio/ogg", duration_seconds=4, text=""),
    {
        "id": 19, "type": "service", "date": "2026-11-23T12:00:00", "date_unixtime": "1795435200",
        "actor": None, "actor_id": "user5", "action": "pin_message", "message_id": 2, "text": "",
    },
]  # fmt: skip
POSTS = [m["id"] for m in MESSAGES if m["type"] == "message"]
SINGLE = {"name": "Flats Berlin", "type": "private_supergroup", "id": 1_500_600_700, "messages": MESSAGES}
FULL = {
    "about": "Here is the data you requested.",
    "personal_information": {"user_id": 5, "first_name": "N", "phone_number": "+49", "username": "@n", "bio": ""},
    "profile_pictures": [],
    "stories": [],
    "contacts": {"about": "…", "list": [{"user_id": n, "first_name": "x" * 20, "date": "…"} for n in range(80)]},
    "frequent_contacts": {"about": "…", "list": []},
    "sessions": {"about": "…", "list": []},
    "web_sessions": {"about": "…", "list": []},
    "other_data": {"about": "…", "help": "…", "data": {}},
    "chats": {
        "about": "This page lists all chats from this export.",
        "list": [
            SINGLE,
            {"type": "saved_messages", "id": 5, "messages": [message(2, text="Notiz")]},
            {"name": None, "type": "personal_chat", "id": 6, "messages": []},
        ],
    },
    "left_chats": {"about": "…", "list": [{"name": "Left", "type": "public_supergroup", "id": 7, "messages": []}]},
}


def read(data: bytes) -> tuple[list[dict[str, Any]], list[Any]]:
    """Return rows and complaints, the form found out from the beginning."""
    errors: list[Any] = []
    batches = open_posts(io.BytesIO(data), None, lambda *error: errors.append(error), date(2026, 11, 23))
    return [row for batch in batches for row in batch.to_pylist()], errors


@pytest.mark.parametrize("indent", [1, None], ids=["as written", "on one line"])
@pytest.mark.parametrize("export", [SINGLE, FULL], ids=["one chat", "all chats"])
def test_an_export_is_known_and_read_whole(export: dict[str, Any], indent: int | None) -> None:
    """Every message is there, service messages are not, nothing is complained about."""
    rows, errors = read(json.dumps(export, indent=indent, ensure_ascii=False).encode())
    assert errors == []
    found = [row["id"] for row in rows if row["channel_id"] == "1500600700"]
    assert found == [f"1500600700/{number}" for number in POSTS]
    assert len(rows) == len(POSTS) + (export is FULL)
    by_number = {int(row["id"].split("/")[1]): row for row in rows if row["channel_id"] == "1500600700"}
    assert by_number[3]["text"] == ("Mehr hier: Wohnung (https://flat.example/1) https://t.me/joinchat/abc @nadia🏠Ali")
    assert [by_number[n]["forwarded_from"] for n in (8, 9)] == ["News channel", None]
    assert [by_number[n]["author_id"] for n in (2, 11, 12)] == ["user4102938475", "user99", None]
    types = [(by_number[n]["media"] or [{"type": None}])[0]["type"] for n in (4, 5, 6, 7, 15, 18)]
    assert types == ["image/jpeg", "image/jpeg", "application/pdf", "image/webp", None, "audio/ogg"]
    assert by_number[10]["posted_at"] == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_other_json_is_no_export() -> None:
    """A post that speaks of chats and messages stays a post."""
    post = {"id": "p", "kind": "post", "posted_at": "2026-11-23T10:00:00Z", "channel_id": "c", "text": '"messages"'}
    assert find_form(json.dumps(post).encode()) == "posts"
    assert find_form(json.dumps({"label": "spam", "text": "my chats"}).encode()) == "messages"


def test_a_broken_message_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through `screen`: the rest gets verdicts, the complaint names the path, the exit code is 2."""
    monkeypatch.setenv("EVENHAND_DATA", str(tmp_path / "data"))
    export = {**SINGLE, "messages": [*MESSAGES, message(20, date_unixtime="soon"), message(21)]}
    (tmp_path / "result.json").write_text(json.dumps(export), "utf-8")
    ended = CliRunner().invoke(evenhand, ["screen", str(tmp_path / "result.json")], obj=Desk())
    assert ended.exit_code == 2
    assert len(ended.stdout.splitlines()) == len(POSTS) + 1
    complaint = json.loads(ended.stderr.splitlines()[0])
    assert (complaint["line"], complaint["field"]) == (len(MESSAGES) + 1, f"messages[{len(MESSAGES)}].date_unixtime")
