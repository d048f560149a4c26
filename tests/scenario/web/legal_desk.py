"""Serves a desk with one request of an authority and one member of the legal team: `python legal_desk.py DATA PORT`."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from conftest import HOSTILE, PASSWORD, web_desk
from evenhand.doors.web.accounts import create_staff
from evenhand.doors.web.serve import serve
from evenhand.flow.follow import receipts_of
from evenhand.flow.intake import accept_request
from evenhand.flow.log import open_directory
from evenhand.flow.office import Office
from evenhand.ledger.log import reader_of
from evenhand.settings import Settings
from evenhand.store.memory import MemoryStore
from evenhand.vocabulary.matter import Incoming
from evenhand.vocabulary.reference import References
from evenhand.vocabulary.request import Ask, Issuer, Request

AT = datetime(2026, 11, 24, 11, tzinfo=UTC)
ORDER = Request(
    instrument="tco-removal",
    issuer=Issuer(name="Bundeskriminalamt", country="DE", kind="police", address="tco@bka.example"),
    received_at=AT,
    asks=(Ask(id="1", kind="remove", targets=("p77", "p78")),),
    legal_basis="Regulation (EU) 2021/784, Art. 3",
    reasons="It solicits participation in the activities of a terrorist group (Art. 2(7)(c)).",
    redress="Verwaltungsgericht Wiesbaden, one month",
    language="en",
    territory=("EU",),
)


def main() -> None:
    """Serve until told to stop."""
    settings = Settings(data=Path(sys.argv[1]), listen=f"127.0.0.1:{sys.argv[2]}")
    create_staff(settings, "legal", "legal", PASSWORD)
    store = MemoryStore()
    office = Office(docket=store, queries=store, references=References(bytes(16)), index_key=bytes(32))
    log = open_directory(settings)
    desk = replace(
        web_desk(settings), office=office, receipts=lambda stream: receipts_of(store, stream, reader_of(log))
    )
    assert desk.pen is not None
    incoming = Incoming(
        key="k1", received_at=AT, raw=b"raw", entrance="portal", sender="tco@bka.example", request=ORDER, text=HOSTILE
    )
    accept_request(office, desk.pen, incoming)
    serve(desk)


if __name__ == "__main__":
    main()
