"""Actions reach the platform: a real receiver that fails for an hour, refuses, forgets; nothing is lost."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from evenhand.couriers.webhook import WebhookCourier
from evenhand.flow.action_delivery import dead_actions, deliver, settle_dead
from evenhand.flow.action_reports import CHASED_TIMES, Report, chase, differences, report_actions, reports_of
from evenhand.flow.actions import read_actions
from evenhand.vocabulary.commit import Commit, Effect, Place, Stream, commit_key
from evenhand.vocabulary.errors import InputError

SECRET = bytes(range(24))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Platform:
    """A platform's receiver: says no while `status` is not 200, and refuses what names a poisoned item."""

    def __init__(self) -> None:
        self.status = 200
        self.poison = ""
        self.messages: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
                signed = Webhook("AAECAwQFBgcICQoLDA0ODxAREhMUFRYX").sign(self.headers["webhook-id"], at, body.decode())
                assert signed == self.headers["webhook-signature"]
                message = json.loads(body)
                refused = bool(outer.poison) and outer.poison in body.decode()
                status = 422 if refused and outer.status == 200 else outer.status
                if status == 200:
                    outer.messages.append(message)
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks?from=evenhand"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def items(self) -> list[str]:
        """Return the items of all actions that were taken, in order."""
        return [action["data"]["id"] for message in self.messages for action in message["data"]]


@pytest.fixture
def platform() -> Iterator[Platform]:
    """A receiver on a port of its own."""
    made = Platform()
    yield made
    made.server.shutdown()
    made.server.server_close()


def decide(docket: Any, *names: str) -> None:
    """Commit one action an item, and something that is not the platform's."""
    docket.commit(
        [
            Commit(
                key=commit_key(NOW.date(), name.encode()),
                effects=tuple(
                    Effect(
                        kind=kind,
                        key=commit_key(NOW.date(), kind.encode(), name.encode()),
                        body=json.dumps({"id": name}).encode(),
                        subject=name,
                    )
                    for kind in ("tell.notifier", "platform.remove")
                ),
            )
            for name in names
        ]
    )


def test_actions_arrive_once_in_order(docket: Any, platform: Platform) -> None:
    """What was decided is delivered, signed, in order, and not again."""
    send = WebhookCourier(platform.url, SECRET).send
    decide(docket, "a", "b", "c")
    assert deliver(docket, send, NOW) == 3
    assert deliver(docket, send, NOW) == 0
    decide(docket, "d")
    assert deliver(docket, send, NOW) == 1
    assert platform.items() == ["a", "b", "c", "d"]
    assert [action.number for action in read_actions(docket, 0, 2)] == [2, 4]


def test_a_receiver_that_fails_for_an_hour(docket: Any, platform: Platform) -> None:
    """Nothing is lost, nothing overtakes, pauses grow, and someone is called once it lasts."""
    send = WebhookCourier(platform.url, SECRET).send
    decide(docket, "a")
    platform.status = 503
    now, sent = NOW, 0
    while now < NOW + timedelta(minutes=90):
        deliver(docket, send, now)
        now += timedelta(seconds=30)
    assert platform.items() == []
    pages = [row for row in docket.effects(after=0, limit=100) if row.kind == "page.person"]
    assert pages
    decide(docket, "b")
    platform.status = 200
    for _ in range(400):
        sent += deliver(docket, send, now)
        now += timedelta(seconds=30)
    assert sent == 2
    assert platform.items() == ["a", "b"]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_other_answers_are_tried_again(docket: Any, platform: Platform, status: int) -> None:
    """A redirect is not followed; whatever is not 2xx and no refusal is tried again."""
    send = WebhookCourier(platform.url, SECRET).send
    decide(docket, "a")
    platform.status = status
    assert deliver(docket, send, NOW) == 0
    platform.status = 200
    assert deliver(docket, send, NOW) == 0  # the pause
    assert deliver(docket, send, NOW + timedelta(seconds=6)) == 1


