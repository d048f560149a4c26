"""The hash of a post's content."""

import json
from collections.abc import Mapping
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any


def content_sha256(row: Mapping[str, Any]) -> bytes:
    """Return the hash of what was judged of a post: its text, media and origin; an edit makes it another.

    A post that was kept without its text brings the hash along.
    """
    if known := row.get("content_sha256"):
        return bytes.fromhex(known)
    return sha256(_content(row).encode("utf-8", "surrogatepass")).digest()


def _content(row: Mapping[str, Any]) -> str:
    """Return what is hashed: JSON with sorted keys, as `json` writes it; what most posts have, without its detour."""
    if row["media"] is None:
        origin, kind, text = row["forwarded_from"], encode_basestring(row["kind"]), row["text"]
        shown = "null" if origin is None else encode_basestring(origin)
        said = "null" if text is None else encode_basestring(text)
        return f'{{"forwarded_from": {shown}, "kind": {kind}, "media": null, "text": {said}}}'
    content = {name: row[name] for name in ("forwarded_from", "kind", "media", "text")}
    return json.dumps(content, sort_keys=True, ensure_ascii=False)
