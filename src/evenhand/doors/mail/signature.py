"""What a letter's S/MIME or OpenPGP signature is worth, by mathematics and form alone. Runs in the child.

What a person will see must be what was signed: the signed bytes are read once more by themselves, and their text and
files compared with the letter's.
"""

import re
from datetime import datetime
from email.parser import BytesParser
from email.policy import compat32

import msgspec

from evenhand.doors.mail.cms import look_at_cms
from evenhand.doors.mail.message import parse_message
from evenhand.doors.mail.pgp import look_at_pgp
from evenhand.doors.mail.signed_parts import PGP_SIGNATURE, SMIME_SIGNATURE, SignedParts, signed_parts
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.letter import Letter, SignatureSeen, TrustedKeys

_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")


def look_at_signature(raw: bytes, keys: TrustedKeys, at: datetime) -> SignatureSeen:
    """Return what is found of the one signature over a letter's content.

    Raises:
        InputError: The message is none, or goes over a limit.
    """
    letter = parse_message(raw)
    parts = signed_parts(raw, BytesParser(policy=compat32).parsebytes(raw))
    if parts is None:
        return SignatureSeen()
    if parts.flaws and parts.flaws[0] in ("malformed", "part-only", "encrypted"):
        return SignatureSeen(kind=parts.kind, flaws=parts.flaws)
    seen, signed = _look(parts, keys, at)
    flaws = [*parts.flaws, *seen.flaws]
    if seen.verified and _differs(letter, parts, signed):
        flaws.append("differs")
    return msgspec.structs.replace(seen, flaws=tuple(dict.fromkeys(flaws)))


def _look(parts: SignedParts, keys: TrustedKeys, at: datetime) -> tuple[SignatureSeen, bytes]:
    # A message that came with bare line feeds was signed with the line ends of mail (RFC 8551, 3.1.1; RFC 3156, 5).
    forms = tuple(dict.fromkeys((parts.content, _BARE_LINE_FEED.sub(b"\r\n", parts.content))))
    if parts.kind == "pgp":
        return look_at_pgp(forms, parts.signature if parts.form == "detached" else None, keys.pgp, at)
    content = forms if parts.form == "detached" else None
    return look_at_cms(parts.signature, content, keys.issuers, frozenset(keys.certificates), at)


def _differs(letter: Letter, parts: SignedParts, signed: bytes) -> bool:
    """Tell whether the signed bytes say something else than the letter: another text, other files."""
    if parts.form == "clear":
        return signed.decode("utf-8", "replace").split() != _clear_text(letter.text).split()
    try:
        # As it stands in the letter: the line ends of a mailbox file are no difference.
        inner = parse_message(parts.content if parts.form == "detached" else signed)
    except InputError:
        return True
    # The reader of letters has taken an opaque one's content out already.
    files = [one.sha256 for one in letter.attachments if one.declared_type not in (*SMIME_SIGNATURE, PGP_SIGNATURE)]
    return letter.text != inner.text or letter.html != inner.html or files != [one.sha256 for one in inner.attachments]


def _clear_text(text: str) -> str:
    """Return the text between the head of a clear-signed text and its signature, dashes undone."""
    _, _, rest = text.replace("\r\n", "\n").partition("-----BEGIN PGP SIGNED MESSAGE-----")
    _, _, body = rest.partition("\n\n")
    body, _, _ = body.partition("\n-----BEGIN PGP SIGNATURE-----")
    return re.sub(r"(?m)^- ", "", body)
