"""Addresses of kept posts: whose they are and where, sealed one by one, opened only for what a list has named."""

import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evenhand.flow.content import content_sha256
from evenhand.vocabulary.bodies import encode

_NONCE_BYTES = 12
_CONTEXT = b"evenhand/kept-address/1"
_FIELDS = ("id", "kind", "channel_id", "author_id", "lang", "country", "channel_members", "forwarded_from")


class Addresses:
    """Seals and opens addresses under one key (`screening.ports.AddressSealer`)."""

    def __init__(self, key: bytes) -> None:
        self._key = AESGCM(key)

    def seal(self, post: Mapping[str, Any]) -> bytes:
        """Return nonce ‖ ciphertext of the post's address and of its content's hash."""
        address = {name: post[name] for name in _FIELDS if post[name] is not None}
        address["content_sha256"] = content_sha256(post).hex()
        plain = encode(address)
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._key.encrypt(nonce, plain, _CONTEXT)

    def open(self, sealed: bytes | None) -> dict[str, Any] | None:
        """Return the address; None where none is kept, or where it was sealed under a key that is gone."""
        if sealed is None:
            return None
        try:
            plain = self._key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _CONTEXT)
        except InvalidTag:
            return None
        address: dict[str, Any] = dict.fromkeys(_FIELDS) | json.loads(plain.decode("utf-8", "surrogatepass"))
        return address
