"""Messages of a mailbox, one at a time: one message, an mbox file, a Maildir directory. Never a whole box in memory."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from evenhand.doors.mail.limits import MESSAGE_BYTES_MAX
from evenhand.vocabulary.errors import InputError

_LINE_MAX = 1 << 20
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
TOO_LONG = MESSAGE_BYTES_MAX + 1
"""A message over the limit is yielded cut to this length, so that the reader refuses it and the next is read."""


def one_message(stream: BinaryIO) -> bytes:
    """Return the message of a stream, without the "From " line that delivery agents put before it."""
    raw = stream.read(TOO_LONG)
    first, _, rest = raw.partition(b"\n")
    return rest if first.startswith(b"From ") else raw


def mbox_messages(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the messages of an mbox file; quoted "From " lines are unquoted (mboxrd)."""
    message = bytearray()
    begun, after_blank = False, True
    while line := stream.readline(_LINE_MAX):
        if after_blank and line.startswith(b"From "):
            if begun:
                yield _unquoted(message)
            message.clear()
            begun = True
        elif len(message) < TOO_LONG:
            message += line
        after_blank = line in (b"\n", b"\r\n")
    if begun or message:
        yield _unquoted(message)


def maildir_messages(directory: Path) -> Iterator[bytes]:
    """Yield the messages of a Maildir, new ones first, in the order of their names.

    Raises:
        InputError: No Maildir: it has neither new/ nor cur/.
    """
    folders = [directory / name for name in ("new", "cur") if (directory / name).is_dir()]
    if not folders:
        raise InputError(str(directory), "is not a Maildir: it has neither new/ nor cur/")
    for folder in folders:
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                with path.open("rb") as file:
                    yield file.read(TOO_LONG)


def is_mbox(stream: BinaryIO) -> bool:
    """Tell whether a seekable file begins as an mbox does."""
    begin = stream.read(5)
    stream.seek(0)
    return begin == b"From "


def _unquoted(message: bytearray) -> bytes:
    raw = bytes(message)
    for end in (b"\r\n\r\n", b"\n\n"):
        if raw.endswith(end):
            raw = raw[: -len(end) // 2]  # the blank line before the next "From " line is the box's, not the message's
            break
    return _QUOTED_FROM.sub(rb"\1", raw)
