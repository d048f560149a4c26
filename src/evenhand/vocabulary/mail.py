"""A letter on its way out: what the mail courier is handed, and what it says came of it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that goes with a letter, byte for byte.

    Attributes:
        name: ASCII letters, digits, points and hyphens.
        content: Text in UTF-8.
    """

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One letter to one mailbox.

    Attributes:
        key: 40 hex digits; the same whenever it is sent again, so that a second delivery is recognised.
        sender: A contact's address of ours.
        recipient: As somebody gave it; nothing is believed of it.
        language: ISO 639-1, lower case.
        in_reply_to: Message-ID of the letter that it answers, "" for none.
    """

    key: str
    sender: str
    recipient: str
    subject: str
    text: str
    language: str
    in_reply_to: str = ""
    enclosures: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of one letter.

    Attributes:
        what: taken (the relay answers for it now); refused (this letter will never be taken); later (this letter, not
            now); down (the relay takes nothing now, whatever the letter).
        why: A word or a code for whoever looks, never an address.
    """

    what: Literal["taken", "refused", "later", "down"]
    why: str = ""
