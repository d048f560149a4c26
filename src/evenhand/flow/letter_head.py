"""The id by which a letter that came in is answered: read from the bytes that were kept, believed in nothing else."""

import re

HEAD_BYTES_MAX = 65_536
_ID = re.compile(rb"(?im)^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[!-;=?-~]{3,250}>)[ \t]*\r?$")


def message_id_of(raw: bytes) -> str:
    """Return a message's id with its angle brackets; "" for none, several, or one that is not plain ASCII."""
    head = re.split(rb"\r?\n\r?\n", raw[:HEAD_BYTES_MAX], maxsplit=1)[0]
    found = _ID.findall(head)
    return found[0].decode("ascii") if len(found) == 1 else ""
