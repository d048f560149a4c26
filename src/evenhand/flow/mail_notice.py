"""A letter to an address for illegal content, as a notice: what it says for itself, its files byte for byte."""

import binascii
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header

from evenhand.notices.mail_words import locations_in, name_in, states_good_faith
from evenhand.orders.identify_mailbox import Mailbox, parse_mailbox
from evenhand.vocabulary.eu import Category, Keyword
from evenhand.vocabulary.letter import Letter
from evenhand.vocabulary.notice import Attachment, Notice, Snapshot

REASONS_CHARS_MAX = 20_000


def notice_of(letter: Letter, raw: bytes, address: str, *, key: str, at: datetime, about_children: bool) -> Notice:
    """Return the notice; what the law asks for and it lacks is told in its confirmation.

    Args:
        letter: As the sandboxed child read it.
        raw: Byte for byte.
        address: The one mailbox of its sender, "" if there is none.
        key: The same letter has the same.
        at: When it came.
        about_children: It came to the address for child safety.
    """
    said = f"{letter.subject}\n\n{letter.text}"
    places = locations_in(said)
    return Notice(
        key=key,
        received_at=at,
        raw=raw,
        items=tuple(Snapshot(url=url) for url in places),
        reasons=said[:REASONS_CHARS_MAX],
        name=_name(letter),
        email=address,
        good_faith=states_good_faith(said),
        category=Category.PROTECTION_OF_MINORS if about_children else None,
        keyword=Keyword.CHILD_SEXUAL_ABUSE_MATERIAL if about_children else None,
        language=_language(letter),
        channel="mail",
        attachments=tuple(Attachment(name=file.name, body=file.content) for file in letter.attachments),
    )


def _name(letter: Letter) -> str:
    values = letter.values("from")
    mailbox = parse_mailbox(values[0]) if len(values) == 1 else None
    return name_in(_decoded(mailbox.beside)) if isinstance(mailbox, Mailbox) else ""


def _decoded(name: str) -> str:
    """Return a name with its encoded words decoded, as far as they can be: the notifier's word, nothing rests on it."""
    try:
        pieces = [
            piece if isinstance(piece, str) else piece.decode(charset or "utf-8", "replace")
            for piece, charset in decode_header(name)
        ]
    except (HeaderParseError, ValueError, LookupError, binascii.Error):
        return ""
    return "".join(sign if sign.isprintable() else " " for sign in "".join(pieces))


def _language(letter: Letter) -> str:
    """Return the answer's language: as the letter says, else English."""
    for value in letter.values("content-language"):
        code = value.strip()[:2]
        if code.isascii() and code.isalpha():
            return code.upper()
    return "EN"
