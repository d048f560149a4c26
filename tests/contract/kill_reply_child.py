"""The process that test_kill_reply kills: takes orders, has them assessed and approved, sends the answers.

Arguments: the data directory, the first order's number, "sound" or "careless". On standard output: "approved N" and
"sent N", a line each. "careless" is the control: it says that an answer was sent before it is.
"""

import itertools
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from evenhand.flow.answering import send_reply
from evenhand.flow.intake import accept_request
from evenhand.flow.office import Office
from evenhand.flow.receipts import open_pen
from evenhand.flow.requests import approve_reply, assess_matter, draft_reply
from evenhand.rulebook.load import load_law
from evenhand.settings import Settings
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.matter import Incoming
from evenhand.vocabulary.reference import References
from evenhand.vocabulary.request import Ask, Issuer, Request, RequestFacts, TargetFacts

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ANNA = Actor(id="staff-1", roles=frozenset({Role.LEGAL}))
BELA = Actor(id="staff-2", roles=frozenset({Role.LEGAL}))
ANSWER = "Access was disabled."


def open_office(data: Path) -> Office:
    """Open the docket as a start does."""
    store = SqliteStore(data / "docket.sqlite3", Vault(bytes(32)))
    return Office(docket=store, queries=store, references=References(bytes(16)), index_key=bytes(32))


def order(number: int) -> Request:
    """Return a removal order for one post of its own."""
    return Request(
        instrument="tco-removal",
        issuer=Issuer(name="Bundeskriminalamt", country="DE", kind="police", address="tco@bka.example"),
        received_at=AT,
        asks=(Ask(id="1", kind="remove", targets=(f"p{number}",)),),
        legal_basis="Regulation (EU) 2021/784, Art. 3",
        reasons="It solicits participation in the activities of a terrorist group.",
        redress="Verwaltungsgericht Wiesbaden, one month",
        signature="valid",
        language="en",
        territory=("EU",),
    )


def incoming(number: int) -> Incoming:
    """Return the order as a door takes it in."""
    return Incoming(
        key=f"k{number}",
        received_at=AT,
        raw=f"order {number}".encode(),
        entrance="api",
        sender="token:bka",
        request=order(number),
    )


def say(text: str) -> None:
    """Say it past every buffer of ours."""
    os.write(1, f"{text}\n".encode())


if __name__ == "__main__":
    directory, first, mode = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    office, pen, book = open_office(directory), open_pen(Settings(data=directory)), load_law()
    for n in itertools.count(first):
        stream = accept_request(office, pen, incoming(n)).stream
        known = TargetFacts(held=True, on_service=True, kind="post", flags=())
        facts = RequestFacts(
            verified="registry", targets={f"p{n}": known}, establishment="BE", languages=("en",), markets=("DE",)
        )
        assess_matter(office, book, ANNA, stream, order(n), facts, at=AT)
        draft = draft_reply(office, ANNA, stream, ANSWER, at=AT).draft
        assert draft is not None
        approve_reply(office, BELA, stream, draft.bound, at=AT)
        say(f"approved {n}")
        if mode == "careless":
            say(f"sent {n}")
        send_reply(office, pen, ANNA, stream, is_legal=lambda _id: True, at=AT, chance=os.urandom)
        say(f"sent {n}")
