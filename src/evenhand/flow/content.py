"""The hash of a post's content."""

import json
from collections.abc import Mapping
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

import polars as pl

_ESCAPED = {sign: encode_basestring(sign)[1:-1] for sign in ('"', "\\", *map(chr, range(32)))}


def content_sha256(row: Mapping[str, Any]) -> bytes:
    """Return the hash of what was judged of a post: its text, media and origin; an edit makes it another.

    A post that was kept without its text brings the hash along.
    """
    if known := row.get("content_sha256"):
        return bytes.fromhex(known)
    return sha256(_content(row).encode("utf-8", "surrogatepass")).digest()


def content_hashes(posts: pl.DataFrame) -> list[bytes]:
    """Return `content_sha256` of each of the posts (columns of POST_SCHEMA)."""
    parts = [pl.lit('{"forwarded_from": '), _shown("forwarded_from"), pl.lit(', "kind": '), _shown("kind")]
    parts += [pl.lit(', "media": null, "text": '), _shown("text"), pl.lit("}")]
    contents = posts.select(pl.concat_str(parts).cast(pl.Binary)).to_series().to_list()
    hashes = [sha256(content).digest() for content in contents]
    with_media = posts["media"].is_not_null().arg_true().to_list()
    rows = posts.select("forwarded_from", "kind", "media", "text")[with_media].iter_rows(named=True)
    for place, row in zip(with_media, rows, strict=True):
        hashes[place] = content_sha256(row)
    return hashes


def _shown(name: str) -> pl.Expr:
    """Return a column's texts as JSON, null for null."""
    text = pl.col(name).str.replace_many(_ESCAPED)
    return pl.when(pl.col(name).is_null()).then(pl.lit("null")).otherwise(pl.concat_str(pl.lit('"'), text, pl.lit('"')))


def _content(row: Mapping[str, Any]) -> str:
    """Return what is hashed: JSON with sorted keys, as `json` writes it; what most posts have, without its detour."""
    if row["media"] is None:
        origin, kind, text = row["forwarded_from"], encode_basestring(row["kind"]), row["text"]
        shown = "null" if origin is None else encode_basestring(origin)
        said = "null" if text is None else encode_basestring(text)
        return f'{{"forwarded_from": {shown}, "kind": {kind}, "media": null, "text": {said}}}'
    content = {name: row[name] for name in ("forwarded_from", "kind", "text")}
    # The picture turned is the same picture: hashes of before and after that field are the same.
    content["media"] = [{name: one[name] for name in one if name != "turned"} for one in row["media"]]
    return json.dumps(content, sort_keys=True, ensure_ascii=False)
