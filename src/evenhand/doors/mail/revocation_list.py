"""One certificate revocation list (RFC 5280, 5): read, checked against its issuer's key, asked about a certificate.

cryptography reads; nothing here opens a file or a connection, and no address in a list or certificate is ever asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtensionOID

from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.letter import CertificateLink

LIST_BYTES_MAX = 32 << 20
AHEAD_MAX = timedelta(days=1)
"""A list dated later than this after a letter is of a clock that nobody knows."""
RSA_BITS_MIN = 2048
_HASHES = frozenset({"sha256", "sha384", "sha512"})
_PEM = b"-----BEGIN X509 CRL-----"
_KNOWN = frozenset({ExtensionOID.ISSUING_DISTRIBUTION_POINT, ExtensionOID.CRL_NUMBER})
_PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationList:
    """A list as read, whoever signed it.

    Attributes:
        issuer: Its issuer's name, DER.
        ends_at: When the next one is out, at the latest; None: it does not say.
        scope: Its issuing distribution point, DER; empty: it is about all of its issuer's certificates.
        number: Its own number, 0 where it has none.
    """

    crl: x509.CertificateRevocationList
    issuer: bytes
    issued_at: datetime
    ends_at: datetime | None
    scope: bytes
    number: int

    def signed_by(self, key: bytes) -> bool:
        """Tell whether a key (SubjectPublicKeyInfo, DER) signed it, in a way that counts."""
        public = _loaded(key)
        if public is None or (isinstance(public, rsa.RSAPublicKey) and public.key_size < RSA_BITS_MIN):
            return False
        try:
            algorithm = self.crl.signature_hash_algorithm
            good = algorithm.name in _HASHES if algorithm else isinstance(public, ed25519.Ed25519PublicKey)
            return good and self.crl.is_signature_valid(public)
        except (UnsupportedAlgorithm, TypeError, ValueError):
            return False

    def newer_than(self, other: "RevocationList") -> bool:
        """Tell whether it takes the other one's place."""
        return (self.issued_at, self.number) > (other.issued_at, other.number)

    def current(self, at: datetime) -> bool:
        """Tell whether it speaks of an instant (aware UTC); its last instant is one of them."""
        return self.ends_at is not None and self.issued_at - AHEAD_MAX <= at <= self.ends_at

    def revoked(self, serial: str) -> str:
        """Return when and why a certificate was revoked, in words; "" if it is not on the list."""
        found = self.crl.get_revoked_certificate_by_serial_number(int(serial, 16))
        if found is None:
            return ""
        try:
            why = found.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
        except (x509.ExtensionNotFound, ValueError):
            why = "no reason given"
        return f"revoked on {found.revocation_date_utc:%Y-%m-%d} ({why})"

    def covers(self, link: CertificateLink) -> bool:
        """Tell whether not to be on this list means not to be revoked."""
        if any(one.critical and one.oid not in _KNOWN for one in self.crl.extensions):
            return False
        point = _scope(self.crl)
        if point is None:
            return True
        if point.only_some_reasons or point.only_contains_attribute_certs or point.relative_name:
            return False
        if (point.only_contains_user_certs and link.issues) or (point.only_contains_ca_certs and not link.issues):
            return False
        names = {name.value for name in point.full_name or ()}
        return not names or not names.isdisjoint(link.points)


def read_list(raw: bytes, size: int = 0) -> RevocationList:
    """Return the list that these bytes are, DER or PEM; `size`: of the whole, where the rest was not even read.

    Raises:
        InputError: They are none, or one that cannot be used by itself: a delta, or one about others' certificates.
    """
    if max(len(raw), size) > LIST_BYTES_MAX:
        raise InputError("list", f"has more than {LIST_BYTES_MAX >> 20} MiB")
    try:
        pem = raw.lstrip()[: len(_PEM)] == _PEM
        crl = x509.load_pem_x509_crl(raw) if pem else x509.load_der_x509_crl(raw)
        point = _scope(crl)
        kinds = {one.oid for one in crl.extensions}
        made = RevocationList(
            crl=crl,
            issuer=crl.issuer.public_bytes(),
            issued_at=crl.last_update_utc,
            ends_at=crl.next_update_utc,
            scope=point.public_bytes() if point else b"",
            number=_number(crl),
        )
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, OverflowError) as error:
        raise InputError("list", f"is not a revocation list: {type(error).__name__}") from error
    if ExtensionOID.DELTA_CRL_INDICATOR in kinds:
        raise InputError("list", "is a delta list, which says nothing by itself")
    if point is not None and point.indirect_crl:
        raise InputError("list", "is an indirect list, about certificates of others")
    return made


def signer_of(raw: bytes) -> tuple[bytes, bytes]:
    """Return the name (DER) and the key (SubjectPublicKeyInfo, DER) of a certificate that signs lists, DER or PEM.

    Raises:
        InputError: It is no certificate.
    """
    try:
        pem = b"-----BEGIN CERTIFICATE-----" in raw
        certificate = x509.load_pem_x509_certificate(raw) if pem else x509.load_der_x509_certificate(raw)
        key = certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return certificate.subject.public_bytes(), key
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError("certificate", f"is not a certificate: {type(error).__name__}") from error


def _scope(crl: x509.CertificateRevocationList) -> x509.IssuingDistributionPoint | None:
    try:
        return crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return None


def _number(crl: x509.CertificateRevocationList) -> int:
    try:
        return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        return 0


@lru_cache(maxsize=64)
def _loaded(key: bytes) -> _PublicKey | None:
    try:
        public = serialization.load_der_public_key(key)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return (
        public if isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) else None
    )
