"""S/MIME: whether a CMS signature (RFC 5652) is of these bytes, and which certificate made it. Runs in the child.

asn1crypto reads, cryptography computes and checks the path. Revocation is looked up by the parent, which has the lists:
here stands only what of each certificate a list speaks of.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from evenhand.doors.mail.certificate_path import link_alone, links_of
from evenhand.vocabulary.letter import SignatureFlaw, SignatureSeen

CERTIFICATES_MAX = 20
CHAIN_MAX = 5
RSA_BITS_MIN = 2048
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, UnsupportedAlgorithm, OverflowError)


class _FlawedError(Exception):
    """The signature does not count; why."""

    def __init__(self, flaw: SignatureFlaw) -> None:
        super().__init__(flaw)
        self.flaw: SignatureFlaw = flaw


def look_at_cms(
    der: bytes, content: tuple[bytes, ...] | None, issuers: tuple[str, ...], pinned: frozenset[str], at: datetime
) -> tuple[SignatureSeen, bytes]:
    """Return what is found of a signature, and the bytes that it is of.

    Args:
        der: The CMS object.
        content: The signed bytes, in the forms in which they may have been signed; None: they are inside.
        issuers: Certificate authorities (PEM) of the registry.
        pinned: SHA-256 fingerprints of certificates in the registry.
        at: When the letter came, aware UTC.
    """
    try:
        return _look(der, content, issuers, pinned, at)
    except _FlawedError as error:
        return SignatureSeen(kind="smime", flaws=(error.flaw,)), b""
    except _BROKEN:
        return SignatureSeen(kind="smime", flaws=("malformed",)), b""


def content_inside(der: bytes) -> bytes | None:
    """Return the content of a signed object as it is, verified by nobody; None: there is none to read."""
    try:
        info = cms.ContentInfo.load(der)
        content = info["content"]["encap_content_info"]["content"].native if _is_signed(info) else None
    except _BROKEN:
        return None
    return content if isinstance(content, bytes) else None


def warm_up() -> None:
    """Use the library once: some of its modules are only loaded then, and later no file can be opened."""
    key, name, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), datetime.fromtimestamp(0, UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
    loaded = x509.load_pem_x509_certificate(pem.encode("ascii"))
    links_of([*_chain(loaded, [], [loaded], now), loaded])
    key.public_key().verify(key.sign(b"", ec.ECDSA(hashes.SHA256())), b"", ec.ECDSA(hashes.SHA256()))


def _is_signed(info: Any) -> bool:
    return bool(info["content_type"].native == "signed_data")


def _look(
    der: bytes, content: tuple[bytes, ...] | None, issuers: tuple[str, ...], pinned: frozenset[str], at: datetime
) -> tuple[SignatureSeen, bytes]:
    info = cms.ContentInfo.load(der)
    kind = info["content_type"].native
    if not _is_signed(info):
        raise _FlawedError("encrypted" if kind in ("enveloped_data", "auth_enveloped_data") else "malformed")
    data = info["content"]
    inside = data["encap_content_info"]["content"].native
    if (inside is None) == (content is None):
        raise _FlawedError("malformed")
    forms = (inside,) if content is None else content
    if len(data["signer_infos"]) != 1:
        raise _FlawedError("several-signers" if len(data["signer_infos"]) else "malformed")
    signer = data["signer_infos"][0]
    certificates = [one.chosen for one in data["certificates"] or () if one.name == "certificate"]
    if len(certificates) > CERTIFICATES_MAX:
        raise _FlawedError("malformed")
    encoded = next((one for one in certificates if _is_of(signer["sid"], one)), None)
    if encoded is None:
        raise _FlawedError("unknown-key")
    certificate = x509.load_der_x509_certificate(encoded.dump())
    others = [x509.load_der_x509_certificate(one.dump()) for one in certificates if one is not encoded]
    signed = _verified(signer, certificate, forms, data["encap_content_info"]["content_type"].native)
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    trusted = [x509.load_pem_x509_certificate(pem.encode("ascii", "replace")) for pem in issuers]
    chain = _chain(certificate, others, trusted, at)
    anchor = chain[-1].fingerprint(hashes.SHA256()).hex() if chain else ""
    flaws: list[SignatureFlaw] = list(_times(certificate, at))
    if not _for_mail(certificate):
        flaws.append("not-for-mail")
    if fingerprint not in pinned and not anchor:
        flaws.append("untrusted")
    seen = SignatureSeen(
        kind="smime",
        verified=True,
        flaws=tuple(flaws),
        fingerprint=fingerprint,
        pinned=fingerprint in pinned,
        anchor=anchor,
        addresses=_addresses(certificate),
        signed_at=_signed_at(signer),
        path=links_of(chain) if chain else link_alone(certificate, [*trusted, *others]),
    )
    return seen, signed


def _is_of(sid: Any, certificate: Any) -> bool:
    if sid.name == "issuer_and_serial_number":
        return bool(
            sid.chosen["serial_number"].native == certificate.serial_number
            and sid.chosen["issuer"].dump() == certificate.issuer.dump()
        )
    return certificate.key_identifier is not None and sid.chosen.native == certificate.key_identifier


def _verified(signer: Any, certificate: x509.Certificate, forms: tuple[bytes, ...], content_type: str) -> bytes:
    """Return the form of the content that the signature is of.

    Raises:
        _FlawedError: It is of none, or too weak to say so.
    """
    name = signer["digest_algorithm"]["algorithm"].native
    if name not in _HASHES:
        raise _FlawedError("weak")
    attributes = signer["signed_attrs"]
    if not attributes:
        signed = next((form for form in forms if _holds(signer, certificate, name, form)), None)
        if signed is None:
            raise _FlawedError("tampered")
        return signed
    named: dict[str, Any] = {}
    for attribute in attributes:
        if attribute["type"].native in named or len(attribute["values"]) != 1:
            raise _FlawedError("malformed")
        named[attribute["type"].native] = attribute["values"][0]
    if named["content_type"].native != content_type:
        raise _FlawedError("malformed")
    digest = named["message_digest"].native
    signed = next((form for form in forms if hashlib.new(name, form).digest() == digest), None)
    # The attributes are signed as a SET (RFC 5652, 5.4); in the message they stand under a tag of their own.
    if signed is None or not _holds(signer, certificate, name, b"\x31" + attributes.dump()[1:]):
        raise _FlawedError("tampered")
    return signed


def _holds(signer: Any, certificate: x509.Certificate, digest: str, content: bytes) -> bool:
    key, signature = certificate.public_key(), signer["signature"].native
    algorithm = signer["signature_algorithm"]
    try:
        if isinstance(key, rsa.RSAPublicKey):
            if key.key_size < RSA_BITS_MIN:
                raise _FlawedError("weak")
            key.verify(signature, content, *_rsa_scheme(algorithm, digest))
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, content, ec.ECDSA(_HASHES[digest]))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, content)
        else:
            raise _FlawedError("weak")
    except InvalidSignature:
        return False
    return True


def _rsa_scheme(algorithm: Any, digest: str) -> tuple[padding.AsymmetricPadding, hashes.HashAlgorithm]:
    if algorithm["algorithm"].native != "rsassa_pss":
        return padding.PKCS1v15(), _HASHES[digest]
    parameters = algorithm["parameters"]
    name = parameters["hash_algorithm"]["algorithm"].native
    masks = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
    if name not in _HASHES or masks not in _HASHES:
        raise _FlawedError("weak")
    return padding.PSS(padding.MGF1(_HASHES[masks]), parameters["salt_length"].native), _HASHES[name]


def _chain(
    certificate: x509.Certificate, others: list[x509.Certificate], trusted: list[x509.Certificate], at: datetime
) -> list[x509.Certificate]:
    """Return the path from the certificate to the registry's certificate authority that it leads to; empty: to none."""
    if not trusted:
        return []
    builder = PolicyBuilder().store(Store(trusted)).time(at.replace(tzinfo=None)).max_chain_depth(CHAIN_MAX)
    builder = builder.extension_policies(ca_policy=_ISSUERS, ee_policy=ExtensionPolicy.permit_all())
    try:
        return list(builder.build_client_verifier().verify(certificate, others).chain)
    except VerificationError:
        return []


