"""The log as the doors need it: its key, and verifying one."""

from dataclasses import dataclass
from pathlib import Path

from evenhand.flow.keyring import keep_key
from evenhand.ledger.log import LogDirectory
from evenhand.ledger.reader import open_log
from evenhand.ledger.verify import verify_log
from evenhand.settings import Settings
from evenhand.vocabulary.errors import InputError


def open_directory(settings: Settings) -> LogDirectory:
    """Return the desk's own log, with its key (made on first use)."""
    seed = keep_key(settings.data / "keys" / "log.key", 32)
    return LogDirectory(settings.data / "log", settings.origin, seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogVerdict:
    """A log that was checked: origin, entries, root in hex, and the older size it was checked against."""

    origin: str
    size: int
    root: str
    since: int | None


class LogWrongError(Exception):
    """A log does not hold what it signs; says which resource and why."""


def check_log(where: str, vkey: str, since: Path | None) -> LogVerdict:
    """Verify a whole log.

    Raises:
        InputError: The key or a file given is unusable.
        LogWrongError: The log is wrong.
    """
    from evenhand.ledger.note import parse_vkey

    parse_vkey(vkey)
    reader = open_log(where)
    older = None if since is None else since.read_bytes()
    try:
        found = verify_log(reader, vkey, older)
    except InputError as error:
        raise LogWrongError(str(error)) from error
    return LogVerdict(origin=found.origin, size=found.size, root=found.root.hex(), since=found.since)
