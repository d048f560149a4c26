"""A person who is called is called: by mail and webhook, again within a minute, until they say that they have it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.scenario.couriers.relay import Keeper, Server
from tests.scenario.couriers.test_webhook import SECRET, Platform

from evenhand.couriers.smtp import SmtpRelay
from evenhand.couriers.webhook import WebhookCourier
from evenhand.flow.calls import acknowledge, call, open_calls, page_by_hook, page_by_mail, pager_for
from evenhand.flow.outbox import CALL_HOOK, CALL_MAIL, sort_effects
from evenhand.flow.statement_made import read_wordings
from evenhand.settings import Settings
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.commit import Commit, commit_key
from evenhand.vocabulary.errors import Conflict

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANNA = Actor(id="staff-1", roles=frozenset({Role.ADMIN}))
BOTH = (CALL_MAIL, CALL_HOOK)
PAGER = pager_for(Settings(page_address="oncall@desk.example", mail_relay="x:25"), read_wordings(Path("/nowhere")))


@pytest.fixture
def server() -> Iterator[Server]:
    """A relay."""
    made = Server(Keeper())
    made.start()
    yield made
    made.stop()


@pytest.fixture
def hook() -> Iterator[Platform]:
    """A receiver of calls."""
    made = Platform()
    yield made
    made.server.shutdown()
    made.server.server_close()


def happen(docket: Any, why: str, *, by: tuple[str, ...] = BOTH, **more: Any) -> None:
    """Have a person called."""
    docket.commit([Commit(key=commit_key(NOW.date(), why.encode()), effects=(call(NOW, why, b"1", **more),))])
    sort_effects(docket, NOW, by)


def test_a_call_goes_out_both_ways(docket: Any, server: Server, hook: Platform) -> None:
    """Once each, by a sentence and a link; what it is about is said to nobody."""
    relay = SmtpRelay(host="127.0.0.1", port=server.at, security="plain", timeout_s=5)
    happen(docket, "alarm-raised", case="ab" * 20)
    assert page_by_mail(docket, relay, PAGER, NOW) == 1
    assert page_by_hook(docket, WebhookCourier(hook.url, SECRET).send, NOW) == 1
    assert page_by_mail(docket, relay, PAGER, NOW) == page_by_hook(docket, WebhookCourier(hook.url, SECRET).send, NOW)
    [letter] = server.keeper.messages()
    assert letter["To"] == "oncall@desk.example"
    text = letter.get_content()
    assert "A threat to life or safety was notified (Article 18)." in text
    assert "http://localhost:8000/console/deliveries/" in text
    assert "ab" * 20 not in text
    [message] = hook.messages
    assert (message["type"], message["data"]["why"]) == ("page.person", "alarm-raised")
    assert [one.why for one in open_calls(docket)] == ["alarm-raised"]


def test_a_call_that_cannot_be_sent_is_never_lost(docket: Any, server: Server, hook: Platform) -> None:
    """An hour of failures, refusals among them: tried at least every minute, and sent when it can be."""
    relay = SmtpRelay(host="127.0.0.1", port=server.at, security="plain", timeout_s=5)
    send = WebhookCourier(hook.url, SECRET).send
    happen(docket, "overdue")
    server.keeper.bad, hook.status = {"oncall@desk.example": "550 unknown"}, 422
    now = NOW
    while now < NOW + timedelta(minutes=20):
        before = docket.tallies("out/")
        assert page_by_mail(docket, relay, PAGER, now) == page_by_hook(docket, send, now) == 0
        assert docket.tallies("out/") == before
        now += timedelta(seconds=20)
    assert len(open_calls(docket)) == 1
    server.keeper.bad, hook.status = {}, 200
    assert page_by_mail(docket, relay, PAGER, now + timedelta(seconds=60)) == 1
    assert page_by_hook(docket, send, now + timedelta(seconds=60)) == 1


def test_who_has_it_is_called_no_more(docket: Any, hook: Platform) -> None:
    """Acknowledged once, by one person; what was still to be sent is not."""
    happen(docket, "overdue")
    [one] = open_calls(docket)
    acknowledge(docket, ANNA, one.number, at=NOW)
    with pytest.raises(Conflict):
        acknowledge(docket, ANNA, one.number, at=NOW + timedelta(days=3))
    assert open_calls(docket) == []
    assert page_by_hook(docket, WebhookCourier(hook.url, SECRET).send, NOW) == 0
    assert hook.messages == []
    tallies = docket.tallies("out/")
    assert (tallies["out/call-hook/acknowledged/2026-11-24"], "out/call/waiting" in tallies) == (1, False)


def test_without_address_and_url_it_stands_in_the_console(docket: Any) -> None:
    """And nowhere else."""
    happen(docket, "runaway", by=(), rule="scam-links")
    assert [(one.why, one.more) for one in open_calls(docket)] == [("runaway", {"rule": "scam-links"})]
    assert docket.tallies("out/") == {"out/call/waiting": 1}
    assert json.loads(docket.effects(after=0, limit=1)[0].body)["why"] == "runaway"
