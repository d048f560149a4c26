"""The registry of authorities: who they are, what they may ask about, how they write, where we call back. Pure.

A registry is read from bytes, either in full or as a bare list of exact domains. Every domain, key and number has the
source that it was taken from and the day on which it was: a call-back uses only what is older than the request.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import idna
import msgspec

from evenhand.orders.identify_mailbox import is_host_name
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.request import IssuerKind

_STATE = re.compile(r"[A-Z]{2}")
_NUMBER = re.compile(r"\+[1-9][0-9 ]{5,18}[0-9]")
_FINGERPRINT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")
_ID = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")


class Domain(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A domain that an authority writes from, in ASCII and lower case."""

    domain: str
    source: str
    date: date


class CallBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A telephone number (international form: +33 1 …) under which the authority itself is reached."""

    number: str
    source: str
    date: date


class DkimKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="use", tag="dkim"):
    """A DKIM key that the authority's domain signs with: the text of its DNS record."""

    domain: str
    selector: str
    record: str
    source: str
    date: date


class SmimeKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="use", tag="smime"):
    """The SHA-256 fingerprint (64 hex digits) of an S/MIME certificate."""

    fingerprint: str
    source: str
    date: date


class SmimeIssuer(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="use", tag="smime-issuer"
):
    """A certificate authority (PEM) that certifies this authority's mail certificates, and no one else's."""

    certificate: str
    source: str
    date: date


class PgpKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="use", tag="pgp"):
    """An OpenPGP key: its fingerprint (40 or 64 hex digits), and the armoured public key, without which none verify."""

    fingerprint: str
    source: str
    date: date
    key: str = ""


Key = DkimKey | SmimeKey | SmimeIssuer | PgpKey


