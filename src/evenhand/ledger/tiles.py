"""Tiles (C2SP tlog-tiles): paths, widths, entry bundles. Pure text and bytes."""

import re
from collections.abc import Iterator, Sequence

from evenhand.vocabulary.errors import InputError

WIDTH = 256
LEVEL_BITS = 8
HASH_BYTES = 32


def number_path(number: int) -> str:
    """Return a tile's number as a path: 1234067 → x001/x234/067."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def tile_path(level: int | None, number: int, width: int = WIDTH) -> str:
    """Return the path of a hash tile, or of an entry bundle (`level` None), below the log's prefix."""
    kind = "entries" if level is None else str(level)
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{kind}/{number_path(number)}{partial}"


_TILE_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([0-9]{1,3}))?")


def parse_tile_path(path: str) -> tuple[int | None, int, int] | None:
    """Return (level, number, width) of a tile's or bundle's path, the inverse of `tile_path`; None: it is neither."""
    found = _TILE_PATH.fullmatch(path)
    if found is None:
        return None
    kind, number, width = found.groups()
    parsed = (
        None if kind == "entries" else int(kind),
        int(number.replace("x", "").replace("/", "")),
        WIDTH if width is None else int(width),
    )
    return parsed if tile_path(*parsed) == path else None


def widths(size: int, level: int) -> Iterator[tuple[int, int]]:
    """Yield (number, width) of the tiles of a level in a tree of `size` leaves; the last may be partial."""
    hashes = size >> LEVEL_BITS * level
    full, rest = divmod(hashes, WIDTH)
    for number in range(full):
        yield number, WIDTH
    if rest:
        yield full, rest


def levels(size: int) -> int:
    """Return how many tile levels a tree of `size` leaves has."""
    count = 0
    while size >> LEVEL_BITS * count:
        count += 1
    return count


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: each entry as a big-endian 16-bit length and its bytes."""
    return b"".join(part for entry in entries for part in (len(entry).to_bytes(2, "big"), entry))


def unpack_entries(bundle: bytes, width: int) -> list[bytes]:
    """Return the entries of a bundle that holds `width` of them.

    Raises:
        InputError: Lengths do not add up, or there are more or fewer entries.
    """
    entries, at, end = [], 0, len(bundle)
    while at < end:
        stop = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > end or stop > end:
            raise InputError("bundle", "an entry runs past the end")
        entries.append(bundle[at + 2 : stop])
        at = stop
    if len(entries) != width:
        raise InputError("bundle", f"holds {len(entries)} entries instead of {width}")
    return entries


def split_hashes(tile: bytes, width: int) -> list[bytes]:
    """Return the hashes of a tile.

    Raises:
        InputError: It has another length.
    """
    if len(tile) != width * HASH_BYTES:
        raise InputError("tile", f"has {len(tile)} bytes instead of {width * HASH_BYTES}")
    return [tile[i : i + HASH_BYTES] for i in range(0, len(tile), HASH_BYTES)]
