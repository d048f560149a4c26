"""Receipts, batches and a small log for the tests, the same each time."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

from tests.unit.ledger.test_log import Queue

from evenhand.ledger import receipt as notes
from evenhand.ledger.batch import seal_batch, slot_of
from evenhand.ledger.cosignature import Witness, cosign
from evenhand.ledger.log import LogDirectory, reader_of
from evenhand.ledger.note import Signer
from evenhand.ledger.proofs import TlogProof, format_proof, inclusion_proof
from evenhand.ledger.receipt import Purpose, Receipt, commit_to, format_receipt
from evenhand.ledger.receipt_proof import Held, committed, format_held

ORIGIN = "desk.example/log"
LOG_SEED = bytes(range(32))
RECEIPT_SEED = bytes(range(32, 64))
WITNESS_SEEDS = {"witness.example/one": bytes(range(64, 96)), "witness.example/two": bytes(range(96, 128))}
LOG = Signer(ORIGIN, LOG_SEED)
SIGNER = Signer(notes.signer_name(ORIGIN), RECEIPT_SEED)
AT = datetime(2026, 11, 24, 8, 0, 3, 123456, tzinfo=UTC)
SEEN_S = {"witness.example/one": 1_795_507_225, "witness.example/two": 1_795_507_219}
"""09:00:25 and 09:00:19 in Berlin, that is 08:00:25 and 08:00:19 UTC."""
MESSAGE = b"To the single point of contact: please remove https://t.example/c/1\r\n"


def made_receipt(
    raw: bytes = MESSAGE, purpose: Purpose = Purpose.RECEIVED, reference: str = "7ZQ4K1M-9D0XWA"
) -> Receipt:
    """Return a receipt; its salt follows from what it is for."""
    salt = sha256(b"salt" + reference.encode() + raw).digest()
    return Receipt(
        origin=ORIGIN,
        reference=reference,
        purpose=purpose,
        at=AT,
        log_by=AT + timedelta(hours=1),
        salt=salt,
        commitment=commit_to(salt, raw),
        signer=SIGNER.verifier.vkey,
        endorsement=notes.endorse(LOG, SIGNER.verifier),
    )


def made_note(receipt: Receipt | None = None) -> bytes:
    """Return a receipt's signed note."""
    return SIGNER.sign(format_receipt(receipt or made_receipt()))


def made_witnesses() -> list[Witness]:
    """Return the witnesses' keys."""
    return [Witness(name, Signer(name, seed).verifier.public) for name, seed in WITNESS_SEEDS.items()]


def made_proof(path: Path, note: bytes | None = None, others: int = 3, *, cosigned: bool = True) -> bytes:
    """Return the .tlog-proof of a note in a log of a few entries below `path`."""
    note = note or made_note()
    slot = slot_of(AT) + 1
    commitments = [committed(note), *(b"another %d" % n for n in range(others))]
    entry, openings = seal_batch(slot, commitments, Random(7))
    directory, queue = LogDirectory(path, ORIGIN, LOG_SEED), Queue([b"{}", b'{"n":1}', entry, b'{"n":2}'])
    directory.publish(queue)
    checkpoint = (path / "checkpoint").read_bytes()
    if cosigned:
        lines = [cosign(name, seed, checkpoint, SEEN_S[name]) for name, seed in WITNESS_SEEDS.items()]
        checkpoint += b"".join(lines)
    proof = TlogProof(
        index=2,
        hashes=tuple(inclusion_proof(reader_of(directory), 2, 4)),
        checkpoint=checkpoint,
        extra=format_held(Held(note=note, slot=slot, opening=openings[0])),
    )
    return format_proof(proof)
