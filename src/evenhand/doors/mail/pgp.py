"""OpenPGP: whether a signature is of these bytes under a key of the registry. Runs in the child."""

import contextlib
from datetime import UTC, datetime
from typing import Any

from pysequoia import Cert, Sig, verify
from pysequoia.packet import PacketPile

from evenhand.vocabulary.letter import SignatureFlaw, SignatureSeen


def look_at_pgp(
    content: tuple[bytes, ...], signature: bytes | None, keys: tuple[tuple[str, str], ...], at: datetime
) -> tuple[SignatureSeen, bytes]:
    """Return what is found of a signature, and the bytes that it is of.

    Args:
        content: The signed bytes, in the forms in which they may have been signed; the whole of a clear-signed text.
        signature: The detached signature; None: it stands in the text.
        keys: (fingerprint, armoured public key) of the registry.
        at: When the letter came, aware UTC.
    """
    certificates = [one for fingerprint, text in keys if (one := _key(fingerprint, text)) is not None]
    try:
        detached = None if signature is None else Sig.from_bytes(signature)
    except Exception:  # noqa: BLE001 - the library's errors have no class of their own
        return SignatureSeen(kind="pgp", flaws=("malformed",)), b""
    for form in content:
        asked: list[str] = []
        found = None
        with contextlib.suppress(Exception):  # as above: one that does not verify raises
            found = _verified(form, detached, certificates, asked)
        if found is not None:
            certificate, signed_at, signed = found
            return _seen(certificate, signed_at, at), signed
    return SignatureSeen(kind="pgp", flaws=(_why(detached, certificates, asked, at),)), b""


def _key(fingerprint: str, text: str) -> Cert | None:
    """Return a key of the registry, if the text is the key that its fingerprint names."""
    try:
        certificate = Cert.from_bytes(text.encode("ascii", "replace"))
    except Exception:  # noqa: BLE001 - the library's errors have no class of their own
        return None
    return certificate if certificate.fingerprint.lower() == fingerprint else None


def _verified(
    content: bytes, signature: Sig | None, certificates: list[Cert], asked: list[str]
) -> tuple[Cert, int | None, bytes] | None:
    def store(ids: list[str]) -> list[Cert]:
        asked.extend(one.lower() for one in ids)
        return certificates

    result: Any = verify(bytes=content, store=store, signature=signature)
    if len(result.valid_sigs) != 1:
        return None
    name = result.valid_sigs[0].certificate.lower()
    certificate = next((one for one in certificates if one.fingerprint.lower() == name), None)
    if certificate is None:
        return None
    made = signature.created if signature is not None else None
    return certificate, int(made.timestamp()) if made else None, content if signature else result.bytes


def _seen(certificate: Cert, signed_at: int | None, at: datetime) -> SignatureSeen:
    flaws: list[SignatureFlaw] = []
    if certificate.is_revoked:
        flaws.append("revoked")
    if (ends := certificate.expiration) is not None and ends.astimezone(UTC) < at:
        flaws.append("expired")
    return SignatureSeen(
        kind="pgp",
        verified=True,
        flaws=tuple(flaws),
        fingerprint=certificate.fingerprint.lower(),
        pinned=True,
        addresses=tuple(dict.fromkeys(_address(str(one)) for one in certificate.user_ids)),
        signed_at=signed_at,
    )


def _address(user_id: str) -> str:
    return user_id.rpartition("<")[2].rstrip(">").strip().lower()


def _why(signature: Sig | None, certificates: list[Cert], asked: list[str], at: datetime) -> SignatureFlaw:
    """Return why nothing verified: a key that is over, one that is not known, or bytes that are not as signed."""
    if not certificates:
        return "unknown-key"
    if any(one.is_revoked for one in certificates):
        return "revoked"
    if any(one.expiration is not None and one.expiration.astimezone(UTC) < at for one in certificates):
        return "expired"
    by = {(signature.issuer_fingerprint or "").lower() if signature is not None else ""} | set(asked)
    known = {part for one in certificates for part in _names(one)}
    return "tampered" if any(name and any(k.endswith(name) for k in known) for name in by) else "unknown-key"


def _names(certificate: Cert) -> set[str]:
    """Return the fingerprints of a certificate's keys, the signing one among them."""
    found = {certificate.fingerprint.lower()}
    for packet in PacketPile.from_bytes(bytes(certificate)):
        if (fingerprint := getattr(packet, "fingerprint", None)) is not None:
            found.add(str(fingerprint).lower())
    return found
