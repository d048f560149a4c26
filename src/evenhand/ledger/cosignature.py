"""Cosignatures by witnesses (C2SP tlog-cosignature, Ed25519, type 0x04): who saw a checkpoint, and when."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evenhand.ledger.note import Verifier, check_name, key_id, signature_line, split_note, split_vkey
from evenhand.vocabulary.errors import InputError

COSIGNATURE = 0x04
_SIGNATURE_BYTES = 8 + 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_MAX = 253_402_300_799
"""The last second of the year 9999."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness's public key with its name, as its vkey text carries them."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Return the four bytes that a cosignature line begins with."""
        return key_id(self.name, COSIGNATURE, self.public)

    @property
    def vkey(self) -> str:
        """Return the verifier key as text."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([COSIGNATURE]) + self.public).decode()}"


def parse_witness(text: str) -> Witness:
    """Return the witness that a vkey text names.

    Raises:
        InputError: It is malformed, of another type, or its key ID does not fit.
    """
    return Witness(*split_vkey(text, COSIGNATURE))


def cosign(name: str, seed: bytes, checkpoint: bytes, seconds: int) -> bytes:
    """Return the line by which a witness says that it saw a signed checkpoint at `seconds` (POSIX time).

    The caller has checked the log's signature and consistency with all that was cosigned before.
    """
    private = Ed25519PrivateKey.from_private_bytes(seed)
    witness = Witness(check_name(name), private.public_key().public_bytes_raw())
    text, _ = split_note(checkpoint)
    signature = private.sign(_message(text, seconds))
    return signature_line(name, witness.key_id + seconds.to_bytes(8, "big") + signature)


def cosigned_at(checkpoint: bytes, witness: Witness) -> datetime:
    """Return when the witness says it saw this checkpoint, aware UTC, whole seconds.

    Raises:
        InputError: It did not cosign it, or its cosignature does not verify.
    """
    text, lines = split_note(checkpoint)
    for line in lines:
        if (line.name, line.key_id) == (witness.name, witness.key_id):
            break
    else:
        raise InputError("witness", f"{witness.name} has not cosigned the checkpoint")
    seconds = int.from_bytes(line.signature[:8], "big")
    if (
        len(line.signature) != _SIGNATURE_BYTES
        or seconds > _SECONDS_MAX
        or not Verifier(witness.name, witness.public).verifies(_message(text, seconds), line.signature[8:])
    ):
        raise InputError("witness", f"the cosignature of {witness.name} does not verify")
    return _EPOCH + timedelta(seconds=seconds)


def earliest(checkpoint: bytes, witnesses: Sequence[Witness]) -> tuple[datetime, str] | None:
    """Return the earliest time at which one of the witnesses saw the checkpoint, and its name; None without any.

    Raises:
        InputError: One of them has not cosigned it, or its cosignature does not verify: all that are named must.
    """
    seen = [(cosigned_at(checkpoint, witness), witness.name) for witness in witnesses]
    return min(seen, default=None)


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
