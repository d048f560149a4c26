"""Addresses of kept posts: whose they are and where, sealed one by one, opened only for what a list has named."""

import json
import os
from typing import Any

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evenhand.flow.content import content_hashes

_NONCE_BYTES = 12
_CONTEXT = b"evenhand/kept-address/1"
_FIELDS = ("id", "kind", "channel_id", "author_id", "lang", "country", "channel_members", "forwarded_from")


class Addresses:
    """Seals and opens addresses under one key (`screening.ports.AddressSealer`)."""

    def __init__(self, key: bytes) -> None:
        self._key = AESGCM(key)

    def seal_all(self, posts: pl.DataFrame) -> list[bytes]:
        """Return nonce ‖ ciphertext of each post's address and of its content's hash."""
        hashes = pl.Series("content_sha256", [each.hex() for each in content_hashes(posts)], dtype=pl.String)
        address = posts.select(pl.struct(*_FIELDS, hashes).struct.json_encode().cast(pl.Binary)).to_series()
        drawn, encrypt = os.urandom(_NONCE_BYTES * len(posts)), self._key.encrypt
        nonces = [drawn[at : at + _NONCE_BYTES] for at in range(0, len(drawn), _NONCE_BYTES)]
        pairs = zip(nonces, address.to_list(), strict=True)
        return [nonce + encrypt(nonce, plain, _CONTEXT) for nonce, plain in pairs]

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
