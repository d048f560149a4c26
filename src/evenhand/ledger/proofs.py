"""Proofs from tiles, and the .tlog-proof file (C2SP tlog-proof)."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from evenhand.ledger.checkpoint import Checkpoint, parse_checkpoint
from evenhand.ledger.note import Verifier, decode_base64
from evenhand.ledger.reader import LogReader
from evenhand.ledger.tree import check_inclusion, prove_consistency, prove_inclusion
from evenhand.ledger.verify import subtree_hash
from evenhand.vocabulary.errors import InputError

FIRST_LINE = "c2sp.org/tlog-proof@v1"
_HASHES_MAX = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class TlogProof:
    """A leaf's inclusion proof with the checkpoint it leads to; `extra` is not authenticated."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


def inclusion_proof(reader: LogReader, index: int, size: int) -> list[bytes]:
    """Return the proof that leaf `index` is in the log's tree of `size` leaves."""
    return prove_inclusion(index, size, lambda level, at: subtree_hash(reader, level, at, size))


def consistency_proof(reader: LogReader, old: int, new: int) -> list[bytes]:
    """Return the proof that the log's tree of `new` leaves begins with that of `old`."""
    return prove_consistency(old, new, lambda level, at: subtree_hash(reader, level, at, new))


def format_proof(proof: TlogProof) -> bytes:
    """Return the proof as a .tlog-proof file."""
    lines = [FIRST_LINE]
    if proof.extra is not None:
        lines.append(f"extra {base64.b64encode(proof.extra).decode()}")
    lines.append(f"index {proof.index}")
    lines += [base64.b64encode(step).decode() for step in proof.hashes]
    return "\n".join(lines).encode() + b"\n\n" + proof.checkpoint


def parse_proof(data: bytes) -> TlogProof:
    """Return the proof that a .tlog-proof file holds, unchecked.

    Raises:
        InputError: It is malformed.
    """
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise InputError("proof", "its first part is not ASCII") from error
    if not blank or lines.pop(0) != FIRST_LINE:
        raise InputError("proof", f"does not begin with the line {FIRST_LINE}")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = decode_base64("proof", lines.pop(0).removeprefix("extra "))
    found = re.fullmatch(r"index (0|[1-9][0-9]{0,18})", lines.pop(0) if lines else "")
    if found is None:
        raise InputError("proof", "has no index line")
    if len(lines) > _HASHES_MAX:
        raise InputError("proof", "has too many hashes")
    hashes = tuple(decode_base64("proof", line) for line in lines)
    if any(len(step) != 32 for step in hashes):
        raise InputError("proof", "has a hash that is not 32 bytes")
    return TlogProof(index=int(found[1]), hashes=hashes, checkpoint=checkpoint, extra=extra)


def check_proof(proof: TlogProof, leaf: bytes, verifiers: Sequence[Verifier]) -> Checkpoint:
    """Return the signed head under which the leaf hash stands.

    Raises:
        InputError: The checkpoint is not signed, is of another log, or the path does not lead to its root.
    """
    head = parse_checkpoint(proof.checkpoint, verifiers)
    if head.origin not in {verifier.name for verifier in verifiers}:
        raise InputError("proof", f"is of the log {head.origin}")
    if not check_inclusion(proof.index, head.size, leaf, proof.hashes, head.root):
        raise InputError("proof", "does not lead from this leaf to the signed root")
    return head
