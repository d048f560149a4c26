"""The process that test_kill_counter kills: counter-notices are taken in, decided by two people, and told.

Arguments: the data directory, the first demand's number, "sound" or "torn". On standard output: "told N", "taken N",
"agreed N" and "restored N", a line each, once it is so. "torn" is the control: each act that takes a measure back is
written in two halves.
"""

import itertools
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from evenhand.flow.answering import send_reply
from evenhand.flow.concerned import counters_of, tell_concerned
from evenhand.flow.counter import agree_to_take_back, send_counter_notice
from evenhand.flow.office import Office
from evenhand.flow.receipts import open_pen
from evenhand.flow.requests import approve_reply, assess_matter, draft_reply, receive_request
from evenhand.rulebook.load import load_law
from evenhand.rulebook.tables import LawBook
from evenhand.settings import Settings
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.commit import Commit, Outcome, Stream, commit_key
from evenhand.vocabulary.matter import Incoming, Measure
from evenhand.vocabulary.reference import References
from evenhand.vocabulary.request import Ask, Issuer, Request, RequestFacts, TargetFacts

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ANNA = Actor(id="staff-1", roles=frozenset({Role.LEGAL}))
BELA = Actor(id="staff-2", roles=frozenset({Role.LEGAL}))


class Torn:
    """A docket that writes what takes a measure back in two halves: records first, what follows from them later.

    Between them it says so and waits.
    """

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        """Write an act that takes a measure back in two."""
        [one, *more] = commits
        if more or not any(record.kind == "counter.restored" for record in one.records):
            return self._store.commit(commits)
        outcomes = self._store.commit([replace(one, effects=(), decisions=(), entries=())])
        say("half 0")
        time.sleep(60)  # the control is killed here
        key = commit_key(AT.date(), b"second half", one.key)
        self._store.commit(
            [replace(one, key=key, records=(), drops=(), places=(), tallies=(), relies_on=(), advances=())]
        )
        return outcomes


def open_office(data: Path, *, torn: bool = False) -> Office:
    """Open the docket as a start does."""
    store = SqliteStore(data / "docket.sqlite3", Vault(bytes(32)))
    docket: Any = Torn(store) if torn else store
    return Office(docket=docket, queries=store, references=References(bytes(16)), index_key=bytes(32))


def demand(number: int) -> Request:
    """Return a private demand about one post of its own."""
    return Request(
        instrument="private-demand",
        issuer=Issuer(name="Film Rights Ltd", country="DE", kind="private", address="rights@film.example"),
        received_at=AT,
        asks=(Ask(id="1", kind="remove", targets=(f"p{number}",)),),
        legal_basis="Copyright Act, section 97",
        reasons="It is our film.",
        language="en",
    )


def answered(office: Office, pen: Any, book: LawBook, number: int) -> Stream:
    """Return a demand's matter whose measure was taken."""
    incoming = Incoming(
        key=f"k{number}", received_at=AT, raw=b"raw", entrance="api", sender="token:film", request=demand(number)
    )
    stream = receive_request(office, incoming).stream
    known = TargetFacts(held=True, on_service=True, kind="post", flags=())
    facts = RequestFacts(
        verified="registry", targets={f"p{number}": known}, establishment="BE", languages=("en",), markets=("DE",)
    )
    assess_matter(office, book, ANNA, stream, demand(number), facts, at=AT)
    measures = (Measure(target=f"p{number}", action="geo-restrict", territory=("DE",)),)
    draft = draft_reply(office, ANNA, stream, "It cannot be seen in Germany.", measures=measures, at=AT).draft
    assert draft is not None
    for person in (ANNA, BELA):
        approve_reply(office, person, stream, draft.bound, at=AT)
    send_reply(office, pen, ANNA, stream, is_legal=lambda _id: True, at=AT, chance=os.urandom)
    return stream


def step(office: Office, book: LawBook, stream: Stream) -> str:
    """Do what comes next at a demand's measure, as people or the clock would; return what is so now, "" at the end."""
    [counter] = counters_of(office, stream)
    if not counter.told:
        tell_concerned(office, at=AT)
        return "told"
    if counter.state == "standing":
        send_counter_notice(office, book, office.references.format("measure", counter.number), "It is mine.", at=AT)
        return "taken"
    if counter.state == "restored":
        return ""
    person = BELA if counter.agreed else ANNA
    agree_to_take_back(office, person, stream, counter.number, is_legal=lambda _id: True, at=AT, chance=os.urandom)
    return "restored" if counter.agreed else "agreed"


def say(text: str) -> None:
    """Say it past every buffer of ours."""
    os.write(1, f"{text}\n".encode())


if __name__ == "__main__":
    directory, first, mode = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    office, pen, law = open_office(directory, torn=mode == "torn"), open_pen(Settings(data=directory)), load_law()
    for n in itertools.count(first):
        matter = answered(office, pen, law, n)
        while said := step(office, law, matter):
            say(f"{said} {n}")
