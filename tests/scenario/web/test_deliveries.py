"""The console's page of what leaves the house: open calls, what was given up, and that nobody is named there."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from evenhand.doors.web.accounts import create_staff
from evenhand.flow.calls import call
from evenhand.flow.outbox import MAIL, dead_of, due_now, given_up, sort_effects
from evenhand.vocabulary.commit import Commit, Effect, commit_key
from evenhand.vocabulary.errors import InputError

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
PAGE = "/console/deliveries/"


@pytest.fixture
def admin(desk: Any, client: Any) -> Any:
    """An administrator, signed in."""
    from django.contrib.auth.models import User

    create_staff(desk.settings, "the_admin", "admin", PASSWORD)
    client.force_login(User.objects.get(username="the_admin"))
    return client


def happen(docket: Any, name: str) -> None:
    """Have a person called, and a letter given up."""
    body = {"to": f"{name}@secret.example", "letter": {"text": "Private words."}, "what": "answer"}
    key = commit_key(NOW.date(), b"letter", name.encode())
    letter = Effect(kind="tell.notifier", key=key, body=json.dumps(body).encode(), subject=None)
    said = {"cases": 3, "queues": {"violence": 3}}
    calls = (call(NOW, "overdue", name.encode(), case="ab" * 20, **said), call(NOW, "<b>new</b>", name.encode()))
    docket.commit([Commit(key=commit_key(NOW.date(), name.encode()), effects=(letter, *calls))])
    sort_effects(docket, NOW)
    for one in due_now(docket, MAIL, NOW, 100):
        docket.commit([given_up(one, NOW, "550")])


def test_what_stands_there_and_what_does_not(desk: Any, admin: Any) -> None:
    """Calls by their sentence, letters by their kind; no address, no word, no case; hostile words stay words."""
    happen(desk.docket, "one")
    text = admin.get(PAGE).content.decode()
    assert "Open cases have passed their deadline." in text
    assert "Violence 3" in text
    assert "tell.notifier: answer" in text
    assert "550" in text
    assert "&lt;b&gt;new&lt;/b&gt;" in text
    assert "<b>new" not in text
    assert "secret.example" not in text
    assert "Private words" not in text
    assert "ab" * 20 not in text
    assert 'data-key="A"' in text
    assert len(text) < 100_000


def test_a_list_that_does_not_load_is_told(desk: Any, admin: Any) -> None:
    """For as long as the old one serves in its place, with the reason."""

    class Serving:
        broken: InputError | None = None

    said = "A list or rule file cannot be read"
    serving = Serving()
    other = {"evenhand.desk": replace(desk, screening=serving)}
    assert said not in admin.get(PAGE, **other).content.decode()
    serving.broken = InputError("ours.txt:3", "is not <UTF-8>")
    text = admin.get(PAGE, **other).content.decode()
    assert said in text
    assert "ours.txt:3: is not &lt;UTF-8&gt;" in text


def test_a_call_is_acknowledged_once(desk: Any, admin: Any) -> None:
    """By one press; the second is told that somebody was first; who did it is kept."""
    happen(desk.docket, "two")
    [number] = [int.from_bytes(row.sort, "big") for row in desk.docket.places("call/open", limit=99)][-1:]
    for said in ("", "somebody has acknowledged this call already"):
        answer = admin.post(f"{PAGE}acknowledge/", {"number": number}, follow=True)
        assert said in answer.content.decode()
    [effect] = desk.docket.effects(after=number - 1, limit=1)
    [record] = desk.docket.records(effect.key)
    assert record.kind == "call.acknowledged"
    assert json.loads(record.body)["by"].startswith("staff-")


def test_what_was_given_up_is_tried_again_or_put_away(desk: Any, admin: Any) -> None:
    """Each once; then it is in its lane again, or gone."""
    happen(desk.docket, "three")
    happen(desk.docket, "four")
    *_, three, four = dead_of(desk.docket, MAIL, 99)
    admin.post(f"{PAGE}again/", {"number": three.number, "lane": MAIL})
    admin.post(f"{PAGE}away/", {"number": four.number, "lane": MAIL})
    assert {three.number, four.number} & {one.number for one in dead_of(desk.docket, MAIL, 99)} == set()
    assert three.number in [one.number for one in due_now(desk.docket, MAIL, NOW, 99)]
    answer = admin.post(f"{PAGE}again/", {"number": four.number, "lane": MAIL}, follow=True)
    assert "somebody has seen to this already" in answer.content.decode()


@pytest.mark.parametrize("what", ["again", "acknowledge", "other"])
def test_nonsense_is_not_found(admin: Any, what: str) -> None:
    """A number that is none, a lane or an act that is not there."""
    assert admin.post(f"{PAGE}{what}/", {"number": "-1", "lane": "mail"}).status_code == 404
    if what != "acknowledge":
        assert admin.post(f"{PAGE}{what}/", {"number": "1", "lane": "no"}).status_code == 404
