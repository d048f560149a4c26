"""Receipts: signed notes that say "received" or "answered with these bytes", and when. Pure text and bytes.

The text, line by line; docs/reference/receipts.md has an example.

    evenhand/receipt/v1
    origin <the log's origin line>
    reference <reference>
    for received|answered
    at <RFC 3339, UTC, six decimals>
    log-by <RFC 3339, UTC, six decimals>
    salt <hex, 16 to 64 bytes>
    sha256 <hex of SHA-256(salt ‖ raw bytes)>
    signer <vkey of the desk's receipt key> <base64 of the log key's signature over its endorsement>

Keys (docs/decisions/0035-receipt-key.md): the log's key signs checkpoints, and once an endorsement of the receipt key;
the receipt key signs receipts. So whoever has the log's vkey can check both forms of a receipt.
"""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from evenhand.ledger.note import Signer, Verifier, check_name, decode_base64, open_note, parse_vkey, split_note
from evenhand.vocabulary.errors import InputError

FIRST_LINE = "evenhand/receipt/v1"
SALT_BYTES = 32
RECEIPT_BYTES_MAX = 8_192
_ENDORSEMENT = "evenhand/receipt-signer/v1"
_ORIGIN_CHARS_MAX = 255
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_FORMS = (
    ("origin", re.compile(r"\S+")),
    ("reference", re.compile(r"[0-9A-Za-z-]{1,64}")),
    ("for", re.compile(r"received|answered")),
    ("at", _INSTANT),
    ("log-by", _INSTANT),
    ("salt", re.compile(r"(?:[0-9a-f]{2}){16,64}")),
    ("sha256", re.compile(r"[0-9a-f]{64}")),
    ("signer", re.compile(r"\S+ [A-Za-z0-9+/]{86}==")),
)


class Purpose(StrEnum):
    """What a receipt is for: bytes that came in, or bytes that we answered with."""

    RECEIVED = "received"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a receipt says.

    Attributes:
        origin: The origin line of the log that the receipt will stand in.
        reference: The reference of what was received or answered.
        at: When, by the desk's clock, aware UTC.
        log_by: By when the log holds it, aware UTC, not before `at`.
        salt: 16 to 64 random bytes; they open the commitment, so they belong to the holder alone.
        commitment: SHA-256(salt ‖ raw bytes).
        signer: vkey of the key that signs the receipt; its name is the origin followed by "/receipts".
        endorsement: The log key's signature (64 bytes) over that key.
    """

    origin: str
    reference: str
    purpose: Purpose
    at: datetime
    log_by: datetime
    salt: bytes
    commitment: bytes
    signer: str
    endorsement: bytes

    def opens_with(self, digest: bytes) -> bool:
        """Tell whether SHA-256(salt ‖ message) is what was committed to."""
        return digest == self.commitment


def commit_to(salt: bytes, raw: bytes) -> bytes:
    """Return SHA-256(salt ‖ raw)."""
    return sha256(salt + raw).digest()


def signer_name(origin: str) -> str:
    """Return the name of the key that signs a log's receipts."""
    return f"{origin}/receipts"


def endorsement_message(origin: str, vkey: str) -> bytes:
    """Return what the log's key signs to endorse a receipt key; no checkpoint can look like it."""
    return f"{_ENDORSEMENT}\norigin {origin}\nsigner {vkey}\n".encode()


def endorse(log: Signer, receipts: Verifier) -> bytes:
    """Return the log key's endorsement of the receipt key; the same bytes each time."""
    return log.sign_bytes(endorsement_message(log.verifier.name, receipts.vkey))


@lru_cache(maxsize=64)  # a call's receipts are of one instant
def format_instant(instant: datetime) -> str:
    """Return an aware instant as RFC 3339 in UTC with six decimals, always as long."""
    there = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return f"{there.isoformat(timespec='microseconds')[:-6]}Z"


