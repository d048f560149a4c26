"""Receipts on their way: signed at once, put into a batch, proved from the log.

A journey takes `ReceiptPen.make_receipt` and adds its record and places to its own Commit, so what was received, its
receipt and the wait for the log become durable together. A clock calls `publish_batch` every ten seconds. Once the log
is published, `proofs_of` gives the .tlog-proof files of a stream.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random, SystemRandom
from typing import NamedTuple, Protocol

import msgspec
from msgspec import Struct

from evenhand.desk.ports import Docket
from evenhand.flow.keyring import keep_key
from evenhand.ledger.batch import BATCH_SIZE, Opening, batch_entry, batch_root, seal_batch, slot_of, slot_start
from evenhand.ledger.checkpoint import parse_head
from evenhand.ledger.note import Signer, split_note
from evenhand.ledger.proofs import TlogProof, format_proof, inclusion_proof
from evenhand.ledger.reader import LogReader
from evenhand.ledger.receipt import (
    SALT_BYTES,
    Purpose,
    Receipt,
    commit_to,
    endorse,
    format_receipt,
    parse_receipt,
    signer_name,
)
from evenhand.ledger.receipt_proof import Held, commitment_to, committed, format_held
from evenhand.settings import Settings
from evenhand.views.records import PlaceRow, RecordRow
from evenhand.vocabulary.commit import Commit, Place, Record, Stream, commit_key
from evenhand.vocabulary.errors import Fatal, InputError
from evenhand.vocabulary.places import instant_key

BATCH_VIEW = "batch"
"""View of what waits for a batch: sort is the time (microseconds since 1970, 8 bytes) and 16 bytes of the commitment,
the label the commitment (32 bytes)."""
FIND_VIEW = "receipt"
"""View that leads from a receipt to its stream; sorted as the other."""
RECEIPT = "receipt"
OPENING = "receipt.opening"
LOG_WITHIN = timedelta(hours=1)
"""What a receipt promises: how long until the log has it."""
CATCH_UP = 60
_SCAN_ENTRIES = 256


class ReceiptDocket(Protocol):
    """What receipts need from the docket, for reading (`views.records.RecordQueries`, `ledger.ports.EntryQueue`)."""

    def places(self, view: str, *, after: bytes = b"", until: bytes | None = None, limit: int = 100) -> list[PlaceRow]:
        """Return a view's lines in order."""
        ...

    def records(self, stream: Stream, *, after: int = 0, limit: int = 1000) -> list[RecordRow]:
        """Return a stream's records, in order."""
        ...

    def entry_count(self) -> int:
        """Return how many entries are committed."""
        ...

    def entries(self, start: int, stop: int) -> list[bytes]:
        """Return the entries numbered start ≤ n < stop."""
        ...


class Owed(Struct, frozen=True, kw_only=True, gc=False):
    """What a receipt is owed for.

    Attributes:
        raw: The bytes that were received, or answered with.
        reference: The reference that the holder knows.
        at: When, aware UTC, by our clock.
        stream: What the receipt belongs to.
        subject: Whose key seals the note in the docket: its salt opens the commitment.
    """

    raw: bytes
    reference: str
    at: datetime
    stream: Stream
    subject: str | None


class Issued(Struct, frozen=True, kw_only=True, gc=False):
    """A receipt: the note for its holder, and what the journey's Commit must carry."""

    note: bytes
    record: Record
    places: tuple[Place, ...]


class Said(NamedTuple):
    """What a note is to say of one receipt: nothing of what was received but its salted hash."""

    purpose: Purpose
    reference: str
    at: datetime
    salt: bytes
    commitment: bytes


class Note(NamedTuple):
    """A signed note, and what a batch commits to for it."""

    note: bytes
    commitment: bytes


