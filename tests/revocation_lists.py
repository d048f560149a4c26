"""Revocation lists as certificate authorities make them, signed with their real keys."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)  # noqa: TID251 - openssl dates certificates by it
DAY = timedelta(days=1)


def serial_of(certificate: Path) -> int:
    """Return a certificate's serial number."""
    return x509.load_pem_x509_certificate(certificate.read_bytes()).serial_number


def made_list(
    issuer: Path,
    revoked: Sequence[int] = (),
    *,
    issued_at: datetime = NOW - DAY,
    ends_at: datetime = NOW + DAY,
    key: Path | None = None,
    extensions: Sequence[tuple[Any, bool]] = (),
    pem: bool = False,
) -> bytes:
    """Return a list of the authority whose certificate is `issuer`, signed by its key or by that of another one."""
    certificate = x509.load_pem_x509_certificate(issuer.read_bytes())
    raw = (key or issuer).with_suffix(".key").read_bytes()
    signer: Any = serialization.load_pem_private_key(raw, None)
    builder = x509.CertificateRevocationListBuilder(certificate.subject, issued_at, ends_at)
    for serial in revoked:
        entry = x509.RevokedCertificateBuilder(serial, issued_at)
        entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    encoding = serialization.Encoding.PEM if pem else serialization.Encoding.DER
    return builder.sign(signer, hashes.SHA256()).public_bytes(encoding)
