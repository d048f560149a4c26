"""The hash of a post's content: the same bytes for ever, since kept decisions and lists of seen content hold it."""

import json
from hashlib import sha256
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from evenhand.flow.content import content_hashes, content_sha256
from evenhand.vocabulary.post import POST_SCHEMA

_TEXTS = st.none() | st.text(st.characters(), max_size=40)
_MEDIA = st.none() | st.lists(
    st.fixed_dictionaries({name: st.none() | st.text(max_size=8) for name in ("sha256", "md5", "pdq", "type")}),
    max_size=2,
)


@given(text=_TEXTS, origin=_TEXTS, media=_MEDIA, kind=st.sampled_from(["post", "channel", "account"]))
def test_the_short_way_hashes_the_same_bytes(text: str | None, origin: str | None, media: Any, kind: str) -> None:
    """Posts without media are written without the JSON encoder's detour; every letter comes out as it writes it."""
    row = {"forwarded_from": origin, "kind": kind, "media": media, "text": text}
    written = json.dumps(row, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert content_sha256({**row, "id": "p"}) == sha256(written).digest()


def test_a_known_hash_is_what_it_was() -> None:
    """A vector: who computes it elsewhere comes to the same."""
    row = {"forwarded_from": None, "kind": "post", "media": None, "text": 'Grüße "an" alle\n'}
    written = '{"forwarded_from": null, "kind": "post", "media": null, "text": "Grüße \\"an\\" alle\\n"}'
    assert content_sha256(row).hex() == sha256(written.encode()).hexdigest()


_SOUND = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_ROW = st.fixed_dictionaries(
    {
        "forwarded_from": _SOUND,
        "kind": st.sampled_from(["post", "channel", "account"]),
        "media": st.none()
        | st.lists(
            st.fixed_dictionaries(dict.fromkeys(("sha256", "md5", "pdq", "type"), _SOUND)),
            max_size=2,
        ),
        "text": _SOUND | st.sampled_from(['"', "\\", "\n\t", "\x00\x1f\x7f", "\u2028"]),
    }
)


@given(st.lists(_ROW, min_size=1, max_size=5))
def test_columns_hash_the_same_bytes(rows: list[dict[str, Any]]) -> None:
    """A batch's posts are hashed from columns: each comes to the same as by itself."""
    types = {name: pl.Schema(pl.DataFrame(POST_SCHEMA.empty_table()).schema)[name] for name in rows[0]}
    assert content_hashes(pl.DataFrame(rows, schema=types)) == [content_sha256(row) for row in rows]
