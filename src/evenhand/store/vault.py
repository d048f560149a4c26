"""Personal data at rest: a key per subject, wrapped by a master key. Destroying a subject's key erases the subject."""

import os
from collections.abc import Sequence
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evenhand.vocabulary.errors import Fatal

NONCE_BYTES = 12
KEY_BYTES = 32


class Vault:
    """Makes, wraps and opens subjects' keys; holds none itself."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError("the master key has 32 bytes")
        self._master = AESGCM(blake2b(master, person=b"evenhand-wrap", digest_size=32).digest())
        self._hash_key = blake2b(master, person=b"evenhand-subject", digest_size=32).digest()

    def subject_hash(self, subject: str) -> bytes:
        """Return the 16 bytes under which a subject is kept: keyed, so that nobody can try names against the rows."""
        return blake2b(subject.encode("utf-8", "surrogatepass"), key=self._hash_key, digest_size=16).digest()

    def new_keys(self, subject_hashes: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
        """Return a fresh subject key (32 bytes) for each, and it wrapped."""
        wrap, size = self._master.encrypt, KEY_BYTES + NONCE_BYTES
        drawn = os.urandom(size * len(subject_hashes))
        parts = [drawn[start : start + size] for start in range(0, len(drawn), size)]
        return [
            (part[:KEY_BYTES], part[KEY_BYTES:] + wrap(part[KEY_BYTES:], part[:KEY_BYTES], hashed))
            for part, hashed in zip(parts, subject_hashes, strict=True)
        ]

    def open_key(self, subject_hash: bytes, wrapped: bytes) -> bytes:
        """Return a subject key that was wrapped.

        Raises:
            Fatal: It was not wrapped under this master key.
        """
        try:
            return self._master.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], subject_hash)
        except InvalidTag as error:
            raise Fatal("a subject's key does not open: is keys/master.key the one of this docket?") from error


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes | None:
    """Return the plain bytes, or None where another key sealed them: the subject was erased in between."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except InvalidTag:
        return None
