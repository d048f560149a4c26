"""Whether a DKIM signature verifies under a given key record. Runs in the child; asks no name server.

dkimpy verifies what RFC 6376 asks for, which includes `l=` and unsigned subjects; `orders.identify_dkim` is stricter.
"""

from typing import Literal

import dkim

Verified = Literal["pass", "fail", "error"]


def verify(raw: bytes, index: int, record: str) -> Verified:
    """Verify signature number `index` (from 0, the topmost) with the text of its key's DNS record."""

    def answer(name: bytes, timeout: int = 5) -> bytes:  # noqa: ARG001 - dkimpy's interface
        return record.encode("ascii", "replace")

    try:
        return "pass" if dkim.DKIM(raw, minkey=1024).verify(index, dnsfunc=answer) else "fail"
    except (dkim.DKIMException, ValueError, LookupError, TypeError):
        return "error"
