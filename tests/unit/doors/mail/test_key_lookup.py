"""DKIM keys asked for over real sockets, from a name server that answers, lies, or says nothing."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from evenhand.doors.mail import key_lookup
from evenhand.doors.mail.key_lookup import KeyLookUp

NAME = "s1._domainkey.police.example."
RECORD = "v=DKIM1; k=rsa; p=" + "A" * 392
Answer = Callable[[dns.message.Message], bytes | None]


@dataclass
class NameServer:
    """A name server on a port of its own."""

    port: int
    asked: list[str] = field(default_factory=list)


@contextmanager
def name_server(answer: Answer) -> Iterator[NameServer]:
    """Answer over UDP until the block ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(0.1)
        server = NameServer(port=line.getsockname()[1])
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    raw, who = line.recvfrom(4096)
                except OSError:
                    continue
                query = dns.message.from_wire(raw)
                server.asked.append(query.question[0].name.to_text())
                if (said := answer(query)) is not None:
                    line.sendto(said, who)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            over.set()
            thread.join()


def texts(*records: str, ttl: int = 600) -> Answer:
    """Return an answer with these TXT records, cut as the DNS cuts them."""

    def say(query: dns.message.Message) -> bytes:
        rows = [" ".join(f'"{text[n : n + 255]}"' for n in range(0, len(text), 255)) for text in records]
        message = dns.message.make_response(query)
        message.answer.append(dns.rrset.from_text(query.question[0].name, ttl, "IN", "TXT", *rows))
        return message.to_wire(max_size=65_535)

    return say


def looking(server: NameServer, clock: Callable[[], float] = time.monotonic) -> KeyLookUp:
    """Return a look-up for one registered domain."""
    return KeyLookUp("127.0.0.1", server.port, lambda: {"police.example"}, clock)


def test_a_key_is_found_and_remembered() -> None:
    """In the pieces that the DNS cuts it into; asked once while it is good, and again after."""
    now = [0.0]
    with name_server(texts(RECORD, "another text")) as server:
        look_up = looking(server, lambda: now[0])
        assert look_up("s1", "police.example") == RECORD
        now[0] = 599
        assert look_up("s1", "police.example") == RECORD
        assert server.asked == [NAME]
        now[0] = 601
        assert look_up("s1", "police.example") == RECORD
        assert server.asked == [NAME, NAME]


def test_an_answer_is_believed_for_an_hour_at_most() -> None:
    """And for a minute at least, whatever it says of itself."""
    for ttl, good, over in ((1 << 30, 3_599, 3_601), (0, 59, 61)):
        now = [0.0]
        with name_server(texts(RECORD, ttl=ttl)) as server:
            look_up = looking(server, lambda now=now: now[0])  # type: ignore[misc] # its own clock
            for instant in (0, good, over):
                now[0] = instant
                look_up("s1", "police.example")
            assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("selector", "domain"),
    [("s1", "evil.test"), ("s1", "sub.police.example"), ("s1.evil.test.", "police.example"), ("", "police.example")],
)
def test_nobody_is_asked_about_other_names(selector: str, domain: str) -> None:
    """A stranger cannot make this desk ask their name server."""
    with name_server(texts(RECORD)) as server:
        assert looking(server)(selector, domain) is None
        assert server.asked == []


def _nowhere(query: dns.message.Message) -> bytes:
    message = dns.message.make_response(query)
    message.set_rcode(dns.rcode.NXDOMAIN)
    return message.to_wire()


def _failing(query: dns.message.Message) -> bytes:
    message = dns.message.make_response(query)
    message.set_rcode(dns.rcode.SERVFAIL)
    return message.to_wire()


def _other_question(_query: dns.message.Message) -> bytes:
    return texts(RECORD)(dns.message.make_query("evil.test.", "TXT")) or b""


def _cut(query: dns.message.Message) -> bytes:
    message = dns.message.make_response(query)
    message.flags |= dns.flags.TC
    return message.to_wire()


def _in_circles(query: dns.message.Message) -> bytes:
    message = dns.message.make_response(query)
    message.answer.append(dns.rrset.from_text(NAME, 60, "IN", "CNAME", NAME))
    return message.to_wire()


NO_KEYS: dict[str, Answer] = {
    "no such name": _nowhere,
    "two keys": texts(RECORD, RECORD.replace("A", "B")),
    "no key": texts("v=spf1 -all"),
    "too long": texts("v=DKIM1; p=" + "A" * 5000),
    "a failing resolver": _failing,
    "an answer to another question": _other_question,
    "cut, and nobody at TCP": _cut,
    "an alias of itself": _in_circles,
    "noise": lambda _query: b"\xff" * 40,
    "silence": lambda _query: None,
}


@pytest.mark.parametrize("said", NO_KEYS)
def test_what_is_no_key_is_none(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the time, and not asked again at once."""
    monkeypatch.setattr(key_lookup, "ANSWER_WITHIN_S", 0.5)
    with name_server(NO_KEYS[said]) as server:
        look_up = looking(server)
        begun = time.monotonic()
        assert look_up("s1", "police.example") is None
        assert look_up("s1", "police.example") is None
        assert time.monotonic() - begun < 3
        assert server.asked == [NAME]


def test_silence_is_not_waited_for_by_every_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    """For half a minute nobody is asked about any name; then it is tried again."""
    monkeypatch.setattr(key_lookup, "ANSWER_WITHIN_S", 0.2)
    now = [0.0]
    with name_server(lambda _query: None) as server:
        look_up = looking(server, lambda: now[0])
        assert look_up("s1", "police.example") is None
        assert look_up("s2", "police.example") is None
        now[0] = key_lookup.REST_S + 1
        assert look_up("s2", "police.example") is None
        assert len(server.asked) == 2
