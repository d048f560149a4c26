"""The hash of a post's content: the same bytes for ever, since kept decisions and lists of seen content hold it."""

import json
from hashlib import sha256
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from evenhand.flow.content import content_sha256

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
