"""Tokens for programs: scoped, kept as hashes in a file that the operator's command writes and the desk reads anew.

A token has 256 random bits, so its plain SHA-256 is enough to keep; nothing can be tried against it.
"""

import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from evenhand.vocabulary.errors import Fatal, InputError

_PREFIX = "eh_"


class Scope(StrEnum):
    """What a token lets a program do."""

    POSTS = "posts"  # send posts, read their verdicts
    NOTICES = "notices"  # send notices, read their state
    ITEMS = "items"  # report edits, deletions and restorations
    ACTIONS = "actions"  # read what is to be done, report what was
    CASES = "cases"  # work at the desk
    QUALITY = "quality"  # read error and reversal rates
    REQUESTS = "requests"  # an authority's requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as it is kept.

    Attributes:
        name: Who uses it; appears in records as the actor "token:NAME".
        sha256: Of the token's text, 64 hex digits.
        made_at: RFC 3339, UTC.
    """

    name: str
    scopes: tuple[Scope, ...]
    sha256: str
    made_at: str


class Tokens:
    """The tokens of one data directory."""

    def __init__(self, data: Path) -> None:
        self._file = data / "keys" / "tokens.json"
        self._read_at: tuple[int, int] | None = None
        self._by_hash: dict[str, Token] = {}

    def create(self, name: str, scopes: tuple[Scope, ...], made_at: datetime) -> str:
        """Make a token and return its text, which is kept nowhere.

        Raises:
            InputError: The name is taken or unusable, or there is no scope.
        """
        if not name.isascii() or not name.replace("-", "").isalnum() or len(name) > 64:
            raise InputError("name", "must be letters, digits and hyphens, at most 64")
        if not scopes:
            raise InputError("scope", f"give at least one of {', '.join(Scope)}")
        known = self._load()
        if any(token.name == name for token in known.values()):
            raise InputError("name", f"there is a token {name!r} already; revoke it first")
        text = _PREFIX + secrets.token_urlsafe(32)
        token = Token(name=name, scopes=scopes, sha256=_hash(text), made_at=made_at.isoformat())
        self._write([*known.values(), token])
        return text

    def renew(self, name: str, scopes: tuple[Scope, ...], made_at: datetime) -> str:
        """Make a token in the place of one of the same name, if there is one, in one write; return its text."""
        if any(token.name == name for token in self._load().values()):
            self.revoke(name)
        return self.create(name, scopes, made_at)

    def revoke(self, name: str) -> None:
        """Take a token back.

        Raises:
            InputError: There is none of that name.
        """
        known = self._load()
        left = [token for token in known.values() if token.name != name]
        if len(left) == len(known):
            raise InputError("name", f"there is no token {name!r}")
        self._write(left)

    def all(self) -> list[Token]:
        """Return all tokens by name."""
        return sorted(self._load().values(), key=lambda token: token.name)

    def find(self, authorization: str) -> Token | None:
        """Return the token that an Authorization header carries, or None."""
        kind, _, text = authorization.partition(" ")
        if kind.lower() != "bearer" or not text.startswith(_PREFIX) or len(text) > 100:
            return None
        return self._load().get(_hash(text.strip()))

    def _load(self) -> dict[str, Token]:
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return {}
        stamp = (found.st_mtime_ns, found.st_size)
        if stamp != self._read_at:
            try:
                tokens = msgspec.json.decode(self._file.read_bytes(), type=list[Token])
            except msgspec.MsgspecError as error:
                raise Fatal(f"{self._file}: {error}; restore it from your backup") from error
            self._by_hash = {token.sha256: token for token in tokens}
            self._read_at = stamp
        return self._by_hash

    def _write(self, tokens: list[Token]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._file.with_name(f".tokens.{os.getpid()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump([asdict(token) for token in tokens], file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._file)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
