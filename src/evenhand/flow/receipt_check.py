"""Checking a receipt, offline: a signed note or a .tlog-proof, a log's key, witnesses, the message.

Memory does not grow with the files: a receipt is read up to a limit, a message in pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from evenhand.ledger import receipt as notes
from evenhand.ledger.cosignature import Witness, parse_witness
from evenhand.ledger.note import Verifier, parse_vkey
from evenhand.ledger.proofs import FIRST_LINE as PROOF_FIRST_LINE
from evenhand.ledger.proofs import parse_proof
from evenhand.ledger.receipt import Receipt, open_receipt
from evenhand.ledger.receipt_proof import Proved, check_receipt_proof
from evenhand.vocabulary.errors import InputError

FILE_BYTES_MAX = 1_000_000
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptVerdict:
    """What a receipt that verifies proves.

    Attributes:
        form: "note" or "tlog-proof".
        purpose: "received" or "answered".
        at: When, by the platform's clock.
        log_by: By when the log was to hold it.
        message: Whether the message given is the one; None: none was given.
        batch_at: The batch's instant by the platform's clock; None for a note.
        index: The batch's place in the log; None for a note.
        no_later_than: By what time it is proved to have happened.
        by: Whose time that is: a witness's name, or None for the platform's clock.
    """

    form: str
    origin: str
    reference: str
    purpose: str
    at: datetime
    log_by: datetime
    message: bool | None
    batch_at: datetime | None
    index: int | None
    no_later_than: datetime
    by: str | None

    @property
    def late(self) -> bool:
        """Tell whether the log had it later than was promised."""
        return self.batch_at is not None and self.batch_at > self.log_by


class ReceiptWrongError(Exception):
    """A receipt does not verify; says why."""


def check_receipt(file: Path, vkey: str, witnesses: Sequence[str] = (), message: Path | None = None) -> ReceiptVerdict:
    """Check a receipt in either form.

    Args:
        file: The signed note or the .tlog-proof.
        vkey: The log's verifier key.
        witnesses: Verifier keys of witnesses; all of them must have cosigned.
        message: The bytes that were sent or answered with.

    Raises:
        InputError: A key or file cannot be used, or the file is no receipt at all.
        ReceiptWrongError: It is a receipt and does not verify.
    """
    key, seen_by = parse_vkey(vkey), [parse_witness(witness) for witness in witnesses]
    data = read_receipt(file)
    first = data.partition(b"\n")[0].decode("utf-8", "replace")
    if first not in (PROOF_FIRST_LINE, notes.FIRST_LINE):
        raise InputError(str(file), "is neither a receipt's note nor a .tlog-proof")
    try:
        receipt, proved = _open(first, data, key, seen_by)
    except InputError as error:
        raise ReceiptWrongError(str(error)) from error
    if message is not None and not receipt.opens_with(_digest(message, receipt.salt)):
        raise ReceiptWrongError(f"{message}: is not the message that this receipt is for; a changed byte is enough")
    return _verdict(receipt, proved, None if message is None else True)


def _open(first: str, data: bytes, key: Verifier, witnesses: Sequence[Witness]) -> tuple[Receipt, Proved | None]:
    if first == PROOF_FIRST_LINE:
        proved = check_receipt_proof(parse_proof(data), key, witnesses)
        return proved.receipt, proved
    receipt = open_receipt(data, key)
    if witnesses:
        raise InputError("receipt", "a note is not in the log yet, so no witness saw it; ask for the .tlog-proof")
    return receipt, None


def _verdict(receipt: Receipt, proved: Proved | None, message: bool | None) -> ReceiptVerdict:
    if proved is None:
        until, by = receipt.at, None
    else:
        until, by = proved.seen or (proved.batch_at, None)
    return ReceiptVerdict(
        form="note" if proved is None else "tlog-proof",
        origin=receipt.origin,
        reference=receipt.reference,
        purpose=receipt.purpose.value,
        at=receipt.at,
        log_by=receipt.log_by,
        message=message,
        batch_at=None if proved is None else proved.batch_at,
        index=None if proved is None else proved.index,
        no_later_than=until,
        by=by,
    )


def read_receipt(file: Path) -> bytes:
    """Return a receipt's bytes, in either form.

    Raises:
        InputError: It cannot be read, or is larger than any receipt.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise InputError(str(file), f"cannot be read: {error.strerror}") from error
    if len(data) > FILE_BYTES_MAX:
        raise InputError(str(file), f"has more than {FILE_BYTES_MAX} bytes: no receipt is as large")
    return data


def _digest(message: Path, salt: bytes) -> bytes:
    """Return SHA-256(salt ‖ message), reading a piece at a time."""
    digest = sha256(salt)
    try:
        with message.open("rb") as opened:
            while piece := opened.read(_PIECE_BYTES):
                digest.update(piece)
    except OSError as error:
        raise InputError(str(message), f"cannot be read: {error.strerror}") from error
    return digest.digest()
