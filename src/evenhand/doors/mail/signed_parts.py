"""Which bytes of a message its S/MIME or OpenPGP signature is of. Pure; runs in the child.

The tree that the letter's words come from and these bytes are found by the same parser's boundary, and `signature.py`
reads the signed bytes once more by themselves: what a person sees must be what was signed.
"""

import re
from dataclasses import dataclass
from email.message import Message
from typing import Literal

from evenhand.vocabulary.letter import SignatureFlaw

SMIME_SIGNATURE = ("application/pkcs7-signature", "application/x-pkcs7-signature")
SMIME_OPAQUE = ("application/pkcs7-mime", "application/x-pkcs7-mime")
PGP_SIGNATURE = "application/pgp-signature"
PGP_ENCRYPTED = "application/pgp-encrypted"
CLEAR = b"-----BEGIN PGP SIGNED MESSAGE-----"
CLEAR_END = b"-----END PGP SIGNATURE-----"

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedParts:
    """Where the signature is.

    Attributes:
        form: detached: a part beside the signed one; opaque: the content is inside; clear: OpenPGP's text form.
        content: The signed bytes as they stand in the message; of the other forms the whole of it.
        signature: The signature's part, its transfer encoding undone; of the other forms as for `content`.
        flaws: What is wrong with the form already.
    """

    kind: Literal["smime", "pgp"]
    form: Literal["detached", "opaque", "clear"]
    content: bytes
    signature: bytes
    flaws: tuple[SignatureFlaw, ...] = ()


def signed_parts(raw: bytes, tree: Message) -> SignedParts | None:
    """Return what is signed in a message; None: nothing is."""
    kind = tree.get_content_type()
    if kind == "multipart/signed":
        return _detached(raw, tree)
    if kind in SMIME_OPAQUE:
        content = tree.get_payload(decode=True)
        whole = content if isinstance(content, bytes) else b""
        return SignedParts(kind="smime", form="opaque", content=whole, signature=whole)
    if kind == "multipart/encrypted":
        return SignedParts(kind="pgp", form="opaque", content=b"", signature=b"", flaws=("encrypted",))
    if not tree.is_multipart() and (found := _clear(tree)) is not None:
        return found
    return _inside(tree)


def _detached(raw: bytes, tree: Message) -> SignedParts:
    parts = tree.get_payload()
    protocol = str(tree.get_param("protocol", "")).lower()
    second = parts[1] if isinstance(parts, list) and len(parts) == 2 else None
    kind: Literal["smime", "pgp"] = "pgp" if protocol == PGP_SIGNATURE else "smime"
    boundary, fields = tree.get_boundary(), tree.get_all("content-type", [])
    split = _split(raw, boundary) if boundary and len(fields) == 1 else None
    if split is None or not isinstance(second, Message):
        return SignedParts(kind=kind, form="detached", content=b"", signature=b"", flaws=("malformed",))
    right = (PGP_SIGNATURE,) if kind == "pgp" else SMIME_SIGNATURE
    payload = second.get_payload(decode=True)
    flaws: list[SignatureFlaw] = []
    if second.get_content_type() not in right or not isinstance(payload, bytes):
        flaws.append("malformed")
    content, behind = split
    if behind.strip():
        flaws.append("unsigned-text")
    if _holds_signature(parts[0]):  # type: ignore[index, arg-type] # two parts
        flaws.append("nested")
    signature = payload if isinstance(payload, bytes) else b""
    return SignedParts(kind=kind, form="detached", content=content, signature=signature, flaws=tuple(flaws))


def _split(raw: bytes, boundary: str) -> tuple[bytes, bytes] | None:
    """Return the first of exactly two parts as it stands, and what stands behind them.

    What stands before them is what programs write for those that know no MIME; nothing shows it.
    """
    head = _END_OF_HEADERS.search(raw)
    if head is None:
        return None
    line = re.compile(
        rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("utf-8", "surrogateescape")) + rb"(--)?[ \t]*(?=\r?\n|\Z)"
    )
    body = raw[head.end() :]
    found = list(line.finditer(body))
    if len(found) != 3 or [bool(one[1]) for one in found] != [False, False, True]:
        return None
    first = body[found[0].end() : found[1].start()]
    content = first[2:] if first.startswith(b"\r\n") else first[1:]
    return content, body[found[2].end() :]


def _clear(tree: Message) -> SignedParts | None:
    payload = tree.get_payload(decode=True)
    if tree.get_content_type() != "text/plain" or not isinstance(payload, bytes) or CLEAR not in payload:
        return None
    before, _, rest = payload.partition(CLEAR)
    inside, end, behind = rest.partition(CLEAR_END)
    flaws: tuple[SignatureFlaw, ...] = ("part-only",) if before.strip() or behind.strip() or CLEAR in inside else ()
    return SignedParts(kind="pgp", form="clear", content=CLEAR + inside + end, signature=b"", flaws=flaws)


def _inside(tree: Message) -> SignedParts | None:
    """Return that a part of the message is signed, and so not the letter; None: none is."""
    for part in tree.walk():
        kind = part.get_content_type()
        payload = part.get_payload(decode=True) if kind == "text/plain" and part is not tree else None
        if kind in (*SMIME_SIGNATURE, *SMIME_OPAQUE):
            return SignedParts(kind="smime", form="opaque", content=b"", signature=b"", flaws=("part-only",))
        if kind == PGP_SIGNATURE or (isinstance(payload, bytes) and CLEAR in payload):
            return SignedParts(kind="pgp", form="opaque", content=b"", signature=b"", flaws=("part-only",))
    return None


def _holds_signature(part: Message) -> bool:
    kinds = {one.get_content_type() for one in part.walk()}
    return bool(kinds & {*SMIME_SIGNATURE, *SMIME_OPAQUE, PGP_SIGNATURE, "multipart/signed"})
