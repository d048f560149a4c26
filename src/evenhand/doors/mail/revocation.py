"""Revocation lists that an operator feeds: files of a directory, read anew when they change, asked about a path.

A certificate on its issuer's newest list is revoked, also where that list has ended. Not to be on it means something
only while the list is current; anything else is unknown, and unknown goes to a person.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evenhand.doors.mail.revocation_list import LIST_BYTES_MAX, RevocationList, read_list, signer_of
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.letter import CertificateLink, SignatureFlaw

FILES_MAX = 1_000
_CERTIFICATE_BYTES_MAX = 64 << 10
ENDINGS = frozenset({".crl", ".der", ".pem"})
SIGNER = ".crt"
"""Ending of certificates that sign lists and are trusted for nothing else."""
_LOG = logging.getLogger("evenhand.mail")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """A file of the directory.

    Attributes:
        found: The list; None: it cannot be used.
        why_not: Why it cannot.
    """

    name: str
    found: RevocationList | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the lists say of a path; without a flaw, nothing against it."""

    flaw: SignatureFlaw | None = None
    why: str = ""


class RevocationLists:
    """The directory. It need not exist: then nothing is looked up, unless lists are fetched and so expected."""

    def __init__(self, directory: Path, *, expected: bool = False) -> None:
        self._directory = directory
        self._expected = expected
        self._read: dict[str, tuple[tuple[int, int], ListFile]] = {}
        self._signed: dict[tuple[int, bytes], bool] = {}

    @property
    def directory(self) -> Path:
        """Return where the lists lie."""
        return self._directory

    def look(self, path: Sequence[CertificateLink], at: datetime, *, anchored: bool) -> Standing:
        """Return what the lists say of a path.

        Args:
            path: From the signer's certificate up; empty: the registry names the signer's authority itself.
            at: When the letter came, aware UTC.
            anchored: An authority of the registry vouches for the certificate by its path alone, so that every
                certificate of the path needs a current list; else the registry names this very certificate.
        """
        try:
            if not path or not self._in_force():
                return Standing()
            every = [one.found for one in self.files() if one.found is not None]
            signers = self.signers()
        except OSError as error:
            _LOG.warning("%s cannot be read: %s", self._directory, error.strerror)
            return Standing("revocation-unknown", "The revocation lists cannot be read.")
        standings = [self._of_one(link, every, signers, at, anchored=anchored) for link in path]
        revoked = next((one for one in standings if one.flaw == "certificate-revoked"), None)
        return revoked or next((one for one in standings if one.flaw is not None), Standing())

    def files(self) -> list[ListFile]:
        """Return every file of the directory as it is now, in the order of their names."""
        found: dict[str, tuple[tuple[int, int], ListFile]] = {}
        for file in self._names():
            try:
                known = file.stat()
                stamp = (known.st_mtime_ns, known.st_size)
                before = self._read.get(file.name)
                found[file.name] = before if before and before[0] == stamp else (stamp, _read(file, known.st_size))
            except OSError as error:
                found[file.name] = ((0, 0), ListFile(name=file.name, why_not=f"cannot be read ({error.strerror})"))
        if found.keys() != self._read.keys() or any(found[name][0] != self._read[name][0] for name in found):
            self._signed.clear()
        self._read = found
        return [one for _, one in found.values()]

    def signers(self) -> list[tuple[bytes, bytes]]:
        """Return (name, key) of every certificate in the directory that may sign lists."""
        found = []
        for file in self._names(frozenset({SIGNER})):
            try:
                found.append(signer_of(file.read_bytes()[:_CERTIFICATE_BYTES_MAX]))
            except (InputError, OSError) as error:
                _LOG.warning("%s is not used: %s", file.name, error)
        return found

    def _in_force(self) -> bool:
        return self._expected or self._directory.is_dir()

    def _names(self, endings: frozenset[str] = ENDINGS) -> list[Path]:
        if not self._directory.is_dir():
            return []
        every = sorted(one for one in self._directory.iterdir() if one.suffix.lower() in endings)
        if len(every) > FILES_MAX:
            _LOG.warning("%s has more than %d files: the others are not read", self._directory, FILES_MAX)
        return every[:FILES_MAX]

    def _of_one(
        self,
        link: CertificateLink,
        every: Sequence[RevocationList],
        signers: Sequence[tuple[bytes, bytes]],
        at: datetime,
        *,
        anchored: bool,
    ) -> Standing:
        keys = (link.issuer_key, *(key for name, key in signers if name == link.issuer))
        named = [one for one in every if one.issuer == link.issuer]
        if not named and not anchored:
            return Standing()
        newest: dict[bytes, RevocationList] = {}
        for one in named:
            if any(self._is_signed(one, key) for key in keys):
                before = newest.get(one.scope)
                newest[one.scope] = one if before is None or one.newer_than(before) else before
        for one in newest.values():
            if said := one.revoked(link.serial):
                return Standing("certificate-revoked", f"Certificate {link.serial} of the path was {said}.")
        if any(one.current(at) and one.covers(link) for one in newest.values()):
            return Standing()
        return Standing("revocation-unknown", _why_unknown(list(newest.values()), named=bool(named), at=at))

    def _is_signed(self, found: RevocationList, key: bytes) -> bool:
        # The list object lives as long as its file is unchanged; `files` forgets these answers when one changes.
        name = (id(found), key)
        if name not in self._signed:
            self._signed[name] = bool(key) and found.signed_by(key)
        return self._signed[name]


def _why_unknown(newest: Sequence[RevocationList], *, named: bool, at: datetime) -> str:
    if not named:
        return "No revocation list of a certificate's issuer is kept here."
    if not newest:
        return "No revocation list kept here under a certificate's issuer is signed by it."
    if ended := [one.ends_at for one in newest if one.ends_at is not None and one.ends_at < at]:
        return f"The revocation list of a certificate's issuer ended on {max(ended):%Y-%m-%d %H:%M} UTC."
    return "The revocation list of a certificate's issuer does not speak of that certificate at that time."


def _read(file: Path, size: int) -> ListFile:
    """Return a file's list; why it has none is logged once, when the file is new or changed."""
    # A file of any size is not read further than a list may be long.
    raw = b"" if size > LIST_BYTES_MAX else file.read_bytes()
    try:
        return ListFile(name=file.name, found=read_list(raw, size))
    except InputError as error:
        _LOG.warning("revocation list %s is not used: it %s", file.name, error.reason)
        return ListFile(name=file.name, why_not=error.reason)
