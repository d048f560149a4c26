"""The sequencer: committed entries become tiles and a signed checkpoint in a directory.

Order of durability: the docket holds the entries; bundles and tiles are written, synced and read back; the docket
records the head; the checkpoint is signed and put in place. After a kill anywhere the next call goes on with identical
bytes.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from evenhand.ledger.checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from evenhand.ledger.note import Signer
from evenhand.ledger.ports import EntryQueue
from evenhand.ledger.reader import LogReader, open_log
from evenhand.ledger.tiles import LEVEL_BITS, WIDTH, levels, pack_entries, tile_path
from evenhand.ledger.tree import EMPTY_ROOT, Frontier, full_root, full_subtrees, leaf_hash
from evenhand.ledger.verify import root_at, subtree_hash
from evenhand.vocabulary.errors import Fatal, InputError

CHUNK_ENTRIES = 256 * 256


class LogDirectory:
    """One log's directory and key."""

    def __init__(self, path: Path, origin: str, seed: bytes) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._signer = Signer(origin, seed)
        self._reader = open_log(str(path))

    @property
    def vkey(self) -> str:
        """Return the log's verifier key."""
        return self._signer.verifier.vkey

    def head(self) -> Checkpoint:
        """Return the newest head that was put in place; size 0 before the first.

        Raises:
            Fatal: The checkpoint is not ours or is damaged.
        """
        note = self._reader.read("checkpoint")
        if note is None:
            return Checkpoint(self._signer.verifier.name, 0, EMPTY_ROOT)
        try:
            return parse_checkpoint(note, [self._signer.verifier])
        except InputError as error:
            raise Fatal(f"{self.path / 'checkpoint'}: {error.reason}; restore the log from a copy") from error

    def publish(self, queue: EntryQueue, on_progress: Callable[[int], None] | None = None) -> int:
        """Bring the log up to the queue; return its size. Nothing new: nothing is rewritten.

        Raises:
            Fatal: The directory does not fit what the docket says was signed, or a write did not read back.
        """
        head, (signed_size, signed_root) = self.head(), queue.signed_head()
        count = queue.entry_count()
        self._check_heads(head, signed_size, signed_root, count)
        if (self.path / "checkpoint").exists() and head.size == count:
            return count
        frontier = self._frontier(head)
        size = head.size
        while size < count:
            stop = min(count, (size // CHUNK_ENTRIES + 1) * CHUNK_ENTRIES)
            begin = size - size % WIDTH
            self._append(queue.entries(begin, stop), begin, frontier)
            size = stop
            if on_progress is not None:
                on_progress(size)
        root = frontier.root()
        if root_at(self._reader, signed_size, count) != signed_root:
            raise Fatal(f"the log's root at {signed_size} entries is not the one that the docket says was signed")
        queue.set_signed_head(count, root)
        note = format_checkpoint(Checkpoint(head.origin, count, root), self._signer)
        _put(self.path / "checkpoint", note)
        self._prune(head.size, count)
        return count

    def _prune(self, before: int, count: int) -> None:
        """Remove partial tiles whose full tile came with this head: readers of older heads take the full one.

        A log that grows by an entry every ten seconds would else leave 8,640 partial bundles a day.
        """
        for level in (None, *range(levels(count))):
            bits = LEVEL_BITS * ((level or 0) + 1)
            for number in range(before >> bits, count >> bits):
                partial = self.path / (tile_path(level, number) + ".p")
                if partial.is_dir():
                    shutil.rmtree(partial)

    def _check_heads(self, head: Checkpoint, signed_size: int, signed_root: bytes, count: int) -> None:
        """Refuse to go on from a directory or a docket that would make a second history."""
        if head.size > signed_size:
            raise Fatal(
                f"the log has {head.size} signed entries, the docket knows of {signed_size}: "
                "is this an old copy of the docket?"
            )
        if head.size == signed_size and head.root != signed_root:
            raise Fatal("the log's signed root is not the one in the docket; do they belong together?")
        if signed_size > count:
            raise Fatal(f"the docket signed {signed_size} entries but holds {count}")

    def _frontier(self, head: Checkpoint) -> Frontier:
        """Return the frontier at the last full bundle before the head, from tiles, checked against the head's root."""
        try:
            whole = Frontier()
            for level, index in full_subtrees(head.size):
                whole.append(level, subtree_hash(self._reader, level, index, head.size))
            if whole.root() != head.root:
                raise Fatal("the log's tiles do not give its signed root; restore them from a copy")
            begin = head.size - head.size % WIDTH
            frontier = Frontier()
            for level, index in full_subtrees(begin):
                frontier.append(level, subtree_hash(self._reader, level, index, head.size))
        except InputError as error:
            raise Fatal(f"the log is damaged: {error}") from error
        return frontier

    def _append(self, entries: list[bytes], begin: int, frontier: Frontier) -> None:
        """Write the bundles and tiles for entries that start at `begin`, a multiple of 256."""
        written: list[tuple[str, bytes]] = []
        if frontier.size != begin:
            raise Fatal(f"the frontier stands at {frontier.size}, the entries begin at {begin}")
        roots: list[bytes] = []
        for at in range(0, len(entries), WIDTH):
            part = entries[at : at + WIDTH]
            number = (begin + at) // WIDTH
            hashes = [leaf_hash(entry) for entry in part]
            written.append((tile_path(None, number, len(part)), pack_entries(part)))
            written.append((tile_path(0, number, len(part)), b"".join(hashes)))
            if len(part) == WIDTH:
                root = full_root(hashes)
                roots.append(root)
                frontier.append(LEVEL_BITS, root)
            else:
                for leaf in hashes:
                    frontier.append(0, leaf)
        stop = begin + len(entries)
        written.extend(self._upper(roots, begin >> LEVEL_BITS, stop))
        self._write(written)

    def _upper(self, roots: list[bytes], first: int, size: int) -> list[tuple[str, bytes]]:
        """Return the tiles above level 0 that new roots of full tiles change; `first` is the first root's index."""
        written: list[tuple[str, bytes]] = []
        for level in range(1, levels(size)):
            if not roots:
                break
            number = first // WIDTH
            before = first % WIDTH
            known = self._known(level, number, before)
            hashes = known + roots
            above: list[bytes] = []
            for at in range(0, len(hashes), WIDTH):
                part = hashes[at : at + WIDTH]
                written.append((tile_path(level, number + at // WIDTH, len(part)), b"".join(part)))
                if len(part) == WIDTH:
                    above.append(full_root(part))
            roots, first = above, number
        return written

    def _known(self, level: int, number: int, width: int) -> list[bytes]:
        if not width:
            return []
        tile = self._reader.tile(level, number, width)
        return [tile[i : i + 32] for i in range(0, width * 32, 32)]

    def _write(self, written: list[tuple[str, bytes]]) -> None:
        """Put files in place, sync them all, then read them back."""
        folders: set[Path] = set()
        for path, data in written:
            target = self.path / path
            if target.parent not in folders:
                _make_folder(target.parent, self.path.parent)
                folders.add(target.parent)
            fresh = target.with_name(f".{target.name}.new")
            fresh.write_bytes(data)
            fresh.replace(target)
        if len(written) > 16:
            # One flush of everything is far cheaper than one a file.
            os.sync()
        else:
            for path, _ in written:
                _sync(self.path / path)
            for folder in folders:
                _sync(folder)
        for path, data in written:
            if (self.path / path).read_bytes() != data:
                raise Fatal(f"{path}: what was written does not read back")


def _make_folder(folder: Path, above: Path) -> None:
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    while folder != above:
        folder = folder.parent
        _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put(path: Path, data: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync(path.parent)


def reader_of(directory: LogDirectory) -> LogReader:
    """Return a reader of the directory."""
    return open_log(str(directory.path))
