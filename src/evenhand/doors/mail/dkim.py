"""Whether a DKIM signature verifies under a given key record. Runs in the child; asks no name server.

dkimpy verifies what RFC 6376 asks for, which includes `l=` and unsigned subjects; `orders.identify_dkim` is stricter.
Ed25519 (RFC 8463) it verifies with a library that is not here, so the key is cryptography's.
"""

import base64
import binascii
from typing import Any, Literal

import dkim
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from dkim.util import InvalidTagValueList, parse_tag_value

Verified = Literal["pass", "fail", "error"]
ED25519 = b"ed25519-sha256"


def verify(raw: bytes, index: int, record: str) -> Verified:
    """Verify signature number `index` (from 0, the topmost) with the text of its key's DNS record."""

    def answer(name: bytes, timeout: int = 5) -> bytes:  # noqa: ARG001 - dkimpy's interface
        return record.encode("ascii", "replace")

    try:
        return "pass" if _Dkim(raw, record).verify(index, dnsfunc=answer) else "fail"
    except (dkim.DKIMException, InvalidTagValueList, ValueError, LookupError, TypeError):
        return "error"


class _Ed25519:
    """A key as dkimpy uses one; `held` tells whether it held, as dkimpy catches only its own library's errors."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        self.held = False

    def verify(self, digest: bytes, signature: bytes) -> None:
        try:
            self._key.verify(signature, digest)
        except InvalidSignature:
            return
        self.held = True


class _Dkim(dkim.DKIM):  # type: ignore[misc] # the library carries no types
    """dkimpy's verifier; of one signature, under one key."""

    def __init__(self, raw: bytes, record: str) -> None:
        super().__init__(raw, minkey=1024)
        self._tags = parse_tag_value(record.encode("ascii", "replace"))

    def verify_sig(self, sig: dict[bytes, bytes], include_headers: Any, sig_header: Any, dnsfunc: Any) -> bool:
        """Verify; a key and an algorithm of different kinds never fit (RFC 8463, 3)."""
        wants = sig[b"a"].lower() == ED25519
        if wants != (self._tags.get(b"k", b"rsa").lower() == b"ed25519"):
            return False
        if not wants:
            return bool(super().verify_sig(sig, include_headers, sig_header, dnsfunc))
        key = _Ed25519(_key(self._tags.get(b"p", b"")))
        self.pk, self.keysize, self.ktag, self.seqtlsrpt = key, 256, b"ed25519", False
        self.verify_sig_process(sig, include_headers, sig_header, dnsfunc)
        return key.held


def _key(text: bytes) -> Ed25519PublicKey:
    """Return the key of a record's p=: 32 bytes, base 64.

    Raises:
        ValueError: It is none.
    """
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except binascii.Error as error:
        raise ValueError("p= is not base 64") from error
