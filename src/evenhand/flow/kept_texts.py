"""Texts that the operator keeps for a while, sealed one by one: opened only to be compared with new list entries."""

import os

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_CONTEXT = b"evenhand/kept-text/1"


class KeptTexts:
    """Seals and opens texts under one key (`screening.ports.TextSealer`)."""

    def __init__(self, key: bytes) -> None:
        self._key = AESGCM(key)

    def seal_all(self, texts: pl.Series) -> pl.Series:
        """Return nonce ‖ ciphertext of each text; null stays null."""
        drawn, encrypt = os.urandom(_NONCE_BYTES * len(texts)), self._key.encrypt
        nonces = (drawn[at : at + _NONCE_BYTES] for at in range(0, len(drawn), _NONCE_BYTES))
        pairs = zip(nonces, texts.cast(pl.Binary).to_list(), strict=True)
        sealed = [None if plain is None else nonce + encrypt(nonce, plain, _CONTEXT) for nonce, plain in pairs]
        return pl.Series("text", sealed, dtype=pl.Binary)

    def open_all(self, sealed: pl.Series) -> pl.Series:
        """Return the texts; null where there is none, or where it was sealed under a key that is gone."""
        return pl.Series("text", [self._opened(each) for each in sealed.to_list()], dtype=pl.Binary).cast(pl.String)

    def _opened(self, sealed: bytes | None) -> bytes | None:
        if sealed is None:
            return None
        try:
            return self._key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _CONTEXT)
        except InvalidTag:
            return None
