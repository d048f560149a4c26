"""IMAP pull: letters are fetched from a mailbox, and marked there only once they are durable here.

    connect → login → select → what has no mark → for each: fetch (PEEK) → take (durable) → mark

A crash between "take" and "mark" brings the letter again; the same bytes are the same letter (`flow.mailroom`), so it
is marked then and nothing else happens. What a hostile or broken server says ends the pull with one line in the log,
and the next pull comes later each time.
"""

import logging
import ssl
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from evenhand.doors.mail.imap_line import MESSAGE_ANSWER_BYTES_MAX, ImapLine, ServerError
from evenhand.doors.mail.limits import MESSAGE_BYTES_MAX
from evenhand.settings import Imap
from evenhand.vocabulary.errors import EvenhandError, Fatal, InputError

MARK = b"$EvenhandTaken"
"""Keyword on letters that are durable here."""
SEEN = b"\\Seen"
"""Mark at servers that keep no keywords."""
AT_ONCE_MAX = 500
"""Letters a pull; the next pull comes at once while there are more."""
REMEMBERED_MAX = 100_000
LATER_S_MAX = 600.0
_LOG = logging.getLogger("evenhand.mail")

Take = Callable[[bytes, str], object]
"""(raw, address) → returns once it is durable, or raises."""


def verifying(ca_file: str) -> ssl.SSLContext:
    """Return a context that verifies the server's name and certificate.

    Raises:
        InputError: The file with certificates cannot be used.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise InputError("imap.ca_file", f"cannot be used: {error.strerror or error}") from error


def read_password(path: Path) -> str:
    """Return the password in a file, without the line end.

    Raises:
        InputError: There is none.
    """
    try:
        password = path.read_text("utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("imap.password_file", f"{path} cannot be read") from error
    if not password:
        raise InputError("imap.password_file", f"{path} is empty")
    return password


class ImapPull:
    """A job that pulls what is new; one at a time.

    Attributes of the constructor: settings; the password; what takes a letter; the TLS context, which verifies.
    """

    def __init__(self, imap: Imap, password: str, take: Take, context: ssl.SSLContext) -> None:
        self._imap = imap
        self._password = password
        self._take = take
        self._context = context
        self._failures = 0
        self._not_before = 0.0
        self._taken: set[tuple[int, int]] = set()
        """(UIDVALIDITY, UID) of what this process has made durable: not fetched again where no mark holds."""

    def __call__(self, _now: datetime) -> int:
        """Pull if it is time; return how many letters were taken.

        Raises:
            Fatal: The docket could not be written; nothing is marked.
        """
        if time.monotonic() < self._not_before:
            return 0
        try:
            taken = self._pull()
        except Fatal:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the library makes of what a server says
            self._failures += 1
            later_s = min(self._imap.every_s * 2**self._failures, LATER_S_MAX)
            self._not_before = time.monotonic() + later_s
            _LOG.warning("no letters from %s: %s; tried again in %d s", self._imap.host, _said(error), later_s)
            return 0
        self._failures = 0
        if taken < AT_ONCE_MAX:
            self._not_before = time.monotonic() + self._imap.every_s
        return taken

    def _pull(self) -> int:
        line = ImapLine(self._imap.host, self._imap.port, self._context)
        try:
            with line.within():
                line.login(self._imap.user, self._password)
            return self._pull_folder(line)
        finally:
            with line.within(seconds=5):
                _hang_up(line)

    def _pull_folder(self, line: ImapLine) -> int:
        with line.within():
            folder = line.select_folder(self._imap.folder)
        if b"READ-ONLY" in folder:
            raise ServerError("the folder may only be read, so no letter can be marked")
        validity = folder.get(b"UIDVALIDITY")
        if not isinstance(validity, int):
            raise ServerError("the server gives no UIDVALIDITY")
        flags = folder.get(b"PERMANENTFLAGS", ())
        keyword = b"\\*" in flags or MARK in flags
        with line.within():
            found = line.search(["UNDELETED", "UNKEYWORD", MARK] if keyword else ["UNDELETED", "UNSEEN"])
        mark = MARK if keyword else SEEN
        here = sorted(set(found))
        if known := [uid for uid in here if (validity, uid) in self._taken]:
            with line.within():
                line.add_flags(known, [mark], silent=True)
        fresh = [uid for uid in here if (validity, uid) not in self._taken]
        return sum(self._take_one(line, validity, uid, mark) for uid in fresh[:AT_ONCE_MAX])

    def _take_one(self, line: ImapLine, validity: int, uid: int, mark: bytes) -> bool:
        """Take one letter and mark it; one that is refused is left for the next pull, and the rest goes on."""
        raw = _fetch(line, uid)
        if raw is None:
            return False
        try:
            self._take(raw, self._imap.address)
        except Fatal:
            raise
        except EvenhandError as error:
            _LOG.warning("a letter was not taken: %s", type(error).__name__)
            return False
        if len(self._taken) < REMEMBERED_MAX:
            self._taken.add((validity, uid))
        with line.within():
            line.add_flags([uid], [mark], silent=True)
        return True


def _fetch(line: ImapLine, uid: int) -> bytes | None:
    """Return a letter's bytes; of one over the limit so much that its reader refuses it; None: it is gone."""
    with line.within(budget=MESSAGE_ANSWER_BYTES_MAX):
        asked = f"BODY.PEEK[]<0.{MESSAGE_BYTES_MAX + 1}>"
        answer = line.fetch([uid], [asked])
    if uid not in answer:
        return None
    raw = next((value for name, value in answer[uid].items() if name.startswith(b"BODY[]")), None)
    if not isinstance(raw, bytes):
        raise ServerError("the server left a letter's bytes out")
    return raw


def _hang_up(line: ImapLine) -> None:
    try:
        line.logout()
    except Exception:  # noqa: BLE001 - it is over anyway
        line.shutdown()


def _said(error: Exception) -> str:
    """Return why, without what a server put into it: its words may hold letters or control characters."""
    if isinstance(error, ServerError):
        return str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