class ReceiptPen:
    """Signs receipts. Needs the receipt key and the log key's endorsement of it, never the log's key itself."""

    def __init__(self, origin: str, signer: Signer, endorsement: bytes) -> None:
        self._origin = origin
        self._signer = signer
        self._endorsement = endorsement
        self.vkey = signer.verifier.vkey
        """The receipt key's own verifier key."""

    def make_receipt(
        self, raw: bytes, *, purpose: Purpose, reference: str, at: datetime, stream: Stream, subject: str | None
    ) -> Issued:
        """Return a receipt for bytes that came in, or that we answered with; the arguments are those of `Owed`."""
        [issued] = self.make_receipts(
            [Owed(raw=raw, reference=reference, at=at, stream=stream, subject=subject)], purpose=purpose
        )
        return issued

    def make_receipts(self, owed: Sequence[Owed], *, purpose: Purpose) -> list[Issued]:
        """Return a receipt for each: "received" or "answered"."""
        drawn = secrets.token_bytes(SALT_BYTES * len(owed))
        salts = [drawn[start : start + SALT_BYTES] for start in range(0, len(drawn), SALT_BYTES)]
        notes = self.write_notes(
            [
                Said(purpose, one.reference, one.at, salt, commit_to(salt, one.raw))
                for one, salt in zip(owed, salts, strict=True)
            ]
        )
        return [_issued(one, *written) for one, written in zip(owed, notes, strict=True)]

    def write_notes(self, said: Sequence[Said]) -> list[Note]:
        """Return the signed note of each."""
        return [self._write(one) for one in said]

    def _write(self, said: Said) -> Note:
        text = format_receipt(
            Receipt(
                origin=self._origin,
                reference=said.reference,
                purpose=said.purpose,
                at=said.at,
                log_by=said.at + LOG_WITHIN,
                salt=said.salt,
                commitment=said.commitment,
                signer=self.vkey,
                endorsement=self._endorsement,
            )
        )
        return Note(self._signer.sign(text), commitment_to(text))


def _issued(owed: Owed, note: bytes, commitment: bytes) -> Issued:
    sort = instant_key(owed.at) + commitment[:16]
    return Issued(
        note=note,
        record=Record(kind=RECEIPT, stream=owed.stream, at=owed.at, subject=owed.subject, body=note),
        places=(
            Place(view=BATCH_VIEW, sort=sort, stream=owed.stream, label=commitment),
            Place(view=FIND_VIEW, sort=sort, stream=owed.stream),
        ),
    )


class Kit(Struct, frozen=True, kw_only=True):
    """What a pen is made of, for a process of its own too.

    Attributes:
        seed: Of the receipt key, 32 bytes.
        endorsement: The log key's, of that key.
    """

    origin: str
    seed: bytes
    endorsement: bytes

    def signer(self) -> Signer:
        """Return what signs."""
        return Signer(signer_name(self.origin), self.seed)

    def pen(self) -> ReceiptPen:
        """Return the pen."""
        return ReceiptPen(self.origin, self.signer(), self.endorsement)


def open_kit(settings: Settings) -> Kit:
    """Return what the desk's pen is made of: its key (made on first use), endorsed by the log's."""
    log = Signer(settings.origin, keep_key(settings.data / "keys" / "log.key", 32))
    seed = keep_key(settings.data / "keys" / "receipts.key", 32)
    signer = Signer(signer_name(settings.origin), seed)
    return Kit(origin=settings.origin, seed=seed, endorsement=endorse(log, signer.verifier))


def open_pen(settings: Settings) -> ReceiptPen:
    """Return the desk's pen."""
    return open_kit(settings).pen()


def waiting_at(docket: ReceiptDocket, instant: datetime) -> list[PlaceRow]:
    """Return what goes into the batch of the slot that `instant` (aware UTC) falls into: all from before the slot.

    What is over BATCH_SIZE waits for the next.
    """
    return docket.places(BATCH_VIEW, until=instant_key(slot_start(slot_of(instant))), limit=BATCH_SIZE)


def publish_batch(
    instant: datetime, waiting: Sequence[PlaceRow], entries_before: int, chance: Random | None = None
) -> Commit:
    """Return the act that seals a slot's batch: one public entry, full or empty, an opening each, the waiting gone.

    Args:
        instant: Now, aware UTC. Committing a second act of one slot changes nothing.
        waiting: What `waiting_at` found for this instant.
        entries_before: Entries that the docket had when this was called: where a proof begins to look for this one.
        chance: Of tests; else the system's.
    """
    slot = slot_of(instant)
    entry, openings = seal_batch(slot, [row.label for row in waiting], chance or SystemRandom())
    at = slot_start(slot)
    records = tuple(
        Record(
            kind=OPENING,
            stream=row.stream,
            at=at,
            subject=None,
            body=_ENCODE(
                _Kept(
                    commitment=row.label,
                    entries_before=entries_before,
                    path=list(opening.path),
                    place=opening.place,
                    slot=slot,
                )
            ),
        )
        for row, opening in zip(waiting, openings, strict=True)
    )
    return Commit(
        key=commit_key(at.date(), b"batch", slot.to_bytes(8, "big")),
        entries=(entry,),
        records=records,
        drops=tuple((BATCH_VIEW, row.sort) for row in waiting),
    )


