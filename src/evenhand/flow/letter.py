"""What a letter is: who sent it, which door it came to, which it belongs to. Nothing is written here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from evenhand.flow.identify import Identifier
from evenhand.orders.identify import Identification
from evenhand.orders.identify_dkim import Signature, key_lacks, lacks, signatures_of
from evenhand.orders.identify_sender import sender_check
from evenhand.orders.identify_signed import judge_signature, trusted_keys
from evenhand.orders.identify_words import addresses_in
from evenhand.orders.wrong_door import which_door
from evenhand.orders.wrong_door_model import DoorModel
from evenhand.settings import Settings
from evenhand.vocabulary.letter import (
    DkimResult,
    DoorFinding,
    Letter,
    MailDoor,
    SenderCheck,
    SignatureResult,
    SignatureSeen,
    TrustedKeys,
)

VerifyDkim = Callable[[int, str], str]
"""(signature's number, key record) → "pass", "fail" or "error": the sandboxed child's answer for this message."""

LookAtSignature = Callable[[TrustedKeys, datetime], SignatureSeen]
"""(keys of the authorities that write from the domain, instant of receipt) → what the child found in this message."""

LookUpKey = Callable[[str, str], str | None]
"""(selector, domain) → the text of the key's DNS record, None where there is none or nobody could be asked."""


def no_key(selector: str, domain: str) -> None:  # noqa: ARG001 - a port's shape
    """Ask nobody: only keys of the registry are known."""
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What a letter's sender is checked with.

    Attributes:
        look_up: Asked for a key only if the registry has none.
    """

    identifier: Identifier
    look_up: LookUpKey = no_key


def check_sender(
    letter: Letter, checks: Checks, verify: VerifyDkim, received_at: datetime, look: LookAtSignature | None = None
) -> SenderCheck:
    """Check a letter's one From field, its DKIM signature by the From domain, and its own signature.

    Args:
        letter: The letter as the sandboxed child read it.
        checks: Registry, and whom to ask for keys that it lacks.
        verify: Verifies DKIM signatures of this very message.
        received_at: Receipt at our edge, aware UTC.
        look: Looks at the S/MIME or OpenPGP signature of this very message; None: nobody does.
    """
    fields = letter.values("from")
    if len(fields) == 1:
        found = checks.identifier.identify(fields[0])
    else:
        reason = f"The message has {len(fields)} From fields; it must have one."
        found = Identification(result="reject", ground="several-mailboxes" if fields else "empty", reason=reason)
    judged = _Judged()
    authorities = checks.identifier.authorities(found)
    signed: tuple[SignatureResult, tuple[str, ...]] = ("none", ())
    by = ""
    if found.result != "reject":
        domain = found.address.rpartition("@")[2]
        for signature in signatures_of(letter.headers, domain):
            judged = min(judged, _judge(signature, letter, checks, verify, received_at), key=_place)
        if look is not None and may_be_signed(letter):
            keys = trusted_keys(tuple(one for one in checks.identifier.registry.authorities if one.id in authorities))
            seen = look(keys, received_at)
            signed, by = judge_signature(seen, found.address, received_at), seen.fingerprint
    check = sender_check(letter, found, authorities, judged.result, judged.lacking, signed)
    return msgspec.structs.replace(check, signed_by=by, dkim_key=judged.record, dkim_key_from=judged.came_from)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What a DKIM signature says, why it does not count although it verifies, and the key that says so."""

    result: DkimResult = "none"
    lacking: tuple[str, ...] = ()
    record: str = ""
    came_from: Literal["", "registry", "dns"] = ""


_BEST_FIRST: tuple[DkimResult, ...] = ("pass", "weak", "no-key", "fail", "none")


def _place(judged: _Judged) -> int:
    return _BEST_FIRST.index(judged.result)


def _judge(signature: Signature, letter: Letter, checks: Checks, verify: VerifyDkim, received_at: datetime) -> _Judged:
    """Verify one signature."""
    known = checks.identifier.registry.dkim_records.get((signature.selector, signature.domain))
    record = known or checks.look_up(signature.selector, signature.domain)
    if record is None:
        return _Judged(result="no-key")
    came_from: Literal["registry", "dns"] = "registry" if known else "dns"
    if verify(signature.index, record) != "pass":
        return _Judged(result="fail", record=record, came_from=came_from)
    lacking = (*lacks(signature, letter.headers, received_at), *key_lacks(record))
    return _Judged(result="weak" if lacking else "pass", lacking=lacking, record=record, came_from=came_from)


_MAY_BE_SIGNED = ("pkcs7", "pgp-", "multipart/signed", "multipart/encrypted")


def may_be_signed(letter: Letter) -> bool:
    """Tell whether a look for a signature is worth a second reading of the message."""
    kinds = [*letter.values("content-type"), *(one.declared_type for one in letter.attachments)]
    kinds += [one.type for one in letter.attachments]
    marked = any(mark in kind.lower() for kind in kinds for mark in _MAY_BE_SIGNED)
    return marked or "-----BEGIN PGP SIGNED MESSAGE-----" in letter.text


_DOORS: dict[str, MailDoor] = {
    "authorities": "authority-request",
    "terrorist-content": "authority-request",
    "illegal-content": "notice",
    "child-safety": "notice",
    "people": "conversation",
}
"""Purpose of a contact → door; any other address of ours, a member of staff's too, is "other"."""


def door_of(letter: Letter, settings: Settings, envelope_to: str) -> tuple[str, MailDoor]:
    """Return the address of ours that the letter was sent to, and its door.

    Args:
        letter: The letter.
        settings: Has the contacts.
        envelope_to: Where the mail server delivered it, "" if that is not known; then its headers are asked.
    """
    doors = {contact.email.lower(): _DOORS.get(contact.purpose, "other") for contact in settings.contacts}
    if envelope_to:
        plain = _without_detail(envelope_to.lower())
        return plain, doors.get(plain, "other")
    for name in ("delivered-to", "x-original-to", "to", "cc"):
        for value in letter.values(name):
            for address in addresses_in(value):
                if (plain := _without_detail(address)) in doors:
                    return plain, doors[plain]
    return "", "other"


def place_letter(
    letter: Letter, sender: SenderCheck, settings: Settings, envelope_to: str, model: DoorModel
) -> DoorFinding:
    """Say which door a letter came to and which it belongs to."""
    addressed, came_to = door_of(letter, settings, envelope_to)
    proposal = model.propose(f"{letter.subject}\n{letter.text}")
    return which_door(letter, sender, addressed, came_to, proposal)


def _without_detail(address: str) -> str:
    """Return abuse@desk.example of abuse+4@desk.example."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
