"""Checkpoints (C2SP tlog-checkpoint): origin, size and root, as the text of a signed note."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from evenhand.ledger.note import Signer, Verifier, decode_base64, open_note
from evenhand.vocabulary.errors import InputError

SIZE_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree's head: its origin line, size in leaves and root (32 bytes)."""

    origin: str
    size: int
    root: bytes


def format_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """Return the signed checkpoint."""
    return signer.sign(f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n")


def parse_checkpoint(note: bytes, verifiers: Sequence[Verifier]) -> Checkpoint:
    """Return a signed checkpoint's head; extension lines are allowed and not looked at.

    Raises:
        InputError: Not signed by a known key, or malformed.
    """
    text, _ = open_note(note, verifiers)
    return parse_head(text)


def parse_head(text: str) -> Checkpoint:
    """Return the head that a checkpoint's text (without signatures) states.

    Raises:
        InputError: It is malformed.
    """
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or "" in lines[:-1]:
        raise InputError("checkpoint", "has not the three lines origin, size, root")
    origin, size, root = lines[:3]
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", size) or int(size) > SIZE_MAX:
        raise InputError("checkpoint", "its size is not a decimal number without leading zeros")
    raw = decode_base64("checkpoint", root)
    if len(raw) != 32:
        raise InputError("checkpoint", "its root is not a SHA-256 hash")
    return Checkpoint(origin, int(size), raw)