class Authority(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One authority.

    Attributes:
        state: ISO 3166-1 alpha-2, or "EU" for one of the Union.
        competence: What it may ask about, in the registry keeper's words ("cybercrime", "terrorist-content").
    """

    id: str
    name: str
    state: str
    kind: IssuerKind
    competence: tuple[str, ...]
    source: str
    date: date
    domains: tuple[Domain, ...] = ()
    keys: tuple[Key, ...] = ()
    call_back: tuple[CallBack, ...] = ()


class RegistryFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A full registry as it is written."""

    authorities: tuple[Authority, ...]


@dataclass(frozen=True)
class Registry:
    """The authorities, and the domains of a bare list.

    Attributes:
        listed: Domains of a bare list, which name no authority.
    """

    authorities: tuple[Authority, ...] = ()
    listed: frozenset[str] = frozenset()

    @cached_property
    def by_domain(self) -> dict[str, tuple[Authority, ...]]:
        """Return the authorities that write from each domain; several may share one."""
        found: dict[str, tuple[Authority, ...]] = dict.fromkeys(sorted(self.listed), ())
        for authority in self.authorities:
            for row in authority.domains:
                found[row.domain] = (*found.get(row.domain, ()), authority)
        return found

    @cached_property
    def dkim_records(self) -> dict[tuple[str, str], str]:
        """Return the DKIM records that authorities gave, by (selector, domain)."""
        keys = (key for authority in self.authorities for key in authority.keys if isinstance(key, DkimKey))
        return {(key.selector, key.domain): key.record for key in keys}


REGISTRY_BYTES_MAX = 64 << 20


def parse_registry(raw: bytes) -> Registry:
    """Read a registry: {"authorities": […]}, or a JSON list of exact domains.

    Raises:
        InputError: Not such a file; names the field.
    """
    if len(raw) > REGISTRY_BYTES_MAX:
        raise InputError("", f"the registry has more than {REGISTRY_BYTES_MAX} bytes")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if raw.lstrip()[:1] == b"[":
        names = _decode(raw, list[str])
        return Registry(listed=frozenset(_domain(f"[{n}]", name) for n, name in enumerate(names)))
    file: RegistryFile = _decode(raw, RegistryFile)
    authorities = tuple(_checked(f"authorities[{n}]", authority) for n, authority in enumerate(file.authorities))
    _refuse_twice("authorities", "id", (authority.id for authority in authorities))
    return Registry(authorities=authorities)


def _decode(raw: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        raise InputError(path.rstrip("`").lstrip("."), reason) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise InputError("", f"is not JSON: {error}") from error


def _checked(field: str, authority: Authority) -> Authority:
    """Return the authority with its domains in one form, each value checked."""
    _must(_ID, f"{field}.id", authority.id, "letters a to z, digits, dots and hyphens, at most 64")
    _must(_STATE, f"{field}.state", authority.state, "two capital letters (ISO 3166-1, or EU)")
    for name in ("name", "source"):
        _filled(f"{field}.{name}", getattr(authority, name))
    for n, competence in enumerate(authority.competence):
        _filled(f"{field}.competence[{n}]", competence)
    domains = []
    for n, row in enumerate(authority.domains):
        _filled(f"{field}.domains[{n}].source", row.source)
        domains.append(msgspec.structs.replace(row, domain=_domain(f"{field}.domains[{n}].domain", row.domain)))
    _refuse_twice(f"{field}.domains", "domain", (row.domain for row in domains))
    for n, number in enumerate(authority.call_back):
        _must(_NUMBER, f"{field}.call_back[{n}].number", number.number, "an international number: +, digits, spaces")
        _filled(f"{field}.call_back[{n}].source", number.source)
    keys = tuple(_checked_key(f"{field}.keys[{n}]", key) for n, key in enumerate(authority.keys))
    return msgspec.structs.replace(authority, domains=tuple(domains), keys=keys)


def _checked_key(field: str, key: Key) -> Key:
    _filled(f"{field}.source", key.source)
    if isinstance(key, DkimKey):
        _must(_SELECTOR, f"{field}.selector", key.selector, "a DKIM selector in lower case")
        _filled(f"{field}.record", key.record)
        return msgspec.structs.replace(key, domain=_domain(f"{field}.domain", key.domain))
    if isinstance(key, SmimeIssuer):
        if not key.certificate.strip().startswith("-----BEGIN CERTIFICATE-----"):
            raise InputError(f"{field}.certificate", "must be a certificate in PEM form")
        return key
    plain = key.fingerprint.replace(" ", "").replace(":", "").lower()
    _must(_FINGERPRINT, f"{field}.fingerprint", plain, "40 or 64 hex digits")
    if isinstance(key, SmimeKey) and len(plain) != 64:
        raise InputError(f"{field}.fingerprint", "must be SHA-256: 64 hex digits")
    if isinstance(key, PgpKey) and key.key and "-----BEGIN PGP PUBLIC KEY BLOCK-----" not in key.key:
        raise InputError(f"{field}.key", "must be an armoured OpenPGP public key")
    return msgspec.structs.replace(key, fingerprint=plain)


def _domain(field: str, domain: str) -> str:
    """Return a domain in ASCII and lower case; one in its own letters is converted as IDNA 2008 says."""
    plain = domain.lower()
    if not plain.isascii():
        try:
            plain = idna.encode(plain).decode("ascii")
        except idna.IDNAError as error:
            raise InputError(field, f"is not a domain: {error}") from error
    if not is_host_name(plain):
        raise InputError(field, "is not an exact domain: labels of letters, digits and hyphens with dots between them")
    return plain


def _must(pattern: re.Pattern[str], field: str, value: str, form: str) -> None:
    if not pattern.fullmatch(value):
        raise InputError(field, f"must be {form}")


def _filled(field: str, value: str) -> None:
    if not value.strip():
        raise InputError(field, "must not be empty")


def _refuse_twice(field: str, name: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for n, value in enumerate(values):
        if value in seen:
            raise InputError(f"{field}[{n}].{name}", f"{value} is there twice")
        seen.add(value)
