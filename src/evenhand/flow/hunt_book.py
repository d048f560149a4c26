"""What has been hunted and what is still to be: files beside the archive, each written whole or not at all.

    hunts/known.json        list → digest of its file, once its new entries were noted; with each kind that is hunted
    hunts/known/LIST.npy    sorted 64-bit keys of its entries
    hunts/open/ID.json      a hunt under way: what it has seen and done
    hunts/open/ID.parquet   its entries
    hunts/lock              held by the one process that hunts

Entries are noted as a hunt before they count as known: a crash between hunts them again, which decides nothing twice.
"""

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.hashes import hex_bytes
from evenhand.screening.listfiles import ListKind, changes
from evenhand.screening.lists import Lists, ScreeningList
from evenhand.screening.rehunt import Wanted
from evenhand.vocabulary.errors import Fatal

_ALWAYS = ("hashes", "pdq", "domains")
"""Kinds that were hunted before a book said which ones are."""
_ODD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHunt:
    """A hunt and what came of it so far.

    Attributes:
        id: 32 hex digits over list and entries.
        list: The list that grew.
        kind: Of its entries.
        entries: How many are new.
        distance: For PDQ.
        options: Of the list, for phrases and expressions.
        began_at: Aware UTC.
        limit: Posts that it may act on before a person must look.
        days: How many days back.
        seen: Names of files that were searched.
        found: Posts that an entry names.
        decided: Decisions that followed.
        opened: Cases that followed.
        stood: Found, and nothing follows: no rule says more than was said then, or it was decided already.
        unnamed: Found, but their addresses were not kept.
        held: Found, and over the limit.
    """

    id: str
    list: str
    kind: str
    entries: int
    distance: int
    options: Mapping[str, str] = field(default_factory=dict)
    began_at: datetime
    limit: int
    days: float = 36_500.0
    seen: tuple[str, ...] = ()
    found: int = 0
    decided: int = 0
    opened: int = 0
    stood: int = 0
    unnamed: int = 0
    held: int = 0

    @property
    def acted(self) -> int:
        """Posts that it acted on."""
        return self.decided + self.opened


