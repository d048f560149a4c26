"""What of a path of certificates a revocation list speaks of. Runs in the child."""

from collections.abc import Sequence
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from evenhand.vocabulary.letter import CertificateLink

POINTS_MAX = 10


def links_of(chain: Sequence[x509.Certificate]) -> tuple[CertificateLink, ...]:
    """Return a link for every certificate of a path but the last, which nobody certified here."""
    return tuple(_link(one, issuer) for one, issuer in pairwise(chain))


def link_alone(certificate: x509.Certificate, others: Sequence[x509.Certificate]) -> tuple[CertificateLink, ...]:
    """Return the link of a certificate without a path, with the key of the one among the others that certified it.

    Only the key is taken from that other one, and the key has shown itself: what else it says may be anybody's.
    """
    if certificate.issuer == certificate.subject:
        return ()
    return (_link(certificate, next((other for other in others if _certified(certificate, other)), None)),)


def _certified(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _link(certificate: x509.Certificate, issuer: x509.Certificate | None) -> CertificateLink:
    if certificate.serial_number < 0:
        raise ValueError("a serial number below zero")  # no list can name it
    return CertificateLink(
        serial=f"{certificate.serial_number:x}",
        issuer=certificate.issuer.public_bytes(),
        issuer_key=_list_key(issuer) if issuer is not None else b"",
        issues=_issues(certificate),
        points=_points(certificate),
    )


def _list_key(issuer: x509.Certificate) -> bytes:
    """Return the issuer's key; empty where its certificate says that it signs no lists."""
    try:
        if not issuer.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign:
            return b""
    except x509.ExtensionNotFound:
        pass
    return issuer.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _issues(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _points(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return ()
    names = [name.value for point in points for name in point.full_name or ()]
    return tuple(str(name) for name in names[:POINTS_MAX] if isinstance(name, str))
