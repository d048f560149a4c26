"""A letter: what a mail message says, once its bytes have become words. All of it is the sender's word."""

from typing import Literal

from msgspec import Struct


class HeaderField(Struct, frozen=True):
    """One header field in the order of the message.

    Attributes:
        name: In lower case.
        value: As it came, folds included; bytes that are not UTF-8 are read as Latin-1.
    """

    name: str
    value: str


class Attachment(Struct, frozen=True, kw_only=True):
    """A file that came with a letter.

    Attributes:
        name: Cleaned: no path, no control characters, never empty.
        declared_type: What the sender says it is.
        type: What its first bytes say.
        sha256: Hex, over `content`.
    """

    name: str
    declared_type: str
    type: str
    sha256: str
    content: bytes


class Letter(Struct, frozen=True, kw_only=True):
    """One message.

    Attributes:
        raw_sha256: Hex, over the bytes as they came.
        headers: All of them, from the first.
        subject: Decoded, on one line; for people, never for decisions about the sender.
        text: The plain text; without one, the HTML's text.
        html: Cleaned HTML without pictures, scripts and styles; "" if there is none.
        shortened: Text or HTML went over the limit and was cut.
        defects: What was wrong with the form, in a few words each.
    """

    raw_sha256: str
    raw_bytes: int
    headers: tuple[HeaderField, ...]
    subject: str
    text: str
    html: str
    shortened: bool
    attachments: tuple[Attachment, ...]
    defects: tuple[str, ...]

    def values(self, name: str) -> tuple[str, ...]:
        """Return the raw values of every field of that name (lower case), in order."""
        return tuple(field.value for field in self.headers if field.name == name)


DkimResult = Literal["pass", "fail", "none", "weak", "no-key"]
"""pass: verified and strict; weak: verified, but not strict; no-key: the key is not known or could not be asked for."""

SignatureResult = Literal["valid", "invalid", "unproven", "none"]
"""Of S/MIME or OpenPGP. valid: verified under a key of the registry, and covers the letter; invalid: the letter is not
as it was signed; unproven: signed, but by a key that the registry lacks or in a way that does not count."""

SignatureFlaw = Literal[
    "tampered",
    "malformed",
    "part-only",
    "nested",
    "unsigned-text",
    "differs",
    "several-signers",
    "weak",
    "encrypted",
    "unknown-key",
    "untrusted",
    "expired",
    "not-yet-valid",
    "revoked",
    "certificate-revoked",
    "revocation-unknown",
    "not-for-mail",
    "wrong-address",
    "old",
]


class CertificateLink(Struct, frozen=True, kw_only=True):
    """A certificate of a path and who issued it, as far as a revocation list speaks of it.

    Attributes:
        serial: As lower-case hex.
        issuer: The issuer's name, DER.
        issuer_key: The key that certified it (SubjectPublicKeyInfo, DER) and may sign lists; empty: not known.
        issues: It is a certificate authority's own.
        points: Addresses at which it says that its list lies. They are compared with a list's own; none is ever asked.
    """

    serial: str
    issuer: bytes
    issuer_key: bytes = b""
    issues: bool = False
    points: tuple[str, ...] = ()


class SignatureSeen(Struct, frozen=True, kw_only=True):
    """What the sandboxed child found of a letter's signature: its mathematics and form, no trust in anybody.

    Attributes:
        verified: It is of exactly these bytes, under the key or certificate named here.
        flaws: What was found against it, in the order in which it was met.
        fingerprint: Of the signer's certificate (SHA-256) or OpenPGP key, in lower-case hex; "" if unknown.
        pinned: The registry has this very fingerprint for an authority of the sender's domain.
        anchor: SHA-256 of the registry's certificate authority that the path leads to; "" for none.
        addresses: Addresses that the certificate or key names, in lower case.
        signed_at: Seconds since 1970 UTC, as the signer says; None: not said.
        path: From the signer's certificate up to the registry's authority, that one left out.
        revocation: What revocation lists say of the path, in a sentence; "" where none was asked.
    """

    kind: Literal["none", "smime", "pgp"] = "none"
    verified: bool = False
    flaws: tuple[SignatureFlaw, ...] = ()
    fingerprint: str = ""
    pinned: bool = False
    anchor: str = ""
    addresses: tuple[str, ...] = ()
    signed_at: int | None = None
    path: tuple[CertificateLink, ...] = ()
    revocation: str = ""


class TrustedKeys(Struct, frozen=True, kw_only=True):
    """The registry's keys of the authorities that write from the sender's domain.

    Attributes:
        issuers: Certificate authorities, PEM.
        certificates: SHA-256 fingerprints of certificates, lower-case hex.
        pgp: (fingerprint, armoured public key).
    """

    issuers: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    pgp: tuple[tuple[str, str], ...] = ()


SenderVerdict = Literal["accept", "review", "reject"]


class SenderCheck(Struct, frozen=True, kw_only=True):
    """What is known of a letter's sender. Mail authentication never proves the officer.

    Attributes:
        address: The one mailbox, "" if there is none.
        result: Of the address alone (accept, review, reject).
        lookalike: Registered domain that the sender's looks like, "" for none.
        verified: What `evenhand assess` may take as a fact.
        reasons: In the order in which they were found.
        signature: Of S/MIME or OpenPGP, over the letter's content.
        signed_by: Fingerprint of the certificate or key; "" for none.
        dkim_key: The key's record that the DKIM result rests on, as evidence; DNS says something else tomorrow.
        dkim_key_from: Where that record came from.
    """

    address: str
    result: SenderVerdict
    dkim: DkimResult
    lookalike: str
    authorities: tuple[str, ...]
    verdict: SenderVerdict
    verified: Literal["none", "address", "registry"]
    reasons: tuple[str, ...]
    signature: SignatureResult = "none"
    signed_by: str = ""
    dkim_key: str = ""
    dkim_key_from: Literal["", "registry", "dns"] = ""


MailDoor = Literal["notice", "authority-request", "conversation", "other"]


class DoorFinding(Struct, frozen=True, kw_only=True):
    """Which door a letter came to, and which it belongs to.

    Attributes:
        addressed: The address of ours that it was sent to, "" if none is known.
        wrong_door: A proposal that a person confirms: it is moved with its original time, its sender is told.
    """

    addressed: str
    came_to: MailDoor
    belongs_to: MailDoor
    wrong_door: bool
    reasons: tuple[str, ...]