def _is_issuer(_policy: Policy, _certificate: x509.Certificate, extension: x509.BasicConstraints) -> None:
    if not extension.ca:
        raise ValueError("not a certificate authority")


def _may_certify(_policy: Policy, _certificate: x509.Certificate, extension: x509.KeyUsage | None) -> None:
    if extension is not None and not extension.key_cert_sign:
        raise ValueError("may not certify")


_ISSUERS = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_issuer)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_certify)
)


def _times(certificate: x509.Certificate, at: datetime) -> tuple[SignatureFlaw, ...]:
    if at < certificate.not_valid_before_utc:
        return ("not-yet-valid",)
    return ("expired",) if at > certificate.not_valid_after_utc else ()


def _for_mail(certificate: x509.Certificate) -> bool:
    """Tell whether its uses, where it names any, include signing mail."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        if not (usage.digital_signature or usage.content_commitment):
            return False
    except x509.ExtensionNotFound:
        pass
    try:
        uses = set(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return True
    oids = x509.oid.ExtendedKeyUsageOID
    return bool(uses & {oids.EMAIL_PROTECTION, oids.ANY_EXTENDED_KEY_USAGE})


def _addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    found = [str(one.value).lower() for one in certificate.subject.get_attributes_for_oid(x509.NameOID.EMAIL_ADDRESS)]
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found += [one.lower() for one in names.get_values_for_type(x509.RFC822Name)]
    except x509.ExtensionNotFound:
        pass
    return tuple(dict.fromkeys(found))


def _signed_at(signer: Any) -> int | None:
    for attribute in signer["signed_attrs"] or ():
        if attribute["type"].native == "signing_time":
            return int(attribute["values"][0].native.timestamp())
    return None