class HuntBook:
    """The files of hunts in one directory, which is made on the first write."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._noted: dict[str, ScreeningList] = {}

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the lock, if no other process does; tell whether it is held."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._directory / "lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def note_new(self, lists: Lists, at: datetime, limit: int, kinds: Sequence[ListKind]) -> list[OpenHunt]:
        """Note the entries that came since this was last asked as hunts; the first time, all lists are known.

        Args:
            lists: In force.
            at: Now.
            limit: Posts that a hunt may act on.
            kinds: Kinds of lists that can be hunted; lists of a kind that could not be before are known.
        """
        known = self._known()
        digests = dict(known or {})
        noted: list[OpenHunt] = []
        for each in lists.lists:
            if each.kind not in kinds:
                continue
            before, self._noted[each.name] = self._noted.get(each.name), each
            noted_as = digests.get(each.name)
            if noted_as == each.digest.hex():
                continue
            new = None
            if before is not None and before.kind == each.kind and before.digest.hex() == noted_as:
                gone, added = changes(before.prints, each.prints)
                # What is gone may come again and is new then: its keys go, for which all are needed.
                new = None if len(gone) else added
            entries = each.entries if new is None else each.entries_at(new)
            keys = entry_keys(each, entries)
            if known is not None and (each.kind in _ALWAYS or _of_kind(each.kind) in known):
                fresh = entries.filter(pl.Series(~np.isin(keys, self._keys(each.name)), dtype=pl.Boolean))
                if len(fresh):
                    noted.append(self.open(wanted_of(each, fresh.unique()), at, limit))
            self._put_keys(each.name, np.sort(keys) if new is None else np.union1d(self._keys(each.name), keys))
            digests[each.name] = each.digest.hex()
        digests |= {_of_kind(kind): "" for kind in kinds}
        if digests != known:
            _put(self._directory / "known.json", json.dumps(digests, sort_keys=True).encode())
        return noted

    def open(self, wanted: Wanted, at: datetime, limit: int, days: float = 36_500.0) -> OpenHunt:
        """Note a hunt; the same entries again, while it is under way, are the same hunt with the higher limit."""
        digest = blake2b(f"{wanted.list}\n{wanted.kind}\n".encode(), digest_size=16)
        digest.update("\n".join(sorted(wanted.entries)).encode())
        hunt = OpenHunt(
            id=digest.hexdigest(),
            list=wanted.list,
            kind=wanted.kind,
            entries=len(wanted.entries),
            distance=wanted.distance,
            options=dict(wanted.options),
            began_at=at,
            limit=limit,
            days=days,
        )
        frame = pl.DataFrame({"entry": list(wanted.entries)}, schema={"entry": pl.String})
        _put(self._path(hunt, "parquet"), frame)
        self.save(hunt)
        return hunt

    def save(self, hunt: OpenHunt) -> None:
        """Write how far a hunt is."""
        said = asdict(hunt) | {"began_at": hunt.began_at.isoformat()}
        _put(self._path(hunt, "json"), json.dumps(said).encode())

    def under_way(self) -> list[OpenHunt]:
        """Return the hunts that are not done, the oldest first."""
        found = [_read(path) for path in (self._directory / "open").glob("*.json")]
        return sorted(found, key=lambda hunt: (hunt.began_at, hunt.id))

    def wanted(self, hunt: OpenHunt) -> Wanted:
        """Return what a hunt looks for."""
        entries = pl.read_parquet(self._path(hunt, "parquet"))["entry"].to_list()
        kind = cast("ListKind", hunt.kind)
        return Wanted(list=hunt.list, kind=kind, entries=entries, distance=hunt.distance, options=hunt.options)

    def close(self, hunt: OpenHunt) -> None:
        """Let go of a hunt that is done."""
        self._path(hunt, "json").unlink(missing_ok=True)
        self._path(hunt, "parquet").unlink(missing_ok=True)

    def _path(self, hunt: OpenHunt, ending: str) -> Path:
        return self._directory / "open" / f"{hunt.id}.{ending}"

    def _known(self) -> dict[str, str] | None:
        path = self._directory / "known.json"
        if not path.exists():
            return None
        known: dict[str, str] = json.loads(path.read_bytes())
        return known

    def _keys_path(self, name: str) -> Path:
        plain = re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name)
        told = name if plain else blake2b(name.encode(), digest_size=16).hexdigest()
        return self._directory / "known" / f"{told}.npy"

    def _keys(self, name: str) -> NDArray[np.uint64]:
        path = self._keys_path(name)
        kept: NDArray[np.uint64] = np.load(path) if path.exists() else np.zeros(0, np.uint64)
        return kept

    def _put_keys(self, name: str, keys: NDArray[np.uint64]) -> None:
        _put(self._keys_path(name), keys)


def wanted_of(each: ScreeningList, entries: pl.Series) -> Wanted:
    """Return entries of a list as what is looked for."""
    return Wanted(
        list=each.name, kind=each.kind, entries=entries.to_list(), distance=each.distance, options=dict(each.options)
    )


def entry_keys(each: ScreeningList, entries: pl.Series) -> NDArray[np.uint64]:
    """Return a 64-bit key of each entry, the same in every version: of hashes their own bytes, mixed."""
    if each.kind not in ("hashes", "pdq"):
        digests = (blake2b(entry.encode(), digest_size=8).digest() for entry in entries)
        return np.frombuffer(b"".join(digests), np.uint64)
    keys = np.zeros(len(entries), np.uint64)
    for width in (16, 32):
        rows = (entries.str.len_bytes() == 2 * width).to_numpy()
        words = hex_bytes(entries.filter(pl.Series(rows)), width).view("<u8").reshape(-1, width // 8)
        keys[rows] = _mixed(words, width)
    return keys


def _mixed(words: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Return each row as one number: a multiplication and a shift a word, so that every bit moves many."""
    key: NDArray[np.uint64] = np.full(len(words), seed, np.uint64) * _ODD[3]
    for n in range(words.shape[1]):
        key = (key ^ words[:, n]) * _ODD[n]
        key ^= key >> np.uint64(32)
        key *= _ODD[0]
        key ^= key >> np.uint64(29)
    return key


def _of_kind(kind: str) -> str:
    """Return what a book calls a kind: no list has such a name."""
    return f"\0{kind}"


def _read(path: Path) -> OpenHunt:
    try:
        said: dict[str, Any] = json.loads(path.read_bytes())
        seen = tuple(said.pop("seen"))
        return replace(OpenHunt(**said), began_at=datetime.fromisoformat(said["began_at"]), seen=seen)
    except (ValueError, TypeError, KeyError) as error:
        raise Fatal(f"{path} is no hunt of ours: {error}") from error


def _put(path: Path, what: bytes | pl.DataFrame | NDArray[np.uint64]) -> None:
    """Write a file beside its place and rename it into it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        _writer(what)(file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _writer(what: bytes | pl.DataFrame | NDArray[np.uint64]) -> Callable[[Any], Any]:
    if isinstance(what, bytes):
        return lambda file: file.write(what)
    if isinstance(what, pl.DataFrame):
        return what.write_parquet
    return lambda file: np.save(file, what)
