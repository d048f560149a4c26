"""The hash of a post's content."""

import json
from hashlib import sha256
from typing import Any


def content_sha256(row: dict[str, Any]) -> bytes:
    """Return the hash of what was judged of a post: its text, media and origin; an edit makes it another.

    A post that was kept without its text brings the hash along.
    """
    if known := row.get("content_sha256"):
        return bytes.fromhex(known)
    content = {name: row[name] for name in ("forwarded_from", "kind", "media", "text")}
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")).digest()