def test_nobody_listens(docket: Any) -> None:
    """A closed port is a failure like any other."""
    decide(docket, "a")
    assert deliver(docket, WebhookCourier("http://127.0.0.1:9/", SECRET).send, NOW) == 0


def test_one_refused_action_is_laid_aside(docket: Any, platform: Platform) -> None:
    """A message is halved until the action that is not understood stands alone; it is shown, the rest arrives."""
    send = WebhookCourier(platform.url, SECRET).send
    names = [f"item-{n}" for n in range(20)]
    decide(docket, *names)
    platform.poison = '"item-7"'
    for _ in range(60):
        deliver(docket, send, NOW)
    assert platform.items() == [name for name in names if name != "item-7"]
    assert len(docket.places("actions/dead")) == 1
    assert docket.tallies("actions/")["actions/dead"] == 1


def test_a_refused_action_is_tried_again_when_somebody_says_so(docket: Any, platform: Platform) -> None:
    """Alone, under a number that says where it belongs; refused again it is laid aside again; or it is put away."""
    send = WebhookCourier(platform.url, SECRET).send
    decide(docket, "a", "b", "c")
    platform.poison = '"b"'
    for _ in range(10):
        deliver(docket, send, NOW)
    [dead] = dead_actions(docket)
    assert settle_dead(docket, dead.number, b"{}", NOW, again=True)
    assert not settle_dead(docket, dead.number, b"{}", NOW, again=True)
    assert deliver(docket, send, NOW) == 0
    assert [one.number for one in dead_actions(docket)] == [dead.number]
    platform.poison = ""
    assert settle_dead(docket, dead.number, b"{}", NOW, again=True)
    assert deliver(docket, send, NOW) == 1
    assert platform.items() == ["a", "c", "b"]
    assert dead.id in [each.id for each in differences(docket, NOW + timedelta(hours=2))]
    assert dead_actions(docket) == []
    assert deliver(docket, send, NOW) == 0
    assert "actions/dead" not in docket.tallies("actions/")


def test_letters_to_users_go_with_the_actions(docket: Any, platform: Platform) -> None:
    """In order, with what is shown and nothing else; reported like an action; erased they are empty."""
    letter = {"direction": "ltr", "language": "en", "subject": "s", "text": "t\n"}
    body = {"to": "author-1", "what": "decision", "item": "i", "letter": letter, "redress": "SECRET", "facts": "x"}
    key = commit_key(NOW.date(), b"tell")
    tell = Effect(kind="tell.affected", key=key, body=json.dumps(body).encode(), subject="author-1")
    decide(docket, "a")
    docket.commit([Commit(key=key, effects=(tell,))])
    assert deliver(docket, WebhookCourier(platform.url, SECRET).send, NOW) == 2
    [first, second] = platform.messages[0]["data"]
    assert (first["type"], second["type"]) == ("platform.remove", "person.letter")
    assert second["data"] == {"item": "i", "to": "author-1", "what": "decision", **letter}
    assert report_actions(docket, [Report(id=second["id"], status="done", at=NOW)], NOW).new == 1
    assert [each.id for each in differences(docket, NOW + timedelta(hours=2))] == [first["id"]]
    docket.erase_subject("author-1")
    assert read_actions(docket, 0, 9)[-1].data is None


def test_what_the_platform_did_not_do_is_chased(docket: Any, platform: Platform) -> None:
    """Undone actions are reminded of, then a person is called; a report ends it."""
    send = WebhookCourier(platform.url, SECRET).send
    decide(docket, "a", "b")
    deliver(docket, send, NOW)
    first, second = read_actions(docket, 0, 10)
    assert report_actions(docket, [Report(id=first.id, status="done", at=NOW)], NOW).new == 1
    assert report_actions(docket, [Report(id=first.id, status="done", at=NOW)], NOW).new == 0
    assert report_actions(docket, [Report(id=second.id, status="failed", at=NOW, detail="locked")], NOW).new == 1
    later = NOW + timedelta(hours=2)
    assert [each.id for each in differences(docket, later)] == [second.id]
    assert differences(docket, NOW) == []
    for _ in range(CHASED_TIMES + 1):
        assert chase(docket, send, later) == 1
        assert chase(docket, send, later) == 0
        later += timedelta(hours=2)
    assert [message["type"] for message in platform.messages] == ["actions"] + ["actions.overdue"] * CHASED_TIMES
    assert any(row.kind == "page.person" for row in docket.effects(after=0, limit=100))
    report_actions(docket, [Report(id=second.id, status="gone", at=later)], later)
    assert differences(docket, later + timedelta(days=9)) == []
    assert "actions/undone" not in docket.tallies("actions/")


