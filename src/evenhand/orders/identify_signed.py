"""What a letter's own signature (S/MIME, OpenPGP) says of its sender, beside its address and DKIM. Pure.

It covers the letter's content, not its headers: date, subject and addressee stay as good as DKIM makes them. It shows
that somebody has the authority's key, never that the officer wrote.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from evenhand.orders.registry import Authority, PgpKey, SmimeIssuer, SmimeKey
from evenhand.vocabulary.letter import SenderVerdict, SignatureFlaw, SignatureResult, SignatureSeen, TrustedKeys

SIGNED_WITHIN = timedelta(days=30)
"""A content that was signed longer ago than this is looked at as a possible replay."""

FLAW_SENTENCES: Mapping[SignatureFlaw, str] = {
    "tampered": "The letter's signature does not verify: the content is not as it was signed.",
    "malformed": "The letter's signature cannot be read.",
    "part-only": "Only a part of the letter is signed.",
    "nested": "A signed letter stands inside the signed letter.",
    "unsigned-text": "Text stands behind the signed part.",
    "differs": "What the letter shows is not what was signed.",
    "several-signers": "The letter has several signers.",
    "weak": "The signature's algorithm or key is too weak.",
    "encrypted": "The letter is encrypted; nobody here has read it.",
    "unknown-key": "The key is not known here.",
    "untrusted": "The certificate is not in the registry, and no authority of the registry's certifies it.",
    "expired": "The certificate or key had expired when the letter came.",
    "not-yet-valid": "The certificate was not valid yet when the letter came.",
    "revoked": "The key is revoked.",
    "certificate-revoked": "The certificate, or one that it rests on, is revoked by its issuer.",
    "revocation-unknown": "Whether the certificate is revoked is not known.",
    "not-for-mail": "The certificate is not made for signing mail.",
    "wrong-address": "The certificate or key names another address than the sender's.",
    "old": "The content was signed more than 30 days before, or after, it came.",
}
_INVALID: frozenset[SignatureFlaw] = frozenset({"tampered", "malformed", "differs", "certificate-revoked"})
"""The letter is not what somebody signed, or its issuer says that whoever signs so is not the one it certified."""

Verified = Literal["none", "address", "registry"]


def trusted_keys(authorities: tuple[Authority, ...]) -> TrustedKeys:
    """Return the keys of those who write from a domain."""
    keys = [key for authority in authorities for key in authority.keys]
    return TrustedKeys(
        issuers=tuple(key.certificate for key in keys if isinstance(key, SmimeIssuer)),
        certificates=tuple(key.fingerprint for key in keys if isinstance(key, SmimeKey)),
        pgp=tuple((key.fingerprint, key.key) for key in keys if isinstance(key, PgpKey) and key.key),
    )


def judge_signature(
    seen: SignatureSeen, address: str, received_at: datetime
) -> tuple[SignatureResult, tuple[str, ...]]:
    """Return what a signature is worth, and why in sentences.

    Args:
        seen: What the child found.
        address: The sender's, as From has it.
        received_at: Receipt at our edge, aware UTC.
    """
    if seen.kind == "none":
        return "none", ()
    flaws = list(seen.flaws)
    if seen.verified and address.lower() not in seen.addresses:
        flaws.append("wrong-address")
    if seen.signed_at is not None and abs(received_at.timestamp() - seen.signed_at) > SIGNED_WITHIN.total_seconds():
        flaws.append("old")
    name = "S/MIME" if seen.kind == "smime" else "OpenPGP"
    sentences = tuple(f"{name}: {FLAW_SENTENCES[flaw]}" for flaw in dict.fromkeys(flaws))
    if seen.revocation:
        sentences = (*sentences, f"{name}: {seen.revocation}")
    if _INVALID & set(flaws):
        return "invalid", sentences
    if flaws or not seen.verified:
        return "unproven", sentences
    return "valid", (f"{name}: the content is signed under a key of the registry ({seen.fingerprint}).",)


def with_signature(
    verdict: SenderVerdict, verified: Verified, result: SignatureResult, *, address: bool, dkim_fails: bool
) -> tuple[SenderVerdict, Verified]:
    """Return verdict and fact with the signature taken into account.

    Args:
        verdict: Of address and DKIM.
        verified: Of address and DKIM: "none", "address", "registry".
        result: Of the signature.
        address: The address alone is accepted.
        dkim_fails: A signature of the domain does not verify.
    """
    if result == "invalid" and verdict == "accept":
        return "review", "address"
    if result == "valid" and address and not dkim_fails and verified == "address":
        # The key is the authority's; the headers are as unsigned as they were, so a person still looks.
        return "review", "registry"
    return verdict, verified
