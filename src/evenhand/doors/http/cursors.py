"""Cursors of pages: a number, opaque to clients."""

import base64

from evenhand.vocabulary.errors import InputError

CURSOR = "^$|^[A-H][A-Za-z0-9_-]{9}[AEIMQUYcgkosw048]$"
"""What a cursor looks like: 63 bits in URL-safe base 64, without padding."""


def format_cursor(number: int) -> str:
    """Return a cursor: opaque to clients."""
    return base64.urlsafe_b64encode(number.to_bytes(8, "big")).decode().rstrip("=")


def parse_cursor(text: str) -> int:
    """Return the number behind a cursor; 0 for none.

    Raises:
        InputError: It is not one of ours.
    """
    if not text:
        return 0
    try:
        number = int.from_bytes(base64.b64decode(text + "=", altchars=b"-_", validate=True), "big")
    except ValueError as error:
        raise InputError("cursor", "is not one that a page gave") from error
    if number >= 2**63 or format_cursor(number) != text:
        raise InputError("cursor", "is not one that a page gave")
    return number
