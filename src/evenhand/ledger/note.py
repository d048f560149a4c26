"""Signed notes (C2SP signed-note v1) with Ed25519 keys, and their verifier keys."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from evenhand.vocabulary.errors import InputError

ED25519 = 0x01
NOTE_BYTES_MAX = 1_000_000
SIGNATURES_MAX = 100
_NAME = re.compile(r"[^\s+\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_LINE = re.compile(r"\u2014 (\S+) (\S+)")


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return the four bytes that name a key of this type in signature lines."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def check_name(name: str) -> str:
    """Return a key's name if it can be one.

    Raises:
        InputError: It is empty, or has a space or a plus sign.
    """
    if not _NAME.fullmatch(name):
        raise InputError("name", "a key's name is not empty and has no spaces and no '+'")
    return name


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name, as a vkey text carries them."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Return the four bytes that a signature line begins with."""
        return key_id(self.name, ED25519, self.public)

    @property
    def vkey(self) -> str:
        """Return the verifier key as text."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([ED25519]) + self.public).decode()}"

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Tell whether `signature` (64 bytes) is this key's over `text`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


class Signer:
    """An Ed25519 key that signs notes under a name."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(check_name(name), self._private.public_key().public_bytes_raw())
        self._key_id = self.verifier.key_id

    def sign_bytes(self, message: bytes) -> bytes:
        """Return the bare signature (64 bytes); the message must say in its first line what kind it is."""
        return self._private.sign(message)

    def sign(self, text: str) -> bytes:
        """Return the signed note over `text`, which ends in a newline."""
        if not text.endswith("\n"):
            raise InputError("text", "a note's text ends in a newline")
        body = text.encode()
        signature = self._key_id + self._private.sign(body)
        return body + b"\n" + signature_line(self.verifier.name, signature)


def signature_line(name: str, signature: bytes) -> bytes:
    """Return a note's signature line; `signature` begins with the key's ID."""
    return f"\u2014 {name} {base64.b64encode(signature).decode()}\n".encode()


def parse_vkey(text: str) -> Verifier:
    """Return the verifier that a vkey text names.

    Raises:
        InputError: It is malformed, of another type, or its key ID does not fit.
    """
    return Verifier(*split_vkey(text, ED25519))


def split_vkey(text: str, kind: int) -> tuple[str, bytes]:
    """Return name and public key (32 bytes) of a vkey text of the type `kind`.

    Raises:
        InputError: It is malformed, of another type, or its key ID does not fit.
    """
    parts = text.strip().split("+", 2)
    if len(parts) != 3:
        raise InputError("vkey", "a verifier key has three parts: name+id+key")
    name, identity, encoded = parts
    check_name(name)
    key = decode_base64("vkey", encoded)
    if len(key) != 33 or key[0] != kind:
        raise InputError("vkey", f"is not an Ed25519 key of the type that is wanted here (type {kind}, 32 bytes)")
    if key_id(name, kind, key[1:]).hex() != identity:
        raise InputError("vkey", "its ID does not fit its name and key; was it copied whole?")
    return name, key[1:]


def decode_base64(field: str, text: str) -> bytes:
    """Return the bytes of a base64 text in its one canonical form: else a changed letter could mean the same bytes.

    Raises:
        InputError: It is not base64, or its unused last bits are not zero.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(field, "is not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise InputError(field, "is not canonical base64")
    return raw


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature of a note: who says they signed, the key's ID (4 bytes), and the rest."""

    name: str
    key_id: bytes
    signature: bytes


def split_note(note: bytes) -> tuple[str, list[SignatureLine]]:
    """Return a note's text and its signature lines, unverified.

    Raises:
        InputError: It is not a note.
    """
    if len(note) > NOTE_BYTES_MAX:
        raise InputError("note", f"has more than {NOTE_BYTES_MAX} bytes")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("note", "is not UTF-8") from error
    if _CONTROL.search(whole):
        raise InputError("note", "holds control characters")
    cut = whole.rfind("\n\n")
    if cut < 0 or not whole.endswith("\n") or len(whole) == cut + 2:
        raise InputError("note", "has no blank line with signatures after it")
    lines = whole[cut + 2 : -1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise InputError("note", f"has more than {SIGNATURES_MAX} signatures")
    return whole[: cut + 1], [_signature_line(line) for line in lines]


def _signature_line(line: str) -> SignatureLine:
    found = _LINE.fullmatch(line)
    if found is None:
        raise InputError("note", "has a malformed signature line")
    raw = decode_base64("note", found[2])
    if len(raw) < 5:
        raise InputError("note", "has a signature that is too short")
    return SignatureLine(check_name(found[1]), raw[:4], raw[4:])


def open_note(note: bytes, verifiers: Sequence[Verifier]) -> tuple[str, list[str]]:
    """Return a note's text and the names of the known keys that signed it.

    Unknown keys are ignored; a known key whose signature fails makes the whole note invalid.

    Raises:
        InputError: Malformed, a known key's signature fails, or no known key signed.
    """
    text, lines = split_note(note)
    known: Mapping[tuple[str, bytes], Verifier] = {(v.name, v.key_id): v for v in verifiers}
    signed: list[str] = []
    for line in lines:
        verifier = known.get((line.name, line.key_id))
        if verifier is None or line.name in signed:
            continue
        if not verifier.verifies(text.encode(), line.signature):
            raise InputError("note", f"the signature of {line.name} does not verify")
        signed.append(line.name)
    if not signed:
        raise InputError("note", "no known key signed it")
    return text, signed
