"""Receipts that a child signs are the desk's own: the same key, the same words, whoever wrote them."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evenhand.doors.http.receipt_writer import NOTES_FROM, SharedPen
from evenhand.flow.receipts import Owed, open_kit, open_pen
from evenhand.ledger.note import parse_vkey
from evenhand.ledger.receipt import Purpose, commit_to, open_receipt
from evenhand.ledger.receipt_proof import commitment_to
from evenhand.settings import Settings
from evenhand.vocabulary.commit import Stream

AT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


@pytest.fixture
def pen(tmp_path: Path) -> Iterator[SharedPen]:
    """A pen with a child of its own."""
    made = SharedPen(open_kit(Settings(data=tmp_path)))
    yield made
    made.close()


def owed(count: int) -> list[Owed]:
    """Return what receipts are owed for."""
    return [
        Owed(raw=b"notice %d" % n, reference=f"REF-{n}", at=AT, stream=Stream(bytes(19) + bytes([n])), subject="s")
        for n in range(count)
    ]


def test_many_are_signed_by_the_child(pen: SharedPen, tmp_path: Path) -> None:
    """Each opens with the desk's key and with its own bytes; few are signed here, with no child at all."""
    pen.make_receipts(owed(NOTES_FROM - 1), purpose=Purpose.RECEIVED)
    assert pen.child.process is None
    wanted = owed(NOTES_FROM)
    issued = pen.make_receipts(wanted, purpose=Purpose.RECEIVED)
    assert pen.child.process is not None
    key = parse_vkey(open_pen(Settings(data=tmp_path)).vkey)
    for one, made in zip(wanted, issued, strict=True):
        receipt = open_receipt(made.note, key)
        assert (receipt.reference, receipt.at, receipt.purpose) == (one.reference, AT, Purpose.RECEIVED)
        assert receipt.commitment == commit_to(receipt.salt, one.raw)
        assert made.record.body == made.note
        assert made.places[0].label == commitment_to(made.note.decode().split("\n\n")[0] + "\n")
    assert len({made.note for made in issued}) == NOTES_FROM


def test_without_the_child_they_are_signed_here(pen: SharedPen) -> None:
    """A child that was killed holds nothing up, and the next call has another."""
    pen.make_receipts(owed(NOTES_FROM), purpose=Purpose.ANSWERED)
    child = pen.child.process
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    key = parse_vkey(pen.vkey)
    for _ in range(2):
        issued = pen.make_receipts(owed(NOTES_FROM), purpose=Purpose.ANSWERED)
        assert {open_receipt(made.note, key).purpose for made in issued} == {Purpose.ANSWERED}
    assert pen.child.process is not child
