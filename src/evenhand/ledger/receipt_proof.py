"""A receipt as a .tlog-proof: the signed note, its place in a batch, and the batch's place in the log. Pure.

The file's `extra` is canonical JSON: {"note", "path", "place", "slot", "v"}; docs/reference/receipts.md describes it.
Nothing of it needs trust: note, path, place and slot give the batch's entry, whose leaf hash must stand in the log.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from evenhand.ledger.batch import BATCH_SIZE, DEPTH, SLOT_S, Opening, batch_entry, batch_root, slot_start
from evenhand.ledger.checkpoint import Checkpoint
from evenhand.ledger.cosignature import Witness, earliest
from evenhand.ledger.note import Verifier, decode_base64, split_note
from evenhand.ledger.proofs import TlogProof, check_proof
from evenhand.ledger.receipt import Receipt, open_receipt
from evenhand.ledger.tree import leaf_hash
from evenhand.vocabulary.errors import InputError

_VERSION = 1
_SLOT_MAX = 253_402_300_799 // SLOT_S


class _Extra(Struct, forbid_unknown_fields=True):
    note: str
    path: list[str]
    place: Annotated[int, Meta(ge=0, lt=BATCH_SIZE)]
    slot: Annotated[int, Meta(ge=0, le=_SLOT_MAX)]
    v: Annotated[int, Meta(ge=_VERSION, le=_VERSION)]


_DECODE = msgspec.json.Decoder(_Extra).decode
_ENCODE = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A receipt with its place in the batch of a slot, as a proof's `extra` and the docket keep it."""

    note: bytes
    slot: int
    opening: Opening


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """What a checked proof shows.

    Attributes:
        receipt: What the receipt says.
        batch_at: The batch's instant, by the platform's clock.
        index: The batch's place in the log.
        head: The signed head above it.
        seen: The earliest time at which a witness saw that head, and its name; None without a witness.
    """

    receipt: Receipt
    batch_at: datetime
    index: int
    head: Checkpoint
    seen: tuple[datetime, str] | None


def format_held(held: Held) -> bytes:
    """Return what goes into a proof's `extra`."""
    path = [base64.b64encode(step).decode() for step in held.opening.path]
    extra = _Extra(note=held.note.decode(), path=path, place=held.opening.place, slot=held.slot, v=_VERSION)
    return _ENCODE(extra)


def parse_held(data: bytes) -> Held:
    """Return what a proof's `extra` holds; nothing in it is verified yet.

    Raises:
        InputError: It is malformed.
    """
    try:
        extra = _DECODE(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError("proof.extra", f"is not the opening of a receipt: {error}") from error
    if len(extra.path) != DEPTH:
        raise InputError("proof.extra", f"its path has {len(extra.path)} hashes instead of {DEPTH}")
    path = tuple(decode_base64("proof.extra", step) for step in extra.path)
    try:
        note = extra.note.encode()
    except UnicodeEncodeError as error:
        raise InputError("proof.extra", "its note is not UTF-8") from error
    held = Held(note=note, slot=extra.slot, opening=Opening(place=extra.place, path=path))
    if format_held(held) != data:
        raise InputError("proof.extra", "is not canonical JSON")
    return held


def committed(note: bytes) -> bytes:
    """Return what a batch commits to: SHA-256 of the text of a receipt's note, which has its salt in it.

    Raises:
        InputError: It is not a note.
    """
    return commitment_to(split_note(note)[0])


def commitment_to(text: str) -> bytes:
    """Return what a batch commits to for a receipt's text."""
    return sha256(text.encode()).digest()


def check_receipt_proof(proof: TlogProof, key: Verifier, witnesses: Sequence[Witness] = ()) -> Proved:
    """Return what a .tlog-proof shows, checked: note, batch, log, witnesses.

    Args:
        proof: The file, parsed.
        key: The log's key.
        witnesses: All of them must have cosigned.

    Raises:
        InputError: Something does not verify; says what.
    """
    if proof.extra is None:
        raise InputError("proof.extra", "is missing: this is a proof of something else, or not of a receipt")
    held = parse_held(proof.extra)
    receipt = open_receipt(held.note, key)
    root = batch_root(committed(held.note), held.opening)
    if root is None:
        raise InputError("proof.extra", "its place and path fit no batch")
    head = check_proof(proof, leaf_hash(batch_entry(held.slot, root)), [key])
    if head.origin != receipt.origin:
        raise InputError("proof", f"is of the log {head.origin}, the receipt of {receipt.origin}")
    batch_at = slot_start(held.slot)
    if batch_at < receipt.at:
        raise InputError("proof", "its batch is older than the receipt in it")
    return Proved(
        receipt=receipt,
        batch_at=batch_at,
        index=proof.index,
        head=head,
        seen=earliest(proof.checkpoint, witnesses),
    )
