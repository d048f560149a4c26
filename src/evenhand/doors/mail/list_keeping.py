"""Keeps a revocation list that was fetched, beside those that an operator put there by hand.

What is kept is a list, signed by an issuer that the registry or the operator knows, and newer than the one in its
place: who answers under the address can keep the desk from knowing more, and never make it know less.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from evenhand.doors.mail.revocation import RevocationLists
from evenhand.doors.mail.revocation_list import AHEAD_MAX, RevocationList, read_list, signer_of
from evenhand.vocabulary.errors import InputError


def keep_list(lists: RevocationLists, url: str, raw: bytes, issuers: Sequence[str], at: datetime) -> RevocationList:
    """Keep a list in the place of the one that was fetched before from the same address.

    Args:
        lists: Where it is kept; the directory is made.
        url: Where it was fetched.
        raw: DER or PEM.
        issuers: Certificate authorities of the registry, PEM.
        at: Now, aware UTC.

    Raises:
        InputError: It is none, is signed by nobody that is known here, is of a day to come, or is older than the one
            that is kept.
    """
    found = read_list(raw)
    signers = [*_signers(issuers), *lists.signers()]
    if not any(name == found.issuer and found.signed_by(key) for name, key in signers):
        raise InputError("list", "is signed by no authority of the registry and by no certificate beside the lists")
    if found.issued_at > at + AHEAD_MAX:
        raise InputError("list", f"is dated {found.issued_at:%Y-%m-%d %H:%M} UTC, which is still to come")
    file = lists.directory / f"fetched-{sha256(url.encode()).hexdigest()[:16]}.crl"
    before = next((one.found for one in lists.files() if one.name == file.name), None)
    if before is not None and before.issuer == found.issuer and before.newer_than(found):
        raise InputError("list", f"is older than the one of {before.issued_at:%Y-%m-%d %H:%M} UTC that is kept")
    _write(file, raw)
    return found


def _signers(issuers: Sequence[str]) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and key of each; a row of the registry that is no certificate hides no other one."""
    for pem in issuers:
        with suppress(InputError):
            yield signer_of(pem.encode("ascii", "replace"))


def _write(file: Path, raw: bytes) -> None:
    """Write a file whole or not at all; the same bytes are not written again, so that nobody reads them anew."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.is_file() and file.stat().st_size == len(raw) and file.read_bytes() == raw:
        return
    new = file.with_suffix(".new")
    with new.open("wb") as stream:
        stream.write(raw)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