def parse_instant(field: str, text: str) -> datetime:
    """Return the instant that `format_instant` wrote.

    Raises:
        InputError: It is written otherwise, before 1970, or there is no such day or time.
    """
    if not _INSTANT.fullmatch(text) or text < "1970":
        raise InputError(field, "is not an instant like 2026-11-24T08:00:00.000000Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(field, "there is no such day or time") from error


def format_receipt(receipt: Receipt) -> str:
    """Return the text of a receipt's note."""
    return (
        f"{FIRST_LINE}\norigin {receipt.origin}\nreference {receipt.reference}\nfor {receipt.purpose.value}\n"
        f"at {format_instant(receipt.at)}\nlog-by {format_instant(receipt.log_by)}\n"
        f"salt {receipt.salt.hex()}\nsha256 {receipt.commitment.hex()}\n"
        f"signer {receipt.signer} {base64.b64encode(receipt.endorsement).decode()}\n"
    )


def parse_receipt(text: str) -> Receipt:
    """Return what the text of a note says; nothing in it is verified yet.

    Raises:
        InputError: It is not a receipt; names the line.
    """
    if len(text) > RECEIPT_BYTES_MAX:
        raise InputError("receipt", f"has more than {RECEIPT_BYTES_MAX} characters")
    lines = text.split("\n")
    if lines[0] != FIRST_LINE:
        raise InputError("receipt", f"does not begin with the line {FIRST_LINE}")
    if len(lines) != len(_FORMS) + 2 or lines[-1]:
        raise InputError("receipt", f"has not the {len(_FORMS)} lines after its first")
    values = [_value(line, name, form) for line, (name, form) in zip(lines[1:-1], _FORMS, strict=True)]
    origin, reference, purpose, at, log_by, salt, commitment, signer = values
    vkey, endorsement = signer.split(" ")
    if len(origin) > _ORIGIN_CHARS_MAX or parse_vkey(vkey).name != signer_name(check_name(origin)):
        raise InputError("receipt.signer", "is not the receipt key of this origin")
    receipt = Receipt(
        origin=origin,
        reference=reference,
        purpose=Purpose(purpose),
        at=parse_instant("receipt.at", at),
        log_by=parse_instant("receipt.log-by", log_by),
        salt=bytes.fromhex(salt),
        commitment=bytes.fromhex(commitment),
        signer=vkey,
        endorsement=decode_base64("receipt.signer", endorsement),
    )
    if receipt.log_by < receipt.at:
        raise InputError("receipt.log-by", "is before the receipt's own time")
    return receipt


def _value(line: str, name: str, form: re.Pattern[str]) -> str:
    begin, _, value = line.partition(" ")
    if begin != name or not form.fullmatch(value):
        raise InputError(f"receipt.{name}", "is missing or malformed")
    return value


def open_receipt(note: bytes, key: Verifier) -> Receipt:
    """Return what a signed receipt says, checked.

    Args:
        note: The whole note.
        key: The log's key, or the receipt key itself.

    Raises:
        InputError: It is malformed, of another origin, or a signature does not verify.
    """
    text, _ = split_note(note)
    receipt = parse_receipt(text)
    open_note(note, [receipt_verifier(receipt, key)])
    return receipt


def receipt_verifier(receipt: Receipt, key: Verifier) -> Verifier:
    """Return the key that must have signed a receipt, if `key` (the log's, or that key itself) vouches for it.

    Raises:
        InputError: The key is another log's, or the log did not endorse the receipt's signer.
    """
    if key.vkey == receipt.signer:
        return key
    if key.name != receipt.origin:
        raise InputError("receipt", f"is of {receipt.origin}; the key given is of {key.name}")
    if not key.verifies(endorsement_message(receipt.origin, receipt.signer), receipt.endorsement):
        raise InputError("receipt.signer", "the log's key did not endorse it")
    return parse_vkey(receipt.signer)
