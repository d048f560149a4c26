"""A file is what its bytes say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.notices.attachments import UNKNOWN, type_of


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"MZ\x90\x00", "application/x-msdownload"),
        ("Schöne Grüße\n".encode(), "text/plain"),
        (b"<svg onload=alert(1)>", UNKNOWN),
        (b"\x00\xff", UNKNOWN),
    ],
)
def test_known_beginnings(body: bytes, kind: str) -> None:
    """Markup is never plain text: it is not shown."""
    assert type_of(body) == kind


@given(st.binary(max_size=100))
def test_any_bytes_have_a_type(body: bytes) -> None:
    """Nothing raises, and nothing executable is called text."""
    assert "/" in type_of(body)
