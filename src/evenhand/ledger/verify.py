"""Verifying a whole log: every entry, every tile, the root, the signature, and an older checkpoint.

Steps, numbered again in the body:
 1. the checkpoint is signed by the key, and its origin is the key's name
 2. every bundle's entries hash to level 0's tiles
 3. every tile of a higher level is the roots of the full tiles below
 4. the root follows from the tiles
 5. an older checkpoint, signed by the same key, is a prefix
 6. what a directory still holds of smaller trees is the beginning of what stands there now
"""

from dataclasses import dataclass
from hashlib import sha256

from evenhand.ledger.checkpoint import Checkpoint, parse_checkpoint
from evenhand.ledger.note import Verifier, parse_vkey
from evenhand.ledger.reader import LogReader
from evenhand.ledger.tiles import (
    HASH_BYTES,
    LEVEL_BITS,
    WIDTH,
    levels,
    parse_tile_path,
    split_hashes,
    tile_path,
    unpack_entries,
    widths,
)
from evenhand.ledger.tree import EMPTY_ROOT, Frontier, full_root, full_subtrees
from evenhand.vocabulary.errors import InputError


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked."""

    origin: str
    size: int
    root: bytes
    since: int | None


def verify_log(reader: LogReader, vkey: str, since: bytes | None = None) -> Verified:
    """Check everything; return what was checked.

    Args:
        reader: The log.
        vkey: The log's verifier key.
        since: A checkpoint that was kept earlier, with its signature.

    Raises:
        InputError: The first resource that is wrong, and why.
    """
    verifier = parse_vkey(vkey)
    head = _signed("checkpoint", reader.checkpoint_bytes(), verifier)  # 1
    old = None if since is None else _signed("since", since, verifier)
    if old is not None and old.size > head.size:
        raise InputError("checkpoint", f"states {head.size} entries; the older one has {old.size} already")
    roots = _check_leaves(reader, head.size)  # 2
    for level in range(1, levels(head.size)):  # 3
        roots = _check_level(reader, head.size, level, roots)
    if root_at(reader, head.size, head.size) != head.root:  # 4
        raise InputError("checkpoint", "its root does not follow from the tiles")
    if old is not None and root_at(reader, old.size, head.size) != old.root:  # 5
        raise InputError("since", "the log no longer begins with what this older checkpoint signed")
    _check_leftovers(reader, head.size)  # 6
    return Verified(head.origin, head.size, head.root, None if old is None else old.size)


def _signed(name: str, note: bytes, verifier: Verifier) -> Checkpoint:
    try:
        head = parse_checkpoint(note, [verifier])
    except InputError as error:
        raise InputError(name, error.reason) from error
    if head.origin != verifier.name:
        raise InputError(name, f"is of the log {head.origin}, the key of {verifier.name}")
    return head


def _check_leaves(reader: LogReader, size: int) -> list[bytes]:
    """Check entries against level 0; return the roots of its full tiles."""
    roots: list[bytes] = []
    for number, width in widths(size, 0):
        path = tile_path(None, number, width)
        bundle = reader.need(path)
        try:
            entries = unpack_entries(bundle, width)
        except InputError as error:
            raise InputError(path, error.reason) from error
        hashes = [sha256(b"\0" + entry).digest() for entry in entries]
        tile = tile_path(0, number, width)
        if reader.need(tile) != b"".join(hashes):
            raise InputError(tile, f"does not hold the hashes of the entries in {path}")
        if width == WIDTH:
            roots.append(full_root(hashes))
    return roots


def _check_level(reader: LogReader, size: int, level: int, below: list[bytes]) -> list[bytes]:
    """Check a level against the roots of the full tiles below it; return the roots of its own full tiles."""
    roots: list[bytes] = []
    for number, width in widths(size, level):
        path = tile_path(level, number, width)
        hashes = below[number * WIDTH : number * WIDTH + width]
        if reader.need(path) != b"".join(hashes):
            raise InputError(path, f"does not hold the roots of the tiles at level {level - 1}")
        if width == WIDTH:
            roots.append(full_root(hashes))
    return roots


def _check_leftovers(reader: LogReader, size: int) -> None:
    """Check tiles and bundles of other sizes, which a log keeps from before it grew or wrote before it could sign."""
    for path in reader.paths():
        parsed = parse_tile_path(path)
        if parsed is None:
            continue
        level, number, width = parsed
        present = min(WIDTH, (size >> LEVEL_BITS * (level or 0)) - number * WIDTH)
        if present <= 0 or width == present:
            continue
        left, checked = reader.need(path), reader.tile(level, number, present)
        if not _same_beginning(level, left, width, checked, present):
            raise InputError(path, f"does not begin like {tile_path(level, number, present)}")


def _same_beginning(level: int | None, left: bytes, width: int, checked: bytes, present: int) -> bool:
    """Tell whether two tiles (or bundles) of one place agree in what both hold, and the first is whole."""
    try:
        parts = unpack_entries(left, width) if level is None else split_hashes(left, width)
        others = unpack_entries(checked, present) if level is None else split_hashes(checked, present)
    except InputError:
        return False
    both = min(width, present)
    return parts[:both] == others[:both]


def root_at(reader: LogReader, size: int, within: int) -> bytes:
    """Return the root of the first `size` leaves, from the tiles of a tree of `within` leaves."""
    if size == 0:
        return EMPTY_ROOT
    frontier = Frontier()
    for level, index in full_subtrees(size):
        frontier.append(level, subtree_hash(reader, level, index, within))
    return frontier.root()


def subtree_hash(reader: LogReader, level: int, index: int, size: int) -> bytes:
    """Return the hash of a full subtree of 2^level leaves from the tiles of a tree of `size` leaves."""
    tile_level, bits = divmod(level, LEVEL_BITS)
    first = index << bits
    number, offset = divmod(first, WIDTH)
    width = min(WIDTH, (size >> LEVEL_BITS * tile_level) - number * WIDTH)
    tile = reader.tile(tile_level, number, width)
    if len(tile) != width * HASH_BYTES:
        raise InputError(tile_path(tile_level, number, width), "has a wrong length")
    return full_root(split_hashes(tile, width)[offset : offset + (1 << bits)])