class BatchDocket(ReceiptDocket, Docket, Protocol):
    """The docket, for reading and writing."""


class Sealing:
    """Seals each slot's batch as the clock calls it, once or many times a slot.

    A slot that was missed while the process ran (a slow disk, a suspended machine) gets its batch afterwards, so that
    a gap tells nothing of how busy the desk was; of a longer stop only the last CATCH_UP slots.
    """

    def __init__(self, docket: BatchDocket) -> None:
        self._docket = docket
        self._last: int | None = None

    def __call__(self, now: datetime) -> int:
        """Seal what is due at `now` (aware UTC); return how many batches that were."""
        slot = slot_of(now)
        first = slot if self._last is None else max(self._last + 1, slot - CATCH_UP)
        for due in range(first, slot + 1):
            instant = slot_start(due)
            self._docket.commit([publish_batch(instant, waiting_at(self._docket, instant), self._docket.entry_count())])
            self._last = due
        return max(0, slot + 1 - first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A receipt of a stream: the note as it was given, and the .tlog-proof once the log has it."""

    note: bytes
    proof: bytes | None


def proofs_of(stream: Stream, docket: ReceiptDocket, log: LogReader) -> Iterator[Proof]:
    """Yield a stream's receipts, oldest first; those whose note was erased are gone.

    Raises:
        Fatal: The docket has no entry for an opening that it keeps.
        InputError: The log has no checkpoint yet or cannot be read.
    """
    records = list(_story(stream, docket))
    kept = [_DECODE(row.body) for row in records if row.kind == OPENING and row.body is not None]
    openings = {opening.commitment: opening for opening in kept}
    for row in records:
        if row.kind == RECEIPT and row.body is not None:
            opening = openings.get(committed(row.body))
            yield Proof(note=row.body, proof=None if opening is None else _proof(row.body, opening, docket, log))


def proof_for(note: bytes, docket: ReceiptDocket, log: LogReader) -> bytes | None:
    """Return the .tlog-proof for a note that its holder shows; None while the log does not have it.

    Whoever has the note may have its proof: the note has all that the proof says and the log does not.

    Raises:
        InputError: It is not a receipt that this desk gave, or the one to whom it was given was erased.
        Fatal: The docket has no entry for an opening that it keeps.
    """
    text, _ = split_note(note)
    sort = instant_key(parse_receipt(text).at) + commitment_to(text)[:16]
    # A view is read from above a sort; one byte less is just below it.
    found = docket.places(FIND_VIEW, after=sort[:-1], until=sort + b"\0")
    for row in found:
        if row.sort == sort:
            for receipt in proofs_of(row.stream, docket, log):
                if receipt.note == note:
                    return receipt.proof
    raise InputError("receipt", "is not one that this desk gave, or the desk was made to forget it")


def _story(stream: Stream, docket: ReceiptDocket) -> Iterator[RecordRow]:
    after = 0
    while rows := docket.records(stream, after=after):
        yield from rows
        after = rows[-1].number


class _Kept(msgspec.Struct):
    """An opening as the docket keeps it."""

    commitment: bytes
    entries_before: int
    path: list[bytes]
    place: int
    slot: int


_DECODE = msgspec.json.Decoder(_Kept).decode
_ENCODE = msgspec.json.Encoder(order="sorted").encode


def _proof(note: bytes, kept: _Kept, docket: ReceiptDocket, log: LogReader) -> bytes | None:
    opening = Opening(place=kept.place, path=tuple(kept.path))
    root = batch_root(kept.commitment, opening)
    if root is None:
        raise Fatal(f"the opening of slot {kept.slot} in the docket is damaged; restore it from a copy")
    index = _index_of(batch_entry(kept.slot, root), kept.entries_before, docket)
    checkpoint = log.checkpoint_bytes()
    size = parse_head(split_note(checkpoint)[0]).size
    if index >= size:
        return None
    held = format_held(Held(note=note, slot=kept.slot, opening=opening))
    hashes = tuple(inclusion_proof(log, index, size))
    return format_proof(TlogProof(index=index, hashes=hashes, checkpoint=checkpoint, extra=held))


def _index_of(entry: bytes, start: int, docket: ReceiptDocket) -> int:
    """Return the number of a batch's entry: it is the first such one from `start` on, and rarely far from it."""
    count = docket.entry_count()
    for begin in range(start, count, _SCAN_ENTRIES):
        found = docket.entries(begin, min(begin + _SCAN_ENTRIES, count))
        if entry in found:
            return begin + found.index(entry)
    raise Fatal("a batch's opening is in the docket and its entry is not")
