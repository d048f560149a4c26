"""The id by which a letter is answered is plain, single, and from its head; what else a stranger wrote is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.flow.letter_head import message_id_of


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"Message-ID: <a@b.example>\r\n\r\ntext", "<a@b.example>"),
        (b"message-id:\r\n <a@b.example>\r\nSubject: x\r\n\r\n", "<a@b.example>"),
        (b"Subject: x\nMESSAGE-ID: <a@b>\n\nbody", "<a@b>"),
        (b"Subject: x\r\n\r\nMessage-ID: <body@b>\r\n", ""),
        (b"Message-ID: <a@b>\r\nMessage-ID: <c@d>\r\n\r\n", ""),
        (b"Message-ID: <a@b> <c@d>\r\n\r\n", ""),
        (b"Message-ID: <a\xff@b>\r\n\r\n", ""),
        (b"Message-ID: <a b@c>\r\n\r\n", ""),
        (b"X-Message-ID: <a@b>\r\n\r\n", ""),
        (b"Message-ID: <" + b"a" * 300 + b">\r\n\r\n", ""),
        (b"", ""),
    ],
)
def test_examples(raw: bytes, found: str) -> None:
    """One id, or none."""
    assert message_id_of(raw) == found


@given(st.binary())
def test_it_is_total_and_harmless(raw: bytes) -> None:
    """Whatever comes, the answer is empty or one token in angle brackets."""
    found = message_id_of(b"Message-ID: <" + raw)
    assert found == "" or (found.isascii() and found.isprintable() and " " not in found and found.count("<") == 1)