def test_late_is_counted_once_and_undone_adds_up(docket: Any, platform: Platform) -> None:
    """Said again late it changes nothing; a line that was moved on while it ended is taken away, and counted once."""
    send = WebhookCourier(platform.url, SECRET).send
    decide(docket, "a", "b")
    first, second = read_actions(docket, 0, 9)
    deliver(docket, send, NOW)
    late = NOW + timedelta(hours=2)
    report = Report(id=first.id, status="done", at=late)
    assert [report_actions(docket, [report], late).new for _ in range(2)] == [1, 0]
    assert docket.tallies("out/actions/") == {f"out/actions/late/{NOW.date()}": 1}
    assert docket.tallies("actions/undone") == {"actions/undone": 1}
    # As a chase leaves it that ran at the moment of the report.
    stream = Stream(bytes.fromhex(first.id))
    line = Place(
        view="actions/undone", sort=(1).to_bytes(8, "big") + first.number.to_bytes(8, "big"), stream=stream, label=b"2"
    )
    docket.commit([Commit(key=commit_key(NOW.date(), b"race"), places=(line,))])
    assert chase(docket, send, late) == 1
    assert [message["data"][0]["id"] for message in platform.messages[1:]] == [second.id]
    assert docket.tallies("actions/undone") == {"actions/undone": 1}


def test_a_clock_that_was_years_ahead_for_a_moment(docket: Any, platform: Platform) -> None:
    """Neither sending nor chasing sleeps until the year that it showed."""
    send = WebhookCourier(platform.url, SECRET).send
    decide(docket, "a", "b")
    deliver(docket, send, NOW)
    far = NOW + timedelta(days=30_000)
    assert chase(docket, send, far) == 2
    decide(docket, "c")
    platform.status = 503
    assert deliver(docket, send, far) == 0
    platform.status = 200
    assert deliver(docket, send, NOW + timedelta(minutes=1)) == 1
    assert chase(docket, send, NOW + timedelta(minutes=2)) == 2
    assert len(differences(docket, NOW + timedelta(hours=3))) == 3


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_reports_from_the_calendars_ends(docket: Any, at: str) -> None:
    """A platform's clock may say anything: it is kept, and can be shown."""
    decide(docket, "a")
    [action] = read_actions(docket, 0, 9)
    report = Report(id=action.id, status="done", at=datetime.fromisoformat(at))
    deliver(docket, lambda *_: "taken", NOW)
    assert report_actions(docket, [report], NOW).new == 1
    [said] = reports_of(docket, action.id)
    assert said.at.astimezone(UTC).year in (1970, 9999)
    assert differences(docket, NOW + timedelta(days=1)) == []


def test_reports_of_what_was_never_delivered(docket: Any) -> None:
    """An id that is none of ours is told; the others are recorded."""
    send_nothing = [Report(id="00" * 20, status="done", at=NOW)]
    assert report_actions(docket, send_nothing, NOW).unknown == ("00" * 20,)
    assert docket.records(Stream(bytes(20))) == []


@pytest.mark.parametrize("url", ["", "ftp://x/", "http://", "platform.example/hook"])
def test_addresses(url: str) -> None:
    """A webhook's address is an http URL."""
    with pytest.raises(InputError, match="webhook_url"):
        WebhookCourier(url, SECRET)
