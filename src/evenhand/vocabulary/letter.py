"""A letter: what a mail message says, once its bytes have become words. All of it is the sender's word."""

from typing import Literal

from msgspec import Struct


class HeaderField(Struct, frozen=True):
    """One header field in the order of the message.

    Attributes:
        name: In lower case.
        value: As it came, folds included; bytes that are not UTF-8 are read as Latin-1.
    """

    name: str
    value: str


class Attachment(Struct, frozen=True, kw_only=True):
    """A file that came with a letter.

    Attributes:
        name: Cleaned: no path, no control characters, never empty.
        declared_type: What the sender says it is.
        type: What its first bytes say.
        sha256: Hex, over `content`.
    """

    name: str
    declared_type: str
    type: str
    sha256: str
    content: bytes


class Letter(Struct, frozen=True, kw_only=True):
    """One message.

    Attributes:
        raw_sha256: Hex, over the bytes as they came.
        headers: All of them, from the first.
        subject: Decoded, on one line; for people, never for decisions about the sender.
        text: The plain text; without one, the HTML's text.
        html: Cleaned HTML without pictures, scripts and styles; "" if there is none.
        shortened: Text or HTML went over the limit and was cut.
        defects: What was wrong with the form, in a few words each.
    """

    raw_sha256: str
    raw_bytes: int
    headers: tuple[HeaderField, ...]
    subject: str
    text: str
    html: str
    shortened: bool
    attachments: tuple[Attachment, ...]
    defects: tuple[str, ...]

    def values(self, name: str) -> tuple[str, ...]:
        """Return the raw values of every field of that name (lower case), in order."""
        return tuple(field.value for field in self.headers if field.name == name)


DkimResult = Literal["pass", "fail", "none", "weak", "no-key"]
"""pass: verified and strict; weak: verified, but not strict; no-key: the key is not known or could not be asked for."""

SenderVerdict = Literal["accept", "review", "reject"]


class SenderCheck(Struct, frozen=True, kw_only=True):
    """What is known of a letter's sender. Mail authentication never proves the officer.

    Attributes:
        address: The one mailbox, "" if there is none.
        result: Of the address alone (accept, review, reject).
        lookalike: Registered domain that the sender's looks like, "" for none.
        verified: What `evenhand assess` may take as a fact.
        reasons: In the order in which they were found.
    """

    address: str
    result: SenderVerdict
    dkim: DkimResult
    lookalike: str
    authorities: tuple[str, ...]
    verdict: SenderVerdict
    verified: Literal["none", "address", "registry"]
    reasons: tuple[str, ...]


MailDoor = Literal["notice", "authority-request", "conversation", "other"]


class DoorFinding(Struct, frozen=True, kw_only=True):
    """Which door a letter came to, and which it belongs to.

    Attributes:
        addressed: The address of ours that it was sent to, "" if none is known.
        wrong_door: A proposal that a person confirms: it is moved with its original time, its sender is told.
    """

    addressed: str
    came_to: MailDoor
    belongs_to: MailDoor
    wrong_door: bool
    reasons: tuple[str, ...]
