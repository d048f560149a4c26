"""Subjects' keys for a group: found, remembered or made, and used to seal the group's private parts."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evenhand.store.vault import NONCE_BYTES, Vault
from evenhand.vocabulary.commit import Commit

Load = Callable[[Sequence[bytes]], Mapping[bytes, bytes]]
"""Subject hashes → those in the docket, with their wrapped keys."""

_REMEMBERED = 100_000
_NONCES = 256


class GroupKeys:
    """The keys of one group's subjects.

    Attributes:
        fresh: Subject hash → wrapped key of those that the docket does not hold yet.
    """

    def __init__(self, keys: Mapping[str, tuple[bytes, bytes]], fresh: Mapping[bytes, bytes]) -> None:
        self.fresh = fresh
        self._keys = keys
        self._last: tuple[str, bytes, AESGCM] | None = None
        self._nonces, self._at = b"", 0

    def seal(self, subject: str | None, plain: bytes, context: bytes) -> tuple[bytes | None, bytes]:
        """Return the subject's hash and nonce ‖ ciphertext bound to `context`; (None, plain) without a subject."""
        if subject is None:
            return None, plain
        # A cipher takes 2.5 KB, so none is kept but the last: an act's parts are about one subject.
        last = self._last
        if last is None or last[0] != subject:
            hashed, key = self._keys[subject]
            self._last = last = (subject, hashed, AESGCM(key))
        at = self._at
        if at == len(self._nonces):
            self._nonces, at = os.urandom(NONCE_BYTES * _NONCES), 0
        self._at = at + NONCE_BYTES
        nonce = self._nonces[at : at + NONCE_BYTES]
        return last[1], nonce + last[2].encrypt(nonce, plain, context)


class SubjectKeys:
    """Keys of the subjects met last. Used by one thread at a time."""

    def __init__(self, vault: Vault, load: Load) -> None:
        self._vault, self._load = vault, load
        self._young: dict[str, tuple[bytes, bytes]] = {}
        self._old: dict[str, tuple[bytes, bytes]] = {}

    def for_group(self, commits: Iterable[Commit]) -> GroupKeys:
        """Return the keys of all subjects of a group; unknown subjects get new ones.

        Raises:
            Fatal: A kept key does not open under this master key.
        """
        young, old = self._young, self._old
        keys: dict[str, tuple[bytes, bytes]] = {}
        missing = []
        for subject in _subjects(commits):
            if (remembered := young.get(subject) or old.get(subject)) is not None:
                keys[subject] = remembered
            else:
                missing.append(subject)
        fresh = self._find(missing, keys) if missing else {}
        if len(young) >= _REMEMBERED:
            self._young, self._old = {}, young
        self._young.update(keys)
        return GroupKeys(keys, fresh)

    def _find(self, missing: Sequence[str], keys: dict[str, tuple[bytes, bytes]]) -> dict[bytes, bytes]:
        """Add the keys of subjects that are not remembered; return the wrapped keys that had to be made."""
        vault = self._vault
        hashes = [vault.subject_hash(subject) for subject in missing]
        wrapped = self._load(hashes)
        unknown = [hashed for hashed in hashes if hashed not in wrapped]
        made = dict(zip(unknown, vault.new_keys(unknown), strict=True))
        for subject, hashed in zip(missing, hashes, strict=True):
            kept = wrapped.get(hashed)
            keys[subject] = (hashed, made[hashed][0] if kept is None else vault.open_key(hashed, kept))
        return {hashed: fresh for hashed, (_, fresh) in made.items()}

    def forget(self, subject: str) -> None:
        """Drop a subject's key."""
        self._young.pop(subject, None)
        self._old.pop(subject, None)

    def clear(self) -> None:
        """Drop all keys: those of a group that was not written must not be used again."""
        self._young, self._old = {}, {}


def _subjects(commits: Iterable[Commit]) -> set[str]:
    subjects: set[str | None] = set()
    add = subjects.add
    for commit in commits:
        for decision in commit.decisions:
            add(decision.subject)
        for effect in commit.effects:
            add(effect.subject)
        for record in commit.records:
            add(record.subject)
    subjects.discard(None)
    return subjects  # type: ignore[return-value] # None is gone
